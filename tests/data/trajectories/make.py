"""Makes the trajectories of this folder: three frames of two or four water molecules, by every program that writes some.

    python make.py        needs openmm, mdtraj, MDAnalysis, parmed and numpy

frames.npy holds the frames of the first files, in nm. `expected.npz` has for every other file NAME what mdtraj reads of a DCD, or
OpenMM of a PDB: `NAME/positions` in angstrom, and `NAME/rows`, the box of every frame in nm, made of mdtraj's lengths and angles
by OpenMM, where there is one. What mdtraj cannot read (`OURS`) is there as it was written."""

import io
import pathlib
import warnings

import MDAnalysis
import mdtraj
import numpy
import openmm
import parmed
from openmm import app, unit

from dcd_bytes import dcd, held

warnings.simplefilter("ignore")
FOLDER = pathlib.Path(__file__).parent
# mdtraj takes the flag for a fourth dimension without turning its bytes, and knows no matrix of CHARMM for a cell.
OURS = {"charmm-4d-big.dcd", "charmm-matrix.dcd", "xplor-wide.dcd"}


def waters(count):
    topology = app.Topology()
    chain = topology.addChain()
    for _ in range(count):
        residue = topology.addResidue("HOH", chain)
        for name, element in (("O", app.element.oxygen), ("H1", app.element.hydrogen), ("H2", app.element.hydrogen)):
            topology.addAtom(name, element, residue)
    return topology


def first_files(frames):
    """The frames themselves, and as OpenMM and MDTraj write them."""
    topology = waters(2)
    numpy.save(FOLDER / "frames.npy", frames)
    with open(FOLDER / "models.pdb", "w") as file:
        app.PDBFile.writeHeader(topology, file)
        for index, frame in enumerate(frames):
            app.PDBFile.writeModel(topology, frame * unit.nanometer, file, modelIndex=index + 1)
        app.PDBFile.writeFooter(topology, file)
    by_openmm("plain.dcd", topology, frames)
    by_openmm("box.dcd", topology, frames, 4 * numpy.eye(3))
    by_mdtraj("mdtraj.dcd", topology, frames)


def by_openmm(name, topology, frames, rows=None):
    if rows is not None:
        topology.setPeriodicBoxVectors([openmm.Vec3(*row) for row in rows] * unit.nanometer)
    with open(FOLDER / name, "wb") as file:
        writer = app.DCDFile(file, topology, 0.002)
        for frame in frames:
            writer.writeModel(frame * unit.nanometer)


def by_mdtraj(name, topology, frames, lengths=None, angles=None):
    trajectory = mdtraj.Trajectory(frames.astype("f4"), mdtraj.Topology.from_openmm(topology))
    if lengths is not None:
        trajectory.unitcell_lengths = numpy.tile(numpy.asarray(lengths, "f4"), (len(frames), 1))
        trajectory.unitcell_angles = numpy.tile(numpy.asarray(angles, "f4"), (len(frames), 1))
    trajectory.save(str(FOLDER / name))


def by_mdanalysis(name, count, frames, dimensions=None):
    universe = MDAnalysis.Universe.empty(
        3 * count, n_residues=count, atom_resindex=numpy.repeat(numpy.arange(count), 3), trajectory=True
    )
    universe.add_TopologyAttr("names", ["OW", "HW1", "HW2"] * count)
    universe.add_TopologyAttr("elements", ["O", "H", "H"] * count)
    universe.add_TopologyAttr("resnames", ["HOH"] * count)
    universe.add_TopologyAttr("resids", range(1, count + 1))
    with MDAnalysis.Writer(str(FOLDER / name), 3 * count, multiframe=True) as writer:
        for frame in frames:
            universe.atoms.positions = 10 * frame
            universe.dimensions = dimensions
            writer.write(universe.atoms)


def by_parmed(name, topology, frame, box=None):
    """One frame: OpenMM does not read the numbers of ParmEd's models."""
    structure = parmed.openmm.load_topology(topology, xyz=10 * frame)
    structure.box = box
    structure.write_pdb(str(FOLDER / name))


