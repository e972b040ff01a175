"""Run folders, made by hand in the shape that the manual promises."""

import json

import freeland
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.toml").write_text(
        'temperature = "300 K"\n[coarse]\nvariables = ["phi", { torsion = [6, 8, 14, 16], name = "psi", bins = 5 }]\n'
    )
    return tmp_path


def finish(folder, shape):
    axes = [np.linspace(-3, 3, count) for count in shape]
    f_kt = sum(np.meshgrid(*[axis**2 for axis in axes], indexing="ij"))
    np.savez(
        folder / "pmf.npz",
        f_kt=f_kt - f_kt.min(),
        f_std_kt=np.full(shape, 0.1),
        **{f"axis_{index}": axis for index, axis in enumerate(axes)},
    )
    (folder / "summary.json").write_text(json.dumps({"outcome": "converged", "energy_calls": 100}))


def test_a_finished_run(folder):
    finish(folder, (4, 5))
    records = [{"index": 0, "epochs": 8}, {"index": 1, "max_std_kt": 0.5}]
    (folder / "rounds.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records) + '{"index"')
    run = freeland.Run(folder)
    assert run.outcome == "converged" and run.summary["energy_calls"] == 100
    assert run.records == records, "a line that is half written is left out"
    assert run.config["temperature"] == "300 K"
    assert [axis.shape for axis in run.pmf.axes] == [(4,), (5,)]
    assert run.pmf.f_kt.shape == run.pmf.f_std_kt.shape == (4, 5)
    assert run.pmf.names == ("phi", "psi")
    probability = run.pmf.probability()
    assert probability.sum() == pytest.approx(1)
    assert np.unravel_index(probability.argmax(), (4, 5))[1] == 2
    assert repr(run) == f"Run({str(folder)!r}, converged)"


def test_a_run_at_work(folder):
    run = freeland.Run(str(folder))
    assert (run.summary, run.outcome, run.records) == (None, None, [])
    with pytest.raises(FileNotFoundError, match="no free energy yet"):
        run.pmf
    assert "not finished" in repr(run)


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a run folder"):
        freeland.Run(tmp_path)


@pytest.mark.parametrize("shape", [(30,), (20, 30)])
def test_f_is_drawn(folder, shape):
    matplotlib = pytest.importorskip("matplotlib", reason="skipped: matplotlib is not installed")
    matplotlib.use("Agg")
    finish(folder, shape)
    axes = freeland.Run(folder).plot()
    assert axes.get_xlabel() == "phi"
    assert axes.get_ylabel() == ("F / kT" if len(shape) == 1 else "psi")
    path = folder / "f.png"
    axes.figure.savefig(path)
    assert path.stat().st_size > 5000
    matplotlib.pyplot.close("all")


def test_three_variables_are_not_drawn(folder):
    pytest.importorskip("matplotlib", reason="skipped: matplotlib is not installed")
    finish(folder, (3, 3, 3))
    with pytest.raises(ValueError, match="take marginals"):
        freeland.Run(folder).plot()
