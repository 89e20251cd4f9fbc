"""Runs the notebooks without a browser, and keeps the committed ones in their form.

    notebooks.py run [--profile full|quick] [--part walkthrough|beyond|all] [--output FOLDER] [NOTEBOOK …]
                              executes them in order and writes them with their HTML into build/notebooks; those of the
                              quick profile, with their results, into build/quick
    notebooks.py lab OPTION … opens JupyterLab on notebooks/; the options are JupyterLab's
    notebooks.py refresh      executes all of them with the full settings and puts the results back into notebooks/
    notebooks.py seeds N N … [--of walkthrough|architectures|data-sets …]
                              repeats their trainings with each of these seeds, full settings, and gives the mean
    notebooks.py clean        takes out of notebooks/ what changes from run to run, without executing

It needs the project's Python environment: `make run`, `make quick` and `make refresh` use that. The variables DIGITS_…
reach the notebooks (README, table of settings).
"""

import argparse
import asyncio
import base64
import contextlib
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from normalize import normalize, to_text
from project import BUILD, NOTEBOOKS, VENV_KERNEL, VENV_PYTHON, Stop, run_as_script, say, shown, write_atomically

try:
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbconvert import HTMLExporter
except ImportError as missing:
    run_as_script(lambda: (_ for _ in ()).throw(Stop(
        f"{missing}: run this with the project's own Python, {shown(VENV_PYTHON)}; `make setup` makes it.")))

# the variables that say where things are and how fast to go, and leave a profile's results what they are
SAME_RESULTS = ("DIGITS_DATA", "DIGITS_MIRRORS", "DIGITS_THREADS")

LAST_OF_WALKTHROUGH = 7

PROGRESS = re.compile(r'data-progress="([^"]*)"')
ANSI = re.compile(r"\x1b\[[0-9;]*m")
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.M)


class CellFailed(Exception):
    """A cell that did not end well, or a kernel that did not start; the message shows it."""


# --- what a person watching sees ---------------------------------------------------------------------------------

class Reporter:
    """Says which notebook and cell is at work, and how far. On a terminal progress stays on one line; elsewhere there is
    a line at each new epoch and at least 5 s apart otherwise."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.in_place = self.stream.isatty()
        self.open_line = False
        self.last = ("", 0.0)

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()

    def _width(self):
        return shutil.get_terminal_size((120, 24)).columns if self.in_place else 120

    def _end_line(self):
        if self.open_line:
            self._write("\n")
            self.open_line = False

    def line(self, text):
        """A line of its own."""
        self._end_line()
        self._write(text + "\n")

    def cell(self, number, total, title):
        """A cell begins."""
        self._end_line()
        text = f"  cell {number:2} of {total}  {title}"
        self._write(text if len(text) < self._width() - 10 else text[:self._width() - 11] + "…")
        self.open_line = True
        self.last = ("", 0.0)

    def progress(self, text):
        """The running cell says how far it is."""
        now = time.monotonic()
        epoch = text.split(" · ")[0]
        if self.in_place:
            if not self.last[0]:
                self._end_line()
            self._write("\r\x1b[K      " + text[:self._width() - 8])
            self.open_line = True
        elif epoch != self.last[0] or now - self.last[1] >= 5:
            self._end_line()
            self._write("      " + text + "\n")
        else:
            return
        self.last = (epoch, now)

    def cell_done(self, seconds):
        """The running cell has ended."""
        if self.open_line and not self.last[0]:
            self._write(f"  {seconds:.1f} s" if seconds >= 1 else "")
        self._end_line()


def cell_title(notebook, index):
    """The nearest heading above a code cell, and the first line that does something."""
    heading = ""
    for cell in notebook["cells"][:index]:
        if cell["cell_type"] == "markdown":
            heading = (HEADING.findall(cell["source"]) or [heading])[0]  # in a notebook's opening, its title
    lines = [line.strip() for line in notebook["cells"][index]["source"].splitlines()]
    telling = [line for line in lines if line and not line.startswith(("//", "/*", "*", "import "))] or lines
    return " · ".join(part for part in (heading, telling[0]) if part)


def duration(seconds):
    """Seconds as a person says them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{seconds:.1f} s" if seconds < 60 else f"{minutes} min {rest:02d} s"


