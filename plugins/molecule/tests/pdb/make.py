"""Makes PDB files, each with something that readers differ in, and says how OpenMM's PDBFile reads them.

    python plugins/molecule/tests/pdb/make.py FOLDER

FOLDER gets NAME.pdb and expected.json: by name of a file {"names", "residues", "residue_names", "residue_numbers",
"chains", "elements", "bonds", "models", "box"}. `files` beside this script is such a folder.
"""

import io
import json
import sys
import warnings
from pathlib import Path

from openmm import app, unit

HERE = Path(__file__).parent
ALANINE = (HERE / "../../data/alanine-dipeptide.pdb").resolve().read_text()


def atom(serial, name, residue, number, xyz=None, *, record="ATOM", alt=" ", chain="A", insertion=" ", element="", more=""):
    """An atom's line; `serial` and `number` are numbers or texts, `name` has its four columns."""
    if xyz is None:
        value = serial if isinstance(serial, int) else sum(map(ord, serial))
        xyz = (value * 1.5 % 90, value * 0.7 % 50, value % 7)
    serial = f"{serial:5}" if isinstance(serial, int) else f"{serial:>5}"
    number = f"{number:4}" if isinstance(number, int) else f"{number:>4}"
    x, y, z = xyz
    line = f"{record:6}{serial} {name:4}{alt}{residue:3} {chain}{number}{insertion}   {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00"
    return f"{line}          {element:>2}{more}\n" if element else f"{line}\n"


def lines_of(residue):
    return [line + "\n" for line in ALANINE.splitlines() if line.startswith("ATOM") and line[17:20] == residue]


def at(line, alt, shift=0.0, serial=None):
    """A line at another location."""
    x = float(line[30:38]) + shift
    number = line[6:11] if serial is None else f"{serial:5}"
    return f"{line[:6]}{number}{line[11:16]}{alt}{line[17:30]}{x:8.3f}{line[38:]}"


def altlocs(which):
    text = ""
    for residue in ("ACE", "ALA", "NME"):
        for line in lines_of(residue):
            for place, alt in enumerate(which[residue]):
                text += at(line, alt, 0.3 * place)
    return text + "END\n"


def grouped():
    """All A, then all B with serial numbers of their own; a lone B; an A that comes after its B."""
    ala = lines_of("ALA")
    text = "".join(at(line, "A") for line in ala) + "".join(at(line, "B", 0.3, 50 + i) for i, line in enumerate(ala))
    nme = lines_of("NME")
    return text + at(nme[0], "B") + "".join(nme[1:4]) + at(nme[4], "B") + at(nme[4], "A", 0.3) + "".join(nme[5:])


def mutation():
    ala = lines_of("ALA")
    text = "".join(at(line, "A") for line in ala[:6])
    return text + "".join(at(line.replace("ALA", "SER"), "B", 0.2) for line in ala[:5]) + atom(
        40, " OG ", "SER", 2, alt="B", element="O"
    ) + "".join(lines_of("NME"))


def water(serial, number, residue="HOH", elements=True, record="HETATM", chain="A", x=0.0):
    names = [" O  ", " H1 ", " H2 "]
    place = [(x, 0.0, 0.0), (x + 0.957, 0.0, 0.0), (x - 0.24, 0.927, 0.0)]
    return "".join(
        atom(serial + i, name, residue, number, place[i], record=record, chain=chain, element=name[1] if elements else "")
        for i, name in enumerate(names)
    )


def conect(*serials):
    return "CONECT" + "".join(f"{serial:5}" if isinstance(serial, int) else f"{serial:>5}" for serial in serials) + "\n"


def ligand(serial, number, names, residue="LIG", **kind):
    return "".join(
        atom(serial + i, name, residue, number, record="HETATM", element=element, **kind)
        for i, (name, element) in enumerate(names)
    )


def cysteines():
    text = ""
    for number, (x, hydrogen) in enumerate([(0.0, False), (2.05, False), (4.0, False), (6.0, True), (8.0, False), (10.1, False)]):
        names = [" N  ", " CA ", " C  ", " O  ", " CB ", " SG "] + ([" HG "] if hydrogen else [])
        for i, name in enumerate(names):
            place = (x, 0.0, 0.0) if name == " SG " else (x, 3.0 + 1.5 * i, 5.0 * number)
            text += atom(10 * number + i + 1, name, "CYX" if number == 1 else "CYS", number + 1, place, element=name[1])
        text += "TER\n"
    return text


