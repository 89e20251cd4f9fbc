"""Puts a copy of the project together that needs no internet: for a classroom, a train, a locked-down laboratory.

    offline.py [--to FOLDER] [--for PLATFORM …] [--python 3.11 …]

The folder, build/offline/digits unless another is named, holds the project and in it offline/: the Python packages as wheels, the
files that Maven needs, and the data sets that this machine has. On a computer with JDK, Maven, Python and make it is copied
to, every command works as always (make lab, make quick), and takes everything from there. PLATFORM is that of the computers
it is for, this machine's unless named; --python names the versions of Python on them.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import setup
from project import BUILD, NOTEBOOKS, OFFLINE, ROOT, VENV_PYTHON, Stop, run_as_script, say, shown

try:
    from packaging.requirements import Requirement
except ImportError:
    run_as_script(lambda: (_ for _ in ()).throw(Stop("Run this as `make offline`.")))


def manylinux(machine):
    """Tags of wheels for any Linux of the last years."""
    return [f"manylinux_2_{minor}_{machine}" for minor in (28, 27, 26, 24, 17, 12, 5)] + [f"manylinux2014_{machine}"]


# pip's tags of a platform's wheels, and what its Python says of itself; the name is also that of a profile in pom.xml, but for
# the first, which the pom assumes where no profile says otherwise
PLATFORMS = {
    "linux-x86_64": (manylinux("x86_64"), ("posix", "linux", "Linux", "x86_64")),
    "linux-arm64": (manylinux("aarch64"), ("posix", "linux", "Linux", "aarch64")),
    "macos-x86_64": (["macosx_14_0_x86_64"], ("posix", "darwin", "Darwin", "x86_64")),
    "macos-arm64": (["macosx_14_0_arm64"], ("posix", "darwin", "Darwin", "arm64")),
    "windows": (["win_amd64"], ("nt", "win32", "Windows", "AMD64")),
}
NEEDED = ["train-images", "train-labels", "t10k-images", "t10k-labels"]  # how the names of a set's files begin


def this_platform():
    """The name of the platform that this runs on."""
    for name, (_, says) in PLATFORMS.items():
        if says[2:] == (platform.system(), platform.machine()):
            return name
    raise Stop(f"There are no packages for {platform.system()} on {platform.machine()}; name a platform with --for.")


# --- Python ------------------------------------------------------------------------------------------------------

def locked(text, name, version):
    """The requirements of a lock, with their hashes, that apply to a platform and a full version of Python."""
    os_name, sys_platform, system, machine = PLATFORMS[name][1]
    its = {"os_name": os_name, "sys_platform": sys_platform, "platform_system": system, "platform_machine": machine,
           "python_version": ".".join(version.split(".")[:2]), "python_full_version": version, "implementation_name": "cpython",
           "platform_python_implementation": "CPython", "extra": ""}
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    for line in filter(str.strip, lines):
        wanted = Requirement(line.partition(" --hash")[0])
        if wanted.marker is None or wanted.marker.evaluate(its):
            yield " ".join([f"{wanted.name}{wanted.specifier}", *re.findall(r"--hash=\S+", line)])


def fetch_wheels(folder, names, versions):
    """The wheels of the locked packages for each platform and version of Python, and of the one with the sample."""
    text = setup.REQUIREMENTS.read_text(encoding="utf-8") + (setup.ENVIRONMENT / "sample.txt").read_text(encoding="utf-8")
    for name in names:
        for version in versions:
            say(f"Python: fetching the packages for {name}, Python {version}")
            # some packages tell an early 3.11 from a late one: whichever the computers have, its wheels are there
            lists = {tuple(locked(text, name, full)): full for full in (version + ".0", version + ".30")}
            for requirements, full in lists.items():
                download(folder, requirements, name, full)


def download(folder, requirements, name, full):
    """Fetches the wheels of a list of requirements for a platform and a full version of Python."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "requirements.txt"
        wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        tags = [word for tag in PLATFORMS[name][0] for word in ("--platform", tag)]
        setup.call([VENV_PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--only-binary=:all:", "--require-hashes", "--python-version", full, *tags, "--dest", folder, "-r", wanted],
                   "The Python packages could not be downloaded.")


# --- Java --------------------------------------------------------------------------------------------------------

def profile_properties(name):
    """Maven's options that make it build for a platform: the properties of the pom's profile of that name, or its own."""
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    pom = xml.parse(str(ROOT / "pom.xml"))
    values = {name: pom.findtext(f"m:properties/m:{name}", namespaces=space)
              for name in ("nd4j.platform", "nd4j.classifier", "dnnl.platform")}
    for profile in pom.iterfind("m:profiles/m:profile", space):
        if profile.findtext("m:id", namespaces=space) == name:
            values.update((entry.tag.rpartition("}")[2], entry.text) for entry in profile.find("m:properties", space))
    return [f"-D{key}={value.replace('${nd4j.platform}', values['nd4j.platform'])}" for key, value in values.items()]


def fetch_maven(project, repository, names):
    """A repository with what building the copy takes, on each of the platforms."""
    jdk = setup.check_prerequisites()[0]
    command = [setup.find_maven(), "-B", "-ntp", "-q", f"-Dmaven.repo.local={repository}", "-f", project / "pom.xml",
               "-Dmaven.test.skip=true", "package", "dependency:build-classpath", "-DincludeScope=runtime",
               f"-Dmdep.outputFile={project / 'build' / 'classpath.txt'}"]
    for name in names:
        say(f"Java: fetching what Maven needs for {name}")
        setup.call(command + profile_properties(name), "Maven's files could not be fetched.", env=dict(os.environ, JAVA_HOME=str(jdk)))
        shutil.rmtree(project / "build")
    for pattern in ("_remote.repositories", "*.lastUpdated", "resolver-status.properties"):
        for notes in repository.rglob(pattern):  # which server a file came from: elsewhere Maven would insist on asking it
            notes.unlink()


# --- data --------------------------------------------------------------------------------------------------------

def data_folders():
    """The data sets on this machine by name: those beside or in DIGITS_DATA, then those in the cache of downloads."""
    caches = (Path(os.environ.get("LOCALAPPDATA", "")) if os.name == "nt" else
              Path.home() / "Library" / "Caches" if sys.platform == "darwin" else
              Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"))
    found = {path.name: path for path in sorted((caches / "digits-jvm").glob("*")) if is_set(path)}
    named = os.environ.get("DIGITS_DATA", "").strip()
    if named:
        folder = Path(named).resolve()
        found.update((path.name, path) for path in (*folder.parent.glob("*mnist"), *folder.glob("*mnist")) if is_set(path))
        if not is_set(folder):
            raise Stop(f"DIGITS_DATA is {folder}, where the four files of MNIST are not all there.")
        found["mnist"] = folder
    return found


def is_set(folder):
    """Whether a folder has images and labels to train and to test on."""
    return folder.is_dir() and all(any(folder.glob(stem + "*")) for stem in NEEDED)


def copy_data(target):
    """Copies the data sets; without MNIST, notebook 1 is run first, which downloads it if it can."""
    if "mnist" not in data_folders():
        say("Data: notebook 1 fetches MNIST where it can")
        with tempfile.TemporaryDirectory() as scratch:
            setup.call([VENV_PYTHON, ROOT / "environment" / "notebooks.py", "run", "--profile", "quick", "--output", scratch,
                        NOTEBOOKS / "01_load.ipynb"], "Notebook 1 did not go through.", env=dict(os.environ, DIGITS_OUTPUT=scratch))
    for name, folder in data_folders().items():
        say(f"Data: {name}, from {folder}")
        (target / name).mkdir(parents=True)
        for file in folder.iterdir():
            if file.name.startswith(tuple(NEEDED)) and not file.name.endswith(".part"):
                shutil.copy2(file, target / name)
    if not (target / "mnist").is_dir():
        say("Data: MNIST could not be had; the sample of 5,000 digits, which is in the library, stands for it there.")


# --- all of it ---------------------------------------------------------------------------------------------------

def copy_project(target):
    """The project's files: those that git knows or would add, else all but what set-up makes."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False) if shutil.which("git") else None
    if listed and listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        made = {".git", ".venv", "build", "offline", ".ipynb_checkpoints", "__pycache__"}
        files = [file for file in ROOT.rglob("*") if file.is_file() and not made & set(file.relative_to(ROOT).parts)]
    for file in filter(Path.is_file, files):
        copy = target / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)


def main():
    """Reads the command line and puts the folder together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=BUILD / "offline" / "digits", metavar="FOLDER", help="made anew")
    parser.add_argument("--for", dest="names", nargs="+", choices=PLATFORMS, metavar="PLATFORM", help=", ".join(PLATFORMS))
    parser.add_argument("--python", dest="versions", nargs="+", default=["%d.%d" % sys.version_info[:2]], metavar="VERSION")
    arguments = parser.parse_args()
    target = arguments.to.resolve()
    if OFFLINE.is_dir():
        raise Stop("This folder is such a copy already: copy it as it is.")
    if target.exists() and any(target.iterdir()) and not (target / "offline").is_dir():
        raise Stop(f"{target} holds something else; name a folder that is empty or does not exist.")
    shutil.rmtree(target, ignore_errors=True)
    names = arguments.names or [this_platform()]
    unfinished = target.with_name(target.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    copy_project(unfinished)
    fetch_wheels(unfinished / "offline" / "wheels", names, arguments.versions)
    fetch_maven(unfinished, unfinished / "offline" / "maven", names)
    copy_data(unfinished / "offline")
    os.replace(unfinished, target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file()) / 2 ** 20
    say(f"\nReady: {shown(target)}, {size:,.0f} MB, for {', '.join(names)} with Python {', '.join(arguments.versions)}.\n"
        "Copy the folder to the computers (each with a JDK, Maven, Python and make); there: make lab")


if __name__ == "__main__":
    run_as_script(main)
