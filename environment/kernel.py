"""The Java kernel's description for Jupyter: what starts it, its classpath, memory and threads.

Set-up writes it into the project's own environment. This command registers the same kernel for a JupyterLab that you
already have; the kernel goes on using the library in this folder.

    python environment/kernel.py write                         the project's own anew, for this machine's cores and memory
    python environment/kernel.py register                      for you, with the project's JJava
    python environment/kernel.py register --prefix FOLDER      for the Python environment or installation in FOLDER
    python environment/kernel.py register --ijava FOLDER       with an unpacked release of IJava
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from project import BUILD, CLASSPATH, JAR, OFFLINE, ROOT, VENV_KERNEL, VENV_PYTHON, Stop, run_as_script, say, write_atomically

NAME = "java"  # the notebooks ask for this one; JJava and IJava both go by it

# A kernel that trains stays below 2 GB resident: what Java itself holds is little (the images are bytes), what the
# native library holds is capped apart. The limit on the whole process is off, because JavaCPP's way of measuring it
# counts the mapped libraries too. UTF-8 and the language, because Java else follows the machine's locale, and a notebook's
# texts and numbers are to look alike everywhere. Native access, because newer Javas else warn in the notebook when the
# native library is loaded.
# JJava's launcher gets these joined by spaces and takes them apart at white space, so none may hold a space or a quote.
JVM_OPTIONS = [
    "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",
    "-Duser.country=US",
    "--enable-native-access=ALL-UNNAMED",
]


MEMORY = [  # the variable that sets it, the option, its size otherwise
    ("DIGITS_HEAP", "-Xmx", "768m"),
    ("DIGITS_OFF_HEAP", "-Dorg.bytedeco.javacpp.maxbytes=", "1g"),
]


def jvm_options():
    """Java's options: the caps on its memory, which may be set for a small machine, and the rest."""
    return [option + _size(name, otherwise) for name, option, otherwise in MEMORY] + JVM_OPTIONS


def _size(name, otherwise):
    text = os.environ.get(name, "").strip().lower() or otherwise
    if not re.fullmatch("[1-9][0-9]*[mg]", text):
        raise Stop('%s is "%s"; it has to be a whole number followed by m or g, such as %s' % (name, text, otherwise))
    return text


def java_command():
    """JAVA_HOME's java where that is set, else the one on the PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def library_classpath():
    """The library's jar and everything that it needs, as absolute paths."""
    return [str(JAR)] + CLASSPATH.read_text(encoding="utf-8").strip().split(os.pathsep)


def usable_cores():
    """How many cores this process may use: fewer than the machine has in a container or under taskset."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for quota, period in _cgroup_limits():
        cores = min(cores, max(1, quota // period))
    return cores


def _cgroup_limits():
    """(quota, period) of processor time as Linux's control groups give it to a container, versions 2 and 1."""
    def numbers(*files):
        try:
            return [int(word) for file in files for word in Path(file).read_text().split()]
        except (OSError, ValueError):  # no such limit, or "max"
            return []

    cpu = "/sys/fs/cgroup/cpu/"
    for found in numbers("/sys/fs/cgroup/cpu.max"), numbers(cpu + "cpu.cfs_quota_us", cpu + "cpu.cfs_period_us"):
        if len(found) == 2 and min(found) > 0:
            yield found


def kernel_environment():
    """The variables that the kernel is started with: those of JJava, those of IJava, and the library's own."""
    classpath = os.pathsep.join(library_classpath())
    variables = {
        "JJAVA_CLASSPATH": classpath,
        "IJAVA_CLASSPATH": classpath,
        "JJAVA_JVM_OPTS": " ".join(jvm_options()),
        # unset, it means one thread on some virtual machines
        "OMP_NUM_THREADS": os.environ.get("DIGITS_THREADS", "").strip() or str(usable_cores()),
        # how often GCC's OpenMP looks for the next piece of work before a thread sleeps. Its own 300,000 is no faster when the
        # machine is ours alone, and trains at half the speed or less when another program computes too
        "GOMP_SPINCOUNT": "3000",
        "DIGITS_OUTPUT": os.path.abspath(os.environ.get("DIGITS_OUTPUT", "").strip() or BUILD),
    }
    if (OFFLINE / "mnist").is_dir():
        variables["DIGITS_DATA"] = os.environ.get("DIGITS_DATA", "").strip() or str(OFFLINE / "mnist")
    if os.environ.get("JAVA_HOME"):  # JJava's launcher starts the «java» that it finds on the PATH
        variables["PATH"] = str(Path(os.environ["JAVA_HOME"]) / "bin") + os.pathsep + "${PATH}"
    return variables


def kernelspec(argv):
    """The content of kernel.json for a command line that starts the kernel."""
    return {
        "argv": argv,
        "display_name": "Java",
        "language": "java",
        "interrupt_mode": "message",
        "env": kernel_environment(),
        "metadata": {"project": str(ROOT)},
    }