# --- executing ---------------------------------------------------------------------------------------------------

class WatchedClient(NotebookClient):
    """nbclient, telling the progress that cells display."""

    def __init__(self, notebook, reporter, **options):
        super().__init__(notebook, **options)
        self.reporter = reporter

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data"):
            found = PROGRESS.search(msg["content"]["data"].get("text/html", ""))
            if found:
                self.reporter.progress(html.unescape(found.group(1)))
        return super().process_message(msg, cell, cell_index)


def digits_variables(only=None, **fixed):
    """The variables of this process that are meant for the library, all or only some, with fixed ones in their place.

    Folders come as absolute paths: kernels work in the notebooks' folder, a person names folders from where they are.
    """
    variables = {name: value.strip() for name, value in os.environ.items()
                 if name.startswith("DIGITS_") and value.strip() and (only is None or name in only)}
    variables.update((name, str(value)) for name, value in fixed.items())
    for name in ("DIGITS_DATA", "DIGITS_OUTPUT"):
        if name in variables:
            variables[name] = os.path.abspath(variables[name])
    return variables


def java_kernel(variables):
    """A manager of the project's kernel, and of no other's of that name, with just these DIGITS_ variables."""
    manager = AsyncKernelManager(kernel_name="java", kernel_spec_manager=KernelSpecManager(
        kernel_dirs=[str(VENV_KERNEL.parent)], ensure_native_kernel=False))
    environment = manager.kernel_spec.env  # wins over the process's environment
    environment.update(variables)
    if variables.get("DIGITS_THREADS", "").strip():
        environment["OMP_NUM_THREADS"] = variables["DIGITS_THREADS"].strip()
    return manager


def not_started(path, problem, log):
    """The message for a kernel that did not come to life."""
    return (f"{path.name}: the Java kernel did not start: {problem}\nWhat it printed is in {shown(log.name)}. `make setup` looks "
            "for Java and writes the kernel's description anew.")


async def _execute(path, notebook, variables, reporter, log, cell_timeout, left_out):
    try:
        manager = java_kernel(variables)
    except NoSuchKernel as problem:
        raise CellFailed(not_started(path, problem, log)) from None
    client = WatchedClient(notebook, reporter, km=manager, timeout=cell_timeout)
    others = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    cells = [index for index, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code" and cell["source"].strip()
             and left_out not in cell["metadata"].get("tags", [])]
    clean_end = False
    try:
        try:
            await client.async_start_new_kernel(cwd=str(path.parent), env=others, stdout=log, stderr=log)
            await client.async_start_new_kernel_client()
        except (OSError, RuntimeError) as problem:  # no such program; it ended at once, or did not answer
            raise CellFailed(not_started(path, problem, log)) from None
        for number, index in enumerate(cells, 1):
            cell = notebook["cells"][index]
            reporter.cell(number, len(cells), cell_title(notebook, index))
            started = time.monotonic()
            where = f"{path.name}, cell {number} of {len(cells)}"
            try:
                await client.async_execute_cell(cell, index)
            except CellExecutionError:
                raise CellFailed(failure(where, cell)) from None
            except CellTimeoutError:
                raise CellFailed(f"{where} was stopped: it took longer than the {duration(cell_timeout)} that a cell has here\n\n"
                                 f"{indented(cell['source'])}\n\nWhat the kernel printed is in {shown(log.name)}.") from None
            except DeadKernelError:
                raise CellFailed(f"{where}: the kernel died (out of memory?) while it executed\n\n{indented(cell['source'])}\n"
                                 f"\nWhat the kernel printed is in {shown(log.name)}.") from None
            reporter.cell_done(time.monotonic() - started)
        clean_end = True
    finally:
        reporter.cell_done(0)
        if manager.has_kernel:
            await manager.shutdown_kernel(now=not clean_end)
        if client.kc is not None:
            client.kc.stop_channels()


def indented(text):
    """A text set off from the message around it."""
    return "\n".join("    " + line for line in text.splitlines())


def failure(where, cell):
    """The message for a cell that ended in an error."""
    errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
    text = "\n".join(line for error in errors for line in error["traceback"]) or "no error was reported"
    return f"{where} failed:\n\n{indented(cell['source'])}\n\n{text if sys.stderr.isatty() else ANSI.sub('', text)}"


