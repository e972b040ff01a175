"""Dynamics in OpenMM on a plugin's forces, against the same dynamics on OpenMM's own.

Runs are short and their errors are estimated from blocks, so that each comparison says how well it could have told the two
apart; what would be seen if a term were missing is the control.
"""

import freeland
import numpy as np
import pytest

openmm = pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
import freeland.openmm  # noqa: E402
from openmm import app, unit  # noqa: E402

KJ = unit.kilojoule_per_mole
PHI, PSI = (4, 6, 8, 14), (6, 8, 14, 16)
GAS_CONSTANT = 0.00831446261815324
"""kJ/mol/K"""


def state_of(context):
    state = context.getState(energy=True, positions=True)
    potential, kinetic = state.getPotentialEnergy().value_in_unit(KJ), state.getKineticEnergy().value_in_unit(KJ)
    return potential, kinetic, state.getPositions(asNumpy=True)._value


def torsion(x, atoms):
    """rad in (-pi, pi], `[...]` from positions `[..., atoms, 3]`."""
    a, b, c, d = (x[..., atom, :] for atom in atoms)
    first, axis, last = b - a, c - b, d - c
    normals = np.cross(first, axis), np.cross(axis, last)
    y = np.sum(np.linalg.norm(axis, axis=-1, keepdims=True) * first * normals[1], -1)
    return np.arctan2(y, np.sum(normals[0] * normals[1], -1))


def block_error(series, blocks=12):
    """Standard error of the mean of `[n, ...]`, from means of blocks."""
    means = np.stack([block.mean(0) for block in np.array_split(series, blocks)])
    return means.std(0, ddof=1) / np.sqrt(blocks)


@pytest.fixture(scope="module")
def minimum(molecule, simulate):
    """nm, `[22, 3]`"""
    context = simulate(molecule.own, openmm.VerletIntegrator(0.001), molecule.positions)
    openmm.LocalEnergyMinimizer.minimize(context, 1.0)
    return state_of(context)[2]


def constant_energy(system, simulate, positions, integrator, records, steps):
    """Total energies `[records]` kJ/mol and the way `[records, atoms, 3]` nm."""
    context = simulate(system, integrator, positions, 300.0, seed=3)
    energies, way = np.empty(records), np.empty((records, len(positions), 3))
    for record in range(records):
        integrator.step(steps)
        potential, kinetic, way[record] = state_of(context)
        energies[record] = potential + kinetic
    return energies, way


def test_energy_is_conserved_and_the_way_is_the_same(molecule, simulate, minimum):
    ways = []
    for name, system in molecule.systems().items():
        integrator = openmm.VerletIntegrator(0.0005)
        energies, way = constant_energy(system, simulate, minimum, integrator, records=100, steps=50)
        ways.append(way)
        drift = np.polyfit(np.arange(100) * 0.025, energies, 1)[0]
        print(f"{name}: drift {drift:.3g} kJ/mol/ps, noise {energies.std():.3g} kJ/mol")
        assert abs(drift) < 0.2 and energies.std() < 0.5, name
    # Differences of 1e-13 grow by chaos; the first 0.25 ps are one way.
    assert np.abs(ways[0][:10] - ways[1][:10]).max() < 1e-6


def langevin(system, simulate, positions, temperature, seed, frames, every=50, equilibration=2000):
    """Kinetic temperatures `[frames]` K and positions `[frames, atoms, 3]` nm, a frame each 0.1 ps.

    Hydrogens are heavy, which changes no distribution of positions and bears steps of 2 fs.
    """
    system = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(system))
    for atom in range(system.getNumParticles()):
        if system.getParticleMass(atom).value_in_unit(unit.dalton) < 1.5:
            system.setParticleMass(atom, 3.0)
    integrator = openmm.LangevinMiddleIntegrator(temperature, 2.0, 0.002)
    integrator.setRandomNumberSeed(seed)
    context = simulate(system, integrator, positions, temperature, seed)
    integrator.step(equilibration)
    kinetic, way = np.empty(frames), np.empty((frames, len(positions), 3))
    for frame in range(frames):
        integrator.step(every)
        _, kinetic[frame], way[frame] = state_of(context)
    return 2 * kinetic / (3 * len(positions) * GAS_CONSTANT), way


HOT = 600.0
"""K. Hot, so that the torsions cross their barriers many times in a short run."""


@pytest.fixture(scope="module")
def ensembles(molecule, simulate):
    return {
        name: langevin(system, simulate, molecule.positions, HOT, seed, frames=2400)
        for seed, (name, system) in enumerate(molecule.systems().items(), start=11)
    }


