"""A plugin as an OpenMM Force: what one configuration gives, and what a Force is."""

import copy
import os
import shutil
import threading

import freeland
import numpy as np
import pytest
from conftest import CHECKOUT

openmm = pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
import freeland.openmm  # noqa: E402
from openmm import unit  # noqa: E402


def evaluate(context, positions, **options):
    context.setPositions(positions)
    state = context.getState(energy=True, forces=True, **options)
    forces = state.getForces(asNumpy=True).value_in_unit(unit.kilojoule_per_mole / unit.nanometer)
    return state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole), forces


def still():
    return openmm.VerletIntegrator(0.001)


def test_energies_and_forces_are_those_of_openmm(molecule, simulate, frames):
    contexts = {name: simulate(system, still(), frames[0]) for name, system in molecule.systems().items()}
    for frame in frames[::20]:
        energy, forces = evaluate(contexts["own"], frame)
        energy_of_plugin, forces_of_plugin = evaluate(contexts["plugin"], frame)
        # Sums in another order; the forces are some 1e3 kJ/mol/nm.
        assert energy_of_plugin == pytest.approx(energy, abs=1e-8)
        assert np.abs(forces_of_plugin - forces).max() < 1e-7


@pytest.mark.parametrize("platform", ["Reference", "CPU"])
def test_every_platform_gives_the_plugins_numbers(molecule, frames, platform):
    plugin = freeland.Plugin("molecular-mechanics", molecule.config)
    context = openmm.Context(molecule.only_plugin(), still(), openmm.Platform.getPlatformByName(platform))
    energy, forces = evaluate(context, frames[7])
    # The CPU platform hands over positions that it keeps in double precision, and takes forces as it computes.
    tolerance = {"Reference": 1e-9, "CPU": 1e-3}[platform]
    expected = plugin.evaluate(frames[7])
    assert energy == pytest.approx(float(expected.energies), rel=1e-6)
    assert np.abs(forces - expected.forces).max() < tolerance * np.abs(forces).max()


def test_a_force_survives_xml_and_copies(molecule, simulate, frames):
    system = molecule.only_plugin(group=5, name="the whole molecule")
    expected = evaluate(simulate(system, still(), frames[3]), frames[3])[0]
    for again in (
        openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(system)),
        copy.deepcopy(system),
    ):
        force = again.getForce(0)
        assert (force.getForceGroup(), force.getName()) == (5, "the whole molecule")
        assert evaluate(simulate(again, still(), frames[3]), frames[3])[0] == expected


def test_two_contexts_at_once(molecule, simulate, frames):
    system = molecule.only_plugin()
    first, second = (simulate(system, still(), frames[0]) for _ in range(2))
    alone = [evaluate(first, frame)[0] for frame in frames[:5]]
    mixed = [evaluate(context, frame)[0] for frame in frames[:5] for context in (first, second)]
    assert mixed == [energy for energy in alone for _ in range(2)]
    del first
    assert evaluate(second, frames[0])[0] == alone[0]


def test_some_particles_of_a_system(molecule, simulate, frames):
    """Two molecules far from each other, the second with its atoms in reverse."""
    count = len(frames[0])
    system = openmm.System()
    for _ in range(2 * count):
        system.addParticle(12.0)
    backwards = list(range(2 * count - 1, count - 1, -1))
    for group, particles in enumerate([range(count), backwards]):
        system.addForce(
            freeland.openmm.force("molecular-mechanics", molecule.config, particles=particles, group=group)
        )
    positions = np.empty((2 * count, 3))
    positions[:count], positions[backwards] = frames[1], frames[2] + 5.0
    context = simulate(system, still(), positions)
    plugin = freeland.Plugin("molecular-mechanics", molecule.config)
    for group, frame in enumerate([frames[1], frames[2]]):
        energy = evaluate(context, positions, groups={group})[0]
        assert energy == pytest.approx(float(plugin.evaluate(frame).energies), abs=1e-8)


