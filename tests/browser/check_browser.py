"""The page to draw on in a real browser: alone, and inside JupyterLab through its proxy.

    .venv/bin/python tests/browser/check_browser.py [page|lab …]

It needs Chromium and Node 18, which it takes from the system, and Playwright, which it installs into build/browser as package-lock.json
says. Where one is missing it says so and passes; with DIGITS_BROWSER=required it fails. Pictures of what it saw go to build/browser.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "environment"))
import demo
from notebooks import digits_variables
from project import BUILD, NOTEBOOKS, Stop, run_as_script, say, shown

OUTPUT = BUILD / "browser"
NOTEBOOK = "13_draw_a_digit.ipynb"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
NODE = 18
SECONDS = 240  # for one part


def find_browser():
    """The browser: the one that CHROMIUM names, else the first that the system has."""
    named = os.environ.get("CHROMIUM", "").strip()
    return named or next((found for found in map(shutil.which, BROWSERS) if found), None)


def missing():
    """What is not there, as sentences."""
    lacking = []
    if not find_browser():
        lacking.append("There is no Chromium (Debian, Ubuntu: sudo apt install chromium; elsewhere name one in CHROMIUM).")
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, universal_newlines=True).stdout if node else "v0"
    if int(re.match(r"v(\d+)|", version).group(1) or 0) < NODE:
        lacking.append("There is no Node %d or newer (sudo apt install nodejs npm)." % NODE)
    if not shutil.which("npm"):
        lacking.append("There is no npm (sudo apt install npm).")
    return lacking


def install_playwright():
    """Playwright without a browser of its own, exactly as locked."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = OUTPUT / "installed"
    if stamp.is_file() and stamp.read_bytes() == lock:
        return
    say("Browser: installing Playwright into %s (14 MB)" % shown(OUTPUT))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(str(HERE / name), str(OUTPUT))
    npm = subprocess.run([shutil.which("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=str(OUTPUT),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if npm.returncode:
        raise Stop("Playwright could not be installed:\n%s" % npm.stdout)
    stamp.write_bytes(lock)


class Started:
    """A process that prints the address under which it answers; ended, with all that it started, at the block's end."""

    def __init__(self, command, environment, pattern, log, **options):
        self.log = OUTPUT / log
        with open(str(self.log), "wb") as output:
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL, start_new_session=True, **options)
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
            raise Stop("It did not start; what it printed is in %s:\n%s" % (shown(self.log), self.log.read_text(errors="replace")[-2000:]))
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


def drive(script, address):
    """Lets the browser do what a script says; returns whether all went well."""
    environment = dict(os.environ, CHROMIUM=find_browser(), OUTPUT=str(OUTPUT))
    try:
        return subprocess.run([shutil.which("node"), str(HERE / script), address], env=environment, stdin=subprocess.DEVNULL,
                              timeout=SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        say("  FAILED  %s took longer than %d s" % (script, SECONDS))
        return False


def check_page():
    """The page alone, as `make demo` starts it, with the project's own network."""
    line, environment = demo.command()
    environment["DIGITS_OUTPUT"] = str(OUTPUT / "no-network-of-its-own")
    for name in ("DIGITS_DEMO_PREFIX", "JUPYTERHUB_SERVICE_PREFIX", "DIGITS_DEMO_PORT"):
        environment.pop(name, None)
    with Started(line, environment, r"Draw a digit: (\S+)", "demo.log") as address:
        return drive("page.mjs", address)


def check_lab():
    """The notebook in JupyterLab, opened, run and drawn on; the page comes through jupyter-server-proxy as on Binder."""
    folder = OUTPUT / "lab"
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(str(NOTEBOOKS / NOTEBOOK), str(folder))  # JupyterLab saves what it has run
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    prefix, token = "/user/ann/", secrets.token_hex(16)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment.update(digits_variables(["DIGITS_DATA", "DIGITS_MIRRORS", "DIGITS_THREADS"], DIGITS_PROFILE="quick", DIGITS_LIMIT=600,
                                        DIGITS_OUTPUT=OUTPUT / "no-network-of-its-own", DIGITS_DEMO_PREFIX=prefix))
    environment.update(JUPYTER_TOKEN=token, JUPYTER_CONFIG_DIR=str(folder / "config"), JUPYTERLAB_SETTINGS_DIR=str(folder / "settings"),
                       JUPYTERLAB_WORKSPACES_DIR=str(folder / "workspaces"))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=%d" % port, "--ServerApp.port_retries=0",
               "--ServerApp.base_url=%s" % prefix, "--ServerApp.root_dir=%s" % folder, "--LabApp.news_url=None", "--LabApp.expose_app_in_browser=True",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with Started(command, environment, r"(http://127\.0\.0\.1:\d+/\S*?)lab\b", "lab.log"):
        return drive("lab.mjs", "http://127.0.0.1:%d%slab/tree/%s?token=%s" % (port, prefix, NOTEBOOK, token))


def main():
    """The parts that are named, or all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # also then nothing that was started is left
    required = os.environ.get("DIGITS_BROWSER", "").strip() == "required"
    lacking = missing()
    if lacking:
        say("\n*** NOT TESTED in a browser: the page to draw on (notebook 13, `make demo`). ***\n" + "\n".join("    " + line for line in lacking))
        if required:
            raise Stop("DIGITS_BROWSER=required asks for these tests.")
        return 0
    install_playwright()
    parts = {"page": check_page, "lab": check_lab}
    failed = []
    for name in sys.argv[1:] or list(parts):
        say("In a browser: %s" % parts[name].__doc__)
        started = time.monotonic()
        if not parts[name]():
            failed.append(name)
        say("  %.0f s" % (time.monotonic() - started))
    say("Browser: %s" % ("FAILED: " + ", ".join(failed) if failed else "all passed; pictures are in %s" % shown(OUTPUT)))
    return 1 if failed else 0


if __name__ == "__main__":
    run_as_script(main)
