"""Puts a copy of the project together that needs no internet: for a classroom, a train, a locked-down laboratory.

Its folder offline/ has the Python packages as wheels, the files that Maven needs, and the data sets of this computer.
Where the copy goes, with a JDK, Maven, Python and make, every command works as usual and takes everything from there.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.requirements import Requirement

import artifacts
import java
from project import BUILD, OFFLINE, ROOT, Stop, run_as_script, say, shown, write_atomically

MARKER = Path("offline") / "made-by-make-offline.json"  # only a folder with this file is ever replaced
MADE = {".git", ".venv", "build", "offline", ".ipynb_checkpoints", "__pycache__", ".setup.lock"}  # not copied
DATA = ("*images*", "*labels*", "*train.csv*", "*test.csv*", "*.npz", "gzip.zip")  # what the library reads
LINUX = [f"manylinux_2_{minor}" for minor in (28, 27, 26, 24, 17, 12, 5)] + ["manylinux2014"]
# pip's tags for a platform's wheels, and the values of os.name, sys.platform, platform.system() and platform.machine()
# on it; the name is that of a profile in pom.xml, whose defaults are for linux-x86_64
PLATFORMS = {
    "linux-x86_64": ([f"{tag}_x86_64" for tag in LINUX], "posix linux Linux x86_64"),
    "linux-arm64": ([f"{tag}_aarch64" for tag in LINUX], "posix linux Linux aarch64"),
    "macos-x86_64": (["macosx_14_0_x86_64"], "posix darwin Darwin x86_64"),
    "macos-arm64": (["macosx_14_0_arm64"], "posix darwin Darwin arm64"),
    "windows": (["win_amd64"], "nt win32 Windows AMD64"),
}


def call(*command, **options):
    """Runs a command in the project's folder and stops if it fails."""
    code = subprocess.call(list(map(str, command)), cwd=ROOT, stdin=subprocess.DEVNULL, **options)
    if code != 0:
        raise Stop(f"{command[0]} failed with exit code {code}; its messages are above.")


def locked(text, name, version):
    """The requirements of a lock file, with their hashes, that apply to a platform and a full version of Python."""
    facts = dict(zip(("os_name", "sys_platform", "platform_system", "platform_machine"), PLATFORMS[name][1].split()))
    facts |= {"python_version": version.rpartition(".")[0], "python_full_version": version, "extra": ""}
    facts |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        wanted = Requirement(line.partition(" --hash")[0])
        if wanted.marker is None or wanted.marker.evaluate(facts):
            yield " ".join([f"{wanted.name}{wanted.specifier}", *re.findall(r"--hash=\S+", line)])


def fetch_wheels(folder, name, version):
    """Downloads the wheels of the locked packages, and of the one with the sample, for a platform and a Python."""
    say(f"Python: fetching the packages for {name}, Python {version}")
    text = "".join((ROOT / "environment" / file).read_text("utf-8") for file in ("requirements.txt", "sample.txt"))
    pip = "-m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes".split()
    pip += [word for tag in PLATFORMS[name][0] for word in ("--platform", tag)]
    for full in (f"{version}.0", f"{version}.30"):  # some packages distinguish early and late releases of a version
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "list.txt").write_text("\n".join(locked(text, name, full)), encoding="utf-8")
            call(sys.executable, *pip, "--python-version", full, "--dest", folder, "-r", Path(scratch) / "list.txt")


def profiles(name):
    """Maven's option that makes it build for a platform rather than for this one."""
    return "-P" + ",".join("!" * (other != name) + other for other in PLATFORMS if other != "linux-x86_64")


