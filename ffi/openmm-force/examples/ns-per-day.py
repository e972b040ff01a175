"""Nanoseconds a day of alanine dipeptide in OpenMM, Reference platform, with the energy of OpenMM and of the plugin.

    python ns-per-day.py FOLDER DATA [ROUNDS]

FOLDER: libepp_openmm.so, libfreeland_molecular_mechanics.so and libnothing.so; DATA: plugins/openmm/data. Langevin dynamics
with steps of 1 fs. All are measured in turns, ROUNDS times; medians. Prints a table and a line of JSON.
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
    """epp_force_options"""

    _fields_ = [
        ("struct_size", ctypes.c_uint64),
        *[(name, ctypes.c_char_p) for name in ("plugin", "config", "search_path", "sha256", "name")],
        ("particles", ctypes.POINTER(ctypes.c_int32)),
        ("particle_count", ctypes.c_uint64),
        ("parameter_names", ctypes.POINTER(ctypes.c_char_p)),
        ("parameter_values", ctypes.POINTER(ctypes.c_double)),
        ("parameter_count", ctypes.c_uint64),
        *[(name, ctypes.c_int32) for name in ("force_group", "periodic", "isolation", "trust_writable")],
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


def free(count, masses, added=None):
    system = openmm.System()
    for index in range(count):
        system.addParticle(masses[index])
    if added is not None:
        system.addForce(added)
    return system


def microseconds(run, steps):
    begin = time.perf_counter()
    run.getIntegrator().step(steps)
    return 1e6 * (time.perf_counter() - begin) / steps


def main(folder, data, rounds):
    path = os.path.join(folder, "libepp_openmm.so")
    openmm.Platform.loadPluginLibrary(path)
    library = ctypes.CDLL(path)
    positions = app.PDBFile(data + "/alanine-dipeptide.pdb").positions
    runs = {}
    for solvent in ("obc1", "obc2", "vacuum"):
        own = openmm.XmlSerializer.deserialize(open("%s/alanine-dipeptide.%s.xml" % (data, solvent)).read())
        masses = [own.getParticleMass(index) for index in range(own.getNumParticles())]
        runs[solvent, "openmm"] = (own, 100 if solvent == "obc1" else 2000)
        for precision in ("double", "single"):
            config = json.dumps({"implicit": solvent, "precision": precision})
            system = free(len(masses), masses, force(library, os.path.join(folder, PLUGIN), config))
            runs[solvent, precision] = (system, 5000)
    runs["no force", ""] = (free(len(masses), masses), 50000)
    runs["nothing", ""] = (free(len(masses), masses, force(library, os.path.join(folder, "libnothing.so"))), 50000)
    made = {name: (context(system, positions), steps) for name, (system, steps) in runs.items()}
    found = {name: [] for name in made}
    for run, steps in made.values():
        microseconds(run, steps // 10 + 1)
    for _ in range(rounds):
        for name, (run, steps) in made.items():
            found[name].append(microseconds(run, steps))
    # Differences of neighbours in time: the machine may be busy.
    overhead = statistics.median(b - a for a, b in zip(found["no force", ""], found["nothing", ""]))
    median = {name: statistics.median(times) for name, times in found.items()}
    rate = lambda us: 86400e6 / us * STEP_FS * 1e-6
    print("| model | OpenMM | plugin, double | plugin, single | double / OpenMM | single / OpenMM |")
    print("|---|---|---|---|---|---|")
    result = {"benchmark": "openmm-force", "openmm": openmm.version.short_version, "rounds": rounds}
    for solvent in ("obc1", "obc2", "vacuum"):
        cells = ["%.0f ns/day (%.1f us)" % (rate(median[solvent, kind]), median[solvent, kind]) for kind in ("openmm", "double", "single")]
        ratios = {
            kind: statistics.median(a / b for a, b in zip(found[solvent, "openmm"], found[solvent, kind]))
            for kind in ("double", "single")
        }
        print("| %s | %s | %s |" % (solvent, " | ".join(cells), " | ".join("%.1fx" % ratios[kind] for kind in ratios)))
        result[solvent] = {
            "ns_per_day": {kind: rate(median[solvent, kind]) for kind in ("openmm", "double", "single")},
            "us_per_step": {kind: median[solvent, kind] for kind in ("openmm", "double", "single")},
            "ratio": ratios,
        }
    print()
    print("a step with no force: %.2f us; the Force over a plugin that does nothing adds %.3f us" % (median["no force", ""], overhead))
    result["us_no_force"], result["us_added"] = median["no force", ""], overhead
    print(json.dumps(result))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 11)
