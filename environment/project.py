"""Where things are in this project, and how its scripts talk. Standard library only, readable by old Pythons too."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
VENV = ROOT / ".venv"
NOTEBOOKS = ROOT / "notebooks"
OFFLINE = ROOT / "offline"  # packages, Maven's files and data, where `make offline` has put this project together
MAVEN_FOLDER = BUILD / "maven"
JAR = MAVEN_FOLDER / "digits.jar"
CLASSPATH = MAVEN_FOLDER / "classpath.txt"
VENV_KERNEL = VENV / "share" / "jupyter" / "kernels" / "java"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class Stop(Exception):
    """Something that a person has to put right; the message says what and how."""


def say(text):
    """Prints one line at once, also through a pipe."""
    print(text, flush=True)


def shown(path):
    """A path as a person would type it: relative where it lies in the project."""
    try:
        return str(Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return str(path)


def write_atomically(path, content):
    """Writes bytes or text to a file so that it is there whole or not at all; returns whether that changed anything."""
    path = Path(path)
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name("%s.%d.part" % (path.name, os.getpid()))
    try:
        temporary.write_bytes(data)
        os.replace(str(temporary), str(path))
    finally:
        if temporary.exists():
            temporary.unlink()
    return True


def run_as_script(main):
    """Calls main() and turns what a person can put right, or Ctrl-C, into a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no «·» gets a «?» and no crash
    try:
        sys.exit(main() or 0)
    except Stop as problem:
        sys.stdout.flush()
        print("\n%s" % problem, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
