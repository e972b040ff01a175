"""An OpenMM script as many have it, with three lines more: the force field becomes an energy plugin's.

    python swap_force_field.py alanine-dipeptide.pdb
    python swap_force_field.py molecule.pdb --plugin my-plugin --config '{"model": "small"}'
"""

import argparse

import freeland.openmm
from openmm import LangevinMiddleIntegrator, app, unit

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("pdb", help="the molecule, its atoms in the order of the plugin's")
arguments.add_argument("--plugin", default="molecular-mechanics")
arguments.add_argument("--config", default='{"implicit": "obc1"}', help="JSON")
arguments.add_argument("--steps", type=int, default=5000)
arguments = arguments.parse_args()

pdb = app.PDBFile(arguments.pdb)
field = app.ForceField("amber96.xml", "implicit/obc1.xml")
system = field.createSystem(pdb.topology)

# These are the three lines. Masses, and constraints if there are any, stay as they were.
while system.getNumForces() > 0:
    system.removeForce(0)
system.addForce(freeland.openmm.force(arguments.plugin, arguments.config))

integrator = LangevinMiddleIntegrator(300 * unit.kelvin, 1 / unit.picosecond, 1 * unit.femtosecond)
simulation = app.Simulation(pdb.topology, system, integrator)
simulation.context.setPositions(pdb.positions)
simulation.minimizeEnergy()
simulation.context.setVelocitiesToTemperature(300 * unit.kelvin)
every = max(1, arguments.steps // 5)
columns = {"step": True, "potentialEnergy": True, "temperature": True}
simulation.reporters.append(app.StateDataReporter("/dev/stdout", every, **columns))
simulation.step(arguments.steps)
