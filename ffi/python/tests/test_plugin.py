"""Plugins as functions of arrays."""

import pickle
import threading
import time
import tracemalloc

import freeland
import numpy as np
import pytest


def test_values_are_those_of_the_definition():
    """Mueller-Brown's deepest minimum is known: -146.69951720995402 at (-0.55822363, 1.44172584)."""
    result = freeland.Plugin("mueller-brown").evaluate([[-0.5582236346, 1.4417258418]])
    assert result.energies[0] == pytest.approx(-146.6995172, abs=1e-6)
    assert np.abs(result.gradients).max() < 1e-4


def test_gradients_are_derivatives_of_energies(alanine, frames):
    step, position = 1e-5, frames[0]
    moved = np.repeat(position[None, None], 66, 0).repeat(2, 1).reshape(66, 2, 66)
    moved[np.arange(66), 0, np.arange(66)] -= step
    moved[np.arange(66), 1, np.arange(66)] += step
    energies = alanine.evaluate(moved, gradient=False).energies
    assert energies.shape == (66, 2)
    numerical = (energies[:, 1] - energies[:, 0]) / (2 * step)
    gradient = alanine.evaluate(position).gradients
    # The error of a central difference at this step is of the order 1e-4 of forces of 1e3 kJ/mol/nm.
    assert np.abs(numerical - gradient.ravel()).max() < 0.05
    assert np.array_equal(alanine.evaluate(position).forces, -gradient)


@pytest.mark.parametrize(
    ("shape", "batch"),
    [((22, 3), ()), ((66,), ()), ((5, 22, 3), (5,)), ((5, 66), (5,)), ((2, 3, 22, 3), (2, 3)), ((0, 22, 3), (0,))],
)
def test_results_have_the_leading_axes_of_positions(alanine, frames, shape, batch):
    count = int(np.prod(batch, dtype=int))
    result = alanine.evaluate(frames[:count].reshape(shape) if count else np.empty(shape))
    assert result.energies.shape == batch
    assert result.statuses.shape == batch
    assert result.gradients.shape == shape
    assert result.energies.dtype == np.float64 and result.statuses.dtype == np.int32
    # One configuration is evaluated otherwise than a batch: sums are in another order.
    expected = [float(alanine.evaluate(frame).energies) for frame in frames[:count]]
    assert result.energies.ravel().tolist() == pytest.approx(expected, rel=1e-12)


def test_one_atom_needs_no_atom_axis():
    well = freeland.Plugin("double-well")
    for shape, batch in [((2,), ()), ((1, 2), (1,)), ((4, 2), (4,)), ((4, 1, 2), (4,))]:
        assert well.evaluate(np.full(shape, 0.3)).energies.shape == batch


def test_single_precision_stays_single_precision(alanine, frames):
    single = alanine.evaluate(frames[:8].astype(np.float32))
    assert single.gradients.dtype == np.float32
    assert single.energies.dtype == np.float64
    double = alanine.evaluate(frames[:8].astype(np.float32).astype(np.float64))
    assert np.allclose(single.energies, double.energies, atol=1e-2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_packed_positions_are_not_copied(dtype):
    """NumPy tells tracemalloc of every array it makes."""
    gaussian = freeland.Plugin("gaussian")
    positions = np.zeros((400_000, 2), dtype)

    def peak(array):
        tracemalloc.start()
        gaussian.evaluate(array, gradient=False)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    results = 400_000 * (8 + 4)
    assert peak(positions) < results + 100_000
    assert peak(positions[::-1]) > results + positions.nbytes // 2, "the control: these must be copied"


def test_positions_are_never_written_to(alanine, frames):
    positions = frames[:3].copy()
    positions.flags.writeable = False
    alanine.evaluate(positions)
    assert np.array_equal(positions, frames[:3])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.tolist(),
        lambda x: np.asfortranarray(x),
        lambda x: x.astype(">f8"),
        lambda x: np.repeat(x, 2, 0)[::2],
        lambda x: np.frombuffer(b"." + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(x.shape),
    ],
    ids=["list", "fortran", "big-endian", "strided", "unaligned"],
)
def test_other_arrays_are_copied(alanine, frames, change):
    expected = alanine.evaluate(frames[:3])
    result = alanine.evaluate(change(frames[:3]))
    assert np.array_equal(result.energies, expected.energies)
    assert np.array_equal(result.gradients, expected.gradients)


