"""Where things are in this project, and how its scripts talk to people."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
NOTEBOOKS = ROOT / "notebooks"
OFFLINE = ROOT / "offline"  # packages, Maven's files and data sets, in a copy made by `make offline`
JAR = BUILD / "maven" / "digits.jar"
CLASSPATH = BUILD / "maven" / "classpath.txt"
VENV_KERNEL = ROOT / ".venv" / "share" / "jupyter" / "kernels" / "java"
PYTHON_IN_VENV = "Scripts/python.exe" if os.name == "nt" else "bin/python"


class Stop(Exception):
    """A problem that the user has to solve; the message says what is wrong and what to do."""


def say(text):
    """Prints a line at once, also into a pipe."""
    print(text, flush=True)


def shown(path):
    """The path as a person would type it: relative if it lies in the project."""
    return str(Path(path).relative_to(ROOT)) if Path(path).is_relative_to(ROOT) else str(path)


def variable(name):
    """The value of an environment variable; empty if it is unset or blank."""
    return os.environ.get(name, "").strip()


def absolute(folder):
    """A folder that the user names as an absolute path. Shells leave a ~ alone in `make run DIGITS_DATA=~/mnist`."""
    text = str(folder)
    if text == "~" or text.startswith(("~/", "~" + os.sep)):
        text = os.path.expanduser(text)
        if text.startswith("~"):
            raise Stop(f"{folder} begins with ~, but this user has no home folder: write the whole path.")
    return os.path.abspath(text)


def verbatim(value):
    """The value of a variable in a kernel's description, in which Jupyter replaces $NAME and ${NAME}."""
    return str(value).replace("$", "$$")


def write_atomically(path, content):
    """Writes text or bytes to a file, completely or not at all. Returns whether that changed the file."""
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return True


def run_as_script(main):
    """Calls main() and turns Stop and Ctrl-C into a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without “ ” prints ? instead of failing
    try:
        sys.exit(main() or 0)
    except Stop as problem:
        sys.stdout.flush()
        sys.exit(f"\n{problem}")
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
