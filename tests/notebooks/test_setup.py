"""Set-up, Make, and what carries the project elsewhere: Binder, conda, Docker, a build server, a room offline."""

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
import rules
from conftest import posix, put_script, run, says, stops

import binder
import java
import kernel
import offline
import pretrained
import setup
from project import BUILD, ROOT

DATA = rules.table("elsewhere.yaml")
PINNED = re.compile(r"(?m)^[\s#\"'-]*([A-Za-z][\w.-]*)\s*={1,2}\s*([0-9][\w.]*)")


@posix
def test_prerequisites(variables, monkeypatch, tmp_path):
    def java_only(version, *tools):
        said = f"    java.home = {tmp_path}/home\n    java.specification.version = {version}"
        put_script(tmp_path / "java", f"echo '{said}\n    Effective CPU Count: 3' >&2" if version else "exit 1")
        for file in (tmp_path / "mvn", *(tmp_path / "home" / "bin" / tool for tool in tools)):
            put_script(file)
        variables(PATH=str(tmp_path))

    for version in ("17", "1.8", "11", "16", ""):
        java_only(version, *["javac"] * (version != "17"))
        words = "a runtime without a compiler" if version == "17" else f"version {version or 'unknown'}"
        stops(f"is {words}", java.find_jdk)
    java_only(21, "javac")
    assert (str(tmp_path / "home"), 21, 3) == setup.check_prerequisites()
    variables(PATH=str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    said = stops("there is no java on the PATH", setup.check_prerequisites)
    says(said, "no mvn on the PATH", "Python's venv is needed", "JDK 17 or newer", "17-jdk-headless maven python3-venv")
    variables(PATH=str(tmp_path), JAVA_HOME=str(tmp_path / "gone"))
    stops("JAVA_HOME is .*gone, where there is no bin/java", java.find_jdk)


@pytest.fixture
def library(tmp_path, variables, monkeypatch):
    """A library and a JJava to describe; returns the folder for registered kernels' kernel.json."""
    for name in ("digits.jar", "jjava/jjava.jar", "prefix/x", "classpath.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"nd4j.jar{os.pathsep}tablesaw.jar\n", encoding="utf-8")
    monkeypatch.setattr(java, "JAR", tmp_path / "digits.jar")
    monkeypatch.setattr(java, "CLASSPATH", tmp_path / "classpath.txt")
    monkeypatch.setattr(kernel, "VENV_KERNEL", tmp_path / "jjava")
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 17, 3))
    variables()
    return tmp_path / "prefix" / "share" / "jupyter" / "kernels" / "java" / "kernel.json"


def register(library, monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["kernel.py", "--register", "--prefix", str(library.parents[4]), *options])
    kernel.main()
    return json.loads(library.read_text(encoding="utf-8"))


def test_what_the_kernel_s_description_says(library, tmp_path, variables, monkeypatch):
    spec = kernel.jjava_kernelspec()
    assert (spec["language"], spec["interrupt_mode"], spec["argv"][-1]) == ("java", "message", "{connection_file}")
    for name in ("JJAVA", "IJAVA"):
        jars = spec["env"][f"{name}_CLASSPATH"].split(os.pathsep)
        assert jars == [str(tmp_path / "digits.jar"), "nd4j.jar", "tablesaw.jar"]
        assert Path(spec["env"][f"{name}_STARTUP_SCRIPTS_PATH"]).read_text(encoding="utf-8").count("live()") > 1
    options, jar = spec["argv"][1:-3], str(tmp_path / "jjava" / "jjava.jar")
    assert spec["argv"][-3:] == ["-jar", jar, "{connection_file}"], "one JVM, without JJava's launcher"
    own = ["-Dorg.slf4j.simpleLogger.logFile=System.out", "--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]
    assert options == java.jvm_options() + own
    assert options[:4] == ["-Xmx768m", "-Xms96m", "-Xmn24m", "-XX:+UseSerialGC"]
    assert {"-Dorg.bytedeco.javacpp.maxbytes=0", "-Duser.language=en"} <= set(options)
    assert {"DIGITS_OUTPUT": str(BUILD), "OMP_NUM_THREADS": "3"}.items() <= spec["env"].items()
    assert "unsafe" not in str(options)
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 23, 3))
    assert "--sun-misc-unsafe-memory-access=allow" in java.jvm_options()
    home = str(tmp_path / "jdk" / "bin")
    variables(DIGITS_THREADS=" 3 ", DIGITS_OUTPUT="out", JAVA_HOME=str(tmp_path / "jdk"), DIGITS_HEAP=" 300M")
    spec = kernel.jjava_kernelspec()
    assert spec["argv"][1:5] == ["-Xmx300m", "-Xms96m", "-Xmn24m", "-XX:+UseSerialGC"]
    variables(DIGITS_HEAP="40m")
    assert java.jvm_options()[:3] == ["-Xmx40m", "-Xms40m", "-Xmn20m"], "Java refuses a heap that starts larger"
    assert (spec["env"]["OMP_NUM_THREADS"], spec["env"]["DIGITS_OUTPUT"]) == ("3", os.path.abspath("out"))
    assert Path(spec["argv"][0]) == Path(home, "java")
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
        variables(DIGITS_HEAP=size)
        stops(f'DIGITS_HEAP is "{size}"', register, library, monkeypatch)
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
    names = ["configuration.json", "coefficients.bin", "normalizer.bin", "updaterState.bin"]

    def train(*entries, **record):
        with zipfile.ZipFile(trained, "w") as content:
            for name in entries:
                content.writestr(name, json.dumps(record) if name == "record.json" else b"weights")

    sha256 = hashlib.sha256(b"weightsweights").hexdigest()
    train(*names, "record.json", sha256=sha256, test={"accuracy": 0.99})
    first, again = (pretrained.put(trained, target) or target.read_bytes() for _ in range(2))
    with zipfile.ZipFile(target) as written:
        assert written.namelist() == [*names[:3], "record.json"]
        assert first == again and json.loads(written.read("record.json"))["sha256"] == sha256
    train(*names)
    stops("has no record", pretrained.put, trained, target)
    train(*names, "record.json", sha256="of another network", test={"accuracy": 0.99})
    stops("has no record", pretrained.put, trained, target)
    train(*names, "record.json", sha256=sha256, test=None)
    stops("has not been tested", pretrained.put, trained, target)
    assert target.read_bytes() == first