def execute(path, output, variables, reporter, cell_timeout=None, left_out=None):
    """Executes one notebook in a fresh kernel, but for the cells with the tag `left_out`, and writes it into the output folder with its HTML.

    Returns the executed notebook (as parsed JSON, in the committed form). A kernel that does not start, a cell that fails
    and one that takes longer than `cell_timeout` seconds (None: as long as it likes) raise CellFailed after what was
    executed until then has been written.
    """
    path = Path(path).resolve()
    notebook = nbformat.read(str(path), as_version=4)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    output.mkdir(parents=True, exist_ok=True)
    target = output / path.name
    try:
        with open(output / "kernel.log", "wb") as log:
            interruptible(lambda: _execute(path, notebook, variables, reporter, log, cell_timeout, left_out))
    except (CellFailed, KeyboardInterrupt) as stopped:
        write_atomically(target, to_text(normalize(notebook)))
        so_far = f"The notebook as far as it went: {shown(target)}"
        if isinstance(stopped, CellFailed):
            raise CellFailed(f"{stopped}\n\n{so_far}") from None
        reporter.line(so_far)
        raise
    executed = normalize(notebook)
    write_atomically(target, to_text(executed))
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(
        nbformat.reads(to_text(executed), as_version=4), resources={"metadata": {"path": str(path.parent), "name": path.stem}})
    write_atomically(target.with_suffix(".html"), page)
    return executed


def interruptible(work):
    """Runs a coroutine to its end; Ctrl-C or a termination signal ends it, after it has put things in order."""
    async def watched():
        task = asyncio.ensure_future(work())
        stopped = []

        def stop():
            stopped.append(True)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, stop)
        try:
            await task
        except (asyncio.CancelledError, CellFailed):  # nbclient takes any cancelling for a dead kernel
            if stopped:
                raise KeyboardInterrupt from None
            raise

    asyncio.run(watched())


# --- commands ----------------------------------------------------------------------------------------------------

def found_notebooks(folder=NOTEBOOKS):
    """The numbered notebooks on disk, in order."""
    return sorted(Path(folder).glob("[0-9]*.ipynb"))


def part_of(name):
    """The notebooks of a part: `walkthrough`, the first seven; `beyond`, all after them; `all`."""
    return [path for path in found_notebooks() if name == "all" or (name == "walkthrough") == (int(path.name[:2]) <= LAST_OF_WALKTHROUGH)]


def run(paths, output, variables, left_out=None):
    """Executes notebooks in order, stopping at the first that fails; returns them executed. Cells with the tag `left_out` are not."""
    if not paths:
        raise Stop(f"There is no notebook in {shown(NOTEBOOKS)}.")
    for path in paths:
        if not path.is_file():
            raise Stop(f"{path} is no file.")
    begun = time.time()
    reporter = Reporter()
    executed = []
    for number, path in enumerate(paths, 1):
        reporter.line(f"Notebook {number} of {len(paths)}: {path.name}")
        started = time.monotonic()
        try:
            executed.append(execute(path, output, variables, reporter, left_out=left_out))
        except CellFailed as problem:
            raise Stop(str(problem)) from None
        reporter.line(f"  done in {duration(time.monotonic() - started)}")
    results = Path(variables.get("DIGITS_OUTPUT") or BUILD) / "results.json"
    if results.is_file() and results.stat().st_mtime >= begun - 2:
        say("\n" + summary(json.loads(results.read_text(encoding="utf-8"))) + f"\n  in full            {shown(results)}")
    say(f"\nExecuted notebooks and their HTML: {shown(output)}/\n" + "\n".join(
        f"  {path.stem}.ipynb, {path.stem}.html" for path in paths))
    return executed


def summary(results):
    """What a run came to, for a person."""
    r = results
    return "\n".join([
        "Results",
        f"  data set           {r['dataset']} (source: {r['source']})",
        f"  images             {r['train']:,} to train on, {r['validation']:,} to validate, {r['test']:,} to test on",
        f"  network            {r['parameters']:,} parameters",
        f"  training           {r['epochs']} epochs, batch {r['batch']}, seed {r['seed']}, {r['threads']} threads: "
        f"{duration(r['train_seconds'])}, {r['images_per_second']:,.0f} images per second",
        f"  test accuracy      {r['test_accuracy']:.4f}",
        f"  test loss          {r['test_loss']:.4f}",
        f"  memory at its peak {r['peak_resident_mb']:,.0f} MB",
    ])