def test_parameters_of_the_plugin_are_parameters_of_the_context(tmp_path, simulate):
    """A spring whose stiffness is a global parameter, in OpenMM within the plugin `openmm` within OpenMM."""
    inner, topology = openmm.System(), two_atoms()
    spring = openmm.CustomBondForce("0.5*k*r^2")
    spring.addGlobalParameter("k", 10.0)
    spring.addBond(0, 1)
    inner.addForce(spring)
    for _ in range(2):
        inner.addParticle(12.0)
    positions = np.array([[0, 0, 0], [0.5, 0, 0]])
    config = freeland.openmm.write_plugin_config(inner, topology, tmp_path, positions)
    plugin = freeland.Plugin("openmm", config)
    assert plugin.info.parameters == {"k": 10.0}
    both = plugin.evaluate(np.stack([positions] * 2), parameters={"k": [4.0, 8.0]}).energies
    assert both == pytest.approx([0.5, 1.0])
    outer = openmm.System()
    for _ in range(2):
        outer.addParticle(12.0)
    outer.addForce(freeland.openmm.force(plugin, parameters={"k": 20.0}))
    context = simulate(outer, still(), positions)
    assert context.getParameter("k") == 20.0
    assert evaluate(context, positions)[0] == pytest.approx(2.5)
    context.setParameter("k", 40.0)
    assert evaluate(context, positions)[0] == pytest.approx(5.0)


def two_atoms():
    from openmm import app

    topology = app.Topology()
    residue = topology.addResidue("TWO", topology.addChain())
    atoms = [topology.addAtom(name, app.element.carbon, residue) for name in ("C1", "C2")]
    topology.addBond(*atoms)
    return topology


def test_failures_are_openmm_exceptions(molecule, simulate, frames):
    context = simulate(molecule.only_plugin(), still(), frames[0])
    with pytest.raises(openmm.OpenMMException, match="molecular-mechanics.*non-finite"):
        evaluate(context, np.full((22, 3), np.nan))
    assert np.isfinite(evaluate(context, frames[0])[0]), "and it goes on"
    system = openmm.System()
    system.addParticle(1.0)
    system.addForce(freeland.openmm.force("molecular-mechanics", molecule.config))
    with pytest.raises(openmm.OpenMMException, match="22"):
        openmm.Context(system, still())
    with pytest.raises(openmm.OpenMMException, match="no-such-plugin"):
        system = openmm.System()
        system.addParticle(1.0)
        system.addForce(freeland.openmm.force("no-such-plugin"))
        openmm.Context(system, still())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"group": 32}, "0 to 31"),
        ({"particles": []}, "particles is empty"),
        ({"particles": [0, 0]}, "different indices"),
        ({"isolation": "vm"}, "expected 'none', 'process' or freeland.Isolation"),
        ({"failure": "inf"}, "failure is 'inf', expected one of"),
        ({"parameters": {"k": float("inf")}}, "finite"),
    ],
)
def test_arguments_that_make_no_sense(options, text):
    with pytest.raises(ValueError, match=text):
        freeland.openmm.force("gaussian", **options)


def test_a_system_becomes_a_configuration(molecule, frames):
    """Both plugins read what write_plugin_config wrote, and agree."""
    energies = [
        freeland.Plugin(name, {**molecule.config} if name == "molecular-mechanics" else plain(molecule)).evaluate(
            frames[:10]
        )
        for name in ("molecular-mechanics", "openmm")
    ]
    assert np.allclose(energies[0].energies, energies[1].energies, atol=1e-8)
    topology = freeland.Plugin("openmm", plain(molecule)).topology
    assert [*topology.names] == [atom.name for atom in molecule.topology.atoms()]
    assert np.abs(topology.positions - molecule.positions).max() < 1e-4, "as a PDB rounds"


def plain(molecule):
    return {key: value for key, value in molecule.config.items() if key != "threads"}


