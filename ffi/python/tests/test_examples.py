"""The scripts of host/examples/python, as a user starts them."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import ALANINE, CHECKOUT

EXAMPLES = CHECKOUT / "host" / "examples" / "python"


def run(script, *arguments, folder):
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_swap_the_force_field(tmp_path):
    pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    printed = run("swap_force_field.py", ALANINE, "--steps", 500, folder=tmp_path)
    rows = [line.split(",") for line in printed.splitlines() if line[:1].isdigit()]
    assert [int(row[0]) for row in rows] == [100, 200, 300, 400, 500]
    energies = [float(row[1]) for row in rows]
    # The minimum is -171.85 kJ/mol, 66 kT/2 above it at 300 K is -90.
    assert all(-175 < energy < -50 for energy in energies), energies


def test_compare_two_plugins_on_a_trajectory(tmp_path, frames):
    mdtraj = pytest.importorskip("mdtraj", reason="skipped: mdtraj is not installed (pip install mdtraj)")
    pytest.importorskip("matplotlib", reason="skipped: matplotlib is not installed (pip install matplotlib)")
    trajectory = mdtraj.Trajectory(frames[:50].astype(np.float32), mdtraj.load(str(ALANINE)).topology)
    trajectory.save_dcd(str(tmp_path / "frames.dcd"))
    arguments = ["frames.dcd", "--topology", ALANINE, "--first", "molecular-mechanics", '{"implicit": "obc1"}']

    def compare(*second):
        printed = run("compare_on_trajectory.py", *arguments, "--second", *second, folder=tmp_path)
        assert "50 of 50 frames evaluated by both" in printed
        assert (tmp_path / "difference.png").stat().st_size > 10_000
        mean = printed.split("mean difference ")[1].split(",")[0]
        return float(mean)

    # The same System without SIMD and in double precision: what is left is the rounding of single precision.
    assert abs(compare("openmm", '{"implicit": "obc1"}')) < 0.01
    assert abs(compare("molecular-mechanics", '{"implicit": "vacuum"}')) > 10


def test_free_energy_of_a_system(tmp_path, freeland_binary):
    pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    pytest.importorskip("matplotlib", reason="skipped: matplotlib is not installed (pip install matplotlib)")
    options = ["--pdb", ALANINE, "--out", "quick", "--quick", "--freeland", freeland_binary]
    printed = run("free_energy_of_a_system.py", *options, folder=tmp_path)
    import freeland

    result = freeland.Run(tmp_path / "quick")
    assert f"verdict: {result.summary['verdict']['grade']}" in printed
    assert result.outcome in printed and 15_000 < result.summary["energy_calls"] <= 30_000
    assert result.pmf.names == ("phi", "psi")
    assert result.pmf.f_kt.shape == (24, 24) and np.ptp(result.pmf.f_kt) > 5
    # What is known of alanine dipeptide: it is mostly at negative phi.
    negative = result.pmf.axes[0] < 0
    assert result.pmf.probability()[negative].sum() > 0.5
    assert len(result.records) > 1
    assert (tmp_path / "quick" / "phi-psi.png").stat().st_size > 10_000
