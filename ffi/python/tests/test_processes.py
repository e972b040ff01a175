"""Plugins in other processes: pickled, forked, spawned."""

import multiprocessing
import os
import pickle
import shutil
import subprocess

import freeland
import numpy as np
import pytest
from conftest import CHECKOUT


def test_a_plugin_is_pickled_as_what_it_was_opened_by(alanine, frames):
    again = pickle.loads(pickle.dumps(alanine))
    assert (again.spec, again.config) == (alanine.spec, alanine.config) == ("molecular-mechanics", {"threads": 1})
    assert again.evaluate(frames[0]).energies == alanine.evaluate(frames[0]).energies


def test_an_evaluation_is_pickled(alanine, frames):
    for gradient in (True, False):
        result = alanine.evaluate(frames[:2], gradient=gradient)
        again = pickle.loads(pickle.dumps(result))
        assert np.array_equal(again.energies, result.energies) and np.array_equal(again.statuses, result.statuses)
        assert (again.gradients is None) == (not gradient)


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
#include <stdlib.h>
#define EVALUATE crashes
#include "plugin.h"
static int32_t crashes(void *self, const epp_batch *batch, epp_error *error) {
  for (uint64_t i = 0; i < batch->count; i++)
    if (((const double *)batch->positions)[2 * i] > 1.5) abort();
  return plugin_evaluate(self, batch, error);
}
#include "entry.h"
"""


def test_a_crash_in_a_worker_is_a_status(tmp_path):
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("skipped: no C compiler")
    (tmp_path / "crashes.c").write_text(CRASHES)
    library = tmp_path / "libcrashes.so"
    include = [f"-I{CHECKOUT / 'tests' / 'misbehaving-plugins'}", f"-I{freeland.INCLUDE}"]
    subprocess.run([compiler, "-shared", "-fPIC", *include, "-o", library, tmp_path / "crashes.c"], check=True)
    plugin = freeland.Plugin(library, isolation="process")
    assert plugin.isolation == "process" and pickle.loads(pickle.dumps(plugin)).isolation == "process"
    result = plugin.evaluate([[0.0, 0.0], [2.0, 0.0], [1.0, 1.0]])
    assert result.statuses.tolist() == [0, 8, 0]
    assert result.energies[[0, 2]].tolist() == [5.0, 10.0]
    with pytest.raises(ValueError, match="expected 'none' or 'process'"):
        freeland.Plugin(library, isolation="vm")


def test_a_worker_gives_the_same_numbers(alanine, frames):
    isolated = freeland.Plugin("molecular-mechanics", {"threads": 1}, isolation="process")
    expected, result = alanine.evaluate(frames), isolated.evaluate(frames)
    assert np.array_equal(result.energies, expected.energies)
    assert np.array_equal(result.gradients, expected.gradients)
