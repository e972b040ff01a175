"""Parameters, particles, force groups, periodic boxes."""

import numpy
import openmm
from force import FOLDER, context, energy_and_forces, force, particles, platforms, refused

HALF = 0.5 * 1000.0 * 0.2**2  # a pair 0.3 nm apart

# Particles: the plugin's order is that of the list, and nobody else feels anything, whatever the forces held before.
for platform in platforms():
    system = particles(4)
    system.addForce(force("pair", particles=[3, 1]))
    spring = openmm.CustomExternalForce("10*x")
    spring.addParticle(2)
    system.addForce(spring)
    run = context(system, platform)
    run.setPositions([[9, 9, 9], [0, 0, 0.3], [1, 0, 0], [0, 0, 0]])
    energy, forces = energy_and_forces(run)
    assert abs(energy - HALF - 10.0) < 1e-4
    assert numpy.allclose(forces, [[0, 0, 0], [0, 0, -200], [-10, 0, 0], [0, 0, 200]], atol=1e-2), forces
    assert sorted(map(len, run.getMolecules())) == [1, 1, 2]
say = refused
wrong = lambda indices: say(lambda: context(with_force(4, particles=indices)))


def with_force(count, **options):
    system = particles(count)
    system.addForce(force("pair", **options))
    return system


assert "the plugin has 2 atoms and the System 4 particles" in wrong([])
assert "the plugin has 2 atoms, and 3 particles are given" in wrong([0, 1, 2])
assert "particle 4 is given, but the System has particles 0 to 3" in wrong([4, 1])
assert "particle -1 is given" in wrong([-1, 1])
assert "particle 1 is given twice" in wrong([1, 1])

# Parameters: the plugin's defaults, the Force's, the Context's.
run = context(with_force(2))
assert dict(run.getParameters()) == {"stiffness": 1000.0, "length": 0.1}
run.setPositions([[0, 0, 0], [0.3, 0, 0]])
assert abs(energy_and_forces(run)[0] - HALF) < 1e-12
run.setParameter("length", 0.25)
assert abs(energy_and_forces(run)[0] - 500.0 * 0.05**2) < 1e-12
run.setParameter("stiffness", 10.0)
energy, forces = energy_and_forces(run)
assert abs(energy - 5.0 * 0.05**2) < 1e-12 and abs(forces[0][0] - 0.5) < 1e-12
run = context(with_force(2, parameters={"stiffness": 7.0}))
assert dict(run.getParameters()) == {"stiffness": 7.0, "length": 0.1}
text = refused(lambda: context(with_force(2, parameters={"stiffnes": 7.0})))
assert "the parameter 'stiffnes', but its parameters are 'stiffness', 'length'" in text
system = particles(1)
system.addForce(force("freeland_toys#mueller-brown", parameters={"a": 1.0}))
assert "its parameters are none" in refused(lambda: context(system))

# Force groups, and two Forces with time steps of their own.
system = with_force(3, particles=[0, 1], forceGroup=0)
system.addForce(force("pair", particles=[1, 2], forceGroup=3))
run = context(system)
run.setPositions([[0, 0, 0], [0.3, 0, 0], [0.6, 0, 0]])
assert abs(energy_and_forces(run)[0] - 2 * HALF) < 1e-12
for groups, touched in [(1 << 0, [0, 1]), (1 << 3, [1, 2])]:
    energy, forces = energy_and_forces(run, groups)
    assert abs(energy - HALF) < 1e-12 and list(numpy.flatnonzero(forces[:, 0])) == touched
energy, forces = energy_and_forces(run, 1 << 5)
assert energy == 0.0 and not forces.any()
run = context(system, integrator=openmm.MTSIntegrator(0.002, [(3, 1), (0, 4)]))
run.setPositions([[0, 0, 0], [0.12, 0, 0], [0.23, 0, 0]])
start = run.getState(getEnergy=True).getPotentialEnergy()._value
run.getIntegrator().step(2000)
state = run.getState(getEnergy=True)
assert abs((state.getPotentialEnergy() + state.getKineticEnergy())._value - start) < 0.05 * start

