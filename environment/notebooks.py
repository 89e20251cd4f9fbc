"""Runs the notebooks without a browser, and keeps the committed ones in their form.

notebooks.py full NOTEBOOK …    executes them with the full settings; results and HTML in build/notebooks
notebooks.py quick NOTEBOOK …   the same on less data and fewer epochs; everything in build/quick
notebooks.py refresh [NOTEBOOK …] executes all with the full settings and puts the results into notebooks/
notebooks.py tidy [--check]     removes from notebooks/ what changes from run to run, or only reports it
"""

import asyncio
import base64
import html
import json
import os
import re
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbclient.util import run_sync
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import ClearOutputPreprocessor

import pages
from normalize import normalize
from project import (
    BUILD,
    NOTEBOOKS,
    VENV_KERNEL,
    Stop,
    absolute,
    run_as_script,
    say,
    shown,
    try_to_lock,
    variable,
    verbatim,
    write_atomically,
)

PLACES_AND_SPEED = (
    *("DIGITS_DATA", "DIGITS_MIRRORS", "DIGITS_THREADS"),
    *("DIGITS_CLUSTER", "DIGITS_CLUSTER_SECRET"),
)  # variables that do not change a profile's results
SAMPLE = "5,000-digit sample"  # in the banner above results that are not from the whole data set
PROGRESS = re.compile(r'data-progress="([^"]*)"')
LOGGED = re.compile(r"(?m)^(WARN|ERROR) [\w.$]+ - ")  # by slf4j-simple, see simplelogger.properties
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.M)


class Runner(NotebookClient):
    """nbclient, which prints each cell and its progress: on a terminal in place, else each phase and every 5 s."""

    def __init__(self, notebook, **options):
        super().__init__(notebook, on_cell_execute=self.starts, on_cell_executed=self.ended, **options)
        self.where, self.cell, self.in_place, self.phase, self.told = "", None, False, "", 0.0
        self.cleaning = asyncio.Lock()

    def starts(self, cell, cell_index):
        cells = [index for index, each in enumerate(self.nb.cells) if each.cell_type == "code" and each.source.strip()]
        self.where, self.cell = f"cell {cells.index(cell_index) + 1} of {len(cells)}", cell
        say(f"  {self.where}  {title(self.nb, cell_index)}")

    def ended(self, cell, cell_index, execute_reply):
        print("\n" * self.in_place, end="")
        self.in_place, self.phase = False, ""

    def process_message(self, msg, cell, cell_index):
        """Looks for progress in what a cell displays (there is no hook for that); up to “ · ” it names its phase."""
        for text in map(html.unescape, PROGRESS.findall(msg["content"].get("data", {}).get("text/html", ""))[:1]):
            phase, now = text.partition(" · ")[0], time.monotonic()
            if sys.stdout.isatty():
                print(f"\r\x1b[K      {text[: shutil.get_terminal_size().columns - 8]}", end="", flush=True)
                self.in_place = True
            elif phase != self.phase or now - self.told >= 5:
                say(f"      {text}")
                self.phase, self.told = phase, now
        return super().process_message(msg, cell, cell_index)

    async def _async_cleanup_kernel(self):
        """After a signal or a failed start, nbclient cleans up twice, and fails where nothing is left to do."""
        async with self.cleaning:
            if self.km is not None:
                await super()._async_cleanup_kernel()

    _cleanup_kernel = run_sync(_async_cleanup_kernel)


def title(notebook, index):
    """The nearest heading above a code cell, and the first line of the cell that does something."""
    prose = "\n".join(cell.source for cell in notebook.cells[:index] if cell.cell_type == "markdown")
    lines = [line.strip() for line in notebook.cells[index].source.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("//", "/*", "*", "import "))] or lines
    return " · ".join(HEADING.findall(prose)[-1:] + telling[:1])[:100]


def duration(seconds):
    """Seconds as a person says them."""
    return f"{seconds:.1f} s" if seconds < 60 else "{} min {:02d} s".format(*divmod(round(seconds), 60))


def digits_variables(only=None, **fixed):
    """The variables for the library: the DIGITS_ variables of this process, or `only` some of them, and fixed ones.

    Folders become absolute: kernels run in the notebooks' folder, but users name folders relative to their own.
    """
    names = [name for name in os.environ if name.startswith("DIGITS_") and variable(name) and name in (only or [name])]
    variables = {**{name: variable(name) for name in names}, **fixed}
    paths = {name: absolute(variables[name]) for name in {"DIGITS_DATA", "DIGITS_OUTPUT"} & set(variables)}
    return {name: paths.get(name, str(value)) for name, value in variables.items()}


