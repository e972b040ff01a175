"""What the package carries."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import freeland
import pytest


def test_the_header_is_the_checkouts():
    checkout = Path(__file__).resolve().parents[3]
    header = Path(freeland.INCLUDE) / "epp.h"
    assert header.read_bytes() == (checkout / "ffi" / "epp" / "include" / "epp.h").read_bytes()


def test_every_plugin_has_a_manifest_of_itself():
    libraries = {path.name for path in Path(freeland.PLUGINS).glob("libfreeland_*.so")}
    manifests = [json.loads(path.read_text()) for path in Path(freeland.PLUGINS).glob("*.epp.json")]
    assert {manifest["library"] for manifest in manifests} == libraries
    assert len(libraries) >= 3
    for manifest in manifests:
        content = (Path(freeland.PLUGINS) / manifest["library"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"]


def test_no_library_looks_for_openmm_where_it_was_built():
    """It is found beside the package, or already loaded; a second copy in a process would crash it."""
    pytest.importorskip("openmm", reason="skipped: OpenMM is not installed (pip install openmm)")
    for name in ("libfreeland_openmm.so", "libepp_openmm.so"):
        elf = (Path(freeland.PLUGINS) / name).read_bytes()
        assert b"$ORIGIN/../../OpenMM.libs/lib" in elf
    script = (
        "import freeland; freeland.Plugin('openmm'); import openmm\n"
        "print(*{l.split()[-1] for l in open('/proc/self/maps') if 'libOpenMM.so' in l}, sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert len(loaded.split()) == 1, loaded
    import openmm

    assert Path(loaded.strip()).resolve() == (Path(openmm.__file__).parents[1] / "OpenMM.libs/lib/libOpenMM.so").resolve()


def test_it_needs_no_libtorch_and_no_openmm_to_be_imported():
    script = "import sys, freeland; freeland.Plugin('molecular-mechanics'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert not {"torch", "openmm", "ase", "matplotlib"} & set(modules)
    maps = subprocess.run(
        [sys.executable, "-c", "import freeland; freeland.Plugin('molecular-mechanics'); print(open('/proc/self/maps').read())"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "libtorch" not in maps and "libOpenMM" not in maps
