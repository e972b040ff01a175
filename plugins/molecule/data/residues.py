"""Makes residues.json: the names and the bonds of standard residues as OpenMM's PDBFile and Topology have them.

    python plugins/molecule/data/residues.py

OpenMM's application layer, from whose pdbNames.xml and residues.xml this is taken, is under the MIT licence:
Portions copyright (c) 2010-2024 Stanford University and the Authors.

residue_names   alias -> name, where they differ
atom_names      name of a residue -> alias -> name, where they differ
bonds           name of a residue -> pairs of names; '-' before a name is the residue before
"""

import json
from pathlib import Path

from openmm import Platform, app


def aliases(table):
    return {alias: name for alias, name in sorted(table.items()) if alias != name}


def main():
    app.PDBFile._loadNameReplacementTables()
    app.Topology().createStandardBonds()
    bonds = app.Topology._standardBonds
    assert not any(name.startswith("+") for pairs in bonds.values() for pair in pairs for name in pair)
    tables = {
        "openmm": Platform.getOpenMMVersion(),
        "residue_names": aliases(app.PDBFile._residueNameReplacements),
        "atom_names": {name: aliases(table) for name, table in sorted(app.PDBFile._atomNameReplacements.items())},
        "bonds": {name: pairs for name, pairs in sorted(bonds.items())},
    }
    lines = []
    for key, table in tables.items():
        if key in ("openmm", "residue_names"):
            lines.append(f' {json.dumps(key)}: {json.dumps(table)}')
        else:
            rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in table.items())
            lines.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
    (Path(__file__).parent / "residues.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
