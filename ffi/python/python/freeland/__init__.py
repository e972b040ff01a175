"""Energy plugins in Python.

    >>> import freeland
    >>> plugin = freeland.Plugin("molecular-mechanics", {"implicit": "obc1"})
    >>> result = plugin.evaluate(positions)          # [n, 22, 3] nm
    >>> result.energies, result.gradients            # [n] kJ/mol, [n, 22, 3] kJ/mol/nm

What plugins log arrives in `logging`, under "freeland.plugin", and what is to be said of them under "freeland".
`freeland.openmm` makes Forces of plugins and configurations of Systems, `freeland.ase` makes calculators, `freeland.Run`
reads the folder of a `freeland run`. Nothing here needs libtorch.
"""

from pathlib import Path

from ._native import (
    ConfigError,
    Description,
    Evaluation,
    EvaluationError,
    Info,
    Isolation,
    Output,
    Plugin,
    PluginError,
    PluginNotFoundError,
    Topology,
    __version__,
    plugins,
    search_path,
    write_manifest,
)
from .run import FreeEnergy, Run

PLUGINS = str(Path(__file__).with_name("plugins"))
"""The folder of the plugins that came with this package; `freeland run --plugin-path` takes it."""
INCLUDE = str(Path(__file__).with_name("include"))
"""The folder of `epp.h`, for those who compile a plugin."""

__all__ = [
    "INCLUDE",
    "PLUGINS",
    "ConfigError",
    "Description",
    "Evaluation",
    "EvaluationError",
    "FreeEnergy",
    "Info",
    "Isolation",
    "Output",
    "Plugin",
    "PluginError",
    "PluginNotFoundError",
    "Run",
    "Topology",
    "__version__",
    "plugins",
    "search_path",
    "write_manifest",
]