@pytest.mark.parametrize("name", ["own", "plugin"])
def test_the_thermostat_keeps_its_temperature(ensembles, name):
    kinetic, _ = ensembles[name]
    error = block_error(kinetic)
    print(f"{name}: {kinetic.mean():.1f} K, error {error:.1f} K")
    assert error < 0.02 * HOT, "too short to say anything"
    # The integrator's own error: the kinetic energy is up to 1 % low at this step.
    assert abs(kinetic.mean() - HOT) < 4 * error + 0.01 * HOT


def histogram(way, atoms, bins, missing=0.0):
    """Fractions of a torsion's bins and their errors, `[bins]` both; as if `missing` cos(torsion) kJ/mol were not there."""
    angle = torsion(way, atoms)
    weights = np.exp(missing * np.cos(angle) / (GAS_CONSTANT * HOT))
    inside = np.floor((angle + np.pi) / (2 * np.pi) * bins).astype(int)[:, None] % bins == np.arange(bins)
    inside = inside * (weights / weights.mean())[:, None]
    return inside.mean(0), block_error(inside)


def difference(first, second, bins=12, missing=0.0):
    """Chi squared per bin of the histograms of phi and psi."""
    total, count = 0.0, 0
    for atoms in (PHI, PSI):
        (a, error_a), (b, error_b) = histogram(first, atoms, bins), histogram(second, atoms, bins, missing)
        # Bins that were hardly visited have no error of their own to speak of.
        seen = np.minimum(a, b) > 20 / len(first)
        total += np.sum((a - b)[seen] ** 2 / (error_a**2 + error_b**2)[seen])
        count += seen.sum()
    return total / count


def test_the_torsions_are_distributed_alike(ensembles):
    # The left-handed basin at positive phi is visited once in a run or not at all: it has no error of its own.
    own, plugin = (way[(torsion(way, PHI) < 0) | (torsion(way, PHI) > 2.6)] for _, way in ensembles.values())
    alike, control = difference(own, plugin), difference(own, plugin, missing=7.0)
    print(f"chi squared per bin: {alike:.2f}; were 7 kJ/mol cos(torsion) missing: {control:.2f}")
    # Between 45 pairs of runs of the plugin with different seeds: 0.9 in the median, 2.8 at most; of the control 9 or more.
    assert alike < 5.0
    assert control > 5.0, "too short to say anything"


def test_the_minimiser_finds_a_minimum(molecule, simulate):
    start = molecule.positions + np.random.default_rng(2).normal(scale=0.003, size=molecule.positions.shape)
    ends = {}
    for name, system in molecule.systems().items():
        context = simulate(system, openmm.VerletIntegrator(0.001), start)
        before = state_of(context)[0]
        openmm.LocalEnergyMinimizer.minimize(context, 0.1)
        ends[name] = state_of(context)
        assert ends[name][0] < before - 10
    # The minimiser stops at a root mean square force of 0.1 kJ/mol/nm.
    assert ends["plugin"][0] == pytest.approx(ends["own"][0], abs=1e-3)
    rest = freeland.Plugin("molecular-mechanics", molecule.config).evaluate(ends["plugin"][2]).gradients
    assert np.sqrt(np.mean(rest**2)) < 0.2


def test_multiple_time_steps_by_force_groups(molecule, simulate, minimum, tmp_path):
    """Bonded terms are OpenMM's, in group 0, four times a step; the others a plugin's, in group 1."""
    bonded_kinds = (openmm.HarmonicBondForce, openmm.HarmonicAngleForce, openmm.PeriodicTorsionForce)
    bonded, slow = (openmm.System() for _ in range(2))
    for atom in range(molecule.own.getNumParticles()):
        for system in (bonded, slow):
            system.addParticle(molecule.own.getParticleMass(atom))
    own = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(molecule.own))
    for force in molecule.own.getForces():
        again = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(force))
        (bonded if isinstance(force, bonded_kinds) else slow).addForce(again)
    for force in own.getForces():
        force.setForceGroup(0 if isinstance(force, bonded_kinds) else 1)
    config = freeland.openmm.write_plugin_config(slow, molecule.topology, tmp_path, molecule.positions, threads=1)
    bonded.addForce(freeland.openmm.force("molecular-mechanics", config, group=1))
    ways = []
    for name, system in {"own": own, "plugin": bonded}.items():
        integrator = openmm.MTSIntegrator(0.002, [(1, 1), (0, 4)])
        energies, way = constant_energy(system, simulate, minimum, integrator, records=100, steps=10)
        ways.append(way)
        drift = np.polyfit(np.arange(100) * 0.02, energies, 1)[0]
        print(f"{name}: drift {drift:.3g} kJ/mol/ps, noise {energies.std():.3g} kJ/mol")
        assert abs(drift) < 0.5 and energies.std() < 2.0, name
    assert np.abs(ways[0][:5] - ways[1][:5]).max() < 1e-6


