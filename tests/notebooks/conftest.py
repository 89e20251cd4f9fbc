"""What the tests of the notebooks share."""

import asyncio
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
import rules

import notebooks
from project import BUILD

OUTPUT = BUILD / "test"
QUICK = notebooks.digits_variables(notebooks.PLACES_AND_SPEED, DIGITS_PROFILE="quick", DIGITS_OUTPUT=OUTPUT)
CELL_LIMIT = 600  # seconds; the longest cell, the quick training, takes a fraction of it

# the rules for all committed notebooks
OF_ALL = [rules.ran_without_errors, rules.executed_in_order, rules.holds_no_machine_path, rules.shows_no_object_address]
OF_ALL += [rules.is_in_committed_form, rules.pictures_are_whole, rules.holds_no_placeholder]


def code(source, count=None, *outputs, **metadata):
    """A code cell."""
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)


def notebook_of(*cells):
    """A notebook with these cells; texts are code."""
    return nbformat.v4.new_notebook(cells=[code(cell) if isinstance(cell, str) else cell for cell in cells])


def problems_of(rules, *arguments):
    """The problems that rules report, each with the rule's own words."""
    return [f"not so: {rule.__doc__} {problem}" for rule in rules for problem in rule(*arguments)]


def with_java(folder, work, output=OUTPUT):
    """Calls work(run, client, manager) with a fresh Java kernel in the quick profile.

    run(source) executes source and returns (text, error, standard error).
    """

    async def session():
        manager = notebooks.java_kernel({**QUICK, "DIGITS_OUTPUT": str(output)})
        await manager.start_kernel(cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()

        async def run(source):
            said = {"stdout": "", "error": "", "stderr": ""}

            def hook(message):
                content = message["content"]
                said["error"] += "\n".join(content.get("traceback", []))
                said["stdout"] += content.get("data", {}).get("text/plain", "")
                if message["msg_type"] == "stream":
                    said[content["name"]] += content["text"]

            await client.execute_interactive(source, timeout=CELL_LIMIT, output_hook=hook)
            return tuple(said.values())

        try:
            await client.wait_for_ready(timeout=120)
            return await work(run, client, manager)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    output.mkdir(parents=True, exist_ok=True)
    return asyncio.run(session())


@pytest.fixture(scope="session", autouse=True)
def fresh_output():
    """A notebook must not depend on what an earlier run left."""
    shutil.rmtree(OUTPUT, ignore_errors=True)


@pytest.fixture
def live(capsys):
    """Shows at once what the test prints."""
    with capsys.disabled():
        print()
        yield


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that puts a kernel with a command line in place of the Java kernel; without words, a Python kernel."""
    folder = tmp_path / "kernels" / "java"
    monkeypatch.setattr(notebooks, "VENV_KERNEL", folder)

    def put(*argv):
        folder.mkdir(parents=True, exist_ok=True)
        command = list(argv) or [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Java", "language": "java"}
        (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")

    return put
