"""Set-up, the kernel's description, the trained network and Make itself, tried on what goes wrong."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import java
import kernel
import pretrained
import setup
from project import BUILD, ROOT, Stop

posix = pytest.mark.skipif(os.name == "nt", reason="uses shell scripts")


@pytest.fixture
def variables(monkeypatch):
    """Replaces the process's variables; what is not named is unset, apart from what a system needs."""
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "HOME") if name in os.environ}

    def replace(**values):
        monkeypatch.setattr(os, "environ", needed | values)

    forget = java.find_jdk.cache_clear
    forget()
    yield replace
    forget()


@pytest.fixture
def programs(tmp_path, variables):
    """Makes a folder with these shell scripts the whole PATH."""

    def make(**scripts):
        java.find_jdk.cache_clear()
        variables(PATH=str(tmp_path))
        for name, script in scripts.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (tmp_path / name).chmod(0o755)

    return make


def fake_java(home, version, *tools):
    """A java of that version whose home has these tools."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "bin").mkdir(parents=True)
    for tool in tools:
        (home / "bin" / tool).write_text("")
        (home / "bin" / tool).chmod(0o755)
    cores = "    Effective CPU Count: 3"
    return f"echo '    java.home = {home}\n    java.specification.version = {version}\n{cores}' >&2"


@posix
def test_prerequisites(programs, monkeypatch, tmp_path):
    programs(java=fake_java(tmp_path / "home", 21, "javac"), mvn="")
    assert setup.check_prerequisites() == (str(tmp_path / "home"), 21, 3)
    (tmp_path / "java").unlink()
    (tmp_path / "mvn").unlink()
    programs()
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(Stop) as caught:
        setup.check_prerequisites()
    missing = ("there is no java on the PATH", "no mvn on the PATH", "Python's venv is needed", "JDK 17 or newer")
    wanted = (*missing, "openjdk-17-jdk", " maven", "python3-venv")
    assert [words for words in wanted if words not in str(caught.value)] == []


@posix
@pytest.mark.parametrize("version", ["1.8", "11", "16", "unknown", 17])
def test_a_java_that_will_not_do(programs, variables, tmp_path, version):
    tools = [] if version == 17 else ["javac"]
    programs(java="exit 1" if version == "unknown" else fake_java(tmp_path / "home", version, *tools))
    with pytest.raises(Stop, match="is a runtime without a compiler" if version == 17 else f"is version {version}"):
        java.find_jdk()
    variables(PATH=str(tmp_path), JAVA_HOME=str(tmp_path / "gone"))
    with pytest.raises(Stop, match="JAVA_HOME is .*gone, where there is no bin/java"):
        java.find_jdk()


@pytest.fixture
def library(tmp_path, variables, monkeypatch):
    """A library and a JJava to describe; returns the folder for registered kernels' kernel.json."""
    jjava = tmp_path / "jjava"
    jjava.mkdir()
    for file in (tmp_path / "digits.jar", jjava / "jjava.jar", jjava / "jjava-launcher.jar"):
        file.write_text("")
    (tmp_path / "classpath.txt").write_text(f"nd4j.jar{os.pathsep}tablesaw.jar\n", encoding="utf-8")
    monkeypatch.setattr(java, "JAR", tmp_path / "digits.jar")
    monkeypatch.setattr(java, "CLASSPATH", tmp_path / "classpath.txt")
    monkeypatch.setattr(kernel, "VENV_KERNEL", jjava)
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 17, 3))
    variables()
    (tmp_path / "prefix").mkdir()
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
    assert {"DIGITS_OUTPUT": str(BUILD), "OMP_NUM_THREADS": "3"}.items() <= spec["env"].items() and "PATH" not in spec[
        "env"
    ]
    assert not any("unsafe" in option for option in options)
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 23, 3))
    assert "--sun-misc-unsafe-memory-access=allow" in java.jvm_options()

    home = str(tmp_path / "jdk" / "bin")
    variables(DIGITS_THREADS=" 3 ", DIGITS_OUTPUT="out", JAVA_HOME=str(tmp_path / "jdk"), DIGITS_HEAP=" 300M")
    spec = kernel.jjava_kernelspec()
    assert spec["env"]["JJAVA_JVM_OPTS"].startswith("-Xmx300m -Dorg.bytedeco.javacpp.maxbytes=1g ")
    assert (spec["env"]["OMP_NUM_THREADS"], spec["env"]["DIGITS_OUTPUT"]) == ("3", os.path.abspath("out"))
    assert (Path(spec["argv"][0]), spec["env"]["PATH"]) == (Path(home, "java"), home + os.pathsep + "${PATH}")


