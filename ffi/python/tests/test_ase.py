"""A plugin as an ASE calculator."""

import pickle

import freeland
import numpy as np
import pytest

pytest.importorskip("ase", reason="skipped: ASE is not installed (pip install ase)")
import freeland.ase  # noqa: E402
from ase import Atoms, units  # noqa: E402
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress  # noqa: E402
from ase.md.verlet import VelocityVerlet  # noqa: E402
from ase.optimize import BFGS  # noqa: E402


@pytest.fixture
def atoms(alanine):
    return freeland.ase.atoms(alanine)


def test_units(alanine, atoms):
    result = alanine.evaluate(atoms.positions / 10)
    # 1 eV is 96.485 kJ/mol
    assert atoms.get_potential_energy() == pytest.approx(float(result.energies) / 96.48533, rel=1e-6)
    assert np.allclose(atoms.get_forces(), result.forces / 96.48533 / 10, rtol=1e-6)
    assert atoms.get_chemical_formula() == "C6H12N2O2"
    assert atoms.get_masses().sum() == pytest.approx(144.17, abs=0.05)


def test_forces_are_ases_numerical_forces(atoms):
    atoms.rattle(0.02, seed=1)
    numerical = calculate_numerical_forces(atoms, eps=1e-4)
    # The error of central differences at 1e-4 angstrom, in forces of some 5 eV/angstrom.
    assert np.abs(numerical - atoms.get_forces()).max() < 1e-4


def test_bfgs_finds_a_minimum(atoms):
    atoms.rattle(0.03, seed=2)
    before = atoms.get_potential_energy()
    assert BFGS(atoms, logfile=None).run(fmax=0.02, steps=500)
    assert np.linalg.norm(atoms.get_forces(), axis=1).max() < 0.02
    assert atoms.get_potential_energy() < before - 0.1


def test_velocity_verlet_conserves_energy(atoms):
    BFGS(atoms, logfile=None).run(fmax=0.1, steps=200)
    spread = np.sqrt(atoms.get_masses() * units.kB * 300)[:, None]
    atoms.set_momenta(np.random.default_rng(3).normal(size=(22, 3)) * spread)
    kinetic, total = [], []
    dynamics = VelocityVerlet(atoms, 0.5 * units.fs)
    dynamics.attach(lambda: (kinetic.append(atoms.get_kinetic_energy()), total.append(atoms.get_total_energy())))
    dynamics.run(500)
    drift = np.polyfit(np.arange(len(total)) * 0.5e-3, total, 1)[0]
    assert abs(drift) < 0.01, f"{drift} eV/ps"
    assert np.std(total) < 0.02 * np.std(kinetic), "what the kinetic energy gains, the potential energy loses"


def test_nothing_is_calculated_twice(alanine, atoms):
    calls = []

    class Counted(freeland.ase.Calculator):
        def calculate(self, *arguments, **options):
            calls.append(arguments)
            super().calculate(*arguments, **options)

    atoms.calc = Counted(alanine)
    atoms.get_forces()
    atoms.get_potential_energy()
    assert len(calls) == 1
    atoms.positions[0] += 0.01
    atoms.get_potential_energy()
    assert len(calls) == 2


def test_a_calculator_is_pickled(alanine, atoms):
    again = pickle.loads(pickle.dumps(atoms.calc))
    other = atoms.copy()
    other.calc = again
    assert other.get_potential_energy() == atoms.get_potential_energy()


def test_the_stress_is_ases_numerical_stress(atoms):
    """Soft spheres: a periodic model that tells its virial, in a box that is not cubic."""
    count = 20
    spheres = Atoms(
        ["He"] * count,
        np.random.default_rng(5).uniform(0, 22, (count, 3)),
        cell=[[24, 0, 0], [2, 25, 0], [1, -2, 23]],
        pbc=True,
    )
    spheres.calc = freeland.ase.Calculator("soft-spheres", {"atoms": count})
    stress = spheres.get_stress()
    assert np.abs(stress).min() > 1e-7
    # The error of central differences at a strain of 1e-5.
    assert np.allclose(stress, calculate_numerical_stress(spheres, eps=1e-5), rtol=1e-4, atol=1e-10)
    assert np.allclose(spheres.get_forces(), calculate_numerical_forces(spheres, eps=1e-4), atol=1e-6)
    with pytest.raises(NotImplementedError):
        atoms.get_stress()


def test_a_periodic_plugin_gets_the_cell(tmp_path):
    openmm = pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    import freeland.openmm
    from test_dynamics import argon

    system, topology, positions = argon()
    config = freeland.openmm.write_plugin_config(system, topology, tmp_path, positions)
    crystal = Atoms(["Ar"] * len(positions), positions * 10, cell=[24.0] * 3, pbc=True)
    crystal.calc = freeland.ase.Calculator("openmm", config)
    energies = []
    for edge in (24.0, 23.0):
        crystal.set_cell([edge] * 3)
        context = openmm.Context(system, openmm.VerletIntegrator(0.001), openmm.Platform.getPlatformByName("Reference"))
        context.setPeriodicBoxVectors(*(np.eye(3) * edge / 10))
        context.setPositions(positions)
        energies.append(crystal.get_potential_energy())
        expected = context.getState(energy=True).getPotentialEnergy()._value / 96.48533
        assert energies[-1] == pytest.approx(expected, rel=1e-6)
    assert energies[0] != pytest.approx(energies[1], rel=1e-3)
    crystal.pbc = False
    with pytest.raises(ValueError, match="is periodic along"):
        crystal.get_potential_energy()


def test_what_does_not_fit_is_refused(alanine, atoms):
    with pytest.raises(ValueError, match="2 dimensions, ASE has 3"):
        freeland.ase.Calculator("mueller-brown")
    with pytest.raises(ValueError, match="does not tell its molecule"):
        freeland.ase.atoms(freeland.Plugin("gaussian"))
    with pytest.raises(ValueError, match="has its configuration already"):
        freeland.ase.Calculator(alanine, {"implicit": "obc2"})
    atoms.symbols[0] = "O"
    with pytest.raises(ValueError, match="in its order"):
        atoms.get_potential_energy()
    atoms.symbols[0] = "H"
    atoms.positions[0] = np.nan
    with pytest.raises(freeland.EvaluationError, match="non-finite input"):
        atoms.get_potential_energy()
