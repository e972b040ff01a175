"""Plugins and the interpreter: its lock, its signals."""

import signal
import subprocess
import sys
import time

import pytest

NEEDS_PYTHON = """
#include <dlfcn.h>
#include <pthread.h>
#define CREATE asks_python_at_create
#define DESTROY asks_python_at_destroy
"""

# On a thread of its own, as a plugin with an embedded interpreter might have one.
ASKS_PYTHON = """
static void *with_the_lock(void *nothing) {
  int (*ensure)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "PyGILState_Ensure");
  void (*release)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "PyGILState_Release");
  release(ensure());
  return nothing;
}
static void ask_python(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, with_the_lock, NULL) == 0) pthread_join(thread, NULL);
}
static int32_t plugin_create(const epp_create *, epp_potential **, epp_error *);
static int32_t asks_python_at_create(const epp_create *request, epp_potential **out, epp_error *error) {
  ask_python();
  return plugin_create(request, out, error);
}
static void asks_python_at_destroy(void *self) {
  ask_python();
  plugin_destroy(self);
}
"""

LIFE = """
import gc, sys, types
sys.modules["openmm"] = types.ModuleType("openmm")  # as if it were imported
import freeland
plugin = freeland.Plugin(sys.argv[1])
assert float(plugin.evaluate([1.0, 0.0]).energies) == 0.0
del plugin
circle = [freeland.Plugin(sys.argv[1])]
circle.append(circle)
del circle
gc.collect()
left_for_the_end = freeland.Plugin(sys.argv[1])
print("done")
"""


def child(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_plugin_that_needs_the_interpreter_is_opened_and_destroyed(compiled):
    library = compiled("needs_python", NEEDS_PYTHON, ASKS_PYTHON)
    process = child(LIFE, library)
    try:
        printed, words = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("the plugin waits for the interpreter's lock, and the interpreter for the plugin")
    assert (printed, process.returncode) == ("done\n", 0), words


# A millisecond for each configuration; the flag is looked at before each, as it should be.
SLOW = """
static int32_t slow(void *self, const epp_batch *batch, epp_error *error) {
  uint64_t done = 0;
  for (; done < batch->count && !(batch->cancel && *batch->cancel); done++)
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  const int32_t code = plugin_evaluate(self, batch, error);
  for (uint64_t i = done; i < batch->count; i++) batch->statuses[i] = EPP_SAMPLE_CANCELLED;
  return code;
}
"""

LONG = """
import signal, sys, time
import freeland, numpy as np
plugin = freeland.Plugin(sys.argv[1], isolation=sys.argv[2])
assert plugin.evaluate(np.zeros((3, 2))).failed == 0
print("ready", flush=True)
try:
    plugin.evaluate(np.zeros((60_000, 2)))
except KeyboardInterrupt:
    print("interrupted", flush=True)
# It goes on, and Ctrl-C is what it was.
assert plugin.evaluate(np.zeros((3, 2))).failed == 0
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("again", flush=True)
"""


@pytest.fixture(scope="module")
def slow(compiled):
    return compiled("slow", "#define EVALUATE slow", SLOW)


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_ctrl_c_ends_a_long_evaluation(slow, isolation):
    process = child(LONG, slow, isolation)
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(0.5)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        took = time.monotonic() - start
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "again\n"
        assert process.wait(30) == 0, process.stderr.read()
    finally:
        process.kill()
    # A millisecond or a few; a busy machine is given time. Without, it is a minute.
    print(f"{isolation}: {1000 * took:.1f} ms")
    assert took < 2.0


GOES_ON = """
import signal, sys
import freeland, numpy as np
plugin = freeland.Plugin(sys.argv[1])
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
result = plugin.evaluate(np.zeros((1000, 2)))
print(len(seen), result.failed, len(result.energies))
"""


def test_a_handler_that_lets_it_pass_gets_all_results(slow):
    process = child(GOES_ON, slow)
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        printed, words = process.communicate(timeout=60)
    finally:
        process.kill()
    assert printed == "1 0 1000\n", words
