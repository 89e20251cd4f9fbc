"""The notebook runner, on what goes wrong: with the Java kernel, and with a Python kernel in its place."""

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
from conftest import CELL_LIMIT, QUICK, code, notebook_of, with_java

import notebooks
from project import BUILD, ROOT, Stop


@pytest.fixture
def path(tmp_path):
    """A notebook that prints and then waits."""
    nbformat.write(notebook_of("print('here')", "import time; time.sleep(60)"), tmp_path / "1_short.ipynb")
    return tmp_path / "1_short.ipynb"


def failure(path, **options):
    """The message with which the notebook fails; what ran before that is kept."""
    with pytest.raises(Stop) as caught:
        notebooks.execute(path, path.parent / "executed", {}, **options)
    assert {path.name, f"{path.stem}.html"} <= set(os.listdir(path.parent / "executed"))
    return str(caught.value)


def says(message, *words):
    """Asserts that a message contains all words."""
    assert [word for word in words if word not in message] == [], message


@pytest.mark.usefixtures("live")
def test_a_failing_cell_is_reported_and_what_ran_before_is_kept(tmp_path):
    prose = nbformat.v4.new_markdown_cell("## The bad one")
    fine = ['System.out.println("größe 1");', 'System.err.println("noise");', prose]
    nbformat.write(notebook_of(*fine, "int[] none = {};\nnone[1] = 2;", '"never"'), tmp_path / "1_bad.ipynb")
    with pytest.raises(Stop) as caught:
        notebooks.execute(tmp_path / "1_bad.ipynb", tmp_path / "executed", QUICK, CELL_LIMIT)
    says(str(caught.value), "1_bad.ipynb, cell 3 of 4 failed", "none[1] = 2;", "ArrayIndexOutOfBoundsException")
    kept = nbformat.read(tmp_path / "executed" / "1_bad.ipynb", as_version=4)
    assert [output.text for _, output in rules.outputs_of(kept)[:2]] == ["größe 1\n", "noise\n"]
    assert len(rules.ran_without_errors(kept)) == 2, "an error and noise"


@pytest.mark.usefixtures("live")
def test_the_stop_button_ends_a_training_within_a_batch_and_leaves_its_network_usable():
    sources = re.split("// --- .*", (Path(__file__).parent / "interrupted.jshell").read_text(encoding="utf-8"))
    said = with_java(sources, seconds=lambda cell: 3 if cell.source == sources[1] else CELL_LIMIT)
    assert said[0][1] == "" and "true, true, true, 10" in said[2][0], said


def test_a_cell_that_takes_too_long_or_kills_its_kernel(path, stand_in):
    stand_in()
    message = failure(path, cell_timeout=1)
    says(message, "1_short.ipynb, cell 2 of 2 was stopped", "longer than the 1.0 s", "time.sleep(60)", "kernel.log")
    nbformat.write(notebook_of("import os; os._exit(1)"), path)
    says(failure(path), "cell 1 of 1 stopped: the kernel died", "os._exit(1)")


def test_a_kernel_that_does_not_start(path, stand_in):
    for argv in ([], ["no-such-java", "{connection_file}"], [sys.executable, "-c", "raise SystemExit('no such jar')"]):
        if argv:  # without, there is no description of it
            stand_in(*argv)
        says(failure(path), "1_short.ipynb: the Java kernel did not start", "kernel.log", "`make setup`")
    says((path.parent / "executed" / "kernel.log").read_text(), "no such jar")


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_kernel_and_keeps_what_ran(number, path, stand_in):
    nbformat.write(notebook_of("import os; print(os.getpid())", "import time; time.sleep(60)"), path)
    stand_in()
    runner = (
        "import notebooks, project, sys; notebooks.VENV_KERNEL = project.Path(sys.argv[1]); "
        "project.run_as_script(lambda: notebooks.run([sys.argv[2]], {'DIGITS_OUTPUT': sys.argv[3]}))"
    )
    command = [sys.executable, "-c", runner, str(notebooks.VENV_KERNEL), str(path), str(path.parent)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "environment")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if "cell 2 of 2" in line:
            time.sleep(0.5)
            process.send_signal(number)
            break
    says(process.stdout.read(), "The notebook up to that point", "Stopped.")
    assert process.wait(30) == 130
    kept = nbformat.read(path.parent / "notebooks" / path.name, as_version=4)
    with pytest.raises(ProcessLookupError):
        os.kill(int(kept.cells[0].outputs[0].text), 0)


def test_tagged_cells_are_skipped(path, stand_in):
    tagged = code("print('long')", tags=["skip-execution"])
    nbformat.write(notebook_of("print('first')", tagged, "print('last')"), path)
    stand_in()
    executed = notebooks.execute(path, path.parent / "executed", {})
    assert [output.text for cell in executed.cells for output in cell.outputs] == ["first\n", "last\n"]


def test_progress_is_printed_once_for_each_phase(path, stand_in, capsys):
    show = "for n in range(20): display(HTML(f'<p data-progress=\"Epoch {1 + n // 10} · %d &lt;\">'))"
    nbformat.write(notebook_of(f"from IPython.display import display, HTML\n{show}"), path)
    stand_in()
    notebooks.execute(path, path.parent / "executed", {})
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


def test_only_complete_results_are_committed(monkeypatch, path):
    for text, words in (("This is a 5,000-digit sample", "ran on the sample"), (None, "printed to standard error")):
        noise = nbformat.v4.new_output("stream", name="stdout" if text else "stderr", text=text or "Warning")
        monkeypatch.setattr(notebooks, "run", lambda *_, out=noise: [notebook_of(code("x", 1, out))])
        with pytest.raises(Stop, match=words):
            notebooks.executed_in_full([path], BUILD, "make refresh")
