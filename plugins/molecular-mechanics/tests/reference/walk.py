"""Writes small Systems, one force each, as OpenMM serialises them: what the test `walk` changes one attribute at a time.

    python tests/reference/walk.py tests/reference/walk
"""

import math
import pathlib
import sys

import openmm
from openmm.app.internal import customgbforces as gb

ATOMS = 6
CHARGES = [0.31, -0.42, 0.17, -0.23, 0.38, -0.21]
RADII = [0.17, 0.15, 0.12, 0.155, 0.17, 0.13]
SCREENS = [0.72, 0.79, 0.85, 0.85, 0.72, 0.85]


def bonds():
    force = openmm.HarmonicBondForce()
    force.addBond(0, 1, 0.141, 210000.0)
    force.addBond(1, 2, 0.153, 180000.0)
    force.addBond(4, 3, 0.109, 284512.0)
    return [force]


def angles():
    force = openmm.HarmonicAngleForce()
    force.addAngle(0, 1, 2, 1.9, 418.4)
    force.addAngle(3, 2, 1, 2.1, 502.1)
    force.addAngle(4, 5, 0, 1.7, 292.9)
    return [force]


def torsions():
    force = openmm.PeriodicTorsionForce()
    force.addTorsion(0, 1, 2, 3, 2, math.pi, 15.2)
    force.addTorsion(0, 1, 2, 3, 3, 0.3, 1.7)
    force.addTorsion(5, 4, 3, 2, 1, 0.0, 2.9)
    force.addTorsion(2, 0, 4, 5, 5, 1.1, 0.8)
    return [force]


def ryckaert_bellemans():
    force = openmm.RBTorsionForce()
    force.addTorsion(0, 1, 2, 3, 9.28, 12.16, -13.12, -3.06, 26.24, -31.5)
    force.addTorsion(2, 3, 4, 5, 1.1, -0.7, 0.4, 2.2, -1.3, 0.6)
    return [force]


def maps():
    force = openmm.CMAPTorsionForce()
    force.addMap(4, [math.sin(3 * i) * 7 for i in range(16)])
    force.addMap(3, [math.cos(2 * i) * 5 for i in range(9)])
    force.addTorsion(0, 0, 1, 2, 3, 1, 2, 3, 4)
    force.addTorsion(1, 1, 2, 3, 4, 2, 3, 4, 5)
    return [force]


def nonbonded(offsets=True):
    force = openmm.NonbondedForce()
    sigmas = [0.34, 0.325, 0.26, 0.31, 0.33, 0.27]
    for index in range(ATOMS):
        force.addParticle(CHARGES[index], sigmas[index], 0.05 + 0.07 * index)
    force.addException(0, 1, 0.0, 0.3, 0.0)
    force.addException(1, 2, 0.0, 0.3, 0.0)
    force.addException(3, 0, 0.052, 0.31, 0.21)
    force.addException(1, 4, -0.08, 0.29, 0.12)
    if offsets:
        force.addGlobalParameter("scale", 0.6)
        force.addGlobalParameter("shift", -0.2)
        force.addParticleParameterOffset("scale", 2, 0.11, 0.02, 0.05)
        force.addParticleParameterOffset("shift", 5, 0.21, -0.03, 0.04)
        force.addExceptionParameterOffset("scale", 2, 0.07, 0.01, 0.03)
        force.addExceptionParameterOffset("shift", 3, 0.05, 0.02, -0.04)
    return [force]


def solvent():
    force = openmm.GBSAOBCForce()
    force.setSoluteDielectric(2.0)
    for charge, radius, screen in zip(CHARGES, RADII, SCREENS):
        force.addParticle(charge, radius, screen)
    return [force]


def born(kind, *parameters, **options):
    force = kind(SA="ACE", **options)
    for charge, radius, screen in zip(CHARGES, RADII, SCREENS):
        force.addParticle([charge, radius, screen, *parameters])
    force.finalize()
    return [force]


def gbn2():
    force = gb.GBSAGBn2Force(SA="ACE")
    for index, (charge, radius, screen) in enumerate(zip(CHARGES, RADII, SCREENS)):
        force.addParticle([charge, radius, screen, 1.0 + 0.1 * index, 0.8, 4.85 - 0.2 * index])
    force.finalize()
    return [force]


def improper():
    force = openmm.CustomTorsionForce("k*min(dtheta, 2*pi-dtheta)^2; dtheta = abs(theta-theta0); pi = 3.1415926535")
    force.addPerTorsionParameter("k")
    force.addPerTorsionParameter("theta0")
    force.addTorsion(0, 1, 2, 3, [167.4, 0.2])
    force.addTorsion(1, 5, 2, 4, [83.1, 2.9])
    return [force]


def by_type():
    force = openmm.CustomNonbondedForce("acoef(type1, type2)/r^12 - bcoef(type1, type2)/r^6;")
    force.addTabulatedFunction("acoef", openmm.Discrete2DFunction(2, 2, [3e-6, 2e-6, 2e-6, 1e-6]))
    force.addTabulatedFunction("bcoef", openmm.Discrete2DFunction(2, 2, [2e-3, 1e-3, 1e-3, 3e-3]))
    force.addPerParticleParameter("type")
    for index in range(ATOMS):
        force.addParticle([index % 2])
    force.addExclusion(0, 1)
    force.addExclusion(2, 1)
    return [force]