@posix
def test_make(tmp_path):
    make = functools.partial(run, "make", "--no-print-directory", cwd=ROOT)
    code, said = make("help", f"PYTHON={tmp_path}/none")
    assert code == 0 and all(f"make {name} " in said for name in ("run", "test", "lint", "offline", "seeds"))
    code, said = make("setup", f"PYTHON={tmp_path}/none")
    assert code != 0 and "Python 3.10 or newer is needed" in said and "apt install python3" in said
    numbers = [re.findall(r"notebooks/(\d\d)_", make("-n", name, "ARGS=")[1]) for name in ("run", "beyond")]
    assert [sorted({int(number) for number in each}) for each in numbers] == [[*range(1, 8)], [*range(8, 21)]]
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
    command = [sys.executable, ROOT / "environment/setup.py", "alone", sys.executable, "-c", script, tmp_path / "log"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 3


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_binder_conda_docker_and_the_build_server_take_the_same_lists_and_no_version_is_written_twice():
    assert [name for name, _ in PINNED.findall(DATA["pins"])] == ["jupyterlab", "python", "nbclient"]
    lock = {name.lower() for name, _ in PINNED.findall(read("environment/requirements.txt"))}
    assert len(lock) > 80 and "jupyter-server-proxy" in lock
    others = "\n".join(map(read, DATA["without versions"]))
    assert [name.lower() for name, _ in PINNED.findall(others)] == ["mlxtend"] and "M2.1" not in others
    for file, texts in DATA["says"].items():
        assert [text for text in texts if not re.search(text, read(file))] == [], file
    files = " ".join(re.findall(r"(?m)^COPY (?:--\S+ )*(.*) \S+$", read("environment/Dockerfile"))).split()
    hashed = re.findall(r"'([\w./]+)'", re.search("hashFiles(.*)", read(".github/workflows/test.yml")).group(1))
    assert hashed and [file for file in [*files, *hashed] if not (ROOT / file).exists()] == []
    asked = re.search(r"apt install (.*)", setup.HOW_TO_GET).group(1).replace("python3-venv", "").split()
    assert len(asked) == 2 and set(asked) <= set(read("binder/apt.txt").split())


@posix
@pytest.mark.parametrize("command, variables, fine, words, calls", DATA["scripts"], ids=str)
def test_binder_s_scripts(tmp_path, command, variables, fine, words, calls):
    for name in ("python", "make"):  # they note their arguments
        put_script(tmp_path / name, f'echo "$1 $2" >> {tmp_path}/calls\n[ "${{1##*/}}" != "$FAILS" ]')
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), **variables}
    script, *arguments = command.split()
    code, said = run(ROOT / "binder" / script, *arguments, cwd=tmp_path, env=environment)
    assert (code == 0) == fine and [text for text in words if not re.search(text, said)] == [], said
    assert (tmp_path / "calls").read_text() == calls.format(ROOT=ROOT)


def test_links_on_the_pages_and_binder_s_settings():
    for page in ("README.md", "environment/README.md"):
        links = [(ROOT / page).parent / link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page))]
        links += [ROOT / link for link in re.findall(r"\?urlpath=lab/tree/(\S+?\.ipynb)", read(page))]
        assert [link for link in links if not link.exists()] == []
    headings = re.findall("(?m)^##-(.*)$", read("environment/README.md").lower().replace(" ", "-"))
    assert set(re.findall(r"environment/README\.md#([\w-]+)", read("README.md"))) <= set(headings)
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in json.loads(read("binder/overrides.json")).items():
        schema = schemas / f"{plugin.replace(':', '/')}.json"
        assert set(settings) <= set(json.loads(schema.read_text(encoding="utf-8"))["properties"])


