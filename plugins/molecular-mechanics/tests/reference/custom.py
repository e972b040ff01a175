#!/usr/bin/env python3
"""Energies and gradients of custom forces by OpenMM's Reference platform.

    python custom.py custom-forces.json   # kept in the repository

A case is a System of ten particles with one or two custom forces, and three configurations. Needs openmm and numpy.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import openmm
from openmm import unit

ATOMS = 10
CONFIGURATIONS = 3
SEED = 77


def start():
    """A chain of ten atoms, 0.15 nm apart, no two nearer than 0.2 nm that are not neighbours."""
    random = numpy.random.default_rng(SEED)
    positions = [numpy.array([1.3, -0.4, 2.1])]
    while len(positions) < ATOMS:
        step = random.normal(size=3)
        candidate = positions[-1] + 0.15 * step / numpy.linalg.norm(step)
        if all(numpy.linalg.norm(candidate - other) > 0.2 for other in positions[:-1]):
            positions.append(candidate)
    return numpy.array(positions)


def value(index, low, high):
    """A parameter: a number between low and high without a pattern."""
    return low + (high - low) * ((index * 0.618034 + 0.21) % 1.0)


def bonded(make, atoms, groups):
    def of(energy, parameters=(), global_parameters=(), terms=groups):
        force = make(energy)
        add_parameter = {2: "addPerBondParameter", 3: "addPerAngleParameter", 4: "addPerTorsionParameter"}[atoms]
        add = {2: "addBond", 3: "addAngle", 4: "addTorsion"}[atoms]
        for name, _, _ in parameters:
            getattr(force, add_parameter)(name)
        for name, default in global_parameters:
            force.addGlobalParameter(name, default)
        for index, group in enumerate(terms):
            own = [value(3 * index + k, low, high) for k, (_, low, high) in enumerate(parameters)]
            getattr(force, add)(*group, own)
        return [force]

    return of


CHAIN = list(range(ATOMS))
bond = bonded(openmm.CustomBondForce, 2, [(i, i + 1) for i in range(ATOMS - 1)] + [(7, 2)])
angle = bonded(openmm.CustomAngleForce, 3, [(i, i + 1, i + 2) for i in range(ATOMS - 2)])
torsion = bonded(openmm.CustomTorsionForce, 4, [(i, i + 1, i + 2, i + 3) for i in range(ATOMS - 3)] + [(9, 2, 5, 0)])


def particles(force, parameters, global_parameters):
    for name, _, _ in parameters:
        force.addPerParticleParameter(name)
    for name, default in global_parameters:
        force.addGlobalParameter(name, default)
    for index in range(ATOMS):
        own = []
        for k, (_, low, high) in enumerate(parameters):
            whole = isinstance(low, int) and isinstance(high, int)
            number = value(5 * index + k, low, high)
            own.append(float(math.floor(number)) if whole else number)
        if isinstance(force, openmm.CustomExternalForce):
            if index % 3 != 1:
                force.addParticle(index, own)
        else:
            force.addParticle(own)


def external(energy, parameters=(), global_parameters=()):
    force = openmm.CustomExternalForce(energy)
    particles(force, parameters, global_parameters)
    return [force]


def excluded(force):
    for i in range(ATOMS - 1):
        force.addExclusion(i, i + 1)
    for i in range(ATOMS - 2):
        force.addExclusion(i + 2, i)


def nonbonded(energy, parameters=(), global_parameters=(), functions=(), values=(), groups=(), exclusions=True):
    force = openmm.CustomNonbondedForce(energy)
    particles(force, parameters, global_parameters)
    for name, function in functions:
        force.addTabulatedFunction(name, function)
    for name, expression in values:
        force.addComputedValue(name, expression)
    for first, second in groups:
        force.addInteractionGroup(first, second)
    if exclusions:
        excluded(force)
    return [force]


SINGLE, PAIR, ALL = (
    openmm.CustomGBForce.SingleParticle,
    openmm.CustomGBForce.ParticlePair,
    openmm.CustomGBForce.ParticlePairNoExclusions,
)


def born(values, terms, parameters=(), global_parameters=(), functions=()):
    force = openmm.CustomGBForce()
    particles(force, parameters, global_parameters)
    for name, function in functions:
        force.addTabulatedFunction(name, function)
    for name, expression, kind in values:
        force.addComputedValue(name, expression, kind)
    for expression, kind in terms:
        force.addEnergyTerm(expression, kind)
    excluded(force)
    return [force]


def curve(points, low, high):
    """Values of a smooth function at equidistant points."""
    return [math.sin(3.0 * (low + (high - low) * i / (points - 1))) + 0.1 * i / points for i in range(points)]


def closed(points):
    values = [math.cos(2.0 * math.pi * i / (points - 1)) + 0.3 * math.sin(4.0 * math.pi * i / (points - 1)) for i in range(points)]
    values[-1] = values[0]
    return values


def nbfix():
    kinds = 3
    a = [1e-3 * (1.0 + 0.3 * ((i * j + i + j) % 4)) for i in range(kinds) for j in range(kinds)]
    b = [3e-3 * (1.0 + 0.2 * ((i + j) % 3)) for i in range(kinds) for j in range(kinds)]
    return [("acoef", openmm.Discrete2DFunction(kinds, kinds, a)), ("bcoef", openmm.Discrete2DFunction(kinds, kinds, b))]


HCT = (
    "select(step(r+sr2-or1), 0.5*(1/L-1/U+0.25*(r-sr2^2/r)*(1/(U^2)-1/(L^2))+0.5*log(L/U)/r), 0);"
    "U=r+sr2; L=max(or1, D); D=abs(r-sr2)"
)
GB_ATOM = [("charge", -0.6, 0.6), ("or", 0.09, 0.16), ("sr", 0.07, 0.13)]
GB_SELF = "-0.5*138.935485*(1/soluteDielectric-1/solventDielectric)*charge^2/B"
GB_PAIR = "-138.935485*(1/soluteDielectric-1/solventDielectric)*charge1*charge2/f; f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))"
MEDIA = [("soluteDielectric", 1.0), ("solventDielectric", 78.5)]
OBC = "1/(1/or-tanh(1*psi-0.8*psi^2+4.85*psi^3)/radius); psi=I*or; radius=or+offset; offset=0.009"
K, R0 = ("k", 50.0, 900.0), ("r0", 0.1, 0.3)

CASES = {
    # Bonds.
    "bond-harmonic-global": lambda: bond("0.5*scale*k*(r-r0)^2", [K, R0], [("scale", 1.75)]),
    "bond-morse": lambda: bond("D*(1-exp(-a*(r-r0)))^2-D", [("D", 100.0, 400.0), ("a", 10.0, 25.0), R0]),
    "bond-flat-bottom": lambda: bond(
        "step(r-up)*k*(r-up)^2+step(low-r)*k*(r-low)^2", [K, ("low", 0.12, 0.2), ("up", 0.14, 0.16)]
    ),
    "bond-class-2": lambda: bond("k*d^2-3*k*d^3+7*k*d^4; d=r-r0", [K, R0]),
    "bond-fene": lambda: bond("-0.5*k*R0^2*log(1-(r/R0)^2)", [K, ("R0", 2.5, 3.0)]),
    "bond-noe": lambda: bond("select(step(1-d), k*max(0, d)^2, k*(2*d-1)); d=10*(r-r0)", [K, R0]),
    "bond-urey-bradley": lambda: bond(
        "kub*(r-rub)^2", [("kub", 10.0, 90.0), ("rub", 0.2, 0.3)], (), [(i, i + 2) for i in range(ATOMS - 2)]
    ),
    "bond-thole": lambda: bond(
        "-138.935456*charge_prod*(1.0+0.5*screen*r)*exp(-1.0*screen*r)/r", [("charge_prod", -0.5, 0.5), ("screen", 5.0, 30.0)]
    ),
    "bond-functions": lambda: bond(
        "a*(erf(5*r)+erfc(r/2)+sinh(r)*cosh(r)-tanh(2*r)+atan(r)+asin(r/10)*acos(r/10)+sec(r)+csc(r)+tan(r)*cot(r+1)"
        "+recip(r)+cube(r)+square(r)+floor(10*r)*r+ceil(7*r)+abs(r-0.3)+atan2(r, 0.3)+delta(r)+log(r)*sqrt(r))",
        [("a", 1.0, 2.0)],
    ),
    "bond-powers": lambda: bond(
        "r^-3+r^2.7+2^r+r^n+(r^n)^m-r^7+r^0.5+r^-0.5+abs(n)^m", [("n", -2.5, 3.5), ("m", 0.5, 1.5)]
    ),
    "bond-unused": lambda: bond("k*(r-0.2)^2; unused=ghost+1", [K, ("spare", 0.0, 1.0)], [("never", 3.0)]),
    # Angles.
    "angle-cosine": lambda: angle("0.5*k*(cos(theta)-cos(theta0))^2", [K, ("theta0", 1.0, 2.5)]),
    "angle-mm3": lambda: angle(
        "0.02*k*d^2*(1-0.014*d+5.6e-5*d^2-7e-7*d^3+2.2e-8*d^4); d=(theta-theta0)*57.29577951", [K, ("theta0", 1.0, 2.5)]
    ),
    "angle-restricted": lambda: angle("0.5*k*(cos(theta)-cos(theta0))^2/sin(theta)^2", [K, ("theta0", 1.0, 2.5)]),
    "angle-flat-bottom": lambda: angle("k*max(0, abs(theta-1.9)-w)^2", [K, ("w", 0.05, 0.3)]),
    # Torsions.
    "torsion-charmm-psf": lambda: torsion(
        "k*min(dtheta, 2*pi-dtheta)^2; dtheta = abs(theta-theta0);pi = 3.141593;", [K, ("theta0", -3.0, 3.0)]
    ),
    "torsion-without-torsions": lambda: torsion(
        "k*min(dtheta, 2*pi-dtheta)^2; dtheta = abs(theta-theta0);pi = 3.141593;", [K, ("theta0", -3.0, 3.0)], (), []
    )
    + bond("0.5*k*(r-r0)^2", [K, R0]),
    "torsion-restraint": lambda: torsion("0.5*k*(1-cos(theta-theta0))", [K, ("theta0", -3.0, 3.0)]),
    "torsion-flat-bottom": lambda: torsion(
        "step(d-w)*0.5*k*(d-w)^2; d=min(diff, 2*pi-diff); diff=abs(theta-theta0); pi=3.14159265358979",
        [K, ("theta0", -3.0, 3.0), ("w", 0.1, 0.9)],
    ),
    "torsion-fourier": lambda: torsion(
        "k1*(1+cos(theta))/2+k2*(1-cos(2*theta))/2+k3*(1+cos(3*theta-phase))/2", [(f"k{n}", -9.0, 9.0) for n in (1, 2, 3)] + [("phase", 0.0, 3.0)]
    ),
    "torsion-branches": lambda: torsion(
        "k*select(step(theta), theta^2, sin(theta)^3+1)+floor(theta*2)", [K]
    ),
    # Fields.
    "external-position": lambda: external(
        "0.5*k*((x-x0)^2+(y-y0)^2+(z-z0)^2)", [K, ("x0", 1.0, 1.5), ("y0", -0.5, 0.2), ("z0", 1.9, 2.4)]
    ),
    "external-flat-bottom": lambda: external(
        "scale*k*max(0, d-0.1)^2; d=sqrt((x-x0)^2+(y-y0)^2+(z-z0)^2)",
        [K, ("x0", 1.0, 1.5), ("y0", -0.5, 0.2), ("z0", 1.9, 2.4)],
        [("scale", 0.3)],
    ),
    "external-walls": lambda: external("k*(step(z-2.1)*(z-2.1)^4+step(-z)*z^2)+exp(-z)*y", [K]),
    "external-field": lambda: external("-96.485*q*(Ex*x+Ez*z)", [("q", -0.5, 0.5)], [("Ex", 0.2), ("Ez", -0.4)]),
    "external-vortex": lambda: external("k*atan2(y, x)^2+k*cos(3*x)*sin(2*y)/(1+z^2)", [K]),
    # Pairs.
    "pair-opls-geometric": lambda: nonbonded(
        "138.935456*q1*q2/r+4*eps*((sig/r)^12-(sig/r)^6); sig=sqrt(sig1*sig2); eps=sqrt(eps1*eps2)",
        [("q", -0.4, 0.4), ("sig", 0.22, 0.34), ("eps", 0.05, 0.7)],
    )
    + bond(
        "0.5*(138.935456*qq/r+4*eps*((sig/r)^12-(sig/r)^6))",
        [("qq", -0.1, 0.1), ("sig", 0.2, 0.3), ("eps", 0.05, 0.5)],
        (),
        [(i, i + 3) for i in range(ATOMS - 3)],
    ),
    "pair-soft-core": lambda: nonbonded(
        "4*eps*lambda*x*(x-1); x=1/(0.5*(1-lambda)^2+(r/sig)^6); sig=0.5*(sig1+sig2); eps=sqrt(eps1*eps2)",
        [("sig", 0.22, 0.34), ("eps", 0.05, 0.7)],
        [("lambda", 0.4)],
    ),
    "pair-buckingham": lambda: nonbonded(
        "A*exp(-B*r)-C/r^6; A=sqrt(A1*A2); B=0.5*(B1+B2); C=sqrt(C1*C2)",
        [("A", 1e4, 5e4), ("B", 30.0, 40.0), ("C", 1e-4, 2e-3)],
    ),
    "pair-debye-hueckel": lambda: nonbonded(
        "138.935456*q1*q2*exp(-r/length)/(r*dielectric)", [("q", -1.0, 1.0)], [("length", 0.9), ("dielectric", 78.0)], exclusions=False
    ),
    "pair-wca": lambda: nonbonded(
        "select(step(rmin-r), 4*eps*((sig/r)^12-(sig/r)^6)+eps, 0); rmin=sig*2^(1/6); sig=0.5*(sig1+sig2); eps=eps1*eps2",
        [("sig", 0.25, 0.4), ("eps", 0.3, 0.7)],
    ),
    "pair-groups": lambda: nonbonded(
        "q1*s2^2/r+q2*r", [("q", -1.0, 1.0), ("s", 0.5, 1.5)], groups=[({0, 1, 2, 9}, {5, 6, 7, 8, 9}), ({3, 4, 8}, {3, 4, 8})]
    ),
    "pair-computed-values": lambda: nonbonded(
        "c1*c2/r+d1*r", [("q", 0.1, 1.0)], [("g", 2.0)], values=[("c", "sqrt(q)*g+h(1)"), ("d", "q^2-g")], functions=[("h", openmm.Discrete1DFunction([1.0, 2.5]))]
    ),
    "pair-nbfix": lambda: nonbonded("(a/r6)^2-b/r6; r6=r^6;a=acoef(type1, type2); b=bcoef(type1, type2)", [("type", 0, 3)], functions=nbfix()),
    "pair-by-type": lambda: nonbonded("acoef(type1, type2)/r^12-bcoef(type1, type2)/r^6", [("type", 0, 3)], functions=nbfix()),
    "pair-spline": lambda: nonbonded(
        "q1*q2*f(r)+g(5*r+q1)*q2", [("q", -1.0, 1.0)],
        functions=[("f", openmm.Continuous1DFunction(curve(30, 0.1, 0.7), 0.1, 0.7)), ("g", openmm.Continuous1DFunction(closed(25), -1.0, 1.3, True))],
    ),
    "pair-discrete": lambda: nonbonded(
        "h(a1)*h(b2)/r+t(a1, b2, 10*r)*r", [("a", 0, 4), ("b", 0, 3)],
        functions=[("h", openmm.Discrete1DFunction([0.5, 1.5, -2.0, 3.0])),
                   ("t", openmm.Discrete3DFunction(3, 2, 5, [math.sin(i) for i in range(30)]))],
    ),
    # Born models.
    "born-hct-globals": lambda: born(
        [("I", HCT, ALL), ("B", "1/(1/or-I)", SINGLE)], [(GB_SELF, SINGLE), (GB_PAIR, ALL)], GB_ATOM, MEDIA
    ),
    "born-obc-salt": lambda: born(
        [("I", HCT, ALL), ("B", OBC, SINGLE)],
        [("-0.5*138.935485*(1/soluteDielectric-exp(-kappa*B)/solventDielectric)*charge^2/B", SINGLE),
         ("-138.935485*(1/soluteDielectric-exp(-kappa*f)/solventDielectric)*charge1*charge2/f; f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))", ALL),
         ("28.3919551*(radius+0.14)^2*(radius/B)^6; radius=or+0.009", SINGLE)],
        GB_ATOM, MEDIA + [("kappa", 1.3)],
    ),
    "born-still": lambda: born(
        [("I", "sr2^3/(r^4+0.01*sr2^4)*0.02", PAIR), ("B", "1/(1/(or+0.02)-I)", SINGLE)],
        [(GB_SELF, SINGLE), ("-138.935485*(1-1/80)*charge1*charge2/f; f=sqrt(r^2+B1*B2*exp(-r^2/(3.7*B1*B2)))", PAIR)], GB_ATOM, MEDIA,
    ),
    "born-ace-twice": lambda: born(
        [("I", HCT, ALL), ("B", OBC, SINGLE)],
        [(GB_SELF, SINGLE), (GB_PAIR, ALL), ("28.3919551*(radius+0.14)^2*(radius/B)^6; radius=or+0.009", SINGLE),
         ("12.5*(or+0.14)^2*((or+0.009)/B)^6", SINGLE)], GB_ATOM, MEDIA,
    ),
    "born-sasa": lambda: born(
        [("overlap", "select(step(R1+R2-r), 3.14159*R1*(R1+R2-r)*(1+(R2-R1)/r)/S1, 0); S1=12.566*R1^2", ALL),
         ("area", "12.566*R^2*exp(-overlap)", SINGLE)],
        [("gamma*area", SINGLE)], [("R", 0.25, 0.35), ("gamma", -3.0, 5.0)],
    ),
    "born-lcpo-chain": lambda: born(
        [("n", "1/(1+exp(30*(r-0.4)))", ALL), ("m", "n^2+a*n+0.1*z", SINGLE), ("w", "sqrt(1+m^2)*n+x*y", SINGLE)],
        [("a*w+m*z^2", SINGLE), ("a1*a2*w1*m2/(r+n2)+w2*n1", PAIR), ("exp(-r)*w1*w2", ALL)], [("a", 0.5, 2.0)],
    ),
    "born-tables": lambda: born(
        [("n", "f(r)*h(kind1)", PAIR), ("B", "1+n^2*h(kind)", SINGLE)],
        [("B^2", SINGLE), ("f(r)*B1*B2", ALL), ("B1+B2*r", PAIR)], [("kind", 0, 3)], (),
        [("f", openmm.Continuous1DFunction(curve(20, 0.05, 0.8), 0.05, 0.8)), ("h", openmm.Discrete1DFunction([1.0, 0.5, 2.0]))],
    ),
}


def evaluate(system, positions):
    """Energy of every force and gradient of the sum."""
    for index, force in enumerate(system.getForces()):
        force.setForceGroup(index)
    context = openmm.Context(system, openmm.VerletIntegrator(0.001), openmm.Platform.getPlatformByName("Reference"))
    context.setPositions(positions)
    terms = [
        context.getState(getEnergy=True, groups={index}).getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole)
        for index in range(system.getNumForces())
    ]
    forces = context.getState(getForces=True).getForces(asNumpy=True)
    return terms, (-forces.value_in_unit(unit.kilojoule_per_mole / unit.nanometer)).ravel().tolist()


def main():
    random = numpy.random.default_rng(SEED)
    base = start()
    frames = [base + random.normal(scale=0.012, size=base.shape) for _ in range(CONFIGURATIONS)]
    cases = []
    for name, make in CASES.items():
        system = openmm.System()
        for _ in range(ATOMS):
            system.addParticle(12.0)
        for force in make():
            system.addForce(force)
        results = [evaluate(system, frame) for frame in frames]
        assert all(math.isfinite(number) for terms, gradient in results for number in terms + gradient), name
        lines = openmm.XmlSerializer.serialize(system).splitlines()
        cases.append({
            "name": name,
            "system": "\n".join(line.strip() for line in lines),
            "terms": [terms for terms, _ in results],
            "gradients": [gradient for _, gradient in results],
        })
        print(f"{name}: {results[0][0]}")
    text = json.dumps({"positions": [frame.ravel().tolist() for frame in frames], "cases": cases})
    Path(sys.argv[1]).write_text(text + "\n")
    print(len(cases), "cases", len(text), "bytes")


if __name__ == "__main__":
    main()