def default_folders(profile):
    """Where a profile's results and executed notebooks go: a quick run leaves those of a full one alone."""
    return (BUILD / "quick", BUILD / "quick") if profile == "quick" else (BUILD, BUILD / "notebooks")


def command_run(arguments):
    """Executes notebooks with the named profile."""
    variables = digits_variables(DIGITS_PROFILE=arguments.profile)
    results, executed = default_folders(arguments.profile)
    variables.setdefault("DIGITS_OUTPUT", str(results))
    run(arguments.notebooks or part_of(arguments.part), arguments.output or executed, variables)


# what can be repeated with other seeds: the numbers of its notebooks, and the files with its results
REPEATABLE = {
    "walkthrough": (("04", "05", "06"), ("results.json",)),
    "architectures": (("09",), ("architectures.json",)),
    "data-sets": (("11",), ("fashion_mnist.json", "fashion_mnist_augmented.json")),
}
WITHOUT = "skip:seeds"  # the tag of cells whose results do not count there
AVERAGED = ("validation_accuracy", "test_loss", "test_accuracy")


def trainings(part, output):
    """The trainings of one seed, from the files in its folder, each with a name."""
    found = []
    for name in REPEATABLE[part][1]:
        results = json.loads((output / name).read_text(encoding="utf-8"))
        for row in results.get("networks", [results]):
            row = {key: value for key, value in row.items() if key != "history"}
            row["name"] = row.get("name", row["dataset"] + (", augmented" if name.endswith("_augmented.json") else ""))
            found.append({"of": part, **row})
    return found


def means(rows):
    """For each training, in the order of the rows: its seeds, and the mean over them of each figure that all of them have."""
    groups = {}
    for row in rows:
        groups.setdefault((row["of"], row["name"]), []).append(row)
    result = []
    for (part, name), group in groups.items():
        figures = {key: sum(row[key] for row in group) / len(group) for key in AVERAGED
                   if all(row.get(key) is not None for row in group)}  # a diverged network's loss is null
        result.append({"of": part, "name": name, "seeds": [row["seed"] for row in group], **figures})
    return result


def seeds_table(rows):
    """The rows and means as a text, one training after the other."""
    def line(first, row, last=""):
        figures = "".join(f"{row[key]:>16.4f}" if row.get(key) is not None else f"{'':>16}" for key in AVERAGED)
        return f"  {first:<6}{figures}{last}"

    heading = "  seed  " + "".join(f"{key.replace('_', ' ').replace('validation', 'val.'):>16}" for key in AVERAGED) + "   training"
    lines = []
    for mean in means(rows):
        lines += ["", f"{mean['of']}: {mean['name']}", heading]
        for row in rows:
            if (row["of"], row["name"]) == (mean["of"], mean["name"]):
                sample = "   on the sample!" if row["source"] == "sample" else ""
                lines.append(line(row["seed"], row, "   " + duration(row["train_seconds"]) + sample))
        lines.append(line("mean", mean))
    return "\n".join(lines)


def command_seeds(arguments):
    """Repeats trainings with each seed, in folders of their own; the table goes to build/seeds.json as well."""
    numbers = sorted({number for part in arguments.of for number in REPEATABLE[part][0]})
    paths = [path for path in found_notebooks() if path.name[:2] in numbers]
    missing = set(numbers) - {path.name[:2] for path in paths}
    if missing:
        raise Stop(f"There is no notebook {', '.join(sorted(missing))} in {shown(NOTEBOOKS)}.")
    rows = []
    for seed in arguments.seeds:
        output = BUILD / "seeds" / str(seed)
        run(paths, output / "notebooks", digits_variables(DIGITS_PROFILE="full", DIGITS_SEED=seed, DIGITS_OUTPUT=output), WITHOUT)
        rows += [row for part in arguments.of for row in trainings(part, output)]
        # what is done is kept, should a later seed fail
        write_atomically(BUILD / "seeds.json", json.dumps({"runs": rows, "means": means(rows)}, indent=2, ensure_ascii=False) + "\n")
    say(seeds_table(rows) + f"\n\nIn full: {shown(BUILD / 'seeds.json')}")