def heme():
    text = ligand(1, 1, [("FE  ", "FE"), (" NA ", "N"), (" NB ", "N"), (" C1 ", "C")], residue="HEM")
    text += atom(5, " N  ", "HIS", 2, element="N") + atom(6, " NE2", "HIS", 2, element="N")
    text += atom(7, "ZN  ", "ZN", 3, record="HETATM", element="ZN") + atom(8, "ZN  ", "ZN", 4, record="HETATM", element="Zn")
    return text + conect(1, 2, 3, 6) + conect(6, 1, 7) + conect(7, 6, 8, 4) + conect(5, 6)


def chains():
    first = lines_of("ALA")
    text = "".join(first) + "TER      17      ALA A   2\n" + "".join(line[:22] + "   3" + line[26:] for line in first)
    text += "".join(line[:21] + "B" + line[22:] for line in first)
    return text + "".join(line[:21] + "B" + line[22:] for line in lines_of("NME")) + "TERMINAL\n" + water(60, 4, chain="B")


def model(number, shift):
    body = "".join(at(line, " ", shift) for residue in ("ACE", "ALA", "NME") for line in lines_of(residue))
    return f"MODEL     {number:4}\n{body}ENDMDL\n"


IONS = "Cu Mn Ni Co He Ar Cs Cd Hg Pt Kr Fe Zn Mg Ca Na K Li Rb Sr Ba Al Ag Au Pb Cr Xe Ti F Cl Br I Gd U".split()
CELL = "CRYST1{:9.3f}{:9.3f}{:9.3f}{:7.2f}{:7.2f}{:7.2f} P 1           1\n"
SMALL = "".join(lines_of("NME"))


