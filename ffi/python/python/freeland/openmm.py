"""Energy plugins in OpenMM, and OpenMM Systems as configurations of plugins. Needs the `openmm` package.

    >>> system.addForce(freeland.openmm.force("molecular-mechanics", {"implicit": "obc1"}))

The Force is the library `libepp_openmm.so` of this package; OpenMM itself is used as it is.
"""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openmm
from openmm import app, unit

from ._config import Spec, json_text, limits
from ._native import Isolation, force_log

__all__ = ["force", "force_xml", "library", "write_plugin_config"]

FAILURE = {"raise": 0, "infinity": 1, "nan": 2}
BLOCK = 64
"""Entries of a list in one XML element; fixed by the Force."""

_loaded = False


def library() -> str:
    """The path of `libepp_openmm.so`, for C++ programs and for scripts that load it themselves."""
    path = Path(__file__).with_name("plugins") / "libepp_openmm.so"
    if not path.exists():
        raise RuntimeError(f"{path} is missing: this build of the package has no Force for OpenMM")
    return str(path)


def force(
    plugin,
    config: Mapping[str, Any] | str | None = None,
    particles: Iterable[int] | None = None,
    group: int = 0,
    *,
    name: str | None = None,
    parameters: Mapping[str, float] | None = None,
    periodic: bool | None = None,
    failure: str = "raise",
    isolation: Isolation | Mapping[str, Any] | str | None = None,
    sha256: str | None = None,
    plugin_path=None,
    trust_writable: bool | None = None,
) -> openmm.Force:
    """An OpenMM Force whose energy is that of an energy plugin.

    Add it to a System; it works on every platform, with every integrator, barostat and app, and is kept in the XML of the
    System (load this module before reading such XML: that teaches OpenMM its type).

    The plugin is opened when a Context is made, so that is where a wrong configuration is told of.

    Args:
        plugin: an id, the path of a library, or an open `freeland.Plugin`, whose configuration is taken.
        config: the configuration; not with an open plugin.
        particles: indices of particles in the order of the plugin's atoms; all of them if None.
        group: the force group, 0 to 31.
        name: the name of the Force; the plugin's id if None.
        parameters: default values of the plugin's global parameters, which become parameters of the Context.
        periodic: whether it must be periodic; None: as the plugin says.
        failure: what a configuration does that the plugin cannot evaluate. "raise": an OpenMMException with its status.
            "infinity": an energy of infinity and forces of NaN, from which `LocalEnergyMinimizer` and Monte Carlo step back.
            "nan": energy and forces NaN; the minimiser does not step back from that, and may not end.
        isolation: "none", "process" to run the plugin in a worker process, or a `freeland.Isolation` (or its arguments as a
            mapping), of which a Force keeps `time_limit`, `memory`, `confinement` and `writable`; None: as the open plugin, else "none".
        sha256: the only library that may be loaded, by its hash in hexadecimal.
        plugin_path: a folder, or several, to look for the plugin in first.
        trust_writable: whether to load a library that other users may write to; None: as the open plugin, else False. This and
            `isolation.writable` are not kept in XML, where they would be granted by whoever wrote it: they are lost where a
            System is written, or copied by way of it (`copy.deepcopy`).

    Returns:
        A new `openmm.Force`. Energies are kJ/mol, lengths nm; a plugin in reduced units is taken at its numbers.

    Raises:
        ValueError: an argument makes no sense, such as a group above 31.
        RuntimeError: the Force library is not in this build, or OpenMM does not take it.
    """
    load()
    spec = Spec.of(plugin, config, sha256, plugin_path)
    isolation = spec.isolation if isolation is None else isolation
    made = openmm.XmlSerializer.deserialize(
        force_xml(
            plugin,
            config,
            particles,
            group,
            name=name,
            parameters=parameters,
            periodic=periodic,
            failure=failure,
            isolation=isolation,
            sha256=sha256,
            plugin_path=plugin_path,
        )
    )
    worker = limits(isolation)
    if spec.trust_writable if trust_writable is None else trust_writable:
        _grant(made, "integer", "trustWritable", ctypes.c_int64(1))
    if worker is not None and worker.writable:
        _grant(made, "text", "writable", os.pathsep.join(map(os.fspath, worker.writable)).encode())
    return made


def _grant(force: openmm.Force, kind: str, name: str, value) -> None:
    """Sets on a Force what XML does not hold."""
    native = ctypes.CDLL(library())
    native.epp_force_data_of.restype = ctypes.c_void_p
    data = ctypes.c_void_p(native.epp_force_data_of(ctypes.c_void_p(int(force.this))))
    error = ctypes.create_string_buffer(1024)
    grant = getattr(native, f"epp_force_data_set_{kind}")
    if grant(data, name.encode(), value, error, ctypes.c_uint64(1024)):
        raise ValueError(error.value.decode(errors="replace"))


