"""The page to draw on in a real browser: alone, without a server, and inside JupyterLab through its proxy; the slides.

    make browser

It needs Chromium, Node 18 or newer and npm from the system, and installs Playwright into build/browser as
package-lock.json says. Without them the tests are skipped; with DIGITS_BROWSER=required they fail. Screenshots go to
build/browser.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import java
import slides
import static_page
from notebooks import PLACES_AND_SPEED, digits_variables
from project import BUILD, NOTEBOOKS, Stop, shown, variable

HERE = Path(__file__).resolve().parent
OUTPUT = BUILD / "browser"
OWN = OUTPUT / "no-network-of-its-own"
NOTEBOOK = "13_draw_a_digit.ipynb"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
NODE = 18
SECONDS = 240  # for one test


def find_browser():
    """The browser that CHROMIUM names, otherwise the first that the system has."""
    return variable("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def missing():
    """What is missing, as sentences."""
    lacking = []
    if not find_browser():
        lacking.append("There is no Chromium (Debian, Ubuntu: sudo apt install chromium; or name one in CHROMIUM).")
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True).stdout if node else "v0"
    if int(re.match(r"v(\d+)|", version).group(1) or 0) < NODE:
        lacking.append(f"There is no Node {NODE} or newer (sudo apt install nodejs npm).")
    if not shutil.which("npm"):
        lacking.append("There is no npm (sudo apt install npm).")
    return " ".join(lacking)


@pytest.fixture(scope="module", autouse=True)
def playwright():
    """Playwright without a browser of its own, exactly as locked; skips the tests if something is missing."""
    if missing() and variable("DIGITS_BROWSER") != "required":
        pytest.skip(f"NOT TESTED in a browser: the page to draw on. {missing()}")
    assert not missing(), "DIGITS_BROWSER=required asks for these tests"
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lock, stamp = (HERE / "package-lock.json").read_bytes(), OUTPUT / "installed"
    if not stamp.is_file() or stamp.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, OUTPUT)
        subprocess.run(
            [shutil.which("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=OUTPUT, check=True
        )
        stamp.write_bytes(lock)


class Started:
    """A process that prints the address under which it answers; ended, with all that it started, at the block's end."""

    def __init__(self, command, environment, pattern, log, **options):
        self.log = OUTPUT / log
        with open(str(self.log), "wb") as output:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **options,
            )
        self.pattern = pattern

    def __enter__(self):
        try:
            for _ in range(600):
                found = re.search(self.pattern, self.log.read_text(encoding="utf-8", errors="replace"))
                if found:
                    return found.group(1)
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
            raise AssertionError(f"it did not start; {shown(self.log)}: {self.log.read_text(errors='replace')[-2000:]}")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for name in ("SIGTERM", "SIGKILL"):
            try:
                if os.name == "nt":
                    self.process.terminate()
                else:
                    os.killpg(self.process.pid, getattr(signal, name))
                self.process.wait(15)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break


def drive(script, *addresses):
    """Lets the browser do what a script says; the script prints what it checks."""
    environment = {**os.environ, "CHROMIUM": find_browser(), "OUTPUT": str(OUTPUT)}
    command = [shutil.which("node"), str(HERE / script), *addresses]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        too_late = threading.Timer(SECONDS, process.kill)
        too_late.start()
        failed = []
        for line in process.stdout:
            print(line, end="", flush=True)
            if "FAILED" in line:
                failed.append(line.strip())
    too_late.cancel()
    assert process.returncode == 0, f"{script}: {failed or process.returncode}; screenshots are in {shown(OUTPUT)}"


@pytest.fixture
def play(capfd):
    """Drives the browser and shows at once what its script prints."""

    def play(*arguments):
        with capfd.disabled():
            print(flush=True)
            drive(*arguments)

    return play


@pytest.fixture(scope="module")
def demo(playwright):
    """The address of the page as `make demo` starts it, with the project's own network."""
    command, environment = java.program("digits.demo.Demo")
    environment["DIGITS_OUTPUT"] = str(OWN)
    for name in ("DIGITS_DEMO_PREFIX", "JUPYTERHUB_SERVICE_PREFIX", "DIGITS_DEMO_PORT"):
        environment.pop(name, None)
    with Started(command, environment, r"Draw a digit: (\S+)", "demo.log") as address:
        yield address


def test_page(demo, play):
    """The page alone."""
    play("page.mjs", demo)


def test_static_page(demo, play, monkeypatch):
    """The page without a server, as `make page` builds it, below a path of a host that knows nothing about it."""
    monkeypatch.setenv("DIGITS_OUTPUT", str(OWN))
    host = OUTPUT / "host"
    shutil.rmtree(host, ignore_errors=True)
    folder = host / "some path" / "page"
    folder.mkdir(parents=True)
    try:
        static_page.assemble(folder)
    except Stop as problem:
        if "npm" not in str(problem) or variable("DIGITS_BROWSER") == "required":
            raise
        pytest.skip(f"NOT TESTED in a browser: the page without a server. {problem}")
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(host), "0"]
    with Started(command, dict(os.environ), r"(http://127\.0\.0\.1:\d+/)", "host.log") as address:
        play("static.mjs", f"{address}some%20path/page/", demo)


def test_slides(play, monkeypatch):
    """The slides from a folder, with no network."""
    monkeypatch.setattr(slides, "BUILD", OUTPUT)
    slides.main()
    play("slides.mjs", str(OUTPUT / "slides"))


def test_hand(play):
    """The page's part where a reader teaches the network; the sample is enough to rehearse."""
    command, environment = java.program("digits.demo.Demo")
    output = OUTPUT / "hand"
    shutil.rmtree(output, ignore_errors=True)
    environment |= {"DIGITS_OUTPUT": str(output), "DIGITS_MIRRORS": "none", "DIGITS_PROFILE": "quick"}
    for name in ("DIGITS_DEMO_PREFIX", "JUPYTERHUB_SERVICE_PREFIX", "DIGITS_DEMO_PORT"):
        environment.pop(name, None)
    with Started(command, environment, r"Draw a digit: (\S+)", "hand.log") as address:
        play("hand.mjs", address)


def test_lab(play):
    """The notebook in JupyterLab, run and drawn on; the page comes through jupyter-server-proxy as from a container."""
    folder = OUTPUT / "lab"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(NOTEBOOKS / NOTEBOOK, folder)  # JupyterLab saves what it has run
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    prefix, token = "/user/ann/", secrets.token_hex(16)
    fixed = {"DIGITS_PROFILE": "quick", "DIGITS_LIMIT": 600}
    hub = ("DIGITS_", "JUPYTERHUB_")  # nothing but the page tells where the proxy is
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hub)}
    environment |= digits_variables(PLACES_AND_SPEED, **fixed, DIGITS_OUTPUT=OWN)
    environment |= {"JUPYTER_TOKEN": token, "JUPYTER_CONFIG_DIR": str(folder / "config")}
    environment |= {f"JUPYTERLAB_{name.upper()}_DIR": str(folder / name) for name in ("settings", "workspaces")}
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={prefix}"]
    options += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None", "--LabApp.expose_app_in_browser=True"]
    options += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", *options]
    with Started(command, environment, r"(http://127\.0\.0\.1:\d+/\S*?)lab\b", "lab.log"):
        play("lab.mjs", f"http://127.0.0.1:{port}{prefix}lab/tree/{NOTEBOOK}?token={token}")
