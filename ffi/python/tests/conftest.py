"""What the tests share: alanine dipeptide as OpenMM makes it, and the same through a plugin."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import freeland
import numpy as np
import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
ALANINE = CHECKOUT / "plugins" / "molecule" / "data" / "alanine-dipeptide.pdb"
FRAMES = CHECKOUT / "tests" / "data" / "alanine-dipeptide-frames.npy"


def pytest_report_header():
    return f"freeland {freeland.__version__} in {Path(freeland.__file__).parent}"


@pytest.fixture(scope="session")
def frames():
    """400 frames of alanine dipeptide at 300 K, nm."""
    return np.load(FRAMES).astype(np.float64)


@pytest.fixture(scope="session")
def alanine():
    """An open plugin: alanine dipeptide in OBC1, one thread, so that timings and forks are plain."""
    return freeland.Plugin("molecular-mechanics", {"threads": 1})


@dataclass
class Molecule:
    """Alanine dipeptide in OBC2 (GBSAOBCForce, which OpenMM evaluates quickly), twice."""

    topology: object
    positions: object
    """nm, [22, 3]"""
    own: object
    """The System with OpenMM's own forces."""
    config: dict
    """The same for a plugin."""

    def only_plugin(self, **options):
        """A System with the same masses, whose one Force is a plugin's."""
        import freeland.openmm
        import openmm

        system = openmm.System()
        for atom in range(self.own.getNumParticles()):
            system.addParticle(self.own.getParticleMass(atom))
        system.addForce(freeland.openmm.force("molecular-mechanics", self.config, **options))
        return system

    def systems(self):
        return {"own": self.own, "plugin": self.only_plugin()}


@pytest.fixture(scope="session")
def molecule(tmp_path_factory):
    pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    import freeland.openmm
    from openmm import app, unit

    pdb = app.PDBFile(str(ALANINE))
    field = app.ForceField("amber96.xml", "amber96_obc.xml")
    system = field.createSystem(pdb.topology, removeCMMotion=False)
    config = freeland.openmm.write_plugin_config(system, pdb, tmp_path_factory.mktemp("alanine"), threads=1)
    positions = np.array(pdb.positions.value_in_unit(unit.nanometer))
    return Molecule(pdb.topology, positions, system, config)


@pytest.fixture(scope="session")
def simulate():
    """A Context on the Reference platform, with positions and, where a temperature is given, velocities."""
    import openmm

    def make(system, integrator, positions, temperature=None, seed=1):
        context = openmm.Context(system, integrator, openmm.Platform.getPlatformByName("Reference"))
        context.setPositions(positions)
        if temperature is not None:
            context.setVelocitiesToTemperature(temperature, seed)
        return context

    return make


@pytest.fixture(scope="session")
def freeland_binary():
    """The command, with the verbs that train."""
    path = os.environ.get("FREELAND_BINARY")
    if not path:
        pytest.skip("skipped: FREELAND_BINARY does not name the freeland command (scripts/test sets it)")
    assert Path(path).is_file(), f"FREELAND_BINARY is {path}, which does not exist"
    return path


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Compiles a plugin of a few lines: `compiled(name, source)` is the path of its library. The source is C, between the headers
    `plugin.h` and `entry.h` of the misbehaving plugins."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("skipped: no C compiler")
    folder = tmp_path_factory.mktemp("plugins")

    def compile(name, macros, functions):
        source, library = folder / f"{name}.c", folder / f"lib{name}.so"
        source.write_text(f'{macros}\n#include "plugin.h"\n{functions}\n#include "entry.h"\n')
        include = [f"-I{CHECKOUT / 'tests' / 'misbehaving-plugins'}", f"-I{freeland.INCLUDE}"]
        options = ["-std=gnu11", "-D_GNU_SOURCE", "-w", "-shared", "-fPIC", "-pthread"]
        subprocess.run([compiler, *options, *include, "-o", library, source, "-lm", "-ldl"], check=True)
        return library

    return compile
