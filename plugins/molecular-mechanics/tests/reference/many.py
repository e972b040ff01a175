#!/usr/bin/env python3
"""Energies and gradients of many configurations by OpenMM's Reference platform.

    python many.py DATA OUT     # DATA: the folder that make.py wrote

For every CASE.xml of DATA: OUT/CASE.json as make.py writes it but without "values", and OUT/CASE.bin with them as little-endian f64.
Needs openmm and numpy; half a minute on one core.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import openmm
from openmm import unit

SEED = 2402
COUNT = 200


def reference():
    return openmm.Platform.getPlatformByName("Reference")


def configurations(system, start, count):
    """`count` disturbed frames and `count` frames of molecular dynamics, nm."""
    dynamics = trajectory(system, start, count)
    return disturbed(dynamics, numpy.random.default_rng(SEED)) + dynamics


def trajectory(system, start, frames):
    """Langevin dynamics at 400 K without the solvent, every 10 fs."""
    vacuum = openmm.XmlSerializer.clone(system)
    for index in reversed(range(vacuum.getNumForces())):
        if isinstance(vacuum.getForce(index), (openmm.CustomGBForce, openmm.GBSAOBCForce)):
            vacuum.removeForce(index)
    integrator = openmm.LangevinMiddleIntegrator(400, 5, 0.001)
    integrator.setRandomNumberSeed(SEED)
    context = openmm.Context(vacuum, integrator, reference())
    context.setPositions(start)
    context.setVelocitiesToTemperature(400, SEED)
    result = []
    for _ in range(frames):
        integrator.step(10)
        result.append(context.getState(getPositions=True).getPositions(asNumpy=True).value_in_unit(unit.nanometer))
    return result


def disturbed(frames, generator):
    """Noise from 0.001 to 0.05 nm; every fourth is also squeezed, down to atoms inside each other."""
    result = []
    for index, frame in enumerate(frames):
        width = 10 ** generator.uniform(-3, math.log10(0.05))
        scale = generator.uniform(0.3, 1.0) if index % 4 == 1 else 1.0
        centre = frame.mean(axis=0)
        result.append(centre + scale * (frame - centre) + generator.normal(0.0, width, frame.shape))
    return result


def evaluate(system, positions):
    """Header, and [positions, terms, gradients]."""
    forces = [force for force in system.getForces() if not isinstance(force, openmm.CMMotionRemover)]
    for group, force in enumerate(forces):
        force.setForceGroup(group)
    context = openmm.Context(system, openmm.VerletIntegrator(0.001), reference())
    terms, gradients = [], []
    for configuration in positions:
        context.setPositions(configuration)
        gradient, energies = 0.0, []
        for group in range(len(forces)):
            state = context.getState(getEnergy=True, getForces=True, groups={group})
            energies.append(state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole))
            force = state.getForces(asNumpy=True).value_in_unit(unit.kilojoule_per_mole / unit.nanometer)
            gradient = gradient - force
        terms.append(energies)
        gradients.append(gradient)
    for force in forces:
        force.setForceGroup(0)
    header = {
        "openmm": openmm.Platform.getOpenMMVersion(),
        "names": [force.getName() for force in forces],
        "atoms": system.getNumParticles(),
        "configurations": len(positions),
    }
    return header, [numpy.array(positions), numpy.array(terms), numpy.array(gradients)]


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(data.glob("*.xml")):
        case = path.stem
        system = openmm.XmlSerializer.deserialize(path.read_text())
        kept = json.loads((data / f"{case}.json").read_text())
        atoms = kept["atoms"]
        # The last kept configuration is a frame of dynamics, so that nothing has to be relaxed here.
        positions = kept["values"][: 3 * atoms * kept["configurations"]]
        start = numpy.array(positions).reshape(-1, atoms, 3)[-1]
        header, parts = evaluate(system, configurations(system, start, COUNT))
        (out / f"{case}.json").write_text(json.dumps(header) + "\n")
        numpy.concatenate([part.ravel() for part in parts]).astype("<f8").tofile(out / f"{case}.bin")
        print(case, flush=True)


if __name__ == "__main__":
    main()
