"""What Make cannot do itself when it sets the project up.

setup.py check                looks for a JDK, Maven and Python's venv, and records facts in build/made-with
setup.py alone COMMAND …      runs a command while no other set-up works in this folder
setup.py patiently COMMAND …  the same, with a sign of life every 15 seconds
"""

import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import artifacts
from java import find_jdk, home_option, usable, utf8_locale
from project import BUILD, CLASSPATH, OFFLINE, ROOT, Stop, run_as_script, say, try_to_lock, variable, write_atomically

HOW_TO_GET = """\
To get what is missing:
  Debian, Ubuntu: sudo apt install openjdk-17-jdk-headless maven python3-venv
  macOS:          brew install openjdk@17 maven   (then follow the note about the path)
  Windows:        winget install EclipseAdoptium.Temurin.17.JDK; unzip Maven and put its bin folder on the PATH
If several JDKs are installed, set JAVA_HOME to the one to use."""
KERNEL_SETTINGS = [
    *("DIGITS_THREADS", "DIGITS_OUTPUT", "DIGITS_HEAP", "DIGITS_DATA", "JAVA_HOME"),
    *("DIGITS_CLUSTER", "DIGITS_CLUSTER_SECRET"),
]


def check_prerequisites():
    """Returns what find_jdk() returns. Stops with everything that is missing, before anything is installed."""
    jdk, missing = None, []
    try:
        jdk = find_jdk()
    except Stop as problem:
        missing.append(str(problem))
    if shutil.which("mvn") is None:
        missing.append("Maven 3.6.3 or newer is needed: there is no mvn on the PATH.")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        missing.append(f"Python's venv is needed: {sys.executable} comes without it.")
    if missing:
        raise Stop("\n".join([*missing, HOW_TO_GET]))
    return jdk


def check_places():
    """Stops if Java's class path, Maven or Jupyter could not work in the project's folder or the user's home."""
    home = os.path.expanduser("~")
    for what, folder in ("project's", ROOT), ("home", home):
        bad = [letter for letter in str(folder) if letter in f"{os.pathsep}*?\n" or ord(letter) > 0xFFFF]  # such as 🙂
        if bad:
            hint = "move the project to another one" if folder == ROOT else "set HOME to another one"
            raise Stop(f"The {what} folder is {folder}. Java's class path cannot hold “{bad[0]}”: {hint}.")
    if not usable(home):
        text = f"The home folder is {home}, where this user cannot put files, as Maven, pip and Jupyter do."
        raise Stop(f"{text} Set HOME to a folder where that is possible: HOME=/tmp/me make setup")
    if re.search(r"\s", "".join(home_option())):
        raise Stop(f"The home folder is {home}. Without an entry in the user database, it must be free of blanks.")


def check():
    """Records what the build depends on besides files. A record changes only if the facts do: Make uses its date."""
    check_places()
    home, feature, cores = check_prerequisites()
    cpu = Path("/proc/cpuinfo")
    no_avx2 = cpu.is_file() and platform.machine() == "x86_64" and not re.search(r"\bavx2\b", cpu.read_text())
    # pom.xml picks ND4J's native binary by platform; without AVX2 that one would end in an illegal instruction
    classifier = variable("ND4J_CLASSIFIER") or ("linux-x86_64" if no_avx2 else "")
    records = {"python": [sys.version, ROOT], "java": [feature, platform.machine()], "jdk": [home]}
    records["maven-options"] = [f"-Dnd4j.classifier={classifier}"] if classifier else []
    records["kernel"] = [feature, cores, OFFLINE.is_dir(), *map(variable, KERNEL_SETTINGS), *home_option()]
    for name, facts in records.items():
        write_atomically(BUILD / "made-with" / name, " ".join(map(str, facts)) + "\n")
    # a library that was removed from Maven's own folder has to be fetched again
    if CLASSPATH.is_file() and not all(map(os.path.exists, CLASSPATH.read_text("utf-8").strip().split(os.pathsep))):
        CLASSPATH.unlink()
    # one that is older than these is about to be made anew
    made_of = [ROOT / "pom.xml", artifacts.LIST]
    if CLASSPATH.is_file() and all(CLASSPATH.stat().st_mtime > file.stat().st_mtime for file in made_of):
        artifacts.check()  # on every set-up: what was right when the class path was made may have been replaced


def alone(command, beat=None):
    """Runs a command while no other set-up works in this folder; returns its exit code.

    The command inherits the lock: if this process is killed, the next set-up waits until the command has ended, too.
    """
    try:
        lock = open(ROOT / ".setup.lock", "a+")
    except OSError as problem:
        hint = "The set-up puts files there: copy the project to a folder of your own."
        raise Stop(f"The project's folder, {ROOT}, cannot be written to ({problem.strerror}). {hint}") from None
    options = " ".join([variable("MAVEN_OPTS"), *home_option()])
    variables = {**os.environ, **utf8_locale(), **({"MAVEN_OPTS": options} if home_option() else {})}
    with lock as file:
        if not try_to_lock(file):
            say("Another set-up is running in this folder; waiting for it.")
            while not try_to_lock(file):
                time.sleep(0.5)
        started = time.monotonic()
        inherited = {} if os.name == "nt" else {"pass_fds": [file.fileno()]}
        with subprocess.Popen(command, cwd=ROOT, env=variables, **inherited) as process:
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # and wait for its end
            while True:
                try:
                    return process.wait(beat)
                except subprocess.TimeoutExpired:
                    say(f"  … still working, {time.monotonic() - started:.0f} s")


def main():
    """Does what the command line says."""
    name, *command = sys.argv[1:]
    return check() if name == "check" else alone(command, beat=15 if name == "patiently" else None)


if __name__ == "__main__":
    run_as_script(main)
