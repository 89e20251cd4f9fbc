"""The Java kernel's description for Jupyter: its command line, class path, memory and threads.

Without options it writes the project's own, for this machine and the current settings. `make kernel` registers the
same kernel for a JupyterLab that you already have (--register); it keeps using the library in this folder.
"""

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_data_dir

from java import java_command, jvm_options, library_classpath, library_variables
from project import ROOT, VENV_KERNEL, Stop, run_as_script, say, variable, verbatim, write_atomically

NAME = "java"  # the name in the notebooks; JJava and IJava both use it
START_UP = ROOT / "environment" / "live.jshell"


def kernelspec(jar):
    """The content of kernel.json for the kernel in a jar file."""
    environment = library_variables()
    spark = bool(variable("DIGITS_CLUSTER"))
    for kernel in ("JJAVA", "IJAVA"):
        environment[f"{kernel}_CLASSPATH"] = library_classpath(spark)
        environment[f"{kernel}_STARTUP_SCRIPTS_PATH"] = str(START_UP)
    environment = {name: verbatim(value) for name, value in environment.items()}
    opened = ["--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]
    # a library's warning belongs to a cell's text: nbgrader gives no points for a check that prints an error message
    warnings = "-Dorg.slf4j.simpleLogger.logFile=System.out"
    argv = [java_command(), *jvm_options(), warnings, *opened, "-jar", str(jar), "{connection_file}"]
    command = {"argv": argv, "env": environment}
    names = {"display_name": "Java", "language": "java", "interrupt_mode": "message"}
    return {**command, **names, "metadata": {"project": str(ROOT)}}


def jjava_kernelspec():
    """The kernel with JJava, without the launcher of its package: a JVM that only waits for the kernel's."""
    return kernelspec(VENV_KERNEL / "jjava.jar")


def ijava_kernelspec(folder):
    """The kernel with IJava from an unpacked release."""
    jars = sorted(folder.glob("java/ijava-*.jar")) or sorted(folder.glob("ijava-*.jar"))
    if len(jars) != 1:
        found = ", ".join(jar.name for jar in jars) or ("no such jar" if folder.is_dir() else "no such folder")
        wanted = "one java/ijava-<version>.jar, as in the folder that IJava's ijava-<version>.zip unpacks to"
        raise Stop(f"{folder} is not a release of IJava: expected {wanted}, found: {found}.")
    return kernelspec(jars[0])


def others_kernel(folder):
    """The display name of a kernel in the folder that this project did not write; None if there is none."""
    try:
        spec = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return "unreadable"
    return None if "project" in spec.get("metadata", {}) else spec.get("display_name", "unnamed")


def register(spec, prefix, replace):
    """Installs a kernel where a JupyterLab outside this project looks for it, and returns the folder."""
    if prefix and not prefix.is_dir():
        raise Stop(f"{prefix} is not a folder. --prefix takes an existing environment's folder, its sys.prefix.")
    folder = (prefix / "share" / "jupyter" if prefix else Path(jupyter_data_dir())) / "kernels" / NAME
    other = others_kernel(folder)
    if other is not None and not replace:
        hint = "Add --replace to install this one; the other's kernel.json is kept beside it as kernel.json.before."
        raise Stop(f'{folder} already contains another kernel ("{other}").\n{hint}')
    with tempfile.TemporaryDirectory() as source:
        if folder.is_dir():  # what else is in it stays
            shutil.copytree(folder, source, dirs_exist_ok=True)
        if other is not None:
            os.replace(Path(source) / "kernel.json", Path(source) / "kernel.json.before")
        write_atomically(Path(source) / "kernel.json", json.dumps(spec, indent=2))
        return KernelSpecManager().install_kernel_spec(source, NAME, user=not prefix, prefix=prefix and str(prefix))


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--register", action="store_true", help="register it for you, in your own Jupyter folder")
    parser.add_argument("--prefix", type=Path, metavar="FOLDER", help="for the Python environment in that folder only")
    parser.add_argument("--ijava", type=Path, metavar="FOLDER", help="with the IJava release unpacked in that folder")
    parser.add_argument("--replace", action="store_true", help="in place of another kernel of that name")
    options = parser.parse_args()
    spec = ijava_kernelspec(options.ijava.resolve()) if options.ijava else jjava_kernelspec()
    if options.register:
        folder = register(spec, options.prefix and options.prefix.resolve(), options.replace)
        say(f"Registered in {folder}. To remove it: jupyter kernelspec remove {NAME}")
        say(f"It uses the library in {ROOT}: after `make clean`, or after moving it, run `make kernel` again.")
    else:
        write_atomically(VENV_KERNEL / "kernel.json", json.dumps(spec, indent=2))


if __name__ == "__main__":
    run_as_script(main)
