"""What the tests of the notebooks share."""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import nbformat
import pytest
import rules
from nbclient import NotebookClient

import java
import notebooks
from project import BUILD, NOTEBOOKS, Stop

OUTPUT = BUILD / "test"
QUICK = notebooks.digits_variables(notebooks.PLACES_AND_SPEED, DIGITS_PROFILE="quick", DIGITS_OUTPUT=OUTPUT)
QUICK["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1"  # a short life does not repay a thorough compilation
ONE_THREAD = {**QUICK, "DIGITS_THREADS": "1", "OMP_NUM_THREADS": "1"}
CELL_LIMIT = 600  # seconds; the longest cell, the quick training, takes a fraction of it

TRAINED = ["04_build", "05_train", "06_evaluate", "08_save_and_load", "12_look_inside"]  # need those before them
# begun first, and with fewer images, for they train many networks
LONG = [
    *("07_99_percent_in_a_minute", "10_optimizers", "11_data_sets", "09_architectures", "19_where_it_breaks"),
    *("17_overfitting", "14_take_it_anywhere", "18_how_sure", "20_top_of_the_ladder"),
]
FEWER = 2_000

ON_A_CLUSTER = "15_beyond_one_machine"

OF_ALL = [
    rules.ran_without_errors,
    rules.executed_in_order,
    rules.holds_nothing_unfit,
    rules.pictures_are_whole,
    rules.pictures_have_words,
]
posix = pytest.mark.skipif(os.name == "nt", reason="uses shell scripts or signals")


def stops(words, function, *arguments, **options):
    with pytest.raises(Stop, match=words) as caught:
        function(*arguments, **options)
    return str(caught.value)


def says(message, *words):
    assert [word for word in words if word not in message] == [], message


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return done.returncode, done.stdout


def put_script(file, script=""):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def code(source, count=None, *outputs, **metadata):
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)


def notebook_of(*cells):
    return nbformat.v4.new_notebook(cells=[code(cell) if isinstance(cell, str) else cell for cell in cells])


def problems_of(rules, *arguments):
    return [f"not so: {rule.__doc__} {problem}" for rule in rules for problem in rule(*arguments)]


@contextmanager
def cluster():
    """A Spark cluster of two workers with one core each: the variables of a kernel that uses it."""
    command, environment = java.program("digits.cluster.LoopbackCluster", BUILD / "test-cluster", "0", spark=True)
    environment |= {"DIGITS_THREADS": "1", "JDK_JAVA_OPTIONS": QUICK["JDK_JAVA_OPTIONS"]}
    with subprocess.Popen(list(map(str, command)), env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.search(r"running at (\S+);", line)
            assert found, line
            named = {"DIGITS_CLUSTER": found[1], "DIGITS_CLUSTER_SECRET": str(BUILD / "test-cluster" / "secret")}
            with pytest.MonkeyPatch.context() as patch:
                for name, value in named.items():
                    patch.setenv(name, value)
                yield java.cluster_variables() | {"JJAVA_CLASSPATH": java.library_classpath(spark=True)}
        finally:
            process.terminate()


@contextmanager
def side_by_side(paths, output, solutions=rules.solution_cells, more=lambda path: {}):
    """Executes notebooks, two at a time with one thread each: by path, functions that wait for (notebook, folder).

    A notebook's folder is its DIGITS_OUTPUT: one for all that need each other, otherwise one of its own. `more` returns
    further variables. The solutions of a notebook's exercises are executed after its cells.
    """

    def execute(paths):
        folder = output / paths[-1].stem
        settings = {**ONE_THREAD, "DIGITS_OUTPUT": str(folder)} | more(paths[0])
        if paths[0].stem in LONG:
            settings = {"DIGITS_LIMIT": str(FEWER)} | settings
        with cluster() if paths[0].stem == ON_A_CLUSTER else nullcontext({}) as found:
            settings |= found
            executed = folder / "notebooks"
            each = [(path, solutions(nbformat.read(path, as_version=4))) for path in paths]
            return [(notebooks.execute(path, executed, settings, CELL_LIMIT, cells), folder) for path, cells in each]

    chains = [[path for path in paths if path.stem in TRAINED]] + [[path] for path in paths if path.stem not in TRAINED]
    chains = [chain for chain in chains if chain]
    first = [ON_A_CLUSTER, *LONG]  # so that no long one is left to run alone at the end
    chains.sort(key=lambda chain: first.index(chain[0].stem) if chain[0].stem in first else len(first) - len(chain))
    with ThreadPoolExecutor(2) as pool:
        futures = [(chain, pool.submit(execute, chain)) for chain in chains]
        yield {
            path: lambda done=future, n=n: done.result()[n] for chain, future in futures for n, path in enumerate(chain)
        }
        pool.shutdown(cancel_futures=True)


def with_java(sources, output=OUTPUT, seconds=lambda cell: CELL_LIMIT):
    """Executes sources in a fresh Java kernel, also after errors: a list of (text, error, standard error).

    A cell that takes longer than its `seconds` is interrupted, as by JupyterLab's stop button.
    """
    output.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(notebook_of(*sources), allow_errors=True, timeout_func=seconds, interrupt_on_timeout=True)
    client.km = notebooks.java_kernel({**ONE_THREAD, "DIGITS_OUTPUT": str(output)})
    client.execute(cleanup_kc=True, cwd=NOTEBOOKS / "exercises", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    said = [{"stdout": "", "error": "", "stderr": ""} for _ in sources]
    for number, out in rules.outputs_of(client.nb):
        texts = said[number - 1]
        texts["error"] += "\n".join(out.get("traceback", []))
        texts[out.get("name", "stdout")] += out.get("text", "") + out.get("data", {}).get("text/plain", "")
    return [tuple(texts.values()) for texts in said]


@pytest.fixture(scope="session", autouse=True)
def fresh_output():
    """A notebook must not depend on what an earlier run left."""
    shutil.rmtree(OUTPUT, ignore_errors=True)


@pytest.fixture
def variables(monkeypatch):
    """Replaces the process's variables; what is not named is unset, apart from what a system needs."""
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "HOME") if name in os.environ}
    forget = java.find_jdk.cache_clear
    yield lambda **values: forget() or monkeypatch.setattr(os, "environ", needed | values)
    forget()


@pytest.fixture
def live(capsys):
    with capsys.disabled():
        print()
        yield
