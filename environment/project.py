"""Where things are in this project, and how its scripts talk to people."""

import ctypes
import os
import select
import signal
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
NOTEBOOKS = ROOT / "notebooks"
OFFLINE = ROOT / "offline"  # packages, Maven's files and data sets, in a copy made by `make offline`
JAR = BUILD / "maven" / "digits.jar"
CLASSPATH = BUILD / "maven" / "classpath.txt"
SPARK = BUILD / "spark" / "classpath.txt"  # the same with Apache Spark, made by `make spark`
CLUSTER_JAR = BUILD / "spark" / "digits-cluster.jar"
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


def try_to_lock(file):
    """Locks a file and returns whether that succeeded. The operating system frees the lock when its owner ends."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False


def watch_terminal():
    """Sends this process SIGHUP when its terminal closes: Linux tells only the terminal's first process, often make."""
    try:
        with open("/dev/tty", "rb") as terminal:
            poll = select.poll()
            poll.register(terminal, 0)
            if any(event & select.POLLHUP for _, event in poll.poll()):
                os.kill(os.getpid(), signal.SIGHUP)
    except OSError:
        pass  # there is no terminal


def end_with_others():
    """A closed terminal ends this process as SIGTERM does; on Linux, so does the end of the make that started it."""
    if os.name != "nt" and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        threading.Thread(target=watch_terminal, daemon=True).start()
    if sys.platform == "linux" and "MAKELEVEL" in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG; a program that takes this one's place keeps it


def run_as_script(main):
    """Calls main() and turns Stop and Ctrl-C into a message and an exit code."""
    end_with_others()
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