# One and two dimensions: x, and x and y. Reduced units at their numbers. Exact value of the plugin's reference.
system = particles(3)
system.addForce(force("freeland_toys#harmonic-pair", particles=[2, 0]))
run = context(system)
run.setPositions([[0.75, 5, 5], [1, 2, 3], [0.5, -7, 1]])
energy, forces = energy_and_forces(run)
assert energy == 0.125 and numpy.allclose(forces, [[-1, 0, 0], [0, 0, 0], [1, 0, 0]], atol=1e-15)

# Periodic: the nearest image in a triclinic box, and the pressure that follows from it.
def boxed(plugin="pair_periodic", **options):
    system = particles(2)
    system.setDefaultPeriodicBoxVectors([2, 0, 0], [0.5, 2, 0], [0.3, 0.4, 2])
    system.addForce(force(plugin, **options))
    return system


run = context(boxed())
assert boxed().usesPeriodicBoundaryConditions() and boxed(periodic=1).usesPeriodicBoundaryConditions()
shift = 3 * numpy.array([0.3, 0.4, 2]) - 2 * numpy.array([0.5, 2, 0]) + numpy.array([2, 0, 0])
for offset in [numpy.zeros(3), shift]:
    run.setPositions([[0, 0, 0], numpy.array([0.3, 0, 0]) + offset])
    energy, forces = energy_and_forces(run)
    assert abs(energy - HALF) < 1e-9 and numpy.allclose(forces, [[200, 0, 0], [-200, 0, 0]], atol=1e-9)
run.setPositions([[0, 0, 0], [1.7, 0, 0]])
assert abs(energy_and_forces(run)[0] - HALF) < 1e-9
run.setPeriodicBoxVectors([1.9, 0, 0], [0, 2, 0], [0, 0, 2])
assert abs(energy_and_forces(run)[0] - 500.0 * 0.1**2) < 1e-9
assert "the plugin is not periodic" in refused(lambda: context(boxed("pair", periodic=1)))
assert "the plugin is periodic" in refused(lambda: context(boxed(periodic=2)))
context(boxed("pair", periodic=2))
# A barostat works by differences of the energy, and scales molecules, which it knows by the bonds of the plugin: the same
# volumes, move by move, as with OpenMM's own bonds.
PAIRS, EDGE = 8, 3.3


def volumes(forces):
    system = particles(2 * PAIRS)
    system.setDefaultPeriodicBoxVectors([EDGE, 0, 0], [0, EDGE, 0], [0, 0, EDGE])
    barostat = openmm.MonteCarloBarostat(10.0, 300.0, 1)
    barostat.setRandomNumberSeed(5)
    for added in [*forces, barostat]:
        system.addForce(added)
    integrator = openmm.LangevinMiddleIntegrator(300.0, 10.0, 0.002)
    integrator.setRandomNumberSeed(3)
    run = context(system, integrator=integrator)
    run.setPositions([[0.3 * pair + 0.1 * atom, 0, 0] for pair in range(PAIRS) for atom in range(2)])
    assert [len(molecule) for molecule in run.getMolecules()] == [2] * PAIRS
    found = []
    for _ in range(100):
        integrator.step(20)
        found.append(run.getState().getPeriodicBoxVolume()._value)
    return numpy.array(found)


own = openmm.HarmonicBondForce()
own.setUsesPeriodicBoundaryConditions(True)
for pair in range(PAIRS):
    own.addBond(2 * pair, 2 * pair + 1, 0.1, 1000.0)
ours = volumes([force("pair_periodic", particles=[2 * pair, 2 * pair + 1]) for pair in range(PAIRS)])
assert numpy.allclose(ours, volumes([own]), rtol=1e-6) and ours.max() > 1.5 * ours.min(), ours
