"""Plugins in other processes: pickled, forked, spawned."""

import multiprocessing
import pickle

import freeland
import numpy as np
import pytest


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
