"""Makes alanine-dipeptide-frames.npy: 400 frames of molecular dynamics, float32, nm, [400, 22, 3].

ACE-ALA-NME, ff96 with OBC1, no constraints, 300 K, Langevin middle integrator, 1 fs, friction 5 /ps, a frame every
0.1 ps after 5 ps, started from the plugin's own PDB. Run it from the top of the repository with OpenMM 8.6:

    python tests/data/alanine-dipeptide-frames.py
"""

from pathlib import Path

import numpy
import openmm
from openmm import app, unit

here = Path(__file__).parent
data = here.parent.parent / "plugins" / "molecule" / "data"
pdb = app.PDBFile(str(data / "alanine-dipeptide.pdb"))
system = openmm.XmlSerializer.deserialize((data / "alanine-dipeptide.obc1.xml").read_text())
integrator = openmm.LangevinMiddleIntegrator(300 * unit.kelvin, 5 / unit.picosecond, 1 * unit.femtosecond)
integrator.setRandomNumberSeed(1)
context = openmm.Context(system, integrator, openmm.Platform.getPlatformByName("Reference"))
context.setPositions(pdb.positions)
openmm.LocalEnergyMinimizer.minimize(context)
context.setVelocitiesToTemperature(300 * unit.kelvin, 1)
integrator.step(5000)
frames = []
for _ in range(400):
    integrator.step(100)
    positions = context.getState(getPositions=True).getPositions(asNumpy=True)
    frames.append(positions.value_in_unit(unit.nanometer))
numpy.save(here / "alanine-dipeptide-frames.npy", numpy.asarray(frames, dtype=numpy.float32))