def fetch_maven(project, repository, name):
    """Fills a repository with what it takes to build the copy on a platform."""
    say(f"Java: fetching what Maven needs for {name}")
    command = [shutil.which("mvn"), "-B", "-ntp", "-q", "-f", project / "pom.xml", f"-Dmaven.repo.local={repository}"]
    command += [profiles(name), "dependency:build-classpath", "-DincludeScope=runtime", "-Dmdep.outputFile=build/list"]
    call(*command, "-Dmaven.test.skip=true", "package", env={**os.environ, "JAVA_HOME": java.find_jdk()[0]})
    artifacts.check(project / "build" / "list")
    shutil.rmtree(project / "build")
    for pattern in ("_remote.repositories", "*.lastUpdated", "resolver-status.properties"):
        for notes in repository.rglob(pattern):  # the server of each file: elsewhere Maven would insist on asking it
            notes.unlink()


def data_folders():
    """The folders of the data sets on this computer by name; the library knows where they are."""
    command, environment = java.program("digits.data.DatasetFolders")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode != 0:
        raise Stop("The library could not list the data sets; its message is above.")
    return {name: Path(folder) for name, folder in (line.split("\t") for line in done.stdout.splitlines())}


def copy_data(target):
    """Copies the data sets; without MNIST, notebook 1 runs first, which downloads it if it can."""
    if "mnist" not in data_folders():
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "environment/notebooks.py", "quick", "notebooks/01_load.ipynb"]
            call(*command, env={**os.environ, "DIGITS_OUTPUT": scratch})
    for name, folder in data_folders().items():
        say(f"Data: {name}, from {folder}")
        (target / name).mkdir(parents=True)
        found = [path for pattern in DATA for path in folder.glob(pattern)]
        for file in [*found, *(inside for path in found if path.is_dir() for inside in path.iterdir())]:
            if file.is_file() and file.suffix != ".part":
                shutil.copy2(file, target / name)
    if not (target / "mnist").is_dir():
        say("Data: MNIST is not available; the sample of 5,000 digits, which is in the library, takes its place.")


def put_in_place(made, target):
    """Moves a folder that was made aside to its place. What `make offline` made there before is deleted last."""
    before = made.with_name(made.name + ".before")
    if target.exists():
        os.rename(target, before)
    try:
        os.rename(made, target)
    except OSError:
        if before.exists():
            os.rename(before, target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def check_target(target):
    """Stops unless the target is missing, empty or made by this script."""
    if OFFLINE.is_dir():
        raise Stop("This folder is such a copy already: copy it as it is.")
    empty = target.is_dir() and not any(target.iterdir())
    if target.exists() and not empty and not (target / MARKER).is_file():
        raise Stop(f"{target} was not made by `make offline`; name a folder that is empty or does not exist.")


def main():
    """Reads the command line and puts the folder together."""
    facts = f" {platform.system()} {platform.machine()}"
    here = [name for name, (_, known) in PLATFORMS.items() if known.endswith(facts)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=BUILD / "offline" / "digits", metavar="FOLDER", help="made anew")
    known = {"choices": PLATFORMS, "default": here, "required": not here}
    parser.add_argument("--for", dest="names", nargs="+", metavar="PLATFORM", help=", ".join(PLATFORMS), **known)
    parser.add_argument("--python", nargs="+", default=["%d.%d" % sys.version_info[:2]], metavar="VERSION")
    options = parser.parse_args()
    target = options.to.resolve()
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        made, left_out = Path(scratch) / target.name, (target, Path(scratch))
        shutil.copytree(ROOT, made, ignore=lambda at, names: MADE | {n for n in names if Path(at, n) in left_out})
        for name in options.names:
            for version in options.python:
                fetch_wheels(made / "offline" / "wheels", name, version)
            fetch_maven(made, made / "offline" / "maven", name)
        copy_data(made / "offline")
        write_atomically(made / MARKER, json.dumps({"platforms": options.names, "python": options.python}))
        check_target(target)
        put_in_place(made, target)
    say(f"\nReady: {shown(target)}, for {', '.join(options.names)}. Copy it to the computers; there: make lab")


if __name__ == "__main__":
    run_as_script(main)