def pairs_14():
    force = openmm.CustomBondForce("4*epsilon*((sigma/r)^12-(sigma/r)^6)")
    force.addPerBondParameter("sigma")
    force.addPerBondParameter("epsilon")
    force.addBond(0, 3, [0.31, 0.21])
    force.addBond(4, 1, [0.29, 0.12])
    return [force]


def custom_bonds():
    force = openmm.CustomBondForce("scale*(0.5*k*(r-r0)^2 + cubic*(r-r0)^3); cubic = -10*k")
    force.addGlobalParameter("scale", 1.2)
    force.addPerBondParameter("k")
    force.addPerBondParameter("r0")
    force.addBond(0, 1, [2100.0, 0.141])
    force.addBond(3, 2, [1800.0, 0.153])
    return [force]


def custom_angles():
    force = openmm.CustomAngleForce("k*(cos(theta)-cos(theta0))^2 + select(step(theta-2), 1.5, 0.5)*theta")
    force.addPerAngleParameter("k")
    force.addPerAngleParameter("theta0")
    force.addAngle(0, 1, 2, [80.0, 1.9])
    force.addAngle(5, 3, 2, [60.0, 2.1])
    return [force]


def custom_torsions():
    force = openmm.CustomTorsionForce("k*(1+cos(n*theta-phase)) + 0.3*tanh(theta)")
    for name in ["k", "n", "phase"]:
        force.addPerTorsionParameter(name)
    force.addTorsion(0, 1, 2, 3, [5.0, 2, 0.3])
    force.addTorsion(1, 2, 4, 5, [3.0, 3, 1.3])
    return [force]


def custom_pairs():
    force = openmm.CustomNonbondedForce(
        "4*eps*((sig/r)^12-(sig/r)^6)*scale + 0.1*table(r); sig = sqrt(sig1*sig2); eps = sqrt(eps1*eps2)"
    )
    force.addGlobalParameter("scale", 0.8)
    force.addPerParticleParameter("sig")
    force.addPerParticleParameter("eps")
    force.addTabulatedFunction("table", openmm.Continuous1DFunction([1.0, 3.0, 2.0, 0.5, 0.1], 0.05, 0.55))
    for index in range(ATOMS):
        force.addParticle([0.17 + 0.01 * index, 0.1 + 0.05 * index])
    force.addExclusion(0, 1)
    force.addExclusion(2, 1)
    return [force]


def external():
    force = openmm.CustomExternalForce("0.5*k*((x-x0)^2 + (y-0.1)^2 + abs(z)*max(x, y)) + floor*k")
    force.addGlobalParameter("floor", 0.02)
    force.addPerParticleParameter("k")
    force.addPerParticleParameter("x0")
    force.addParticle(0, [100.0, 0.1])
    force.addParticle(4, [200.0, 0.3])
    return [force]


def custom_born():
    force = openmm.CustomGBForce()
    force.addGlobalParameter("factor", 0.3)
    force.addPerParticleParameter("q")
    force.addPerParticleParameter("width")
    force.addComputedValue("density", "width2*exp(-r^2/(width1*width2))", openmm.CustomGBForce.ParticlePair)
    force.addComputedValue("size", "width + factor*density^2", openmm.CustomGBForce.SingleParticle)
    force.addEnergyTerm("-10*q^2/size + density", openmm.CustomGBForce.SingleParticle)
    force.addEnergyTerm("20*q1*q2/sqrt(r^2+size1*size2)", openmm.CustomGBForce.ParticlePairNoExclusions)
    for index, charge in enumerate(CHARGES):
        force.addParticle([charge, 0.2 + 0.02 * index])
    force.addExclusion(0, 1)
    force.addExclusion(3, 5)
    return [force]


CASES = {
    "custom-bonds": custom_bonds,
    "custom-angles": custom_angles,
    "custom-torsions": custom_torsions,
    "custom-pairs": custom_pairs,
    "custom-born": custom_born,
    "external": external,
    "bonds": bonds,
    "angles": angles,
    "torsions": torsions,
    "ryckaert-bellemans": ryckaert_bellemans,
    "maps": maps,
    "nonbonded": nonbonded,
    "solvent": solvent,
    "two-solvents": lambda: solvent() + solvent() + nonbonded(False),
    "hct": lambda: born(gb.GBSAHCTForce),
    "obc1-salt": lambda: born(gb.GBSAOBC1Force, kappa=0.7),
    "obc2": lambda: born(gb.GBSAOBC2Force),
    "gbn": lambda: born(gb.GBSAGBnForce),
    "gbn2": gbn2,
    "improper": improper,
    "by-type": by_type,
    "pairs-14": pairs_14,
    "remover": lambda: [openmm.CMMotionRemover(10)] + bonds(),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, make in CASES.items():
        system = openmm.System()
        for _ in range(ATOMS):
            system.addParticle(12.0)
        for force in make():
            system.addForce(force)
        if name == "bonds":
            system.addConstraint(2, 3, 0.15)
        (folder / f"{name}.xml").write_text(openmm.XmlSerializer.serialize(system))


main()
