"""What a plugin is opened by."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._native import ConfigError, Isolation, Plugin, Topology


@dataclass(frozen=True)
class Spec:
    """A plugin and its configuration, not opened."""

    spec: str
    """An id, or the path of a library."""
    config: Any = None
    """A mapping or JSON text."""
    sha256: str | None = None
    plugin_path: list[str] = field(default_factory=list)
    """Folders to look in first."""
    isolation: Isolation | Mapping[str, Any] | str = "none"
    folder: str | None = None
    """What relative paths in the configuration start from."""
    threads: int | None = None
    topology: Topology | None = None
    trust_writable: bool = False

    @classmethod
    def of(cls, plugin, config=None, sha256=None, plugin_path=None) -> Spec:
        """`plugin`: as `freeland.Plugin` takes it, or an open one, whose configuration is taken."""
        if isinstance(plugin, Plugin):
            if config is not None or sha256 is not None or plugin_path is not None:
                raise ValueError("an open plugin has its configuration already; give its id to open it with another")
            (spec, config), options = plugin.__getnewargs_ex__()
            return cls(spec, config, **options)
        if plugin_path is None:
            folders = []
        elif isinstance(plugin_path, (str, os.PathLike)):
            folders = [os.fspath(plugin_path)]
        else:
            folders = [os.fspath(folder) for folder in plugin_path]
        return cls(os.fspath(plugin), config, sha256, folders)

    def open(self) -> Plugin:
        """The plugin."""
        return Plugin(
            self.spec,
            self.config,
            sha256=self.sha256,
            plugin_path=self.plugin_path,
            isolation=self.isolation,
            folder=self.folder,
            threads=self.threads,
            topology=self.topology,
            trust_writable=self.trust_writable,
        )

    @property
    def label(self) -> str:
        """A short name: the id, or the stem of the library."""
        path, _, identity = self.spec.partition("#")
        return identity or (Path(path).stem.removeprefix("lib") if os.sep in path else path)


def limits(isolation: Isolation | Mapping[str, Any] | str) -> Isolation | None:
    """The limits of worker processes, as `freeland.Plugin` takes them; None: in this process."""
    if isinstance(isolation, Isolation):
        return isolation
    if isinstance(isolation, Mapping):
        return Isolation(**isolation)
    if isolation not in ("none", "process"):
        raise ValueError(f"isolation is {isolation!r}, expected 'none', 'process' or freeland.Isolation(...)")
    return None if isolation == "none" else Isolation()


def json_text(config: Mapping[str, Any] | str | None) -> str:
    """A configuration as JSON text."""
    if config is None:
        return "{}"
    if isinstance(config, str):
        return config
    try:
        return json.dumps(config, allow_nan=False, default=os.fspath)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the configuration cannot be written as JSON: {error}") from error
