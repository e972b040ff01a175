"""Plugins in other processes: pickled, forked, spawned."""

import multiprocessing
import pickle
import time

import freeland
import numpy as np
import pytest


def test_a_plugin_is_pickled_as_what_it_was_opened_by(alanine, frames):
    again = pickle.loads(pickle.dumps(alanine))
    assert (again.spec, again.config) == (alanine.spec, alanine.config) == ("molecular-mechanics", {"threads": 1})
    assert again.evaluate(frames[0]).energies == alanine.evaluate(frames[0]).energies


def test_an_evaluation_is_pickled(alanine, frames):
    for gradient in (True, False):
        result = alanine.evaluate(frames[:2], gradient=gradient, outputs=["charges"])
        again = pickle.loads(pickle.dumps(result))
        assert np.array_equal(again.energies, result.energies) and np.array_equal(again.statuses, result.statuses)
        assert (again.gradients is None) == (not gradient)
        assert np.array_equal(again.outputs["charges"], result.outputs["charges"])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_evaluates(frames, method):
    # Two threads: after a fork, those of the parent are gone, and the plugin must have made its own.
    plugin = freeland.Plugin("molecular-mechanics", {"threads": 2})
    expected = plugin.evaluate(frames).energies
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = pool.map_async(plugin.evaluate, np.array_split(frames, 4)).get(timeout=60)
    assert np.array_equal(np.concatenate([result.energies for result in results]), expected)


def test_a_child_uses_the_plugin_it_inherits(frames):
    plugin = freeland.Plugin("molecular-mechanics", {"threads": 2})
    expected = plugin.evaluate(frames).energies
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=lambda: answers.put(plugin.evaluate(frames).energies))
    child.start()
    assert np.array_equal(answers.get(timeout=60), expected)
    child.join(10)
    assert child.exitcode == 0
    assert np.array_equal(plugin.evaluate(frames).energies, expected)


CRASHES = """
static int32_t crashes(void *self, const epp_batch *batch, epp_error *error) {
  for (uint64_t i = 0; i < batch->count; i++)
    if (((const double *)batch->positions)[2 * i] > 1.5) abort();
  return plugin_evaluate(self, batch, error);
}
"""


@pytest.fixture(scope="module")
def crashing(compiled):
    return compiled("crashes", "#include <stdlib.h>\n#define EVALUATE crashes", CRASHES)


def test_a_crash_in_a_worker_is_a_status(crashing):
    plugin = freeland.Plugin(crashing, isolation="process")
    assert plugin.isolation == freeland.Isolation() == pickle.loads(pickle.dumps(plugin)).isolation
    result = plugin.evaluate([[0.0, 0.0], [2.0, 0.0], [1.0, 1.0]])
    assert result.statuses.tolist() == [0, 8, 0]
    assert result.energies[[0, 2]].tolist() == [5.0, 10.0]


def test_a_lost_worker_is_an_error_of_the_plugin(crashing):
    plugin = freeland.Plugin(crashing, isolation={"max_restarts": 1, "workers": 1})
    with pytest.raises(freeland.PluginError, match="too often"):
        for _ in range(3):
            plugin.evaluate([[2.0, 0.0], [3.0, 0.0]])
    assert not issubclass(freeland.PluginError, ValueError)


HANGS = """
static int32_t hangs(void *self, const epp_batch *batch, epp_error *error) {
  for (uint64_t i = 0; i < batch->count; i++)
    for (;;)
      if (((const double *)batch->positions)[2 * i] < 1.5) break;
  return plugin_evaluate(self, batch, error);
}
"""


def test_a_worker_has_the_limits_it_was_given(compiled, crashing, tmp_path):
    hanging = compiled("hangs", "#define EVALUATE hangs", HANGS)
    limits = freeland.Isolation(time_limit=0.2, grace=0.1, workers=1, memory=1 << 30, writable=[tmp_path], confinement="best-effort")
    plugin = freeland.Plugin(hanging, isolation=limits)
    start = time.monotonic()
    assert plugin.evaluate([[0.0, 0.0], [2.0, 0.0]]).statuses.tolist() == [0, 8]
    assert time.monotonic() - start < 20, "and not the minutes of the default"
    assert (plugin.isolation.time_limit, plugin.isolation.memory) == (0.2, 1 << 30)
    assert plugin.isolation.writable == [tmp_path]
    again = pickle.loads(pickle.dumps(plugin)).isolation
    assert again == limits and again != freeland.Isolation() and "memory=1073741824" in repr(again)
    assert freeland.Plugin("gaussian").isolation == "none" == freeland.Plugin("gaussian", isolation="none").isolation


@pytest.mark.parametrize(
    ("isolation", "error", "text"),
    [
        ("vm", ValueError, "expected 'none', 'process' or freeland.Isolation"),
        (1, TypeError, "isolation is a int"),
        ({"time_limit": -1}, ValueError, "time_limit is -1 s"),
        ({"workers": 0}, ValueError, "workers is 0"),
        ({"limit": 1}, TypeError, "limit"),
        ({"confinement": "some"}, ValueError, "expected 'best-effort' or 'required'"),
    ],
)
def test_limits_that_make_no_sense(isolation, error, text):
    with pytest.raises(error, match=text):
        freeland.Plugin("gaussian", isolation=isolation)


def test_a_worker_gives_the_same_numbers(alanine, frames):
    isolated = freeland.Plugin("molecular-mechanics", {"threads": 1}, isolation="process")
    expected, result = alanine.evaluate(frames), isolated.evaluate(frames)
    assert np.array_equal(result.energies, expected.energies)
    assert np.array_equal(result.gradients, expected.gradients)
