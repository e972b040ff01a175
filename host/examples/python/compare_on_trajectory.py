"""Evaluates a trajectory with two plugins and draws where they differ. Needs mdtraj and matplotlib.

    python compare_on_trajectory.py trajectory.dcd --topology molecule.pdb \\
        --first molecular-mechanics '{"implicit": "obc1"}' --second molecular-mechanics '{"implicit": "obc2"}'
"""

import argparse

import freeland
import matplotlib
import mdtraj
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("trajectory", help="whatever mdtraj reads")
arguments.add_argument("--topology", help="a PDB, where the trajectory has no names of atoms")
arguments.add_argument("--first", nargs=2, metavar=("PLUGIN", "CONFIG"), required=True)
arguments.add_argument("--second", nargs=2, metavar=("PLUGIN", "CONFIG"), required=True)
arguments.add_argument("--out", default="difference.png")
arguments = arguments.parse_args()

options = {"top": arguments.topology} if arguments.topology else {}
trajectory = mdtraj.load(arguments.trajectory, **options)
# mdtraj has nm and float32, which a plugin that takes float32 reads where they lie.
results = [
    freeland.Plugin(name, config).evaluate(trajectory.xyz) for name, config in (arguments.first, arguments.second)
]
good = results[0].ok & results[1].ok
if not good.any():
    raise SystemExit("no frame could be evaluated by both")
energy = results[1].energies - results[0].energies
force = np.sqrt(np.mean((results[1].gradients - results[0].gradients) ** 2, axis=(1, 2)))
print(f"{good.sum()} of {len(good)} frames evaluated by both")
print(f"energy: mean difference {energy[good].mean():.3f}, standard deviation {energy[good].std():.3f} kJ/mol")
print(f"forces: root mean square difference {np.sqrt(np.mean(force[good] ** 2)):.3f} kJ/mol/nm")

figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
frame = np.arange(len(good))
above.plot(frame[good], energy[good] - energy[good].mean())
above.set_ylabel("energy difference\nless its mean / kJ/mol")
below.plot(frame[good], force[good])
below.set_ylabel("forces, root mean square\ndifference / kJ/mol/nm")
below.set_xlabel("frame")
figure.suptitle(f"{arguments.second[0]} less {arguments.first[0]}")
figure.savefig(arguments.out, dpi=150)
print(arguments.out)
