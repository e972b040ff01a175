"""From a System made in Python to its free energy over phi and psi. Needs OpenMM, matplotlib and the command `freeland`.

    python free_energy_of_a_system.py --pdb alanine-dipeptide.pdb --out runs/from-python
    python free_energy_of_a_system.py --pdb alanine-dipeptide.pdb --out runs/quick --quick
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import freeland
import freeland.openmm
import matplotlib
from openmm import app

matplotlib.use("Agg")

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--pdb", required=True)
arguments.add_argument("--forcefield", nargs="+", default=["amber96.xml", "implicit/obc1.xml"])
arguments.add_argument("--out", type=Path, default=Path("runs/from-python"))
arguments.add_argument("--max-energy-calls", type=int, default=200_000)
arguments.add_argument("--quick", action="store_true", help="a small model and 30,000 energy calls: a coarse picture, soon")
arguments.add_argument("--freeland", default=shutil.which("freeland") or "freeland", help="the command")
arguments = arguments.parse_args()

# Any System without constraints will do; this is the place for changes to it.
pdb = app.PDBFile(arguments.pdb)
system = app.ForceField(*arguments.forcefield).createSystem(pdb.topology)

# A tenth of the budget is dynamics, from which the flow learns first.
walkers, budget = 16, 30_000 if arguments.quick else arguments.max_energy_calls
bins, couplings, hidden, functions = (24, 3, 32, 64) if arguments.quick else (100, 8, 128, 512)
input_folder = arguments.out.with_name(arguments.out.name + "-input")
config = freeland.openmm.write_plugin_config(system, pdb, input_folder)
run_file = input_folder / "run.toml"
run_file.write_text(f"""
title = "Free energy of a System"
temperature = "300 K"

[potential]
plugin = "molecular-mechanics"
config = {{ system-xml = {json.dumps(config["system-xml"])}, pdb = {json.dumps(config["pdb"])} }}

[coarse]
variables = [
    {{ torsion = "phi", name = "phi", bins = {bins} }},
    {{ torsion = "psi", name = "psi", bins = {bins} }},
]

[flow]
couplings = {couplings}
hidden = [{hidden}]

[free-energy]
max-functions = {functions}

[starting-data]
method = "dynamics"
walkers = {walkers}
steps = {budget // 10 // walkers}
keep-every = 10
time-step = "2.5 fs"
friction = "5 /ps"
hydrogen-mass = "3 Da"

[starting-data.hills]
height = "1.2 kJ/mol"

[active-learning]
max-energy-calls = {budget}
steps-per-round = {10 if arguments.quick else 100}
max-free-energy = "14 kT"
""")
command = [arguments.freeland, "run", str(run_file), "--out", str(arguments.out)]
ran = subprocess.run([*command, "--plugin-path", freeland.PLUGINS])
# 1: there is a result that cannot be trusted, as after few energy calls; the verdict says why.
if ran.returncode not in (0, 1):
    raise SystemExit(ran.returncode)

run = freeland.Run(arguments.out)
verdict = run.summary["verdict"]
print(f"{run.outcome} after {run.summary['energy_calls']} energy calls; verdict: {verdict['grade']}")
axes = run.plot()
axes.set_title("F / kT")
axes.figure.savefig(arguments.out / "phi-psi.png", dpi=150)
print(arguments.out / "phi-psi.png")
