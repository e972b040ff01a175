"""Nanoseconds a day of alanine dipeptide in OpenMM, Reference platform, with the energy of OpenMM and of the plugin.

    python ns-per-day.py FOLDER PLUGINS [ROUNDS]

FOLDER: libepp_openmm.so, libfreeland_molecular_mechanics.so and libnothing.so; PLUGINS: the folder plugins of the checkout.
Langevin dynamics with steps of 1 fs. All are measured in turns, ROUNDS times; medians of the time that the process had a
core for, so that other work on the machine does not count. Prints a table and a line of JSON.
"""

import ctypes
import json
import os
import statistics
import sys
import time

import openmm
from openmm import app

STEP_FS = 1.0
PLUGIN = "libfreeland_molecular_mechanics.so"


class Options(ctypes.Structure):
    """epp_force_options, as far as it is needed here"""

    _fields_ = [
        ("struct_size", ctypes.c_uint64),
        *[(name, ctypes.c_char_p) for name in ("plugin", "config", "search_path", "sha256", "folder", "name")],
        ("particles", ctypes.POINTER(ctypes.c_int32)),
        ("particle_count", ctypes.c_uint64),
        ("parameter_names", ctypes.POINTER(ctypes.c_char_p)),
        ("parameter_values", ctypes.POINTER(ctypes.c_double)),
        ("parameter_count", ctypes.c_uint64),
    ]


def force(library, plugin, config="{}"):
    options = Options(struct_size=ctypes.sizeof(Options), plugin=plugin.encode(), config=config.encode())
    error, xml = ctypes.create_string_buffer(1024), ctypes.create_string_buffer(1 << 20)
    library.epp_force_xml.restype = ctypes.c_uint64
    size = ctypes.c_uint64
    if not library.epp_force_xml(ctypes.byref(options), xml, size(len(xml)), error, size(len(error))):
        raise SystemExit(error.value.decode())
    return openmm.XmlSerializer.deserialize(xml.value.decode())


def context(system, positions):
    integrator = openmm.LangevinMiddleIntegrator(300.0, 1.0, 0.001 * STEP_FS)
    run = openmm.Context(system, integrator, openmm.Platform.getPlatformByName("Reference"))
    run.setPositions(positions)
    return run


def free(masses, added=None):
    """Particles without a force, or with this one."""
    system = openmm.System()
    for mass in masses:
        system.addParticle(mass)
    if added is not None:
        system.addForce(added)
    return system


def microseconds(run, steps):
    begin = time.process_time()
    run.getIntegrator().step(steps)
    return 1e6 * (time.process_time() - begin) / steps


def cases(plugins):
    """Name, System with OpenMM's own forces, positions, configuration of the plugin for the same."""
    data = plugins + "/molecule/data/alanine-dipeptide"
    for solvent in ("obc1", "obc2", "vacuum"):
        yield solvent, "%s.%s.xml" % (data, solvent), data + ".pdb", {"implicit": solvent}
    # OBC2 as OpenMM's built-in GBSAOBCForce; the others are CustomGBForces.
    gbsa = plugins + "/molecular-mechanics/tests/reference/data/alanine-gbsa"
    yield "obc2, built-in", gbsa + ".xml", gbsa + ".pdb", {"system-xml": gbsa + ".xml", "pdb": gbsa + ".pdb"}


KINDS = ("openmm", "double", "single")


def main(folder, plugins, rounds):
    path = os.path.join(folder, "libepp_openmm.so")
    openmm.Platform.loadPluginLibrary(path)
    library = ctypes.CDLL(path)
    runs, starts = {}, {}
    for name, xml, pdb, config in cases(os.path.abspath(plugins)):
        starts[name] = app.PDBFile(pdb).positions
        own = openmm.XmlSerializer.deserialize(open(xml).read())
        masses = [own.getParticleMass(index) for index in range(own.getNumParticles())]
        runs[name, "openmm"] = (own, 100 if name in ("obc1", "obc2") else 2000)
        for precision in ("double", "single"):
            ours = force(library, os.path.join(folder, PLUGIN), json.dumps({**config, "precision": precision}))
            runs[name, precision] = (free(masses, ours), 5000)
    runs["nothing", "openmm"] = (free(masses), 50000)
    runs["nothing", "double"] = (free(masses, force(library, os.path.join(folder, "libnothing.so"))), 50000)
    starts["nothing"] = starts["obc1"]
    made = {key: (context(system, starts[key[0]]), steps) for key, (system, steps) in runs.items()}
    found = {key: [] for key in made}
    for run, steps in made.values():
        microseconds(run, steps // 10 + 1)
    for _ in range(rounds):
        for key, (run, steps) in made.items():
            found[key].append(microseconds(run, steps))
    # Neighbours in time: the speed of the machine changes.
    pairs = lambda a, b, between: statistics.median(between(x, y) for x, y in zip(found[a], found[b]))
    median = {key: statistics.median(times) for key, times in found.items()}
    rate = lambda us: 86400.0 * STEP_FS / us

    result = {"benchmark": "openmm-force", "openmm": openmm.version.short_version, "rounds": rounds}
    print("| model | OpenMM | plugin, double | plugin, single | double / OpenMM | single / OpenMM |")
    print("|---|---|---|---|---|---|")
    for name in dict.fromkeys(name for name, _ in made if name != "nothing"):
        us = {kind: median[name, kind] for kind in KINDS}
        ratios = {kind: pairs((name, "openmm"), (name, kind), lambda x, y: x / y) for kind in KINDS[1:]}
        cells = ["%.0f ns/day (%.2f us)" % (rate(us[kind]), us[kind]) for kind in KINDS]
        print("| %s | %s |" % (name, " | ".join(cells + ["%.1fx" % ratio for ratio in ratios.values()])))
        rates = {kind: rate(us[kind]) for kind in KINDS}
        result[name] = {"ns_per_day": rates, "us_per_step": us, "ratio": ratios}
    added = pairs(("nothing", "openmm"), ("nothing", "double"), lambda x, y: y - x)
    result["us_no_force"], result["us_added"] = median["nothing", "openmm"], added
    words = "a step with no force: %.2f us; the Force over a plugin that does nothing adds %.3f us"
    print("\n" + words % (median["nothing", "openmm"], added))
    print(json.dumps(result))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 11)
