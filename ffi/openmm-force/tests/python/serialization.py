"""XML there and back, copies, names, and XML that is wrong."""

import copy
import ctypes
import itertools
import os
import re

import openmm
from force import FOLDER, context, energy_and_forces, force, particles, refused, xml

serialize, deserialize = openmm.XmlSerializer.serialize, openmm.XmlSerializer.deserialize

# Everything that a Force has, and lengths around the ends of words and blocks.
full = xml(
    FOLDER + "/libpair.so",
    config="{}",
    name="Fédération 力",
    searchPath="/nowhere:/else",
    sha256="",
    forceGroup=7,
    periodic=2,
    isolation=1,
    failure=2,
    timeLimit=250,
    memory=1 << 40,
    particles=[5, 3],
    parameters={"stiffness": 1 / 3, "length": 1e-300},
)
one = deserialize(full)
assert one.getName() == "Fédération 力" and one.getForceGroup() == 7
assert not one.usesPeriodicBoundaryConditions()
again = serialize(one)
assert serialize(deserialize(again)) == again
attributes = dict(re.findall(r'(\w+)="([^"]*)"', again.split("<Force", 1)[1].split(">", 1)[0]))
assert attributes["periodic"] == "2" and attributes["isolation"] == "1" and attributes["particles"] == "2"
assert (attributes["failure"], attributes["timeLimit"], attributes["memory"]) == ("2", "250", str(1 << 40))
for length in [0, 1, 7, 8, 9, 511, 512, 513, 4096, 20001]:
    # Every byte of UTF-8 that there is, the sign bit of words among them.
    config = "".join(itertools.islice(itertools.cycle("aé力𐍈 \"<&\n"), length))
    first = serialize(deserialize(xml("x", config=config)))
    assert serialize(deserialize(first)) == first
    assert 'configBytes="%d"' % len(config.encode()) in first
many = list(range(1000))
first = serialize(deserialize(xml("x", particles=many)))
found = []
for block in range(16):
    element = first.split("<particles%d " % block)[1].split(">")[0]
    entries = {int(index): int(value) for index, value in re.findall(r'w(\d+)="(\d+)"', element)}
    found += [entries[index] for index in range(len(entries))]
assert found == many, found

# A System with the Force, written, read, and copied, gives the same energy.
system = particles(6)
system.addForce(force("pair", particles=[5, 3], parameters={"stiffness": 200.0}, forceGroup=2))
text = serialize(system)
copies = [system, deserialize(text), copy.deepcopy(system), copy.deepcopy(deserialize(text))]
assert all(serialize(other) == text for other in copies)
results = []
for other in copies:
    run = context(other)
    run.setPositions([[0, 0, 0]] * 5 + [[0.3, 0, 0]])
    results.append(energy_and_forces(run)[0])
assert abs(results[0] - 0.5 * 200.0 * 0.2**2) < 1e-12, results
assert results == [results[0]] * 4

# What is wrong is refused, and said.
assert "version 2, this library reads 1" in refused(lambda: deserialize(xml("x").replace('version="1"', 'version="2"')))
assert "names no plugin" in refused(lambda: deserialize('<Force type="EppForce" version="1"/>'))
assert "periodic is 3, expected 0 to 2" in refused(lambda: deserialize(xml("x", periodic=3)))
assert "failure is 3, expected 0 to 2" in refused(lambda: deserialize(xml("x", failure=3)))
assert "memory is -1, expected 0 or more" in refused(lambda: deserialize(xml("x", memory=-1)))
assert "isolation is -1" in refused(lambda: deserialize(xml("x", isolation=-1)))
assert "Bytes is -4" in refused(lambda: deserialize('<Force type="EppForce" version="1" pluginBytes="-4"/>'))
assert "EppForce in XML" in refused(
    lambda: deserialize('<Force type="EppForce" version="1" pluginBytes="4000000000000"/>')
)
refused(lambda: deserialize('<Force type="EppForce" version="1" pluginBytes="40"/>'))
refused(lambda: deserialize(xml("x", particles=[1]).replace('particles="1"', 'particles="2"')))
more = xml("x", parameters={"a": 1.0}).replace('parameters="1"', 'parameters="2"').replace("<parameters0", '<parameters0 w1="2"')
assert "more parameters than parameterNames" in refused(lambda: deserialize(more))
refused(lambda: deserialize(xml("x", forceGroup=32)))

# The library writes the same XML from the struct of epp_openmm.h.
class Options(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint64),
        *[(name, ctypes.c_char_p) for name in ("plugin", "config", "search_path", "sha256", "folder", "name")],
        ("particles", ctypes.POINTER(ctypes.c_int32)),
        ("particle_count", ctypes.c_uint64),
        ("parameter_names", ctypes.POINTER(ctypes.c_char_p)),
        ("parameter_values", ctypes.POINTER(ctypes.c_double)),
        ("parameter_count", ctypes.c_uint64),
        *[(name, ctypes.c_int32) for name in ("force_group", "periodic", "failure", "isolation")],
        ("threads", ctypes.c_uint32),
        ("confinement", ctypes.c_int32),
        *[(name, ctypes.c_uint64) for name in ("time_limit_ms", "memory")],
        ("writable", ctypes.c_char_p),
        *[(name, ctypes.c_int32) for name in ("trust_writable", "reserved")],
    ]