def command_lab(options):
    """Becomes JupyterLab, whose kernels find the same folders as those of `make run`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment.update(digits_variables())
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={NOTEBOOKS}", *options]
    say("JupyterLab prints its address below; Ctrl-C here stops it.")
    if os.name == "nt":  # there, exec leaves the terminal to the caller at once
        return subprocess.call(command, env=environment)
    os.execve(command[0], command, environment)


def save_pictures(notebook):
    """Writes the picture of each cell that is tagged «picture:NAME» to notebooks/pictures/NAME.png, for the README."""
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", []):
            if tag.startswith("picture:"):
                png = next(output["data"]["image/png"] for output in cell["outputs"] if "image/png" in output.get("data", {}))
                file = NOTEBOOKS / "pictures" / f"{tag.partition(':')[2]}.png"
                write_atomically(file, base64.b64decode("".join(png)))
                say(f"Saved: {shown(file)}")


def command_refresh(arguments):
    """Executes all notebooks with the full settings; only when all went well are the committed ones replaced."""
    paths = found_notebooks()
    executed = run(paths, BUILD / "notebooks", digits_variables(SAME_RESULTS, DIGITS_PROFILE="full", DIGITS_OUTPUT=BUILD))
    results = BUILD / "results.json"
    if results.is_file() and json.loads(results.read_text(encoding="utf-8"))["source"] == "sample":
        raise Stop("The notebooks ran on the sample of 5,000 digits; those in notebooks/ show the real data set and were "
                   "left as they are.\nName a folder with the four MNIST files: make refresh DIGITS_DATA=FOLDER")
    for path, notebook in zip(paths, executed):
        noise = [output for cell in notebook["cells"] for output in cell.get("outputs", []) if output.get("name") == "stderr"]
        if noise:
            raise Stop(f"{path.name} printed on standard error, which has no place in a committed notebook; nothing was "
                       f"replaced:\n{indented(''.join(noise[0]['text']))}")
    for path, notebook in zip(paths, executed):
        say(f"{'Refreshed' if write_atomically(path, to_text(notebook)) else 'Unchanged'}: {shown(path)}")
        save_pictures(notebook)


def command_clean(arguments):
    """Takes out of the committed notebooks what changes from run to run; results stay."""
    for path in arguments.notebooks or found_notebooks():
        cleaned = to_text(normalize(json.loads(path.read_text(encoding="utf-8"))))
        say(f"{'Cleaned' if write_atomically(path, cleaned) else 'Clean already'}: {shown(path)}")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(metavar="command", required=True)
    command = commands.add_parser("run", help="execute notebooks")
    command.add_argument("--profile", choices=["full", "quick"], default=os.environ.get("DIGITS_PROFILE") or "full")
    command.add_argument("--output", type=Path, metavar="FOLDER", help="for the executed notebooks")
    command.add_argument("--part", choices=["walkthrough", "beyond", "all"], default="all", help="where no notebooks are named")
    command.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    command.set_defaults(call=command_run)
    commands.add_parser("lab", help="open JupyterLab on notebooks/")  # for the list; its options are not read here
    command = commands.add_parser("refresh", help="execute all and put the results back into notebooks/")
    command.set_defaults(call=command_refresh)
    command = commands.add_parser("seeds", help="repeat trainings with several seeds")
    command.add_argument("seeds", nargs="+", type=int, metavar="SEED")
    command.add_argument("--of", nargs="+", choices=list(REPEATABLE), default=["walkthrough"], help="what to repeat; default: the walkthrough")
    command.set_defaults(call=command_seeds)
    command = commands.add_parser("clean", help="bring the notebooks into their committed form")
    command.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    command.set_defaults(call=command_clean)
    if sys.argv[1:2] == ["lab"]:
        return command_lab(sys.argv[2:])
    arguments = parser.parse_args()
    return arguments.call(arguments)


if __name__ == "__main__":
    run_as_script(main)
