"""Whatever goes wrong is an OpenMMException that names plugin and sample."""

import ctypes
import math
import os
import shutil
import tempfile

import openmm
from force import FOLDER, context, energy_and_forces, force, particles, platforms, refused, xml

serialize, deserialize = openmm.XmlSerializer.serialize, openmm.XmlSerializer.deserialize


def opened(given, count=1):
    system = particles(count)
    system.addForce(deserialize(given) if isinstance(given, str) else given)
    return context(system)


def said(*given):
    return refused(lambda: opened(*given))


# Not found, not a plugin, not the library that is pinned.
text = said(xml("no-such-plugin", searchPath="/nowhere"))
assert text.startswith("EppForce over 'no-such-plugin': there is no plugin 'no-such-plugin'") and "/nowhere" in text, text
assert "'/nowhere/libx.so' does not exist" in said(xml("/nowhere/libx.so"))
assert "no energy plugin" in said(force("epp_openmm"))
toys = FOLDER + "/libfreeland_toys.so"
assert "say which by" in said(xml(toys)) and "#mueller-brown" in said(xml(toys))
assert "has no potential 'muller'" in said(xml(toys + "#muller"))
assert "the configuration pins " + 64 * "0" in said(force("pair", sha256=64 * "0"), 2)
assert refused(lambda: deserialize(xml("no-such-plugin")).usesPeriodicBoundaryConditions()).startswith("EppForce over")

# A library that others may write to, unless the program or the environment trusts it. A document cannot.
library = ctypes.CDLL(FOLDER + "/libepp_openmm.so")
library.epp_force_data_of.restype = ctypes.c_void_p
with tempfile.TemporaryDirectory() as folder:
    loose = shutil.copy(FOLDER + "/libpair.so", folder + "/libloose.so")
    os.chmod(loose, 0o666)
    refusal = said(xml(loose), 2)
    assert "libloose.so" in refusal and "write" in refusal, refusal
    assert said(xml(loose, trustWritable=1), 2) == refusal
    trusted = deserialize(xml(loose))
    data = ctypes.c_void_p(library.epp_force_data_of(ctypes.c_void_p(int(trusted.this))))
    assert library.epp_force_data_set_integer(data, b"trustWritable", ctypes.c_int64(1), None, ctypes.c_uint64(0)) == 0
    system = particles(2)
    system.addForce(trusted)
    context(system)
    assert "trustWritable" not in serialize(system), "it would be granted to whoever reads the file"
    assert refused(lambda: context(deserialize(serialize(system)))) == refusal
    os.environ["FREELAND_TRUST_WRITABLE"] = "1"
    opened(xml(loose), 2)
    os.environ["FREELAND_TRUST_WRITABLE"] = "0"
    assert said(xml(loose), 2) == refusal

# Bad configurations, by key.
text = said(force("freeland_toys#gaussian", config='{"men": [0, 0]}'))
assert "'gaussian' refuses its configuration" in text and "men" in text, text
assert "its config is no JSON: '{mean'" in said(force("freeland_toys#gaussian", config="{mean"))
assert "expected a JSON object" in said(force("freeland_toys#gaussian", config="[1]"))
assert "its config is not UTF-8" in said(force("freeland_toys#gaussian", config=b"{\xff}"))

# What relative paths start from: the folder that the Force names.
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/spring.txt", "w").close()
    config = '{"file":"spring.txt"}'
    for isolation in [0, 1]:
        opened(force("pair", config=config, folder=folder, isolation=isolation), 2)
        assert "one that is there" in said(force("pair", config=config, isolation=isolation), 2)

# One configuration: its status by name, the plugin, the particle.
for platform in platforms():
    system = particles(3)
    system.addForce(force("pair", particles=[2, 1]))
    run = context(system, platform)
    run.setPositions([[0, 0, 0], [0, math.nan, 0], [0, 0, 0]])
    text = refused(lambda: run.getState(getEnergy=True))
    if platform == "Reference":  # the CPU platform looks for NaN itself, before it asks
        assert "libpair.so'" in text and "non-finite input (status 1)" in text, text
        assert "particle 1 of the System has the coordinate nan" in text, text
        assert "libpair.so'" in refused(lambda: run.getState(getForces=True))
    run.setPositions([[0, 0, 0], [0, 200, 0], [0, 0, 0]])
    text = refused(lambda: run.getIntegrator().step(1))
    assert "outside the domain (status 2)" in text, text
    # The same Context goes on with a good configuration.
    run.setPositions([[0, 0, 0], [0, 0.3, 0], [0, 0, 0]])
    assert abs(energy_and_forces(run)[0] - 20.0) < 1e-3

# Errors do not leak file descriptors or threads.
before = len(os.listdir("/proc/self/fd"))
for _ in range(50):
    said(xml("no-such-plugin"))
assert len(os.listdir("/proc/self/fd")) == before