@posix
def test_an_offline_copy_takes_everything_from_its_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setattr(java, "OFFLINE", tmp_path / "offline")
    for name in ("wheels", "maven", "mnist"):
        assert "DIGITS_DATA" not in java.library_variables()
        (tmp_path / "offline" / name).mkdir(parents=True)
    assert java.library_variables()["DIGITS_DATA"] == str(tmp_path / "offline" / "mnist")
    _, said = run("make", "-C", tmp_path, "-f", ROOT / "Makefile", "--print-data-base", "--dry-run", "help")
    assert "\nPIP_SOURCE := --no-index --find-links offline/wheels\n" in said
    assert "\nMAVEN_LOCAL := -o -Dmaven.repo.local=offline/maven\n" in said


@posix
def test_an_offline_copy_leaves_out_the_notebook_whose_runtime_it_lacks(tmp_path):
    def beyond():
        _, said = run("make", "-C", tmp_path, "-f", ROOT / "Makefile", "--print-data-base", "--dry-run", "help")
        return re.findall(r"/(\d\d)_", re.search(r"(?m)^BEYOND := (.*)$", said).group(1))

    for name in ("13_draw_a_digit", "14_take_it_anywhere"):
        put_script(tmp_path / "notebooks" / f"{name}.ipynb")
    assert beyond() == ["13", "14"]
    (tmp_path / "offline" / "maven" / "org").mkdir(parents=True)
    assert beyond() == ["13"]
    (tmp_path / "offline" / "maven" / "com" / "microsoft" / "onnxruntime").mkdir(parents=True)
    assert beyond() == ["13", "14"]


def test_each_platform_gets_its_packages_a_profile_and_the_data_sets(monkeypatch):
    for platform, python, wanted in DATA["packages"]:
        assert list(offline.locked(DATA["lock"], platform, python)) == wanted
    assert [name for name in offline.PLATFORMS if f"<id>{name}</id>" not in read("pom.xml")] == ["linux-x86_64"]
    assert offline.profiles("windows") == "-P!linux-arm64,!macos-x86_64,!macos-arm64,windows"
    assert "!windows" in offline.profiles("linux-x86_64") and "!linux-x86_64" not in offline.profiles("macos-arm64")
    script = "print('mnist\\tC:/my data/mnist')"
    monkeypatch.setattr(java, "program", lambda main: ([sys.executable, "-c", script], None))
    assert offline.data_folders() == {"mnist": Path("C:/my data/mnist")}
    script = "raise SystemExit(1)"
    stops("could not list the data sets", offline.data_folders)


def test_only_an_empty_folder_or_an_earlier_copy_is_replaced(tmp_path, monkeypatch):
    def files_after(step, target):
        monkeypatch.setattr(sys, "argv", ["offline.py", "--to", str(target), "--for", "windows"])
        step()
        return {str(file.relative_to(target)) for file in target.rglob("*") if file.is_file()}

    copy, mine, project = tmp_path / "copy", tmp_path / "mine", tmp_path / "project"
    for file in ("pom.xml", "build/big.jar", ".git/config", "lib/A.java"):
        put_script(project / file)
    values = {"ROOT": project, "OFFLINE": project / "offline", "copy_data": Path.mkdir}
    for name, value in (values | dict.fromkeys(["fetch_wheels", "fetch_maven"], lambda *_: None)).items():
        monkeypatch.setattr(offline, name, value)
    wanted = {"lib/A.java", str(offline.MARKER), "pom.xml"}
    for target in (copy, project / "inside"):
        target.mkdir()
        assert files_after(offline.main, target) == wanted
        (target / "old").write_text("")
        assert files_after(offline.main, target) == wanted
    put_script(mine / "offline" / "thesis.tex")
    for target in (mine, mine / "offline" / "thesis.tex", tmp_path):
        stops("was not made by `make offline`", files_after, offline.main, target)
    assert (mine / "offline" / "thesis.tex").exists()
    for broken in ("copy_data", "put_in_place"):
        with monkeypatch.context() as patch, pytest.raises(OSError):
            patch.setattr(offline, broken, lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            files_after(offline.main, copy)
        assert files_after(list, copy) == wanted, "a copy that fails leaves the earlier one"
    assert sorted(os.listdir(tmp_path)) == ["copy", "mine", "project"], "nothing is left beside it"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_a_child_counts_for_binder():
    command = [sys.executable, "-c", "x = bytearray(50_000_000); print(1, flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        alone, together = binder.memory([os.getpid()]), binder.memory(binder.tree(os.getpid()))
        child.communicate(b"\n")
    assert all(both - one > 47 for one, both in zip(alone, together))