def java_kernel(variables):
    """A manager of the project's own kernel, with exactly these DIGITS_ variables."""
    specs = KernelSpecManager(kernel_dirs=[str(VENV_KERNEL.parent)], ensure_native_kernel=False)
    manager = AsyncKernelManager(kernel_name="java", kernel_spec_manager=specs)
    # these override the process's environment
    manager.kernel_spec.env.update({name: verbatim(value) for name, value in variables.items()})
    return manager


def run_cells(path, notebook, variables, cell_timeout, log):
    """Executes the cells in a fresh kernel. Raises Stop; KeyboardInterrupt after Ctrl-C or SIGTERM."""
    client = Runner(notebook, timeout=cell_timeout)
    others = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    try:
        client.km = java_kernel(variables)
        client.execute(cleanup_kc=True, cwd=path.parent, env=others, stdout=log, stderr=log)
    except (CellExecutionError, NoSuchKernel, OSError, RuntimeError) as problem:
        if hasattr(client, "_async_cleanup_kernel_future"):  # nbclient's handler of signals has ended the kernel
            raise KeyboardInterrupt from None
        shows = f"What the kernel printed is in {shown(log.name)}."
        if not client.where:
            hint = "`make setup` looks for Java and writes the kernel's description again."
            raise Stop(f"{path.name}: the Java kernel did not start: {problem}\n{shows} {hint}") from None
        what = "stopped: the kernel died (out of memory?) while it executed"
        if isinstance(problem, CellExecutionError):
            errors = [output.traceback for output in client.cell.outputs if output.output_type == "error"]
            what, shows = "failed:", strip_ansi("\n".join(sum(errors, [])))
        elif isinstance(problem, CellTimeoutError):
            what = f"was stopped: it took longer than the {duration(cell_timeout)} that a cell may take here"
        source = "\n".join("    " + line for line in client.cell.source.splitlines())
        raise Stop(f"{path.name}, {client.where} {what}\n\n{source}\n\n{shows}") from None


def execute(path, output, variables, cell_timeout=None, more=()):
    """Executes a notebook in a fresh kernel, then `more` cells; returns it in the committed form.

    It is written into the output folder with its HTML, also when the kernel does not start, or when a cell fails or
    takes longer than `cell_timeout` seconds (None: no limit): all of these raise Stop.
    """
    path = Path(path).resolve()
    if not path.is_file():
        raise Stop(f"{shown(path)} is not a file.")
    notebook, _ = ClearOutputPreprocessor().preprocess(nbformat.read(path, as_version=4), {})
    notebook.cells += more
    output.mkdir(parents=True, exist_ok=True)
    try:
        with open(output / "kernel.log", "wb") as log:
            run_cells(path, notebook, variables, cell_timeout, log)
    except BaseException:
        say(f"\nThe notebook up to that point: {shown(output / path.name)}")
        raise
    finally:
        executed = normalize(notebook)
        write_notebook(output / path.name, executed)
        write_atomically(output / f"{path.stem}.html", pages.page(executed, path.parent, path.stem))
    return executed


def write_notebook(path, notebook):
    """Writes a notebook file; returns whether that changed it."""
    return write_atomically(path, nbformat.writes(notebook) + "\n")


def found_notebooks(folder=NOTEBOOKS):
    """The numbered notebooks in a folder, in order."""
    return sorted(folder.glob("[0-9]*.ipynb"))


