"""Two Contexts at once, threads that come and go, and what the thread model of the plugin makes of it."""

import os
import threading
import time

import openmm
from force import context, energy_and_forces, force, particles

STEPS = 200


def system_of(plugin):
    system = particles(2)
    system.addForce(force(plugin))
    return system


def run_many(plugin, count, shared=None):
    """`count` Contexts at once, each on a thread; made on the main thread where `shared`."""
    ready, failures, energies = threading.Barrier(count), [], [None] * count
    contexts = [context(shared) for _ in range(count)] if shared else [None] * count

    def work(index):
        try:
            run = contexts[index] or context(system_of(plugin))
            run.setPositions([[0, 0, 0], [0.3, 0, 0]])
            ready.wait()
            run.getIntegrator().step(STEPS)
            energies[index] = energy_and_forces(run)[0]
        except Exception as exception:
            failures.append(exception)
            ready.abort()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return energies


# The plugins find out when they are called on a foreign thread, or twice at once.
for plugin in ["pair", "pair_serial", "pair_affine"]:
    alone = run_many(plugin, 1)[0]
    assert run_many(plugin, 2) == [alone] * 2
    assert run_many(plugin, 3, system_of(plugin)) == [alone] * 3

# One Context, made on one thread and used on others, one after the other.
for plugin in ["pair_serial", "pair_affine"]:
    run = context(system_of(plugin))
    run.setPositions([[0, 0, 0], [0.3, 0, 0]])
    seen = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: seen.append(energy_and_forces(run)[0]))
        thread.start()
        thread.join()
    assert len(seen) == 3 and all(abs(energy - 20.0) < 1e-12 for energy in seen)

# An affine plugin has a thread of its own, which ends with the Context; a concurrent one has none.
def tasks():
    return len(os.listdir("/proc/self/task"))


def steady():
    """How many there are once nothing changes: the kernel lists a thread for a moment after it was joined."""
    count, since = tasks(), time.monotonic()
    while time.monotonic() - since < 0.2:
        time.sleep(0.001)
        if tasks() != count:
            count, since = tasks(), time.monotonic()
    return count


def settled(expected):
    """As `steady`, of a number that is known."""
    end = time.monotonic() + 10
    while tasks() != expected:
        assert time.monotonic() < end, (tasks(), expected)
        time.sleep(0.001)


def tasks_with_context(plugin):
    run = context(system_of(plugin))
    run.setPositions([[0, 0, 0], [0.3, 0, 0]])
    energy_and_forces(run)
    return steady()


del run
before = steady()
with_concurrent = tasks_with_context("pair")
for _ in range(20):
    settled(before)
    assert tasks_with_context("pair_affine") == with_concurrent + 1
settled(before)

# A new state after reinitialize, with the plugin opened afresh.
run = context(system_of("pair"))
run.setPositions([[0, 0, 0], [0.3, 0, 0]])
run.reinitialize(preserveState=True)
assert abs(energy_and_forces(run)[0] - 20.0) < 1e-12
