"""Makes an OpenMM System from force-field files and a PDB file, for the energy plugin `openmm`.

Reads {"files": [...], "pdb": text} as JSON from standard input; writes {"xml": text, "openmm": version, "atoms": [...],
"bonds": [...], "positions_nm": [...]} to standard output, or {"error": sentence}.
"""

import io
import json
import sys


def make(request):
    import openmm
    from openmm import app, unit

    pdb = app.PDBFile(io.StringIO(request["pdb"]))
    system = app.ForceField(*request["files"]).createSystem(
        pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None, rigidWater=False, removeCMMotion=False
    )
    atoms = [
        {
            "number": 0 if atom.element is None else atom.element.atomic_number,
            "name": atom.name,
            "residue": atom.residue.index,
            "residue_name": atom.residue.name,
        }
        for atom in pdb.topology.atoms()
    ]
    return {
        "xml": openmm.XmlSerializer.serialize(system),
        "openmm": openmm.Platform.getOpenMMVersion(),
        "atoms": atoms,
        "bonds": [[a.index, b.index] for a, b in pdb.topology.bonds()],
        "positions_nm": [list(p) for p in pdb.getPositions().value_in_unit(unit.nanometer)],
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