def written_by_programs(frames, more):
    two, four = waters(2), waters(4)
    by_openmm("openmm-4.dcd", waters(4), more)
    by_openmm("openmm-4-box.dcd", waters(4), more, [[3, 0, 0], [0, 3.5, 0], [0, 0, 4]])
    by_openmm("openmm-triclinic.dcd", waters(2), frames, [[3, 0, 0], [0.9, 2.9, 0], [-0.8, 0.7, 2.8]])
    by_mdtraj("mdtraj-4.dcd", four, more)
    by_mdtraj("mdtraj-box.dcd", two, frames, [2, 3, 4], [90, 90, 90])
    by_mdtraj("mdtraj-triclinic.dcd", two, frames, [2, 3, 4], [80, 70, 100])
    by_mdanalysis("mdanalysis.dcd", 2, frames)
    by_mdanalysis("mdanalysis-4.dcd", 4, more)
    by_mdanalysis("mdanalysis-box.dcd", 2, frames, [20, 30, 40, 90, 90, 90])
    by_mdanalysis("mdanalysis-4-triclinic.dcd", 4, more, [20, 30, 40, 80, 70, 100])
    by_mdtraj("mdtraj.pdb", two, frames, [2, 3, 4], [80, 70, 100])
    by_mdanalysis("mdanalysis.pdb", 2, frames, [20, 30, 40, 90, 90, 90])
    by_parmed("parmed.pdb", two, frames[0])
    by_parmed("parmed-box.pdb", two, frames[1], [20, 30, 40, 80, 70, 100])
    four.setPeriodicBoxVectors([openmm.Vec3(3, 0, 0), openmm.Vec3(0.9, 2.9, 0), openmm.Vec3(-0.8, 0.7, 2.8)] * unit.nanometer)
    with open(FOLDER / "openmm.pdb", "w") as file:
        app.PDBFile.writeFile(four, more[0] * unit.nanometer, file)


def written_byte_by_byte(frames, more):
    """Name, bytes, and the positions that are in there."""
    frames, more = (10 * frames).astype("f4"), (10 * more).astype("f4")
    few, many = [2, 3, 6], [1, 2, 3, 7, 11, 12]
    # Lengths with cosines, with degrees: a, gamma, b, beta, alpha, c.
    cosines = [[20 + i, 0.2, 30, 0.3, -0.1, 40] for i in range(3)]
    right = [[20 + i, 0.0, 30, 0.0, 0.0, 40] for i in range(3)]
    degrees = [[20 + i, 100, 30, 70, 80, 40] for i in range(3)]
    straight = [[20 + i, 90, 30, 90, 90, 40] for i in range(3)]
    matrix = [[30 + i, -3.5, 31, -4.5, -2.5, 32] for i in range(3)]

    yield "xplor.dcd", dcd(frames, version=0), frames
    # A record of coordinates is as long as one of a unit cell, 48 bytes, and four frames have records for three with a cell.
    longer = numpy.concatenate([more, 0.5 * more[:1]])
    yield "xplor-4.dcd", dcd(longer, version=0), longer
    yield "xplor-4-big.dcd", dcd(longer, version=0, order=">"), longer
    yield "xplor-big.dcd", dcd(frames, version=0, order=">"), frames
    yield "xplor-fixed.dcd", dcd(frames, version=0, moving=few), held(frames, few)
    yield "xplor-4-fixed-big.dcd", dcd(more, version=0, moving=many, order=">"), held(more, many)
    yield "xplor-wide.dcd", dcd(frames, version=0, wide=True), frames
    yield "charmm.dcd", dcd(frames), frames
    yield "charmm-4.dcd", dcd(more, version=40), more
    yield "charmm-big.dcd", dcd(frames, order=">"), frames
    yield "charmm-cell.dcd", dcd(frames, cells=right), frames
    yield "charmm-4-cell.dcd", dcd(more, cells=cosines), more
    yield "charmm-cosines.dcd", dcd(frames, cells=cosines, version=35), frames
    yield "charmm-cell-big.dcd", dcd(frames, cells=cosines, order=">"), frames
    yield "charmm-matrix.dcd", dcd(frames, cells=matrix), frames
    yield "charmm-4d.dcd", dcd(frames, fourth=True), frames
    yield "charmm-4-4d.dcd", dcd(more, fourth=True), more
    yield "charmm-4d-cell.dcd", dcd(frames, fourth=True, cells=cosines), frames
    yield "charmm-4d-big.dcd", dcd(frames, fourth=True, cells=right, order=">"), frames
    yield "charmm-fixed.dcd", dcd(frames, moving=few), held(frames, few)
    yield "charmm-4-fixed.dcd", dcd(more, moving=many), held(more, many)
    yield "charmm-fixed-cell.dcd", dcd(frames, moving=few, cells=right), held(frames, few)
    yield "charmm-4-fixed-cell.dcd", dcd(more, moving=[12], cells=cosines), held(more, [12])
    yield "charmm-fixed-4d-cell.dcd", dcd(frames, moving=few, cells=right, fourth=True), held(frames, few)
    yield "charmm-fixed-big.dcd", dcd(frames, moving=few, cells=right, order=">"), held(frames, few)
    yield "charmm-wide.dcd", dcd(frames, wide=True), frames
    yield "charmm-wide-cell.dcd", dcd(frames, wide=True, cells=cosines), frames
    yield "charmm-wide-big.dcd", dcd(frames, wide=True, cells=cosines, order=">"), frames
    yield "charmm-wide-fixed.dcd", dcd(frames, wide=True, moving=few), held(frames, few)
    yield "charmm-one-frame.dcd", dcd(frames[:1], cells=cosines), frames[:1]
    yield "charmm-no-title.dcd", dcd(frames, titles=[]), frames
    yield "charmm-long-title.dcd", dcd(frames, titles=["REMARKS"] * 32), frames
    yield "charmm-zero-cell.dcd", dcd(frames, cells=numpy.zeros((3, 6))), frames
    yield "namd.dcd", dcd(frames, titles=["Created by NAMD", "REMARKS FILENAME=x.dcd"], cells=cosines), frames
    yield "namd-degrees.dcd", dcd(frames, titles=["Created by NAMD", "REMARKS"], cells=degrees), frames
    yield "namd-4-straight.dcd", dcd(more, titles=["Created by NAMD", "REMARKS"], cells=straight), more
    yield "namd-big.dcd", dcd(frames, titles=["Created by NAMD", "REMARKS"], cells=degrees, order=">"), frames
    # A run that was killed, one that is not done, and one that went on.
    yield "killed.dcd", dcd(frames, count=0, cells=straight), frames
    yield "unfinished.dcd", dcd(frames, count=1000), frames
    yield "continued.dcd", dcd(frames, count=1), frames
    whole = dcd(frames, cells=straight)
    yield "cut.dcd", whole[:-10], frames[:2]
    yield "cut-cell.dcd", whole[: -(3 * 32 + 20)], frames[:2]


