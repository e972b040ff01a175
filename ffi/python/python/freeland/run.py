"""Run folders of `freeland run`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FreeEnergy", "Run"]


@dataclass(frozen=True)
class FreeEnergy:
    """A free energy on a grid."""

    axes: tuple[np.ndarray, ...]
    """Centres of the bins along each coarse variable, in its unit: rad in [-pi, pi) for torsions, nm for distances."""
    f_kt: np.ndarray
    """F in kT, minimum 0, `[n0, n1, ...]`."""
    f_std_kt: np.ndarray
    """Its standard deviation in kT, `[n0, n1, ...]`."""
    names: tuple[str, ...]
    """Names of the coarse variables."""

    def probability(self) -> np.ndarray:
        """exp(-F), `[n0, n1, ...]`, with sum 1."""
        weights = np.exp(-self.f_kt)
        return weights / weights.sum()


class Run:
    """The folder of a run, read when it is asked for.

    Args:
        folder: a folder that `freeland run` wrote, or is writing.

    Raises:
        FileNotFoundError: there is no such folder, or it is not a run folder.
    """

    def __init__(self, folder):
        self.folder = Path(os.fspath(folder))
        if not (self.folder / "config.toml").is_file():
            raise FileNotFoundError(f"{self.folder} is not a run folder: it has no config.toml")

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, {self.outcome or 'not finished'})"

    @property
    def config(self) -> dict[str, Any]:
        """The run file as it was understood, every default written out. Needs Python 3.11 or the package `tomli`."""
        try:
            import tomllib
        except ModuleNotFoundError:
            import tomli as tomllib
        return tomllib.loads((self.folder / "config.toml").read_text())

    @property
    def records(self) -> list[dict[str, Any]]:
        """One record for each round; the first, with index 0, is about the starting data."""
        path = self.folder / "rounds.jsonl"
        if not path.exists():
            return []
        # Of a run at work, the last line may be half written.
        return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]

    @property
    def summary(self) -> dict[str, Any] | None:
        """Outcome, counts, plugin and metrics; None while the run is not finished."""
        path = self.folder / "summary.json"
        return json.loads(path.read_text()) if path.exists() else None

    @property
    def outcome(self) -> str | None:
        """`converged`, `energy-budget` or `round-limit`; None while the run is not finished."""
        summary = self.summary
        return None if summary is None else summary["outcome"]

    @cached_property
    def pmf(self) -> FreeEnergy:
        """The free energy.

        Raises:
            FileNotFoundError: the run has not come that far.
        """
        path = self.folder / "pmf.npz"
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist: the run has no free energy yet")
        with np.load(path) as arrays:
            axes = tuple(arrays[f"axis_{axis}"] for axis in range(arrays["f_kt"].ndim))
            return FreeEnergy(axes, arrays["f_kt"], arrays["f_std_kt"], self._names(len(axes)))

    def _names(self, count: int) -> tuple[str, ...]:
        try:
            variables = self.config["coarse"]["variables"]
        except (ModuleNotFoundError, KeyError):
            variables = []
        names = [variable if isinstance(variable, str) else variable.get("name") for variable in variables]
        names += [None] * (count - len(names))
        return tuple(name or f"s{axis}" for axis, name in enumerate(names))

    def plot(self, axes=None, *, largest_kt: float = 14.0):
        """Draws F: a line with its error for one coarse variable, filled contours for two. Needs `matplotlib`.

        Args:
            axes: matplotlib Axes to draw on; a new figure if None.
            largest_kt: F above this is left blank.

        Returns:
            The Axes.

        Raises:
            ValueError: there are more than two coarse variables.
        """
        import matplotlib.pyplot as plt

        pmf = self.pmf
        if len(pmf.axes) > 2:
            raise ValueError(f"F of {len(pmf.axes)} variables cannot be drawn; take marginals of pmf.probability()")
        if axes is None:
            _, axes = plt.subplots()
        shown = np.where(pmf.f_kt > largest_kt, np.nan, pmf.f_kt)
        axes.set_xlabel(pmf.names[0])
        if len(pmf.axes) == 1:
            axes.plot(pmf.axes[0], shown)
            axes.fill_between(pmf.axes[0], shown - pmf.f_std_kt, shown + pmf.f_std_kt, alpha=0.3)
            axes.set_ylabel("F / kT")
        else:
            levels = np.arange(0.0, largest_kt + 1.0)
            filled = axes.contourf(*pmf.axes, shown.T, levels=levels)
            axes.set_ylabel(pmf.names[1])
            axes.figure.colorbar(filled, ax=axes, label="F / kT")
        return axes