def argon(count=4, spacing=0.6):
    """A loose cubic lattice of argon in a periodic box, as OpenMM and as a topology."""
    system, topology = openmm.System(), app.Topology()
    force = openmm.NonbondedForce()
    force.setNonbondedMethod(openmm.NonbondedForce.CutoffPeriodic)
    force.setCutoffDistance(0.8)
    force.setUseDispersionCorrection(False)
    force.setUseSwitchingFunction(True)
    force.setSwitchingDistance(0.7)
    chain = topology.addChain()
    for _ in range(count**3):
        system.addParticle(39.948)
        force.addParticle(0.0, 0.3405, 0.996)
        topology.addAtom("AR", app.element.argon, topology.addResidue("AR", chain))
    system.addForce(force)
    edge = count * spacing
    box = [openmm.Vec3(edge, 0, 0), openmm.Vec3(0, edge, 0), openmm.Vec3(0, 0, edge)]
    system.setDefaultPeriodicBoxVectors(*box)
    topology.setPeriodicBoxVectors(unit.Quantity(box, unit.nanometer))
    points = spacing * np.stack(np.meshgrid(*[np.arange(count)] * 3), -1).reshape(-1, 3)
    return system, topology, points


def test_a_barostat_moves_the_box_of_a_periodic_plugin(simulate, tmp_path):
    """The barostat takes differences of energies alone. The first moves must be the very same ones."""
    own, topology, positions = argon()
    config = freeland.openmm.write_plugin_config(own, topology, tmp_path, positions, contexts=1)
    plugin = freeland.Plugin("openmm", config)
    assert plugin.info.periodic == [True] * 3
    through = openmm.System()
    for atom in range(own.getNumParticles()):
        through.addParticle(own.getParticleMass(atom))
    through.setDefaultPeriodicBoxVectors(*own.getDefaultPeriodicBoxVectors())
    through.addForce(freeland.openmm.force(plugin))
    assert through.usesPeriodicBoundaryConditions()
    volumes = {}
    for name, system in {"own": own, "plugin": through}.items():
        barostat = openmm.MonteCarloBarostat(200.0, 300.0, 10)
        barostat.setRandomNumberSeed(5)
        system.addForce(barostat)
        integrator = openmm.LangevinMiddleIntegrator(300.0, 5.0, 0.004)
        integrator.setRandomNumberSeed(6)
        context = simulate(system, integrator, positions, 300.0, 7)
        series = []
        for _ in range(500):
            integrator.step(10)
            series.append(context.getState().getPeriodicBoxVolume().value_in_unit(unit.nanometer**3))
        volumes[name] = np.array(series)
    own, through = volumes["own"], volumes["plugin"]
    assert len(set(own[:15])) > 3, "moves were accepted"
    assert np.allclose(own[:15], through[:15], rtol=1e-9)
    settled = [series[100:] for series in (own, through)]
    error = np.hypot(*(block_error(series) for series in settled))
    print(f"volumes {settled[0].mean():.2f}, {settled[1].mean():.2f} nm3, error of the difference {error:.2f}")
    assert abs(settled[0].mean() - settled[1].mean()) < 4 * error
    assert error < 0.1 * own.mean(), "too short to say anything"


def test_metadynamics_of_openmm_runs_on_top(molecule, simulate):
    """The same seeds give the same first hills; later ones differ by chaos."""
    free_energies = {}
    for name, system in molecule.systems().items():
        system = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(system))
        phi = openmm.CustomTorsionForce("theta")
        phi.addTorsion(*PHI)
        variable = app.BiasVariable(phi, -np.pi, np.pi, 0.35, True)
        metadynamics = app.Metadynamics(system, [variable], 300.0, 8.0, 2.0, 20)
        integrator = openmm.LangevinMiddleIntegrator(300.0, 5.0, 0.001)
        integrator.setRandomNumberSeed(8)
        simulation = app.Simulation(
            molecule.topology, system, integrator, openmm.Platform.getPlatformByName("Reference")
        )
        simulation.context.setPositions(molecule.positions)
        simulation.context.setVelocitiesToTemperature(300.0, 9)
        metadynamics.step(simulation, 200)
        first = metadynamics.getFreeEnergy().value_in_unit(KJ)
        metadynamics.step(simulation, 4000)
        later = metadynamics.getFreeEnergy().value_in_unit(KJ)
        free_energies[name] = first
        assert np.ptp(first) > 1.0 and np.ptp(later) > 2 * np.ptp(first), "hills add up"
        assert metadynamics.getCollectiveVariables(simulation)[0] == pytest.approx(
            torsion(state_of(simulation.context)[2], PHI), abs=1e-5
        )
    assert np.allclose(free_energies["own"], free_energies["plugin"], atol=1e-4)