def jjava_kernelspec():
    """The kernel with JJava, started as JJava's own package starts it."""
    jars = ["jjava-launcher.jar", "jjava.jar"]
    for jar in jars:
        if not (VENV_KERNEL / jar).is_file():
            raise Stop("%s is missing. `make setup` installs JJava." % (VENV_KERNEL / jar))
    return kernelspec([java_command(), "-Xmx64m", "-jar"] + [str(VENV_KERNEL / jar) for jar in jars] + ["{connection_file}"])


def ijava_kernelspec(folder):
    """The kernel with IJava from an unpacked release; its JVM options have to be on the command line."""
    folder = Path(folder).resolve()
    jars = sorted(folder.glob("java/ijava-*.jar")) or sorted(folder.glob("ijava-*.jar"))
    if len(jars) != 1:
        found = ", ".join(jar.name for jar in jars) or ("no such jar" if folder.is_dir() else "no such folder")
        raise Stop("%s is not an unpacked release of IJava: one java/ijava-<version>.jar was expected there, found: %s.\n"
                   "Unpack ijava-<version>.zip from IJava's releases and name the folder that it makes." % (folder, found))
    options = jvm_options() + ["--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]  # JJava's launcher adds that itself
    return kernelspec([java_command()] + options + ["-jar", str(jars[0]), "{connection_file}"])


def write_kernelspec(folder, spec):
    """Writes kernel.json into a folder, whole or not at all; returns whether anything changed."""
    return write_atomically(Path(folder) / "kernel.json", json.dumps(spec, indent=2, ensure_ascii=False) + "\n")


def others_kernel(folder):
    """The display name of a kernel in that folder that this project did not write; None if there is none."""
    try:
        spec = json.loads((Path(folder) / "kernel.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return "unreadable"
    return None if "project" in spec.get("metadata", {}) else spec.get("display_name", "unnamed")


def write(arguments):
    """Writes the project's own description of the kernel anew, for the machine that it is on now."""
    require_library()
    write_kernelspec(VENV_KERNEL, jjava_kernelspec())


def require_library():
    """Stops where nothing has been built that a kernel could use."""
    if not (JAR.is_file() and CLASSPATH.is_file() and VENV_PYTHON.exists()):
        raise Stop("The library is not built yet. Run `make setup` first.")


def register(arguments):
    """Writes the kernel's description where a JupyterLab outside this project looks for it."""
    require_library()
    spec = ijava_kernelspec(arguments.ijava) if arguments.ijava else jjava_kernelspec()
    if arguments.prefix:
        prefix = Path(arguments.prefix).resolve()
        if not prefix.is_dir():
            raise Stop("%s is no folder. --prefix wants the folder of a Python environment or installation that exists, the "
                       "one that its sys.prefix names." % prefix)
        data = prefix / "share" / "jupyter"
    else:
        answer = subprocess.run([str(VENV_PYTHON), "-m", "jupyter", "--data-dir"], check=True, stdout=subprocess.PIPE,
                                universal_newlines=True)
        data = Path(answer.stdout.strip())
    folder = data / "kernels" / NAME
    other = others_kernel(folder)
    if other is not None:
        if not arguments.replace:
            raise Stop("%s already holds another kernel (\"%s\").\nAdd --replace to put this one in its place; the "
                       "other's kernel.json is kept beside it as kernel.json.before." % (folder, other))
        os.replace(str(folder / "kernel.json"), str(folder / "kernel.json.before"))
    write_kernelspec(folder, spec)
    say("Registered the kernel \"%s\" (name %s, %s) in\n  %s\nIt uses the library and its settings in %s; after "
        "`make clean` or when that folder has moved, register it again with `make kernel`.\n"
        "To remove it: jupyter kernelspec remove %s"
        % (spec["display_name"], NAME, "IJava" if arguments.ijava else "JJava", folder, ROOT, NAME))


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(metavar="command", required=True)
    command = commands.add_parser("write", help="write the project's own kernel anew, for this machine's cores and memory")
    command.set_defaults(call=write)
    command = commands.add_parser("register", help="register the kernel for a JupyterLab that you already have")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for you, in your own Jupyter folder (as without any option)")
    where.add_argument("--prefix", metavar="FOLDER", help="for the Python environment or installation in that folder")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--jjava", action="store_true", help="with the project's JJava (as without any option)")
    which.add_argument("--ijava", metavar="FOLDER", help="with the IJava release that was unpacked into that folder")
    command.add_argument("--replace", action="store_true", help="put it in the place of another kernel of that name")
    command.set_defaults(call=register)
    arguments = parser.parse_args()
    return arguments.call(arguments)


if __name__ == "__main__":
    run_as_script(main)
