"""Runs Java programs with the library, memory and threads of the kernel: java.py [--spark] MAIN ARGUMENT …"""

import functools
import locale
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from project import BUILD, CLASSPATH, CLUSTER_JAR, JAR, OFFLINE, SPARK, Stop, absolute, run_as_script, variable

SECRET = BUILD / "spark" / "cluster" / "secret"  # of the cluster that `make cluster` starts
HEAP = "768m"  # Java's; images are bytes. The memory of ND4J's and oneDNN's arrays is native and has no limit.
# The part of the heap for new objects, in megabytes, and its size at the start. ND4J frees native arrays after Java's
# collections: small, frequent ones by one thread halve the process's peak memory, and cost no speed (tests/benchmark).
YOUNG, START = 24, 96
# UTF-8 and the language, because notebooks are to look alike under every locale; native access, because newer Javas
# otherwise print a warning in the notebook. JavaCPP's limits are off: they count mapped libraries, but not ND4J's
# arrays.
OPTIONS = [
    *("-Dorg.bytedeco.javacpp.maxbytes=0", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Djava.awt.headless=true"),
    *("-Dfile.encoding=UTF-8", "-Duser.language=en", "-Duser.country=US", "--enable-native-access=ALL-UNNAMED"),
]


def java_command():
    """The java of JAVA_HOME if that is set, otherwise the one on the PATH."""
    return str(Path(variable("JAVA_HOME")) / "bin" / "java") if variable("JAVA_HOME") else "java"


@functools.cache
def find_jdk():
    """The home folder and the feature version of the JDK to use, and the number of cores that it may use."""
    java, home = java_command(), variable("JAVA_HOME")
    if os.pathsep in home:
        raise Stop(f"JAVA_HOME is {home}. A folder with “{os.pathsep}” in its name cannot be on the PATH: rename it.")
    if shutil.which(java) is None:
        missing = f"JAVA_HOME is {home}, where there is no bin/java." if home else "there is no java on the PATH."
        raise Stop(f"A JDK 17 or newer is needed: {missing}")
    command = [java, "-XshowSettings:all", "-version"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    said = subprocess.run(command, env={**os.environ, **utf8_locale()}, **pipes).stdout
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
    """Java's options: the size of its heap, which the user may set, and the fixed ones."""
    size = variable("DIGITS_HEAP").lower() or HEAP
    if not re.fullmatch("[1-9][0-9]*[mg]", size):
        raise Stop(f'DIGITS_HEAP is "{size}"; it must be a whole number followed by m or g, such as {HEAP}')
    start = min(START, int(size[:-1]) * (1024 if size[-1] == "g" else 1))
    return [f"-Xmx{size}", f"-Xms{start}m", f"-Xmn{min(YOUNG, start // 2)}m", "-XX:+UseSerialGC", *fixed_options()]


def fixed_options():
    """The options that every Java program of the project needs, for the JDK in use."""
    # ND4J uses sun.misc.Unsafe, against which newer Javas warn, and which later ones deny; older ones reject the option
    return [*OPTIONS, *["--sun-misc-unsafe-memory-access=allow"] * (find_jdk()[1] >= 23), *home_option()]


def usable(folder):
    """Whether this process can put files into a folder."""
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def home_option():
    """Java takes the home folder from the user database; if it lacks the user, as in some containers, HOME is it."""
    try:
        import pwd

        known = usable(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        known = False
    except ImportError:  # Windows
        known = True
    return [] if known else [f"-Duser.home={os.path.expanduser('~')}"]


@functools.cache
def utf8_locale():
    """The variable that makes Java on Linux, where it follows the locale, read file names as Python writes them."""
    if sys.platform != "linux" or sys.getfilesystemencoding() != "utf-8":
        return {}
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:  # an old Linux
        return {}
    locale.setlocale(locale.LC_CTYPE, before)
    return {"LC_ALL": "C.UTF-8"}


def entries(*files):
    """The class paths in files that Maven wrote, as lists."""
    if not all(file.is_file() for file in (JAR, *files)):
        raise Stop("The library is not built yet. Run `make setup` first, or `make spark` for a cluster.")
    return [file.read_text(encoding="utf-8").strip().split(os.pathsep) for file in files]


def library_classpath(spark=False):
    """The library's jar and its dependencies, as absolute paths joined for Java; with Apache Spark if it is wanted."""
    if spark:
        return os.pathsep.join([str(JAR), str(CLUSTER_JAR), *entries(SPARK)[0]])
    return os.pathsep.join([str(JAR), *entries(CLASSPATH)[0]])


def cluster_variables():
    """The variables for a program that uses the cluster in DIGITS_CLUSTER; none if that is unset."""
    address, secret = variable("DIGITS_CLUSTER"), variable("DIGITS_CLUSTER_SECRET")
    if not address:
        return {}
    ours, with_spark = entries(CLASSPATH, SPARK)
    # what executors need besides Spark's own jars; where both have a library, Maven has chosen a version
    jars = [str(JAR), str(CLUSTER_JAR), *[jar for jar in ours if jar in with_spark]]
    variables = {"DIGITS_CLUSTER": address, "DIGITS_CLUSTER_JARS": os.pathsep.join(jars)}
    if re.match(r"local|spark://(127\.0\.0\.1|localhost):", address):
        variables["SPARK_LOCAL_IP"] = "127.0.0.1"  # otherwise Spark's page is open to the network
        secret = secret or (SECRET.is_file() and address.startswith("spark") and str(SECRET))
    return variables | ({"DIGITS_CLUSTER_SECRET": absolute(secret)} if secret else {})


def library_variables():
    """The environment variables that the library and its native code are started with."""
    variables = {
        "OMP_NUM_THREADS": variable("DIGITS_THREADS") or str(find_jdk()[2]),  # unset, it is 1 on some virtual machines
        # How often a thread of GCC's OpenMP looks for work before it sleeps. The default, 300,000, is no faster on an
        # idle machine, and halves the speed of training or worse when another program computes at the same time.
        "GOMP_SPINCOUNT": "3000",
        "DIGITS_OUTPUT": absolute(variable("DIGITS_OUTPUT") or BUILD),
        **utf8_locale(),
        **cluster_variables(),
    }
    if (OFFLINE / "mnist").is_dir():
        variables["DIGITS_DATA"] = variable("DIGITS_DATA") or str(OFFLINE / "mnist")
    return variables


def program(main, *arguments, spark=False):
    """The command line and the environment of a Java program of the library."""
    command = [java_command(), *jvm_options(), "-cp", library_classpath(spark), main, *arguments]
    return command, {**{name: value for name, value in os.environ.items() if value.strip()}, **library_variables()}


def main():
    """Replaces this process by a Java program of the library, so that Ctrl-C reaches it."""
    arguments = sys.argv[1:]
    spark = arguments[0] == "--spark"
    command, environment = program(*arguments[spark:], spark=spark)
    if os.name == "nt":  # where exec returns to the caller's prompt at once
        return subprocess.call(command, env=environment)
    return os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    run_as_script(main)