def test_python_goes_on_while_a_plugin_works(alanine, frames):
    positions = np.tile(frames, (60, 1, 1))
    ends = []

    def work():
        alanine.evaluate(positions)
        ends.append(time.perf_counter())

    thread = threading.Thread(target=work)
    ticks = []
    thread.start()
    while thread.is_alive():
        ticks.append(time.perf_counter())
        time.sleep(0.001)
    during = [tick for tick in ticks if tick < ends[0]]
    # Held, the lock would be given back once, at the end; 24,000 evaluations take 0.1 s or more.
    assert len(during) > 10


def test_a_configuration_that_fails_fails_alone(alanine, frames):
    positions = frames[:3].copy()
    positions[1, 4, 2] = np.nan
    result = alanine.evaluate(positions)
    assert result.statuses.tolist() == [0, 1, 0]
    assert result.ok.tolist() == [True, False, True]
    assert result.failed == 1
    assert np.isnan(result.energies[1]) and not result.gradients[1].any()
    assert result.energies[2] == pytest.approx(float(alanine.evaluate(frames[2]).energies), rel=1e-12)
    with pytest.raises(freeland.EvaluationError, match="1 of 3 configurations; the first is 1: non-finite input") as info:
        alanine.evaluate(positions, check=True)
    assert info.value.evaluation.failed == 1
    assert result.check.__self__ is result and alanine.evaluate(frames[0], check=True).failed == 0


def test_terms_add_up(alanine, frames):
    names = [output.name for output in alanine.outputs if output.name.startswith("energy:")]
    assert len(names) >= 4
    result = alanine.evaluate(frames[:4], outputs=names)
    assert list(result.outputs) == names and all(values.shape == (4,) for values in result.outputs.values())
    assert np.allclose(sum(result.outputs.values()), result.energies, rtol=1e-12)
    assert np.allclose(result.energies, alanine.evaluate(frames[:4]).energies, rtol=1e-12)


def test_outputs_have_leading_axes_and_their_shape(alanine, frames):
    charges = {output.name: output for output in alanine.outputs}["charges"]
    assert (charges.unit, charges.shape) == ("e", (22,)) and repr(charges) == "Output('charges', e, shape (22,))"
    for batch in [(), (2,), (2, 3)]:
        positions = frames[: int(np.prod(batch, dtype=int))].reshape(*batch, 22, 3)
        # A single name needs no list.
        values = alanine.evaluate(positions, gradient=False, outputs="charges").outputs["charges"]
        assert values.shape == (*batch, 22) and abs(values.sum(-1)).max() < 1e-9
    assert alanine.evaluate(frames[0]).outputs == {}
    broken = frames[:2].copy()
    broken[0, 0, 0] = np.nan
    values = alanine.evaluate(broken, outputs=["charges"]).outputs["charges"]
    assert np.isnan(values[0]).all() and np.isfinite(values[1]).all()
    with pytest.raises(ValueError, match="does not tell 'temperature'; beside energy and gradient it tells"):
        alanine.evaluate(frames[0], outputs=["temperature"])
    with pytest.raises(ValueError, match="wanted twice"):
        alanine.evaluate(frames[0], outputs=["charges", "charges"])
    with pytest.raises(TypeError, match="neither a name nor several"):
        alanine.evaluate(frames[0], outputs=1)


def test_virials_are_derivatives_by_a_strain():
    spheres = freeland.Plugin("soft-spheres", {"atoms": 12})
    x, box = np.random.default_rng(3).uniform(0, 2, (2, 12, 3)), np.diag([2.1, 2.3, 2.2])
    result = spheres.evaluate(x, box, outputs=["virial"])
    virial = result.outputs["virial"]
    assert virial.shape == (2, 3, 3)
    assert np.array_equal(result.energies, spheres.evaluate(x, box).energies)
    strain = np.eye(3)
    strain[0, 1] = 1e-5
    more, less = (spheres.evaluate(x @ s, box @ s).energies for s in (strain, 2 * np.eye(3) - strain))
    assert np.allclose((more - less) / 2e-5, virial[:, 0, 1], rtol=1e-5, atol=1e-7)
    with pytest.raises(ValueError, match="needs a box"):
        spheres.evaluate(x)


