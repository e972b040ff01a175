"""Makes an OpenMM System from force-field files and a PDB file, for the energy plugin `openmm`.

Reads {"files": [...], "pdb": text} as JSON from standard input; writes {"xml": text, "openmm": version} to standard output, or
{"error": sentence}.
"""

import io
import json
import sys


def make(request):
    import openmm
    from openmm import app

    pdb = app.PDBFile(io.StringIO(request["pdb"]))
    system = app.ForceField(*request["files"]).createSystem(
        pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None, rigidWater=False, removeCMMotion=False
    )
    return {
        "xml": openmm.XmlSerializer.serialize(system),
        "openmm": openmm.Platform.getOpenMMVersion(),
    }


def main():
    try:
        answer = make(json.load(sys.stdin))
    except ModuleNotFoundError as error:
        answer = {"error": f"{error}", "missing": True}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


main()