def test_ijava_has_the_options_on_its_command_line(library, tmp_path, monkeypatch):
    (tmp_path / "ijava" / "java").mkdir(parents=True)
    (tmp_path / "ijava" / "java" / "ijava-1.3.0.jar").write_text("")
    argv = register(library, monkeypatch, "--ijava", str(tmp_path / "ijava"))["argv"]
    assert set(java.jvm_options()) <= set(argv) and argv[argv.index("-jar") + 1].endswith("ijava-1.3.0.jar")


@pytest.mark.parametrize("option, name, words", [
    ("--ijava", "gone", "expected one java/ijava-<version>.jar.*found: no such folder"),
    ("--ijava", "empty", "expected one java/ijava-<version>.jar.*found: no such jar"),
    ("--prefix", "gone", "gone is not a folder"),
])  # fmt: skip
def test_folders_that_will_not_do(library, tmp_path, monkeypatch, option, name, words):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Stop, match=words):
        register(library, monkeypatch, option, str(tmp_path / name))
    assert not library.exists() and not (tmp_path / "gone").exists()


@pytest.mark.parametrize("content, name", [('{"display_name": "My Java", "argv": []}', "My Java"), ("{", "unreadable")])
def test_another_kernel_is_left_alone_unless_told(library, monkeypatch, content, name):
    library.parent.mkdir(parents=True)
    (library.parent / "ijava.jar").write_text("")
    library.write_text(content, encoding="utf-8")
    with pytest.raises(Stop, match=f'"{name}"(?s:.*)--replace'):
        register(library, monkeypatch)
    assert library.read_text(encoding="utf-8") == content
    assert register(library, monkeypatch, "--replace") == kernel.jjava_kernelspec() == register(library, monkeypatch)
    assert library.with_name("kernel.json.before").read_text(encoding="utf-8") == content
    assert (library.parent / "ijava.jar").exists()


@pytest.mark.parametrize("text", ["lots", "-1m", "0g", "1.5g", "700"])
def test_memory_that_is_not_a_size(variables, text):
    variables(DIGITS_OFF_HEAP=text)
    with pytest.raises(Stop, match=f'DIGITS_OFF_HEAP is "{text}"'):
        java.jvm_options()


def test_before_set_up(library, monkeypatch, tmp_path):
    (tmp_path / "digits.jar").unlink()
    with pytest.raises(Stop, match="make setup"):
        register(library, monkeypatch)


def test_the_library_s_network_has_no_updater_state_and_a_fitting_record(tmp_path):
    trained, target = tmp_path / "trained.zip", tmp_path / "library" / "walkthrough.zip"
    with pytest.raises(Stop, match="There is no .*make run"):
        pretrained.put(trained, target)
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
    with pytest.raises(Stop, match="belongs to another training"):
        pretrained.put(trained, target)


def make(*arguments, cwd=ROOT, **options):
    """What Make prints, and its exit code."""
    command = ["make", "--no-print-directory", *arguments]
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.stdout, done.returncode


@posix
def test_make(tmp_path):
    said, code = make("help", f"PYTHON={tmp_path}/none")
    assert code == 0 and all(f"make {name} " in said for name in ("run", "test", "lint", "offline", "seeds"))
    said, code = make("setup", f"PYTHON={tmp_path}/none")
    assert code != 0 and "Python 3.10 or newer is needed" in said and "apt install python3" in said
    walkthrough, beyond = (make("-n", name, "ARGS=")[0] for name in ("run", "beyond"))
    for number in range(1, 14):
        found = [f"notebooks/{number:02}_" in said for said in (walkthrough, beyond)]
        assert found == [number < 8, number > 7]
    assert make("-n", "run", "ARGS=notebooks/01_load.ipynb")[0].count(".ipynb") == 1


@posix
def test_make_clean_leaves_another_s_environment_alone(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "environment", tmp_path / "environment")
    (tmp_path / "conda").mkdir()
    (tmp_path / ".venv").symlink_to(tmp_path / "conda")
    assert make("clean", f"PYTHON={sys.executable}", cwd=tmp_path)[1] == 0
    assert (tmp_path / "conda").is_dir() and not os.path.lexists(tmp_path / ".venv")
    (tmp_path / ".venv").mkdir()
    said, code = make("here", f"PYTHON={sys.executable}", cwd=tmp_path)
    assert code != 0 and "make clean" in said and (tmp_path / ".venv").is_dir()


def test_only_one_set_up_works_at_a_time(tmp_path):
    script = "import sys, time; log = open(sys.argv[1], 'a', 1); log.write('begin '); time.sleep(1); log.write('end ')"
    program = [sys.executable, "-c", script, str(tmp_path / "log")]
    command = [sys.executable, str(ROOT / "environment" / "setup.py"), "alone", *program]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 3
