"""The build backend of the package: builds the plugins of this checkout, puts them into the package, and calls maturin.

What goes in beside the extension module, in the folder `freeland/plugins`: the libraries of LIBRARIES, each plugin with its
manifest, and the programs of PROGRAMS; in `freeland/include`: the header of the plugin ABI.

Read from the environment:
    OPENMM_DIR              an OpenMM to build against; else .deps/openmm of the checkout; else the openmm wheel, which pip
                            then brings into the build environment
    LIBCLANG_PATH           likewise
    FREELAND_BUILD_PROFILE  a profile of cargo, default release
"""

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import maturin

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent.parent
CONTENTS = PACKAGE / "python" / "freeland"
"""Cargo packages whose cdylib goes in, and whether it is a plugin (which has a manifest)."""
LIBRARIES = {
    "freeland-toys": True,
    "freeland-molecular-mechanics": True,
    "freeland-openmm": True,
    "openmm-force": False,
}
"""Cargo packages and the program of theirs that goes in."""
PROGRAMS = {"freeland-loader": "freeland-worker"}
"""Where libOpenMM lies, seen from freeland/plugins: in the wheel of OpenMM, in a conda environment."""
OPENMM_BESIDE = "$ORIGIN/../../OpenMM.libs/lib:$ORIGIN/../../../.."


def get_requires_for_build_wheel(config_settings=None):
    requires = list(maturin.get_requires_for_build_wheel(config_settings))
    if found("OPENMM_DIR", "openmm") is None:
        requires.append("openmm==8.6.1")
    if found("LIBCLANG_PATH", "libclang") is None:
        requires.append("libclang==18.1.1")
    return requires


get_requires_for_build_editable = get_requires_for_build_wheel
get_requires_for_build_sdist = maturin.get_requires_for_build_sdist


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    return maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    stage()
    return maturin.build_wheel(wheel_directory, with_profile(config_settings), metadata_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    stage()
    return maturin.build_editable(wheel_directory, with_profile(config_settings), metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit(
        "freeland is built from a checkout: its plugins are packages beside this one. Run `pip install ./ffi/python` "
        "or `pip wheel ./ffi/python` there."
    )


def profile():
    return os.environ.get("FREELAND_BUILD_PROFILE") or "release"


def with_profile(config_settings):
    settings = dict(config_settings or {})
    settings.setdefault("build-args", f"--profile {profile()} --strip")
    return settings


def found(variable, name):
    """The folder of a library that the build needs, or None."""
    if os.environ.get(variable):
        return Path(os.environ[variable])
    installed = CHECKOUT / ".deps" / name
    if installed.exists():
        return installed
    module, place = {"openmm": ("openmm", ("OpenMM.libs",)), "libclang": ("clang", ("clang", "native"))}[name]
    # Not by sysconfig: in pip's build environment, packages lie in a folder of their own.
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    wheel = Path(spec.submodule_search_locations[0]).parent.joinpath(*place)
    return wheel if wheel.exists() else None


def stage():
    """Builds all that goes into the package and is not its extension module, and puts it there."""
    environment = dict(os.environ)
    for variable, name in [("OPENMM_DIR", "openmm"), ("LIBCLANG_PATH", "libclang")]:
        folder = found(variable, name)
        if folder is None:
            raise SystemExit(f"{name} was not found: set {variable}, or run scripts/setup, or build with isolation")
        environment[variable] = os.environ[variable] = str(folder.resolve())

    targets = targets_of_workspace()
    libraries = {package: is_plugin for package, is_plugin in LIBRARIES.items() if package in targets}
    programs = {
        package: program for package, program in PROGRAMS.items() if program in targets.get(package, ())
    }
    built = cargo_build(libraries, programs, environment)

    plugins, include = CONTENTS / "plugins", CONTENTS / "include"
    for folder in (plugins, include):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    shutil.copy2(CHECKOUT / "ffi" / "epp" / "include" / "epp.h", include)

    with_manifest = []
    for file, package in built["libraries"]:
        copy = plugins / file.name
        shutil.copy2(file, copy)
        strip(copy)
        if needs_openmm(copy):
            subprocess.run(["patchelf", "--set-rpath", OPENMM_BESIDE, str(copy)], check=True)
        if libraries[package]:
            with_manifest.append(str(copy))
    for file in built["programs"]:
        shutil.copy2(file, plugins)
        strip(plugins / file.name)

    # A manifest holds the hash of its library, so it is made last; OpenMM is not beside the library yet.
    environment["LD_LIBRARY_PATH"] = str(Path(environment["OPENMM_DIR"]) / "lib")
    subprocess.run([str(built["manifest"]), *with_manifest], check=True, env=environment)


def targets_of_workspace():
    """The names of all targets, by package."""
    command = [cargo(), "metadata", "--no-deps", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, check=True, cwd=CHECKOUT, stdout=subprocess.PIPE).stdout)
    return {
        package["name"]: {target["name"] for target in package["targets"]} for package in metadata["packages"]
    }


def cargo_build(libraries, programs, environment):
    """Builds, and tells the files that came out."""
    command = [cargo(), "build", "--profile", profile(), "--message-format", "json-render-diagnostics"]
    command += ["--package", "freeland-loader", "--example", "manifest", "--lib"]
    command += [f"--package={package}" for package in libraries]
    command += [f"--bin={program}" for program in programs.values()]
    ran = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        raise SystemExit("cargo could not build what goes into the package; its words are above")
    built = {"libraries": [], "programs": [], "manifest": None}
    for line in ran.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") != "compiler-artifact":
            continue
        name = message["target"]["name"]
        if message["executable"] and name == "manifest":
            built["manifest"] = Path(message["executable"])
        elif message["executable"] and name in programs.values():
            built["programs"].append(Path(message["executable"]))
        elif "cdylib" in message["target"]["kind"]:
            package = package_name(message)
            files = [Path(file) for file in message["filenames"]]
            if package in libraries:
                built["libraries"] += [(file, package) for file in files if file.suffix in (".so", ".dylib")]
    return built


def package_name(message):
    """From `path+file:///.../plugins/toys#freeland-toys@0.1.0`, in which the name may be left out."""
    manifest = Path(message["manifest_path"]).read_text()
    for line in manifest.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "name":
            return value.strip().strip('"')
    return None


def cargo():
    return os.environ.get("CARGO") or "cargo"


def strip(file):
    """Takes debug information out: it is most of the file."""
    if shutil.which("strip"):
        subprocess.run(["strip", "--strip-debug", str(file)], check=True)


def needs_openmm(library):
    ran = subprocess.run(["patchelf", "--print-needed", str(library)], check=True, stdout=subprocess.PIPE, text=True)
    return any(name.startswith("libOpenMM") for name in ran.stdout.split())