@contextmanager
def only_run_in(folder):
    """Keeps other runs out of an output folder: two would overwrite each other's results."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "run.lock", "a+") as lock:
        if not try_to_lock(lock):
            hint = "wait for its end, or name another one: DIGITS_OUTPUT=FOLDER"
            raise Stop(f"Another run is writing into the folder {shown(folder)}: {hint}")
        yield


def needs_cluster(path):
    """Whether a notebook imports what exists only with a cluster."""
    return path.is_file() and "import digits.cluster" in path.read_text(encoding="utf-8")


def without_cluster(paths):
    """The notebooks that can be executed: without a cluster, those that need none."""
    left = [path for path in paths if variable("DIGITS_CLUSTER") or not needs_cluster(Path(path))]
    if len(left) < len(paths):
        hint = "the notebook on clusters needs one: make cluster shows how"
        if not left:
            raise Stop(f"DIGITS_CLUSTER is not set, and {hint}.")
        say(f"Left out, because DIGITS_CLUSTER is not set: {hint}.")
    return left


def run(paths, variables):
    """Executes notebooks in order, stopping at the first that fails; returns them executed."""
    begun, folder, executed = time.time(), Path(variables["DIGITS_OUTPUT"]), []
    with only_run_in(folder):
        for number, path in enumerate(map(Path, paths), 1):
            started = time.monotonic()
            say(f"Notebook {number} of {len(paths)}: {path.name}")
            executed.append(execute(path, folder / "notebooks", variables))
            say(f"  done in {duration(time.monotonic() - started)}")
    results = folder / "results.json"
    if results.is_file() and results.stat().st_mtime >= begun - 2:
        record = json.loads(results.read_text(encoding="utf-8"))  # TrainingRecord.results() in the library
        say(f"\nTrained on {record['dataset']} (source: {record['source']}), {record['train']:,} images")
        say(f"  {duration(record['train_seconds'])}, {record['images_per_second']:,.0f} images per second")
        say(f"  test accuracy {record['test_accuracy']:.4f}, test loss {record['test_loss']:.4f}")
        say(f"  peak memory {record['peak_resident_mb']:,.0f} MB\nResults in full: {shown(results)}")
    say(f"Executed notebooks and their HTML: {shown(folder / 'notebooks')}")
    return executed


def is_noise(output):
    """Whether an output of a cell is a warning or an error message."""
    return output.get("name") == "stderr" or bool(LOGGED.search(output.get("text", "")))


def executed_in_full(paths, folder, command):
    """Notebooks executed with the full settings. Stops if they are not fit to be committed; `command` is the user's."""
    executed = run(paths, digits_variables(PLACES_AND_SPEED, DIGITS_PROFILE="full", DIGITS_OUTPUT=folder))
    for path, notebook in zip(paths, executed):
        if SAMPLE in nbformat.writes(notebook):
            hint = f"Name a folder with the four MNIST files: {command} DIGITS_DATA=FOLDER"
            raise Stop(f"{path.name} ran on the sample of 5,000 digits; nothing was replaced.\n{hint}")
        if any(is_noise(output) for cell in notebook.cells for output in cell.get("outputs", [])):
            raise Stop(f"{path.name} printed to standard error; nothing was replaced. See {shown(folder)}/notebooks.")
    return executed


def refresh(names):
    """Replaces the committed notebooks, and the pictures of cells tagged “picture:NAME”, if all notebooks succeed."""
    paths = without_cluster([Path(name).resolve() for name in names] or found_notebooks())
    for path, notebook in zip(paths, executed_in_full(paths, BUILD, "make refresh")):
        say(f"{'Refreshed' if write_notebook(path, notebook) else 'Unchanged'}: {shown(path)}")
        for cell in notebook.cells:
            for tag in [tag for tag in cell.metadata.get("tags", []) if tag.startswith("picture:")]:
                png = next(output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {}))
                write_atomically(NOTEBOOKS / "pictures" / f"{tag[8:]}.png", base64.b64decode(png))


def tidy(check):
    """Brings all committed notebooks into their form; results stay. With `check` it only reports those that are not."""
    untidy = 0
    for path in [path for folder in ("", "solutions", "exercises") for path in found_notebooks(NOTEBOOKS / folder)]:
        tidied = normalize(nbformat.read(path, as_version=4))
        if nbformat.writes(tidied) + "\n" != path.read_text(encoding="utf-8"):
            untidy += check or not write_notebook(path, tidied)
            say(f"{shown(path)} {'has what changes from run to run; run `make tidy`' if check else 'is tidy now'}")
    return int(untidy > 0)


def main():
    """Does what the command line says. A quick run leaves the results of a full one alone."""
    name, *arguments = sys.argv[1:] or [""]
    if name in ("full", "quick"):
        fixed = {"DIGITS_OUTPUT": BUILD / "quick" if name == "quick" else BUILD, **digits_variables()}
        return run(without_cluster(arguments), digits_variables(**{**fixed, "DIGITS_PROFILE": name})) and 0
    if name == "refresh":
        return refresh(arguments)
    return tidy("--check" in arguments) if name == "tidy" else __doc__


if __name__ == "__main__":
    run_as_script(main)
