"""The notebooks: the committed ones as they are, then each executed in the quick profile; and their runner.

Executed copies and what they write go to build/test. Of the variables DIGITS_…, only the folder of the data set, the
mirrors and the number of threads are passed on: the tests know what the quick profile has to come to.
"""

import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import rules
from conftest import (
    CELL_LIMIT,
    FEWER,
    LONG,
    OF_ALL,
    OUTPUT,
    QUICK,
    code,
    notebook_of,
    posix,
    problems_of,
    says,
    side_by_side,
    stops,
    with_java,
)
from test_pages import fetched

import notebooks
from project import BUILD, ROOT

PATHS = notebooks.found_notebooks()
EXECUTED = {}  # by name: the notebook and its folder
committed = functools.cache(functools.partial(nbformat.read, as_version=4))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@each_notebook
def test_committed(path):
    notebook = committed(path)
    if rules.awaits_its_run(path):
        pytest.skip(f"{path.name}: {rules.awaits_its_run(path)}; `make refresh ARGS=notebooks/{path.name}`")
    assert problems_of([*OF_ALL, rules.opens_and_ends_as_agreed], notebook) == []
    assert rules.exercises_are_solved(notebook) == []
    assert len(rules.pictures(notebook)) >= rules.EXPECTED["pictures"][path.name[:2]], "see expected.yaml"
    assert rules.comes_from_full_run(notebook, path.name) == []
    assert rules.local_links_resolve(notebook, path.parent) == []
    order = rules.reading_order([path.name for path in PATHS])
    for following in order[order.index(path.name) + 1 :][:1]:
        assert rules.links_to(notebook, following) == []


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("number, lacks, first", [(5, "untrained.zip", "04_build"), (6, "trained.zip", "05_train")])
def test_without_its_predecessor_it_says_which_notebook_to_run(number, lacks, first, tmp_path):
    words, empty = f"There is no {lacks} yet: run the notebook {first} first", {**QUICK, "DIGITS_OUTPUT": str(tmp_path)}
    stops(words, notebooks.execute, PATHS[number - 1], tmp_path / "executed", empty, CELL_LIMIT)


@pytest.fixture(scope="module")
def executed(request):
    """The notebooks that are tested in this run."""
    chosen = [item.callspec.params["path"] for item in request.session.items if item.originalname == "test_quick"]
    with side_by_side(chosen, OUTPUT) as waiting:
        yield waiting


