"""Energy plugins in Python.

    >>> import freeland
    >>> plugin = freeland.Plugin("molecular-mechanics", {"implicit": "obc1"})
    >>> result = plugin.evaluate(positions)          # [n, 22, 3] nm
    >>> result.energies, result.gradients            # [n] kJ/mol, [n, 22, 3] kJ/mol/nm

`freeland.openmm` makes Forces of plugins and configurations of Systems, `freeland.ase` makes calculators, `freeland.Run`
reads the folder of a `freeland run`. Nothing here needs libtorch.
"""

from ._native import (
    ConfigError,
    Description,
    Evaluation,
    EvaluationError,
    Info,
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

__all__ = [
    "ConfigError",
    "Description",
    "Evaluation",
    "EvaluationError",
    "FreeEnergy",
    "Info",
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