def judged(path):
    """What mdtraj reads of a DCD, OpenMM of a PDB: positions in angstrom, box rows in nm or None."""
    if path.suffix == ".pdb":
        pdb = app.PDBFile(str(path))
        models = [pdb.getPositions(asNumpy=True, frame=k).value_in_unit(unit.angstrom) for k in range(pdb.getNumFrames())]
        vectors = pdb.topology.getPeriodicBoxVectors()
        rows = None if vectors is None else numpy.tile(vectors.value_in_unit(unit.nanometer), (len(models), 1, 1))
        return numpy.array(models), rows
    with mdtraj.formats.DCDTrajectoryFile(str(path)) as file:
        positions, lengths, angles = file.read()
    if lengths is None or not numpy.any(lengths):
        return positions, None
    vectors = app.internal.unitcell.computePeriodicBoxVectors
    cells = zip(0.1 * lengths.astype("f8"), numpy.radians(angles.astype("f8")))
    return positions, numpy.array([vectors(*length, *angle).value_in_unit(unit.nanometer) for length, angle in cells])


def main():
    # Thousandths of an angstrom: what a PDB file keeps.
    frames = numpy.random.default_rng(1).uniform(-2.0, 2.0, (3, 6, 3)).round(4)
    more = numpy.random.default_rng(2).uniform(-2.0, 2.0, (3, 12, 3)).round(4)
    first_files(frames)
    written_by_programs(frames, more)
    written = {}
    for name, data, positions in written_byte_by_byte(frames, more):
        (FOLDER / name).write_bytes(data)
        written[name] = positions
    expected = {}
    for path in sorted([*FOLDER.glob("*.dcd"), *FOLDER.glob("*.pdb")]):
        positions, rows = (written[path.name], None) if path.name in OURS else judged(path)
        if path.name in written:
            assert numpy.array_equal(positions, written[path.name]), f"mdtraj reads {path.name} otherwise than it was written"
        if path.name == "charmm-4d-big.dcd":
            rows = [numpy.diag([2 + 0.1 * k, 3, 4]) for k in range(3)]
        if path.name == "charmm-matrix.dcd":
            rows = [[[3 + 0.1 * k, -0.35, -0.45], [-0.35, 3.1, -0.25], [-0.45, -0.25, 3.2]] for k in range(3)]
        expected[f"{path.name}/positions"] = positions
        if rows is not None:
            expected[f"{path.name}/rows"] = numpy.array(rows)
    numpy.savez_compressed(FOLDER / "expected.npz", **expected)
    print(len([name for name in expected if name.endswith("positions")]), "files")


if __name__ == "__main__":
    main()