def files():
    three = ("ACE", "ALA", "NME")
    yield "plain", ALANINE
    yield "no-conect", "".join(line + "\n" for line in ALANINE.splitlines() if not line.startswith("CONECT"))
    yield "altloc-a-b", altlocs(dict(zip(three, (" ", "AB", "AB"))))
    yield "altloc-b-c", altlocs(dict.fromkeys(three, "BC"))
    yield "altloc-lone-b", altlocs(dict(zip(three, (" ", " ", "B"))))
    yield "altloc-mixed", altlocs(dict(zip(three, (" ", "AB", "BC"))))
    yield "altloc-digits", altlocs(dict.fromkeys(three, "12"))
    yield "altloc-grouped", grouped()
    yield "altloc-mutation", mutation()
    yield "latin-1-names", ALANINE.replace("REMARK   1", "REMARK   1 caf\u00e9")
    yield "insertion-codes", "".join(
        atom(3 * i + j + 1, name, "GLY", 52, insertion=code, element=name[1])
        for i, code in enumerate(" AB")
        for j, name in enumerate((" N  ", " CA ", " C  "))
    )
    yield "hexadecimal-atoms", "".join(
        atom(f"{0xA0000 + i:05X}", " C1 ", "LIG", i, element="C") for i in range(20)
    ) + conect("A0000", "A0001") + conect("A0010", "A0011", "A0012")
    yield "hexadecimal-residues", "".join(water(3 * i + 1, f"{0xA000 + 13 + i:X}") for i in range(6))
    yield "overflowed-residues", water(1, 9999) + "".join(water(3 * i + 4, "****") for i in range(4))
    yield "overflowed-atoms", atom(99999, " O  ", "HOH", 1, element="O") + atom("*****", " H1 ", "HOH", 1, element="H")
    yield "no-serials", atom("", " O  ", "HOH", 1, element="O") + atom("", " H1 ", "HOH", 1, element="H")
    yield "chains", chains()
    yield "models", CELL.format(30, 30, 30, 90, 90, 90) + model(1, 0.0) + model(2, 0.1) + model(3, 0.7) + conect(1, 2) + "END\n"
    yield "models-then-conect", model(1, 0.0) + conect(1, 6) + model(2, 0.1) + conect(1, 14)
    yield "lower-case", "".join(line[:76] + line[76:].lower() for line in ALANINE.splitlines(True))
    yield "ions", "".join(
        atom(i + 1, f"{ion.upper():4}" if len(ion) == 2 else f" {ion:3}", ion.upper(), i + 1, record="HETATM", element=ion)
        for i, ion in enumerate(IONS)
    )
    yield "charges", atom(1, "ZN  ", "ZN", 1, element="ZN", more="2+") + atom(2, "CL  ", "CL", 2, element="CL", more="1-")
    yield "conect-twice", ligand(1, 1, [(" C1 ", "C"), (" C2 ", "C"), (" O1 ", "O"), (" X1 ", "EP")]) + conect(
        1, 2, 2, 3
    ) + conect(2, 1) + conect(3, 1) + conect(1, 4) + conect(3, 77)
    yield "metals", heme()
    yield "disulphides", cysteines()
    yield "extra-particles", water(1, 1) + atom(4, " M  ", "HOH", 1, element="EP") + water(5, 2)
    yield "water-names", "".join(water(3 * i + 1, i + 1, name, x=9.0 * i) for i, name in enumerate(("HOH", "WAT", "SOL", "SPC")))
    yield "four-letters", "".join(
        atom(i + 1, name, "NAL", 1, element=name[1])[:20] + "A" + atom(i + 1, name, "NAL", 1, element=name[1])[21:]
        for i, name in enumerate((" N  ", " CA ", " C  "))
    )
    yield "histidines", "".join(
        atom(10 * i + j, f" {name:3}", residue, i + 1, element=name[0])
        for i, residue in enumerate(("HIS", "HID", "HIE", "HSD", "HSP"))
        for j, name in enumerate(("N", "CA", "C", "O", "CB", "CG", "ND1", "HD1"))
    )
    yield "nucleic", "".join(
        atom(20 * i + j, f" {name:3}", residue, i + 1, element=name[0])
        for i, residue in enumerate(("DA5", "DT", "DG3", "URA"))
        for j, name in enumerate(("P", "O1P", "O5*", "C5*", "C4*", "C3*", "O3*", "C1*", "N9", "N1"))
    )
    yield "no-elements", "".join(line[:66] + "\n" for line in ALANINE.splitlines() if line.startswith("ATOM")) + "TER\n" + "".join(
        [
            water(30, 4, elements=False),
            atom(40, "CL  ", "CL", 5),
            atom(41, "NA  ", "NA", 6),
            atom(42, "CA  ", "CA", 7),
            atom(43, "ZN  ", "ZN", 8),
            atom(44, " O  ", "HOX", 9) + atom(45, " DO ", "HOX", 9),
            atom(46, " Q1 ", "DUM", 10),
            atom(47, "1HB ", "DUM", 10),
        ]
    )
    yield "repeated-names", ligand(1, 1, [(" C  ", "C"), (" H  ", "H"), (" H  ", "H"), (" CA ", "C"), ("CA  ", "CA")])
    yield "long-lines", "".join(line + " " * 30 + "comment\n" for line in ALANINE.splitlines())
    yield "carriage-returns", ALANINE.replace("\n", "\r\n")
    yield "same-number", "".join(atom(i + 1, " O  ", name, 7, element="O") for i, name in enumerate(("HOH", "DOD", "DOD", "LIG")))
    yield "negative-numbers", "".join(water(3 * i + 1, i - 2) for i in range(4))
    cells = {
        "cubic": (30, 30, 30, 90, 90, 90),
        "orthorhombic": (21.5, 34.25, 40, 90, 90, 90),
        "hexagonal": (20, 20, 30, 90, 90, 120),
        "sixty": (20, 60, 30, 90, 90, 60),
        "octahedron": (30, 30, 30, 109.47, 109.47, 109.47),
        "triclinic": (25, 31, 44, 71, 82, 55),
        "skewed": (10, 40, 60, 50, 60, 35),
        "none": (0, 0, 0, 90, 90, 90),
        "one": (1, 1, 1, 90, 90, 90),
    }
    for name, cell in cells.items():
        yield f"cell-{name}", CELL.format(*cell) + SMALL


def read(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pdb = app.PDBFile(io.StringIO(text))
    atoms = list(pdb.topology.atoms())
    box = pdb.topology.getPeriodicBoxVectors()
    return {
        "names": [atom.name for atom in atoms],
        "residues": [atom.residue.index for atom in atoms],
        "residue_names": [atom.residue.name for atom in atoms],
        "residue_numbers": [(atom.residue.id + atom.residue.insertionCode).strip() for atom in atoms],
        "chains": [atom.residue.chain.id.strip() for atom in atoms],
        "elements": [0 if atom.element is None else atom.element.atomic_number for atom in atoms],
        "bonds": sorted({tuple(sorted((a.index, b.index))) for a, b in pdb.topology.bonds()}),
        "models": [
            [list(xyz) for xyz in pdb.getPositions(frame=i).value_in_unit(unit.nanometer)] for i in range(pdb.getNumFrames())
        ],
        "box": None if box is None else [list(row) for row in box.value_in_unit(unit.nanometer)],
    }


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    expected = {}
    for name, text in files():
        (folder / f"{name}.pdb").write_text(text, newline="")
        expected[name] = read(text)
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in expected.items())
    (folder / "expected.json").write_text(f"{{\n{rows}\n}}\n")


main()
