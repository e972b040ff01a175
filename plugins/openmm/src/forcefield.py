"""Makes an OpenMM System from force-field files and a PDB file, for the energy plugin `openmm`.

Reads {"files": [...], "pdb": text} as JSON from standard input; writes {"xml": text, "openmm": version, "read": [...]} to
standard output, or {"error": sentence}. `read` is everything that the System depends on, {"path": absolute, "sha256": text}: files of
the force field and those that they include, OpenMM's data and its Python code; without "sha256" for a file that was looked for
and is not there.
"""

import sys

# The folder of the user's files is none of modules.
sys.path[:] = [folder for folder in sys.path if folder]

import hashlib
import io
import json
import os


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Watch:
    """Notes every file that is opened or looked for."""

    def __init__(self):
        self.paths = set()
        self.on = True
        sys.addaudithook(self.event)
        self.is_file = os.path.isfile
        os.path.isfile = self.look

    def event(self, name, arguments):
        if self.on and name == "open" and isinstance(arguments[0], (str, bytes)):
            self.paths.add(os.path.abspath(os.fsdecode(arguments[0])))

    def look(self, path):
        if isinstance(path, str):
            self.paths.add(os.path.abspath(path))
        return self.is_file(path)

    def read(self, package):
        self.on = False
        files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        code = {file for file in files if file and file.endswith(".py") and file.startswith(package)}
        paths = {path for path in self.paths if not path.endswith(".pyc") and not os.path.isdir(path)} | code
        there = [path for path in sorted(paths) if self.is_file(path)]
        return [{"path": path, "sha256": digest(path)} for path in there] + [
            {"path": path} for path in sorted(paths) if not os.path.exists(path)
        ]


def make(request):
    import openmm
    from openmm import app

    watch = Watch()
    pdb = app.PDBFile(io.StringIO(request["pdb"]))
    system = app.ForceField(*request["files"]).createSystem(
        pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None, rigidWater=False, removeCMMotion=False
    )
    return {
        "xml": openmm.XmlSerializer.serialize(system),
        "openmm": openmm.Platform.getOpenMMVersion(),
        "read": watch.read(os.path.dirname(openmm.__file__)),
    }


def main():
    try:
        answer = make(json.load(sys.stdin))
    except ModuleNotFoundError as error:
        answer = {"error": f"{error}", "missing": True}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


main()