def test_paths_of_a_configuration_start_from_its_folder(compiled, tmp_path, monkeypatch):
    library = compiled("folders", "#include <stdio.h>\n#include <unistd.h>\n#define CREATE in_folder", IN_FOLDER)
    with pytest.raises(freeland.PluginError, match="no spring.txt"):
        freeland.Plugin(library, folder=tmp_path)
    (tmp_path / "spring.txt").write_text("")
    plugin = freeland.Plugin(library, folder=tmp_path, threads=2)
    assert float(pickle.loads(pickle.dumps(plugin)).evaluate([1.0, 0.0]).energies) == 0.0
    freeland.Plugin(library, folder=tmp_path, isolation="process", threads=2)
    # A folder may be relative; without one it is the current folder, which may change before the plugin is opened again.
    monkeypatch.chdir(tmp_path.parent)
    freeland.Plugin(library, folder=tmp_path.name, threads=2)
    monkeypatch.chdir(tmp_path)
    here = pickle.dumps(freeland.Plugin(library, threads=2))
    monkeypatch.chdir("/")
    pickle.loads(here)
    with pytest.raises(freeland.PluginError, match="not two threads"):
        freeland.Plugin(library, folder=tmp_path)
    with pytest.raises(ValueError, match="threads is 0"):
        freeland.Plugin(library, threads=0)


IN_FOLDER = """
static int32_t plugin_create(const epp_create *, epp_potential **, epp_error *);
static int32_t in_folder(const epp_create *request, epp_potential **out, epp_error *error) {
  char path[4096];
  snprintf(path, sizeof path, "%s/spring.txt", request->folder ? request->folder : ".");
  if (access(path, R_OK) != 0) {
    say(error, "no spring.txt");
    return EPP_E_INTERNAL;
  }
  if (request->threads != 2) {
    say(error, "not two threads");
    return EPP_E_INTERNAL;
  }
  return plugin_create(request, out, error);
}
"""


def test_it_says_what_it_is(alanine):
    info, topology = alanine.info, alanine.topology
    assert (info.id, info.units, info.atoms, info.dimensions) == ("molecular-mechanics", "md", 22, 3)
    assert info.periodic == [False] * 3 and "f32" in info.dtypes
    assert "precision" in info.config_schema["properties"]
    assert info.has_gradient and not info.discrete and not info.uses_seed
    assert int(info.fingerprint, 16) and info.fingerprint == freeland.Plugin("molecular-mechanics", {"threads": 1}).info.fingerprint
    assert info.fingerprint != freeland.Plugin("molecular-mechanics", {"implicit": "obc2"}).info.fingerprint
    assert topology.atomic_numbers.tolist().count(1) == 12
    assert topology.masses.sum() == pytest.approx(144.17, abs=0.05)
    assert topology.names[8] == "CA" and topology.residue_names[8] == "ALA"
    assert topology.bonds.shape == (21, 2) and topology.positions.shape == (22, 3)
    assert repr(alanine) == f"Plugin('molecular-mechanics' {info.version}: 22 atoms x 3, nm and kJ/mol)"
    assert freeland.Plugin("gaussian").topology is None


def test_a_plugin_is_derived_for_another_molecule():
    spheres = freeland.Plugin("soft-spheres", {"atoms": 12})
    box, x = np.eye(3) * 2.1, np.random.default_rng(1).uniform(0, 2, (5, 3))
    other = freeland.Topology([18] * 5, box=box, periodic=[True] * 3)
    derived = spheres.derive(other)
    assert (derived.info.atoms, spheres.info.atoms) == (5, 12)
    expected = freeland.Plugin("soft-spheres", {"atoms": 5}).evaluate(x, box)
    del spheres
    assert derived.evaluate(x, box).energies == expected.energies
    with pytest.raises(TypeError, match="derived from"):
        pickle.dumps(derived)
    with pytest.raises(freeland.PluginError):
        freeland.Plugin("mueller-brown").derive(other)


