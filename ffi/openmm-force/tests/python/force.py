"""A Force over a plugin, from its XML: the functions of README.md. Folder and library come from the environment."""

import os

import numpy
import openmm

# The folder with libepp_openmm.so and the plugins.
FOLDER = os.environ["FREELAND_TEST_LIBRARIES"]
openmm.Platform.loadPluginLibrary(os.path.join(FOLDER, "libepp_openmm.so"))


def words(name, entries):
    """Child elements of a list."""
    blocks = [entries[i : i + 64] for i in range(0, len(entries), 64)]
    return "".join(
        "<%s%d %s/>" % (name, index, " ".join('w%d="%s"' % pair for pair in enumerate(block)))
        for index, block in enumerate(blocks)
    )


def text(name, value):
    """The attribute and the child elements of a text."""
    data = value if isinstance(value, bytes) else value.encode()
    padded = data + bytes(-len(data) % 8)
    integers = [int.from_bytes(padded[i : i + 8], "little", signed=True) for i in range(0, len(padded), 8)]
    return '%sBytes="%d"' % (name, len(data)), words(name, integers)


def xml(plugin, parameters=None, particles=(), **options):
    """The XML of a Force. `options`: integers and texts."""
    attributes, children = ['type="EppForce" version="1"'], []
    for name, value in [("plugin", plugin), *options.items()]:
        if isinstance(value, int):
            attributes.append('%s="%d"' % (name, value))
            continue
        attribute, child = text(name, value)
        attributes.append(attribute)
        children.append(child)
    attributes.append('particles="%d"' % len(particles))
    children.append(words("particles", list(particles)))
    if parameters is not None:
        attribute, child = text("parameterNames", "".join(name + "\n" for name in parameters))
        attributes.append('%s parameters="%d"' % (attribute, len(parameters)))
        children.append(child + words("parameters", [repr(value) for value in parameters.values()]))
    return "<Force %s>%s</Force>" % (" ".join(attributes), "".join(children))


def force(plugin, **options):
    """A Force over `lib<plugin>.so` of the folder, or over the potential `library#id`."""
    library, _, potential = plugin.partition("#")
    path = os.path.join(FOLDER, "lib%s.so" % library) + ("#" + potential if potential else "")
    return openmm.XmlSerializer.deserialize(xml(path, **options))


def context(system, platform="Reference", integrator=None):
    """A Context of `system`; one thread on the CPU platform."""
    properties = {"Threads": "1"} if platform == "CPU" else {}
    integrator = integrator or openmm.VerletIntegrator(0.001)
    return openmm.Context(system, integrator, openmm.Platform.getPlatformByName(platform), properties)


def platforms():
    """Reference, CPU, and those with a device here: these call from a thread of their own."""
    found = ["Reference", "CPU"]
    for name in ["OpenCL", "CUDA", "HIP"]:
        try:
            context(particles(1), name)
            found.append(name)
        except openmm.OpenMMException:
            pass
    return found


def particles(count, mass=10.0):
    """A System of free particles."""
    system = openmm.System()
    for _ in range(count):
        system.addParticle(mass)
    return system


def energy_and_forces(context, groups=-1):
    """kJ/mol; [particles, 3] kJ/mol/nm."""
    state = context.getState(getEnergy=True, getForces=True, groups=groups)
    unit = openmm.unit.kilojoule_per_mole
    forces = state.getForces(asNumpy=True).value_in_unit(unit / openmm.unit.nanometer)
    return state.getPotentialEnergy().value_in_unit(unit), numpy.array(forces)


def refused(call):
    """What `call` throws."""
    try:
        call()
    except openmm.OpenMMException as exception:
        return str(exception)
    raise AssertionError("not refused")