def test_a_configuration_needs_positions_and_matching_atoms(molecule, tmp_path):
    with pytest.raises(ValueError, match="positions are needed"):
        freeland.openmm.write_plugin_config(molecule.own, molecule.topology, tmp_path)
    with pytest.raises(ValueError, match="numbers of atoms differ"):
        freeland.openmm.write_plugin_config(openmm.System(), molecule.topology, tmp_path, molecule.positions)
    with pytest.raises(ValueError, match="expected an openmm.app.Topology"):
        freeland.openmm.write_plugin_config(molecule.own, None, tmp_path)


def test_a_plugin_that_reads_a_system_leaves_openmm_alone(frames):
    # OpenMM's reader of numbers is for one thread: were the plugin opened without the interpreter's lock, both sides could get
    # wrong ones.
    xml = (CHECKOUT / "plugins" / "molecule" / "data" / "alanine-dipeptide.obc1.xml").read_text()
    expected_xml = openmm.XmlSerializer.serialize(openmm.XmlSerializer.deserialize(xml))
    config = {"implicit": "obc1", "contexts": 1}
    expected = float(freeland.Plugin("openmm", config).evaluate(frames[0]).energies)
    energies, stop = [], threading.Event()

    def open_again_and_again():
        while not stop.is_set():
            energies.append(float(freeland.Plugin("openmm", config).evaluate(frames[0]).energies))

    thread = threading.Thread(target=open_again_and_again)
    thread.start()
    try:
        for _ in range(200):
            assert openmm.XmlSerializer.serialize(openmm.XmlSerializer.deserialize(xml)) == expected_xml
    finally:
        stop.set()
        thread.join()
    assert energies and set(energies) == {expected}


def test_a_failure_is_what_was_asked_for(simulate, compiled):
    """The minimiser's first step is a nanometre long, and lands where the plugin has no energy."""
    library = compiled("walled", "#define EVALUATE walled", WALLED)

    def minimised(failure):
        system = openmm.System()
        system.addParticle(1.0)
        system.addForce(freeland.openmm.force(library, failure=failure))
        context = simulate(system, still(), [[1.4, 0.0, 0.0]])
        openmm.LocalEnergyMinimizer.minimize(context, 1e-3, 1000)
        return context.getState(positions=True).getPositions(asNumpy=True)._value[0, 0]

    with pytest.raises(openmm.OpenMMException, match="outside the domain"):
        minimised("raise")
    assert minimised("infinity") == pytest.approx(1.0, abs=1e-4)


WALLED = """
static int32_t walled(void *self, const epp_batch *batch, epp_error *error) {
  const int32_t code = plugin_evaluate(self, batch, error);
  for (uint64_t i = 0; i < batch->count; i++)
    if (((const double *)batch->positions)[2 * i] < 0.5) {
      batch->statuses[i] = EPP_SAMPLE_OUTSIDE_DOMAIN;
      if (batch->energies) batch->energies[i] = NAN;
      for (int k = 0; batch->gradients && k < 2; k++) ((double *)batch->gradients)[2 * i + k] = 0.0;
    }
  return code;
}
"""


def test_only_the_program_grants_rights(simulate, compiled, tmp_path):
    loose = shutil.copy(compiled("loose", "", ""), tmp_path)
    os.chmod(loose, 0o666)

    def opened(system):
        return simulate(system, still(), [[1.0, 0.0, 0.0]])

    def system_of(force):
        system = openmm.System()
        system.addParticle(1.0)
        system.addForce(force)
        return system

    with pytest.raises(openmm.OpenMMException, match="may write to"):
        opened(system_of(freeland.openmm.force(loose)))
    trusted = system_of(freeland.openmm.force(loose, trust_writable=True))
    opened(trusted)
    with pytest.raises(openmm.OpenMMException, match="may write to"):
        opened(copy.deepcopy(trusted))
    opened(system_of(freeland.openmm.force(freeland.Plugin(loose, trust_writable=True))))
    # A worker writes where it may: both ways of asking for it.
    for isolation in [{"writable": [tmp_path], "time_limit": 5, "memory": 1 << 30}, freeland.Isolation(writable=tmp_path)]:
        force = freeland.openmm.force(loose, isolation=isolation, trust_writable=True)
        assert "writable" not in openmm.XmlSerializer.serialize(force)
        opened(system_of(force))