def test_a_molecule_is_told():
    told = dict(masses=[12.0, 1.0], bonds=[[0, 1]], bond_orders=[1.0], names=["C", "H"], residues=[0, 0])
    told |= dict(residue_numbers=["52A"] * 2, chain_names=["A"] * 2, total_charge=-1, multiplicity=2)
    told |= dict(positions=[[0, 0, 0], [0.1, 0, 0]], box=np.eye(3), periodic=[True, False, True])
    molecule = pickle.loads(pickle.dumps(freeland.Topology([6, 1], **told)))
    assert molecule.atoms == 2 and molecule.residue_names is None and molecule.charges is None
    assert molecule.atomic_numbers.tolist() == [6, 1]
    for name, value in told.items():
        assert np.array_equal(getattr(molecule, name), value), name
    for wrong, text in [
        ({"masses": [1.0]}, "masses"),
        ({"bonds": [[0, 2]]}, "atom 2"),
        ({"positions": np.zeros((3, 3))}, r"expected \[2, 3\]"),
        ({"total_charge": 1}, "told together"),
    ]:
        with pytest.raises(ValueError, match=text):
            freeland.Topology([6, 1], **wrong)


def test_plugins_are_listed_without_loading_them():
    listed = {description.id: description for description in freeland.plugins()}
    assert {"molecular-mechanics", "openmm", "mueller-brown", "gaussian"} <= set(listed)
    assert listed["openmm"].present and listed["openmm"].library.endswith(".so")


def test_a_library_is_pinned_and_named_by_its_path(tmp_path):
    library = freeland.Plugin("gaussian").info.library
    with pytest.raises(ValueError, match="say which by"):
        freeland.Plugin(library)
    assert freeland.Plugin(f"{library}#gaussian").info.id == "gaussian"
    with pytest.raises(freeland.PluginError, match="sha256|hash"):
        freeland.Plugin("gaussian", sha256="0" * 64)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (("molecular-mechanic",), freeland.PluginNotFoundError, "did you mean 'molecular-mechanics'"),
        (("./libnone.so",), freeland.PluginNotFoundError, "does not exist"),
        (("gaussian", {"covarianc": 1}), freeland.ConfigError, "covarianc"),
        (("gaussian", "[1]"), freeland.ConfigError, "an array, expected a JSON object"),
        (("gaussian", "{"), freeland.ConfigError, "not JSON"),
        (("gaussian", {"mean": [float("nan")]}), freeland.ConfigError, "cannot be written as JSON"),
    ],
)
def test_what_cannot_be_opened_is_an_exception(arguments, error, text):
    with pytest.raises(error, match=text):
        freeland.Plugin(*arguments)
    assert issubclass(freeland.ConfigError, ValueError)
    assert issubclass(freeland.PluginNotFoundError, freeland.PluginError)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"positions": np.zeros((2, 21, 3))}, r"shape \[2, 21, 3\], expected \[..., 22, 3\] or \[..., 66\]"),
        ({"box": np.eye(2)}, "box has shape"),
        ({"box": np.zeros((5, 3, 3))}, "box has shape"),
        ({"time_limit": -1.0}, "time_limit"),
        ({"parameters": {"k": 1.0}}, "parameter 'k' does not exist"),
    ],
)
def test_wrong_arrays_are_refused(alanine, frames, options, text):
    with pytest.raises(ValueError, match=text):
        alanine.evaluate(**({"positions": frames[:2]} | options))


def test_a_time_limit_cancels_the_rest(frames):
    slow = freeland.Plugin("molecular-mechanics", {"threads": 1})
    result = slow.evaluate(np.tile(frames, (250, 1, 1)), time_limit=0.05)
    assert 0 < result.failed and set(np.unique(result.statuses)) <= {0, 7}
