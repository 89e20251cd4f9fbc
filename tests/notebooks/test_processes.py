"""Closed terminals and kills: no kernel stays behind, and neither runs nor set-ups get into each other's way."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from conftest import notebook_of, run, stops

import notebooks
from project import ROOT

fcntl, pty, termios = map(pytest.importorskip, ["fcntl", "pty", "termios"])  # not on Windows
TELLS = 'java.nio.file.Files.writeString(java.nio.file.Path.of(System.getenv("DIGITS_OUTPUT"), "pid"), %s)'
RUNNER = (
    "import notebooks, project, sys; out = sys.argv[2]; variables = notebooks.digits_variables(DIGITS_OUTPUT=out); "
    "project.run_as_script(lambda: notebooks.run([sys.argv[1]], variables) and 0)"
)
WORKS = """
import pathlib, sys, time
with open(sys.argv[1], "ab", 0) as log:
    log.write(b"begin ")
    while not pathlib.Path(sys.argv[1] + ".go").exists():
        time.sleep(0.05)
    log.write(b"end ")
"""


def until(holds, seconds):
    """Whether something holds before these seconds have passed."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def lives(pid):
    """Whether a process exists and has not ended."""
    code, said = run("ps", "-o", "stat=", "-p", str(pid))
    return code == 0 and not said.startswith("Z")


def number_in(file):
    """The process in a file, once it is there."""
    assert until(lambda: file.is_file() and file.read_text(encoding="utf-8").endswith("."), 120), f"{file} is missing"
    return int(file.read_text(encoding="utf-8").strip("."))


def runner(path, output, **options):
    command = [sys.executable, "-c", RUNNER, path, output]
    return subprocess.Popen(command, cwd=ROOT / "environment", stderr=subprocess.STDOUT, **options)


@pytest.mark.usefixtures("live")
def test_no_java_kernel_outlives_its_runner(tmp_path):
    path = tmp_path / "1_long.ipynb"
    nbformat.write(notebook_of(TELLS % 'ProcessHandle.current().pid() + "."', "Thread.sleep(600_000);"), path)
    master, slave = pty.openpty()
    terminal = {"start_new_session": True, "preexec_fn": lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0)}
    (tmp_path / "run.py").write_text(RUNNER)
    command = f"@cd '{ROOT}/environment'; PYTHONPATH=. '{sys.executable}' {tmp_path}/run.py {path} {tmp_path}/closed"
    (tmp_path / "Makefile").write_text(f"all:\n\t{command}\n")
    closed = subprocess.Popen(["make", "-C", tmp_path], stdin=slave, stdout=slave, stderr=slave, **terminal)
    killed = runner(path, tmp_path / "killed", stdout=subprocess.DEVNULL)  # at the same time, into another folder
    os.close(slave)
    kernels = []
    try:
        kernels = [number_in(tmp_path / name / "pid") for name in ("closed", "killed")]
        assert all(map(lives, kernels))
        os.close(master)
        killed.kill()  # and not waited for: it stays as a zombie
        assert until(lambda: not any(map(lives, kernels)), 10), kernels
        closed.wait(30)
        assert (tmp_path / "closed" / "notebooks" / path.name).is_file(), "what ran is kept"
    finally:
        for process in (closed, killed):
            process.kill()
            process.wait()
        for pid in filter(lives, kernels):
            os.kill(pid, signal.SIGKILL)
    with notebooks.only_run_in(tmp_path / "killed"):  # the next run may begin
        words = "Another run is writing into the folder .*killed: .* DIGITS_OUTPUT="
        stops(words, notebooks.run, [], {"DIGITS_OUTPUT": str(tmp_path / "killed")})
        notebooks.run([], {"DIGITS_OUTPUT": str(tmp_path / "closed")})


@pytest.mark.parametrize("kill", ["SIGHUP", "SIGTERM", "SIGINT", "SIGKILL", "make"])
def test_the_next_set_up_waits_for_what_a_killed_one_started(kill, tmp_path):
    log = tmp_path / "log"
    shutil.copytree(ROOT / "environment", tmp_path / "environment")
    (tmp_path / "work.py").write_text(WORKS)
    set_up, work = tmp_path / "environment" / "setup.py", tmp_path / "work.py"
    command = [sys.executable, set_up, "alone", sys.executable, work, log]
    (tmp_path / "Makefile").write_text("all:\n\t@" + shlex.join(map(str, command)))
    started = ["make", "-C", tmp_path] if kill == "make" else command
    goes_on = kill in ("SIGINT", "SIGKILL")  # the others end what was started
    with subprocess.Popen(started, stdout=subprocess.DEVNULL) as first:
        assert until(lambda: log.is_file() and log.read_text(), 20)
        time.sleep(0.3)
        first.send_signal(getattr(signal, "SIGKILL" if kill == "make" else kill))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
            begun = not goes_on and until(lambda: log.read_text() == "begin begin ", 20)
            assert begun or not goes_on or "waiting for it" in second.stdout.readline()
            (tmp_path / "log.go").touch()
        assert first.wait() != 0 and second.returncode == 0
    assert log.read_text() == "begin " + "end " * goes_on + "begin end "