library = ctypes.CDLL(os.path.join(FOLDER, "libepp_openmm.so"))
library.epp_force_xml.restype = ctypes.c_uint64
size = ctypes.c_uint64


def written(options, capacity=1 << 16):
    text, error = ctypes.create_string_buffer(capacity), ctypes.create_string_buffer(1024)
    needed = library.epp_force_xml(ctypes.byref(options), text, size(capacity), error, size(1024))
    return needed, text.value.decode(), error.value.decode()


options = Options(
    struct_size=ctypes.sizeof(Options),
    plugin=b"x",
    config=b'{"a": 1}',
    search_path=b"/a:/b",
    sha256=b"00",
    folder=b"/work",
    threads=2,
    confinement=1,
    name="é".encode(),
    particles=(ctypes.c_int32 * 2)(4, 2),
    particle_count=2,
    parameter_names=(ctypes.c_char_p * 1)(b"k"),
    parameter_values=(ctypes.c_double * 1)(0.1),
    parameter_count=1,
    force_group=5,
    periodic=1,
    failure=1,
    isolation=1,
    time_limit_ms=20,
    memory=4096,
    writable=b"/tmp",
    trust_writable=1,
)
needed, text, _ = written(options)
assert needed == len(text.encode()) + 1
assert serialize(deserialize(text)) == serialize(
    deserialize(
        xml(
            "x",
            config='{"a": 1}',
            searchPath="/a:/b",
            sha256="00",
            folder="/work",
            threads=2,
            confinement=1,
            name="é",
            particles=[4, 2],
            parameters={"k": 0.1},
            forceGroup=5,
            periodic=1,
            failure=1,
            isolation=1,
            timeLimit=20,
            memory=4096,
        )
    )
)
assert "rustWritable" not in text and "writable" not in text, "no document grants them"
# A buffer that is too small gets the start, and is told what is needed.
assert written(options, 10)[0] == needed and written(options, 10)[1] == text[:9]
options.periodic = 3
assert written(options)[0] == 0 and "periodic is 3, expected 0 to 2" in written(options)[2]
options.struct_size = 4
assert "struct_size of the options is 4" in written(options)[2]
# An older struct, which ends before the particles.
options.struct_size, options.periodic = Options.particles.offset, 0
assert 'particles="0"' in written(options)[1]
text = written(Options(struct_size=ctypes.sizeof(Options)))
assert "name no plugin" in text[2], text

# A Force that came out of XML is looked at and changed, by its names.
library.epp_force_data_of.restype = library.epp_force_data_text.restype = ctypes.c_void_p
library.epp_force_data_integer.restype = ctypes.c_int64
library.epp_force_data_parameter.restype = ctypes.c_char_p
library.epp_force_data_particles.restype = size
one = deserialize(full)
data = ctypes.c_void_p(library.epp_force_data_of(ctypes.c_void_p(int(one.this))))
look = lambda name: ctypes.string_at(library.epp_force_data_text(data, name)).decode()
number = lambda name: library.epp_force_data_integer(data, name)
error = ctypes.create_string_buffer(1024)
assert look(b"searchPath") == "/nowhere:/else" and look(b"nonsense") == ""
assert (number(b"timeLimit"), number(b"failure"), number(b"nonsense")) == (250, 2, 0)
indices, value = ctypes.POINTER(ctypes.c_int32)(), ctypes.c_double()
assert library.epp_force_data_particles(data, ctypes.byref(indices)) == 2 and indices[:2] == [5, 3]
names = [library.epp_force_data_parameter(data, size(index), ctypes.byref(value)) for index in range(3)]
assert names == [b"length", b"stiffness", None] and value.value == 1 / 3
set_number = lambda name, to: library.epp_force_data_set_integer(data, name, ctypes.c_int64(to), error, size(1024))
assert set_number(b"failure", 1) == 0 and number(b"failure") == 1
assert set_number(b"failure", 9) == 1 and b"failure is 9, expected 0 to 2" in error.value and number(b"failure") == 1
assert set_number(b"nonsense", 1) == 1 and b"has no number 'nonsense'" in error.value
assert library.epp_force_data_set_text(data, b"config", b'{"b": 2}', error, size(1024)) == 0 and look(b"config") == '{"b": 2}'
assert library.epp_force_data_set_parameter(data, b"k", ctypes.c_double(2.0), error, size(1024)) == 0
assert library.epp_force_data_set_particles(data, None, size(0), error, size(1024)) == 0
assert 'particles="0"' in serialize(one) and 'parameters="3"' in serialize(one) and 'failure="1"' in serialize(one)
other = openmm.HarmonicBondForce()
assert library.epp_force_data_of(ctypes.c_void_p(int(other.this))) is None