def force_xml(
    plugin,
    config: Mapping[str, Any] | str | None = None,
    particles: Iterable[int] | None = None,
    group: int = 0,
    *,
    name: str | None = None,
    parameters: Mapping[str, float] | None = None,
    periodic: bool | None = None,
    failure: str = "raise",
    isolation: Isolation | Mapping[str, Any] | str | None = None,
    sha256: str | None = None,
    plugin_path=None,
) -> str:
    """The XML of `force` with the same arguments, for programs that are not Python. It grants nothing: see there."""
    spec = Spec.of(plugin, config, sha256, plugin_path)
    if not 0 <= group <= 31:
        raise ValueError(f"group is {group}, expected 0 to 31")
    worker = limits(spec.isolation if isolation is None else isolation)
    if spec.topology is not None:
        raise ValueError("a Force does not hold the molecule that the plugin was opened with; give the plugin's id and configuration")
    if failure not in FAILURE:
        raise ValueError(f"failure is {failure!r}, expected one of {sorted(FAILURE)}")
    indices = [] if particles is None else [int(index) for index in particles]
    if particles is not None and not indices:
        raise ValueError("particles is empty; leave it out to take all of them")
    if indices and (min(indices) < 0 or len(set(indices)) != len(indices)):
        raise ValueError("particles must be different indices from 0 on")
    given = dict(parameters or {})
    if not all(math.isfinite(value) for value in given.values()):
        raise ValueError(f"parameters must be finite numbers, got {given}")

    attributes = {
        "type": "EppForce",
        "version": 1,
        "forceGroup": int(group),
        "periodic": {None: 0, True: 1, False: 2}[periodic],
        "failure": FAILURE[failure],
        "threads": spec.threads or 0,
        "isolation": int(worker is not None),
    }
    if worker is not None:
        attributes["timeLimit"] = max(1, round(1000 * worker.time_limit))
        attributes["memory"] = worker.memory or 0
        attributes["confinement"] = int(worker.confinement == "required")
    children = []
    texts = {
        "plugin": spec.spec,
        "config": json_text(spec.config),
        "searchPath": os.pathsep.join(spec.plugin_path),
        "sha256": spec.sha256 or "",
        "folder": spec.folder or "",
        "name": name or spec.label,
        "parameterNames": "".join(f"{name}\n" for name in given),
    }
    for key, text in texts.items():
        if text:
            data = text.encode()
            attributes[f"{key}Bytes"] = len(data)
            children += _blocks(key, _integers(data))
    for key, numbers in {"particles": indices, "parameters": [float(value) for value in given.values()]}.items():
        if numbers:
            attributes[key] = len(numbers)
            children += _blocks(key, numbers)
    head = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<Force {head}>{''.join(children)}</Force>"


def _integers(data: bytes) -> list[int]:
    """Text as OpenMM's XML can carry it between its versions: eight bytes to an integer, the first the lowest."""
    padded = data + bytes(-len(data) % 8)
    return [int.from_bytes(padded[at : at + 8], "little", signed=True) for at in range(0, len(padded), 8)]


def _blocks(key: str, numbers: list) -> list[str]:
    """Numbers as child elements of the Force."""
    elements = []
    for index, start in enumerate(range(0, len(numbers), BLOCK)):
        words = (f'w{place}="{number!r}"' for place, number in enumerate(numbers[start : start + BLOCK]))
        elements.append(f"<{key}{index} {' '.join(words)}/>")
    return elements


def load() -> None:
    """Teaches this process's OpenMM the Force. `force` does it by itself, and so does importing this module where it can."""
    global _loaded
    if not _loaded:
        openmm.Platform.loadPluginLibrary(library())
        # Messages go where those of freeland.Plugin go.
        ctypes.CDLL(library()).epp_force_set_log(ctypes.c_void_p(force_log()), None)
        _loaded = True


def write_plugin_config(
    system: openmm.System,
    topology,
    folder,
    positions=None,
    **options,
) -> dict[str, Any]:
    """Writes a System to files that the plugins `openmm` and `molecular-mechanics` read.

    Args:
        system: a System. Its atoms must be those of the topology, in the same order.
        topology: an `openmm.app.Topology`; or what holds one and positions, such as a `PDBFile`, `Modeller` or `Simulation`.
        folder: where to write `system.xml` and `molecule.pdb`; it is made if it is missing.
        positions: nm or a Quantity, `[atoms, 3]`: a configuration to start from. Taken from `topology` if None.
        options: further keys of the configuration, `constraints="ignore"` for example.

    Returns:
        The configuration, `{"system-xml": ..., "pdb": ...}` with absolute paths, for `freeland.Plugin` or a run file.

    Raises:
        ValueError: there are no positions, or the numbers of atoms differ.
    """
    topology, positions = _molecule(topology, positions)
    atoms = topology.getNumAtoms()
    if positions is None:
        raise ValueError("positions are needed: a configuration to start from, [atoms, 3] in nm or with a unit")
    if not unit.is_quantity(positions):
        positions = unit.Quantity([openmm.Vec3(*map(float, row)) for row in positions], unit.nanometer)
    counts = {"system": system.getNumParticles(), "topology": atoms, "positions": len(positions)}
    if len(set(counts.values())) != 1:
        raise ValueError(f"the numbers of atoms differ: {counts}")

    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    xml, pdb = folder / "system.xml", folder / "molecule.pdb"
    xml.write_text(openmm.XmlSerializer.serialize(system))
    with open(pdb, "w") as file:
        app.PDBFile.writeFile(topology, positions, file, keepIds=True)
    return {"system-xml": str(xml), "pdb": str(pdb)} | {key.replace("_", "-"): value for key, value in options.items()}


def _molecule(source, positions):
    """A Topology and positions, from whatever holds them."""
    if isinstance(source, app.Topology):
        return source, positions
    if isinstance(source, app.Simulation):
        state = source.context.getState(positions=True)
        return source.topology, state.getPositions() if positions is None else positions
    topology = getattr(source, "topology", None)
    if not isinstance(topology, app.Topology):
        raise ValueError(f"topology is a {type(source).__name__}, expected an openmm.app.Topology or what holds one")
    return topology, getattr(source, "positions", None) if positions is None else positions


if Path(__file__).with_name("plugins").joinpath("libepp_openmm.so").exists():
    load()
