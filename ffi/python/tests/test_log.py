"""What plugins and the loader say arrives in `logging`."""

import logging
import os
import subprocess
import sys
import time

import freeland
import pytest

# It says something at create, in a call, at destroy, and from a thread of its own a moment after a call.
MACROS = """
#include <pthread.h>
#include <stdlib.h>
#define CREATE says_at_create
#define EVALUATE says_in_a_call
#define DESTROY says_at_destroy
"""
SAYS = """
static const epp_host *mine;
static void tell(uint32_t level, const char *text) { mine->log(mine->context, level, text); }
static int32_t plugin_create(const epp_create *, epp_potential **, epp_error *);
static int32_t says_at_create(const epp_create *request, epp_potential **out, epp_error *error) {
  mine = request->host;
  tell(EPP_LOG_WARNING, "made with 100% care");
  return plugin_create(request, out, error);
}
static void *later(void *nothing) {
  nanosleep(&(struct timespec){0, 200000000}, NULL);
  tell(EPP_LOG_DEBUG, "an afterthought");
  return nothing;
}
static int32_t says_in_a_call(void *self, const epp_batch *batch, epp_error *error) {
  static pthread_t thread;
  static int started;
  tell(EPP_LOG_INFO, "called");
  if (batch->count == 2 && !started++) pthread_create(&thread, NULL, later, NULL);
  for (uint64_t i = 3; i < batch->count; i++) tell(EPP_LOG_ERROR, "a flood");
  return plugin_evaluate(self, batch, error);
}
static void says_at_destroy(void *self) { tell(EPP_LOG_ERROR, "gone"); plugin_destroy(self); }
"""


@pytest.fixture(scope="module")
def talking(compiled):
    return compiled("talking", MACROS, SAYS)


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_messages_of_a_plugin_arrive(talking, caplog, isolation):
    caplog.set_level(logging.DEBUG, "freeland")
    said = lambda: [
        (record.name, record.levelname, record.getMessage().partition(": ")[2])
        for record in caplog.records
        if record.name == "freeland.plugin" and record.getMessage().startswith("libtalking.so: ")
    ]
    plugin = freeland.Plugin(talking, isolation=isolation)
    assert ("freeland.plugin", "WARNING", "made with 100% care") in said(), "before it is there"

    def wait_for(message):
        end = time.monotonic() + 10
        while message not in said():
            assert time.monotonic() < end, said()
            time.sleep(0.01)

    plugin.evaluate([[0.0, 0.0]])
    wait_for(("freeland.plugin", "INFO", "called"))
    plugin.evaluate([[0.0, 0.0], [1.0, 0.0]])
    # No call is made any more: Python's main thread fetches it.
    wait_for(("freeland.plugin", "DEBUG", "an afterthought"))
    del plugin
    if isolation == "none":
        wait_for(("freeland.plugin", "ERROR", "gone"))


def test_a_flood_is_bounded(talking, caplog):
    plugin = freeland.Plugin(talking)
    plugin.evaluate([[0.0, 0.0]] * 30_000)
    flood = [record for record in caplog.records if record.getMessage() == "libtalking.so: a flood"]
    assert 9_000 < len(flood) <= 10_000
    assert any("more messages came faster" in record.getMessage() for record in caplog.records)


def test_logging_may_be_broken(talking, monkeypatch):
    """What a handler raises is told, and is nobody's error."""
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(str(unraisable.exc_value)))

    class Broken(logging.Handler):
        def emit(self, record):
            raise KeyError("on purpose")

    handler, logger = Broken(), logging.getLogger("freeland.plugin")
    logger.addHandler(handler)
    try:
        assert freeland.Plugin(talking).evaluate([1.0, 0.0]).failed == 0
    finally:
        logger.removeHandler(handler)
    assert "'on purpose'" in told


def test_what_the_loader_says_arrives(caplog, tmp_path):
    (tmp_path / "broken.epp.json").write_text("{")
    freeland.plugins(tmp_path)
    records = [record for record in caplog.records if record.name == "freeland"]
    assert any("broken.epp.json" in record.getMessage() for record in records), caplog.records


def test_messages_of_a_force_arrive(talking, caplog):
    openmm = pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    import freeland.openmm

    system = openmm.System()
    system.addParticle(1.0)
    system.addForce(freeland.openmm.force(talking))
    context = openmm.Context(system, openmm.VerletIntegrator(0.001), openmm.Platform.getPlatformByName("Reference"))
    del context
    time.sleep(0)
    messages = [record.getMessage() for record in caplog.records if record.name == "freeland.plugin"]
    assert "libtalking.so: made with 100% care" in messages and "libtalking.so: gone" in messages


def test_warnings_are_seen_without_any_setting(talking):
    script = f"import freeland; freeland.Plugin({str(talking)!r}).evaluate([1.0, 0.0])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert ran.stderr.splitlines()[0] == "libtalking.so: made with 100% care" and "called" not in ran.stderr, ran.stderr
