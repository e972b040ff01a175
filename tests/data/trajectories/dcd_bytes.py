"""DCD files byte by byte, as programs wrote them that are not at hand: X-PLOR, CHARMM, NAMD, on machines of either byte order.

A file is made of Fortran records: a length, that many bytes, the length again. The first record is the mark CORD and twenty
integers: 0 the number of frames, 1 and 2 first step and steps between frames, 8 the number of fixed atoms, 9 the time step (a
float; of X-PLOR a double in 9 and 10), 10 whether every frame has a unit cell, 11 whether it has a fourth dimension, 19 the
version of CHARMM, which X-PLOR leaves at 0."""

import struct

import numpy


def dcd(
    frames,
    *,
    order="<",
    wide=False,
    version=24,
    cells=None,
    cell_size=48,
    fourth=False,
    moving=None,
    count=None,
    titles=("REMARKS made for a test",),
):
    """The bytes of a file.

    frames: [frames, atoms, 3] angstrom. order: "<" or ">". wide: lengths of records have eight bytes. version: 0 for X-PLOR. cells:
    [frames, 6] as they are written. moving: indices from 1; the other atoms are fixed. count: the number of frames that the header
    tells."""
    frames = numpy.asarray(frames, "f4")
    atoms = frames.shape[1]

    def record(payload):
        length = struct.pack(order + ("q" if wide else "i"), len(payload))
        return length + payload + length

    def integers(*values):
        return struct.pack(f"{order}{len(values)}i", *values)

    fixed = 0 if moving is None else atoms - len(moving)
    # A time step whose second half is not 0, and no 1 either.
    step = struct.pack(order + "d", 0.0409) if version == 0 else struct.pack(order + "f", 0.0409) + integers(cells is not None)
    header = b"CORD" + integers(len(frames) if count is None else count, 1, 10, len(frames) * 10, 0, 0, 0, 3 * atoms - 6, fixed)
    header += step + integers(fourth, *[0] * 7, version)
    lines = b"".join(line.encode().ljust(80) for line in titles)
    data = record(header) + record(integers(len(titles)) + lines) + record(integers(atoms))
    if moving is not None:
        data += record(integers(*moving))
    for index, frame in enumerate(frames):
        if cells is not None:
            data += record(struct.pack(order + "6d", *cells[index])[:cell_size])
        written = frame if moving is None or index == 0 else frame[numpy.asarray(moving) - 1]
        for axis in range(3):
            data += record(written[:, axis].astype(order + "f4").tobytes())
        if fourth:
            data += record(numpy.zeros(len(written), order + "f4").tobytes())
    return data


def held(frames, moving):
    """What a reader should see of frames of which only some atoms move: the others stay where the first frame has them."""
    frames = numpy.array(frames, "f4")
    fixed = numpy.setdiff1d(numpy.arange(frames.shape[1]), numpy.asarray(moving) - 1)
    frames[:, fixed] = frames[0, fixed]
    return frames
