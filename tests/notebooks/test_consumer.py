"""The library as a dependency: Maven installs it, and a project of somebody else's is compiled and run with it.

Its local repository, build/consumer/repository, has links to everything in this machine's, and the library beside them:
nothing is downloaded twice, and nothing of ours ends up among other projects' libraries.
"""

import os
import re
import shutil
import textwrap
import zipfile
from pathlib import Path

import pytest
from conftest import posix, run

import artifacts
import java
from project import BUILD, CLASSPATH, OFFLINE, ROOT

HERE = BUILD / "consumer"
PROJECT = ROOT / "tests" / "consumer"
pytestmark = posix


def maven(*arguments):
    """Runs Maven as the Makefile does, with the repository of links."""
    options = (BUILD / "made-with" / "maven-options").read_text(encoding="utf-8").split()
    command = ["mvn", "-B", "-ntp", "-q", *options, *["-o"] * OFFLINE.is_dir(), f"-Dmaven.repo.local={HERE}/repository"]
    home = " ".join([os.environ.get("MAVEN_OPTS", ""), *java.home_option()]).strip()
    variables = {"JAVA_HOME": java.find_jdk()[0], **java.utf8_locale(), **({"MAVEN_OPTS": home} if home else {})}
    code, said = run(*command, *arguments, cwd=ROOT, env={**os.environ, **variables})
    assert code == 0, said


@pytest.fixture(scope="module")
def repository():
    """A local Maven repository into which the library has just been installed."""
    repository = HERE / "repository"
    repository.mkdir(parents=True, exist_ok=True)
    jar, name = next(artifacts.jars(CLASSPATH))
    for entry in jar.parents[name.count("/")].iterdir():
        link = repository / entry.name
        if entry.name != "digits" and not os.path.lexists(link):
            link.symlink_to(entry)
    # what `mvn install` does after the classes have been compiled and tested
    maven("-Djar.name=installed", "jar:jar", "shade:shade@default", "install:install")
    return repository


@pytest.fixture(scope="module")
def classpath(repository):
    """The class path of the consumer, which has just been compiled."""
    listed = HERE / "classpath.txt"
    output = [f"-Dbuild.folder={HERE}/target", f"-Dmdep.outputFile={listed}"]
    maven("-f", PROJECT / "pom.xml", *output, "compile", "dependency:build-classpath")
    return [str(HERE / "target" / "classes"), *listed.read_text(encoding="utf-8").strip().split(os.pathsep)]


def consumer(classpath, *arguments):
    variables = {**os.environ, **java.library_variables(), "OMP_WAIT_POLICY": "passive"}
    command = [java.java_command(), "-Xmx512m", *java.fixed_options(), "-cp", os.pathsep.join(classpath)]
    return run(*command, "com.example.Traffic", *map(str, arguments), env=variables)


def test_what_is_installed_needs_no_more_than_networks_do(repository, classpath):
    names = {Path(jar).name for jar in classpath}
    assert {"digits-0.1.0.jar", "deeplearning4j-nn-1.0.0-M2.1.jar"} < names and len(names) < 45
    unwanted = "tablesaw|xchart|bh-tsne|slf4j-simple|gson-2.11|onnxruntime|junit|archunit|jmh"
    assert [name for name in names if re.match(unwanted, name)] == []
    with zipfile.ZipFile(repository / "digits/digits/0.1.0/digits-0.1.0.jar") as jar:
        content = set(jar.namelist())
    assert {"digits/shaded/gson/Gson.class", "digits/onnx/OnnxFiles.class", "digits/versions.properties"} < content
    assert [name for name in content if name.startswith("com/")] == []


def test_a_network_that_is_not_ours_is_accelerated_trained_written_and_read(classpath, tmp_path):
    shutil.copy(ROOT / "notebooks/models/pytorch.onnx", tmp_path / "theirs.onnx")
    code, said = consumer(classpath, tmp_path)
    assert code == 0, said
    assert said.count("ok: ") == 4 and re.search("oneDNN computes 4 of 4 layers|no acceleration|helpers", said), said
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("mine.keras", "mine.onnx", "traffic.onnx"))


def test_the_readme_s_example_is_a_part_of_it():
    example = re.search("(?s)```java\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8")).group(1)
    source = (PROJECT / "src/com/example/Traffic.java").read_text(encoding="utf-8")
    assert textwrap.indent(example, " " * 8) in source and example.count(";") <= 10


def test_another_version_of_deeplearning4j_is_named_in_a_sentence(classpath, tmp_path):
    theirs = next(jar for jar in map(Path, classpath) if jar.name.startswith("deeplearning4j-nn-"))
    other = tmp_path / "deeplearning4j-nn-1.0.0-beta7.jar"
    with zipfile.ZipFile(theirs) as source, zipfile.ZipFile(other, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("deeplearning4j-nn/pom.properties"):
                content = content.replace(b"1.0.0-M2.1", b"1.0.0-beta7")
            target.writestr(entry, content)
    code, said = consumer([str(other), *classpath], tmp_path, "1.0.0-beta7")
    assert code == 0, said
    assert said.count(f"({other}): give all artifacts of org.deeplearning4j and org.nd4j") == 10, said
