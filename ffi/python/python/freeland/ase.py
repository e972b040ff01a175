"""Energy plugins in ASE. Needs the `ase` package.

    >>> atoms.calc = freeland.ase.Calculator("molecular-mechanics", {"system-xml": "system.xml", "pdb": "molecule.pdb"})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator as AseCalculator
from ase.calculators.calculator import all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from ._config import Spec
from ._native import Plugin

__all__ = ["Calculator", "atoms"]

NANOMETRE = 10.0
"""In ASE's unit of length, the angstrom."""
KJ_PER_MOL = units.kJ / units.mol
"""In ASE's unit of energy, the electronvolt."""


class Calculator(AseCalculator):
    """An ASE calculator whose energy is that of an energy plugin: eV and eV/angstrom.

    The box of a periodic plugin is the cell of the atoms. There is a stress where a periodic plugin tells its virial. A plugin in
    reduced units is taken at its numbers, as 1 nm and 1 kJ/mol.

    Args:
        plugin: an id, the path of a library, or an open `freeland.Plugin`.
        config: the configuration; not with an open plugin.
        options: `sha256` and `plugin_path` as for `freeland.Plugin`; all others are ASE's, such as `label`.

    Raises:
        ValueError: the plugin is not in three dimensions.
        freeland.EvaluationError: (from a calculation) the configuration has no energy.
    """

    implemented_properties = ["energy", "free_energy", "forces"]

    def __init__(self, plugin, config: Mapping[str, Any] | str | None = None, *, sha256=None, plugin_path=None, **options):
        if isinstance(plugin, Plugin) and config is None and sha256 is None and plugin_path is None:
            self.plugin = plugin
        else:
            self.plugin = Spec.of(plugin, config, sha256, plugin_path).open()
        info = self.plugin.info
        if info.dimensions != 3:
            raise ValueError(f"'{info.id}' has {info.dimensions} dimensions, ASE has 3")
        self._id, self._periodic = info.id, info.periodic
        if all(info.periodic) and any(output.name == "virial" for output in self.plugin.outputs):
            self.implemented_properties = [*self.implemented_properties, "stress"]
        topology = self.plugin.topology
        self._numbers = None if topology is None else topology.atomic_numbers
        super().__init__(**options)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        """As ASE calls it. Energies and forces are calculated together where forces are wanted."""
        super().calculate(atoms, properties, system_changes)
        if self._numbers is not None and not np.array_equal(self._numbers, self.atoms.numbers):
            raise ValueError(
                f"the atoms are not those of '{self._id}', in its order: {_formula(self.atoms.numbers)}, expected "
                f"{_formula(self._numbers)}"
            )
        box = None
        if any(self._periodic):
            if not all(self.atoms.pbc[self._periodic]):
                raise ValueError(f"'{self._id}' is periodic along {self._periodic}, the atoms along {self.atoms.pbc}")
            box = self.atoms.cell.array / NANOMETRE
        wants_forces, wants_stress = "forces" in properties, "stress" in properties
        outputs = ["virial"] if wants_stress else []
        evaluation = self.plugin.evaluate(
            self.atoms.positions / NANOMETRE, box, gradient=wants_forces, outputs=outputs, check=True
        )
        energy = float(evaluation.energies) * KJ_PER_MOL
        self.results = {"energy": energy, "free_energy": energy}
        if wants_forces:
            self.results["forces"] = evaluation.forces.reshape(-1, 3) * (KJ_PER_MOL / NANOMETRE)
        if wants_stress:
            stress = evaluation.outputs["virial"] * (KJ_PER_MOL / self.atoms.get_volume())
            self.results["stress"] = full_3x3_to_voigt_6_stress(stress)


def atoms(plugin: Plugin) -> Atoms:
    """The molecule of a plugin as ASE's Atoms, with this plugin as its calculator.

    Args:
        plugin: an open plugin that tells its molecule.

    Raises:
        ValueError: it does not tell elements or positions.
    """
    topology = plugin.topology
    if topology is None or topology.atomic_numbers is None or topology.positions is None:
        raise ValueError(f"'{plugin.info.id}' does not tell its molecule")
    molecule = Atoms(topology.atomic_numbers, topology.positions * NANOMETRE, masses=topology.masses)
    molecule.calc = Calculator(plugin)
    return molecule


def _formula(numbers) -> str:
    return Atoms(numbers).get_chemical_formula(mode="reduce")
