"""Runs Java programs with the library, memory and threads of the notebooks' kernel: java.py MAIN ARGUMENT …"""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from project import BUILD, CLASSPATH, JAR, OFFLINE, Stop, run_as_script, variable

# A kernel that trains stays below 2 GB resident: Java's heap needs little (images are bytes), and the native library
# has a separate cap (maxbytes). The limit for the whole process is off because JavaCPP counts mapped libraries, too.
MEMORY = {"DIGITS_HEAP": ("-Xmx", "768m"), "DIGITS_OFF_HEAP": ("-Dorg.bytedeco.javacpp.maxbytes=", "1g")}
# UTF-8 and the language, because notebooks are to look alike under every locale; native access, because newer Javas
# otherwise print a warning in the notebook.
OPTIONS = [
    *("-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"),
    *("-Duser.language=en", "-Duser.country=US", "--enable-native-access=ALL-UNNAMED"),
]


def java_command():
    """The java of JAVA_HOME if that is set, otherwise the one on the PATH."""
    return str(Path(variable("JAVA_HOME")) / "bin" / "java") if variable("JAVA_HOME") else "java"


@functools.cache
def find_jdk():
    """The home folder and the feature version of the JDK to use, and the number of cores that it may use."""
    java, home = java_command(), variable("JAVA_HOME")
    if shutil.which(java) is None:
        missing = f"JAVA_HOME is {home}, where there is no bin/java." if home else "there is no java on the PATH."
        raise Stop(f"A JDK 17 or newer is needed: {missing}")
    command = [java, "-XshowSettings:all", "-version"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace").stdout
    keys = r"java\.home|java\.specification\.version|Effective CPU Count"
    found = dict(re.findall(rf"(?m)^ +({keys})(?: =|:) (.*?)\s*$", said))
    version = found.get("java.specification.version", "unknown")
    if not version.isdigit() or int(version) < 17:  # up to Java 8 it was “1.8”
        raise Stop(f"A JDK 17 or newer is needed: {shutil.which(java)} is version {version}.")
    if shutil.which(os.path.join(found["java.home"], "bin", "javac")) is None:
        raise Stop(f"A JDK 17 or newer is needed: {found['java.home']} is a runtime without a compiler (bin/javac).")
    cores = found.get("Effective CPU Count") or os.cpu_count() or 1  # Java knows a container's limits, on Linux only
    return found["java.home"], int(version), int(cores)


def jvm_options():
    """Java's options: caps on its memory, which the user may set, and the fixed ones."""
    sizes = []
    for name, (option, default) in MEMORY.items():
        size = variable(name).lower() or default
        if not re.fullmatch("[1-9][0-9]*[mg]", size):
            raise Stop(f'{name} is "{size}"; it must be a whole number followed by m or g, such as {default}')
        sizes.append(option + size)
    # Deeplearning4j's libraries use sun.misc.Unsafe, against which newer Javas warn; older ones reject the option
    return sizes + OPTIONS + ["--sun-misc-unsafe-memory-access=allow"] * (find_jdk()[1] >= 23)


def library_classpath():
    """The library's jar and its dependencies, as absolute paths joined for Java."""
    if not (JAR.is_file() and CLASSPATH.is_file()):
        raise Stop("The library is not built yet. Run `make setup` first.")
    return os.pathsep.join([str(JAR), CLASSPATH.read_text(encoding="utf-8").strip()])


def library_variables():
    """The environment variables that the library and its native code are started with."""
    variables = {
        "OMP_NUM_THREADS": variable("DIGITS_THREADS") or str(find_jdk()[2]),  # unset, it is 1 on some virtual machines
        # How often a thread of GCC's OpenMP looks for work before it sleeps. The default, 300,000, is no faster on an
        # idle machine, and halves the speed of training or worse when another program computes at the same time.
        "GOMP_SPINCOUNT": "3000",
        "DIGITS_OUTPUT": os.path.abspath(variable("DIGITS_OUTPUT") or BUILD),
    }
    if (OFFLINE / "mnist").is_dir():
        variables["DIGITS_DATA"] = variable("DIGITS_DATA") or str(OFFLINE / "mnist")
    return variables


def program(main, *arguments):
    """The command line and the environment of a Java program of the library."""
    command = [java_command(), *jvm_options(), "-cp", library_classpath(), main, *arguments]
    return command, {**{name: value for name, value in os.environ.items() if value.strip()}, **library_variables()}


def main():
    """Replaces this process by a Java program of the library, so that Ctrl-C reaches it."""
    command, environment = program(*sys.argv[1:])
    if os.name == "nt":  # where exec returns to the caller's prompt at once
        return subprocess.call(command, env=environment)
    return os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    run_as_script(main)