@pytest.mark.usefixtures("live")
@each_notebook
def test_quick(path, executed):
    solved, folder = executed[path]()
    assert problems_of([rules.ran_without_errors, rules.pictures_are_whole, rules.pictures_have_words], solved) == []
    notebook = rules.without_solutions(solved)
    EXECUTED[path.name] = notebook, folder
    assert len(rules.pictures(notebook)) >= rules.EXPECTED["pictures"][path.name[:2]]
    if not rules.awaits_its_run(path):
        assert rules.same_kinds_of_output(notebook, committed(path)) == []
    assert fetched((folder / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")) == []


def test_tidy():
    assert notebooks.tidy(check=True) == 0, "run `make tidy`"


def test_quick_results():
    if len(EXECUTED) < len(PATHS):
        pytest.skip("not all notebooks were executed")
    results = json.loads((EXECUTED["06_evaluate.ipynb"][1] / "results.json").read_text(encoding="utf-8"))
    assert rules.results_are_sensible(results) == []
    texts = rules.lesson(rules.expected_counts(results["source"]))
    of_fewer = rules.lesson(rules.expected_counts(results["source"], FEWER))
    texts |= {f"{name}.ipynb": of_fewer[f"{name}.ipynb"] for name in LONG if f"{name}.ipynb" in texts}
    texts["06_evaluate.ipynb"] = [f"test accuracy {results['test_accuracy']:.4f}"]
    assert [problem for name, wanted in texts.items() for problem in rules.says(EXECUTED[name][0], wanted)] == []


@pytest.fixture
def put(tmp_path, monkeypatch):
    """A function that writes a notebook, and puts the kernel of a command line in place of the Java kernel."""
    folder = tmp_path / "kernels" / "java"
    monkeypatch.setattr(notebooks, "VENV_KERNEL", folder)

    def put(*cells, argv=(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")):
        if argv:  # without, there is no description of the kernel
            folder.mkdir(parents=True, exist_ok=True)
            spec = {"argv": argv, "display_name": "Java", "language": "java"}
            (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        nbformat.write(notebook_of(*cells), tmp_path / "1_short.ipynb")
        return tmp_path / "1_short.ipynb"

    return put


def failure(path, variables=(), **options):
    """The message with which the notebook fails, and what is kept of it."""
    folder = path.parent / "executed"
    message = stops(".", notebooks.execute, path, folder, dict(variables), **options)
    assert {path.name, f"{path.stem}.html"} <= set(os.listdir(folder))
    return message, nbformat.read(folder / path.name, as_version=4)


@pytest.mark.usefixtures("live")
def test_a_failing_cell_is_reported_and_what_ran_before_is_kept(tmp_path):
    prose = nbformat.v4.new_markdown_cell("## The bad one")
    fine = ['System.out.println("größe 1");', 'System.err.println("noise");', prose]
    nbformat.write(notebook_of(*fine, "int[] none = {};\nnone[1] = 2;", '"never"'), tmp_path / "1_bad.ipynb")
    message, kept = failure(tmp_path / "1_bad.ipynb", QUICK, cell_timeout=CELL_LIMIT)
    says(message, "1_bad.ipynb, cell 3 of 4 failed", "none[1] = 2;", "ArrayIndexOutOfBoundsException")
    assert [output.text for _, output in rules.outputs_of(kept)[:2]] == ["größe 1\n", "noise\n"]
    assert len(rules.ran_without_errors(kept)) == 2, "an error and noise"


@pytest.mark.usefixtures("live")
def test_the_stop_button_ends_a_training_within_a_batch_and_leaves_its_network_usable():
    sources = re.split("// --- .*", (Path(__file__).parent / "interrupted.jshell").read_text(encoding="utf-8"))
    said = with_java(sources, seconds=lambda cell: 3 if cell.source == sources[1] else CELL_LIMIT)
    assert said[0][1] == "" and "true, true, true, 10" in said[2][0], said


def test_a_cell_that_takes_too_long_or_kills_its_kernel(put):
    message, _ = failure(put("print('here')", "import time; time.sleep(60)"), cell_timeout=1)
    says(message, "1_short.ipynb, cell 2 of 2 was stopped", "longer than the 1.0 s", "time.sleep(60)", "kernel.log")
    says(failure(put("import os; os._exit(1)"))[0], "cell 1 of 1 stopped: the kernel died", "os._exit(1)")


def test_a_kernel_that_does_not_start(put, tmp_path):
    for argv in ([], ["no-such-java", "{connection_file}"], [sys.executable, "-c", "raise SystemExit('no such jar')"]):
        message, _ = failure(put("1", argv=argv))
        says(message, "1_short.ipynb: the Java kernel did not start", "kernel.log", "`make setup`")
    says((tmp_path / "executed" / "kernel.log").read_text(), "no such jar")


@posix
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_kernel_and_keeps_what_ran(number, put):
    path = put("import os; print(os.getpid())", "import time; time.sleep(60)")
    runner = (
        "import notebooks, project, sys; notebooks.VENV_KERNEL = project.Path(sys.argv[1]); "
        "project.run_as_script(lambda: notebooks.run([sys.argv[2]], {'DIGITS_OUTPUT': sys.argv[3]}))"
    )
    command = [sys.executable, "-c", runner, notebooks.VENV_KERNEL, path, path.parent]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=ROOT / "environment", **pipes)
    assert any("cell 2 of 2" in line for line in process.stdout)
    time.sleep(0.5)
    process.send_signal(getattr(signal, number))
    says(process.stdout.read(), "The notebook up to that point", "Stopped.")
    assert process.wait(30) == 130
    kept = nbformat.read(path.parent / "notebooks" / path.name, as_version=4)
    with pytest.raises(ProcessLookupError):
        os.kill(int(kept.cells[0].outputs[0].text), 0)


def test_tagged_cells_are_skipped_and_progress_is_printed_once_for_each_phase(put, tmp_path, capsys):
    tagged = code("print('long')", tags=["skip-execution"])
    show = "for n in range(20): display(HTML(f'<p data-progress=\"Epoch {1 + n // 10} · %d &lt;\">'))"
    path = put("print('first')", tagged, f"from IPython.display import display, HTML\n{show}", "print('last')")
    executed = notebooks.execute(path, tmp_path / "executed", {})
    texts = [output.text for _, output in rules.outputs_of(executed) if output.output_type == "stream"]
    assert texts == ["first\n", "last\n"]
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if "Epoch" in line and "display" not in line]
    assert lines == ["Epoch 1 · %d <", "Epoch 2 · %d <"]


def test_the_library_s_variables(monkeypatch):
    for name in [name for name in os.environ if name.startswith("DIGITS_")]:
        monkeypatch.delenv(name)
    for name, value in {"DATA": "data", "SEED": " 7 ", "LIMIT": "", "MIRRORS": "none"}.items():
        monkeypatch.setenv(f"DIGITS_{name}", value)
    data = {"DIGITS_DATA": os.path.abspath("data"), "DIGITS_MIRRORS": "none"}
    assert notebooks.digits_variables() == {**data, "DIGITS_SEED": "7"}, "folders are absolute, blank values unset"
    only = notebooks.digits_variables(notebooks.PLACES_AND_SPEED, DIGITS_OUTPUT="out")
    assert only == {**data, "DIGITS_OUTPUT": os.path.abspath("out")}


@pytest.mark.parametrize("profile, output", [("full", BUILD), ("quick", BUILD / "quick"), ("quick", BUILD / "mine")])
def test_a_quick_run_leaves_a_full_one_alone(profile, output, monkeypatch):
    monkeypatch.setenv("DIGITS_OUTPUT", str(output) if output.name == "mine" else "")
    monkeypatch.setattr(sys, "argv", ["notebooks.py", profile, "1.ipynb"])
    calls = []
    monkeypatch.setattr(notebooks, "run", lambda paths, variables: calls.append((paths, variables)))
    notebooks.main()
    [(paths, variables)] = calls
    assert (paths, variables["DIGITS_PROFILE"], Path(variables["DIGITS_OUTPUT"])) == (["1.ipynb"], profile, output)


def test_only_complete_results_are_committed(monkeypatch):
    for name, words in (("stdout", "ran on the sample"), ("stderr", "printed to standard error")):
        text = "This is a 5,000-digit sample" if name == "stdout" else "Warning"
        noise = nbformat.v4.new_output("stream", name=name, text=text)
        monkeypatch.setattr(notebooks, "run", lambda *_, out=noise: [notebook_of(code("x", 1, out))])
        stops(words, notebooks.executed_in_full, [Path("1_short.ipynb")], BUILD, "make refresh")
