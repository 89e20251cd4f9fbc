"""Does on this machine what Binder does, and measures how much memory a visitor's walkthrough takes.

    make binder ARGS="[--python /usr/bin/python3] [--limit MB] [--repo2docker] [NOTEBOOK …]"

A clone of the last commit, a Python environment of its own with binder/requirements.txt, and an empty home; there
binder/postBuild runs as it is written, then binder/start with JupyterLab, all on one core. The notebooks are executed
through that JupyterLab, each in a fresh kernel, the one before it still open, while the memory of the server and of
everything below it is added up. Run by root, a user without rights, made for it and removed again, does all of this.
What stands for Binder's image is this machine's system: binder/apt.txt is not installed. Linux only. The figures go
to build/binder.json.
"""

import argparse
import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from urllib.request import Request, urlopen

from project import BUILD, ROOT, Stop, run_as_script, say, shown, write_atomically

REPO2DOCKER = "jupyter-repo2docker==2026.4.0"
USER = "digits-binder"
WALKTHROUGH = ["01_load", "02_split", "03_normalize", "04_build", "05_train", "06_evaluate"]
LIMIT_MB = 1_700
KEPT = (
    "LANG",
    "PIP_",
    "SSL_",
    "REQUESTS_",
    "HTTP",
    "http",
    "no_proxy",
    "NO_PROXY",
    "MAVEN_",
    "JAVA_HOME",
)  # of the variables


# --- memory ------------------------------------------------------------------------------------------------------


def tree(root):
    """A process and all below it, as far as they are alive."""
    children = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def memory(processes):
    """(resident, proportional) memory in MB of some processes together; the second counts shared pages once."""
    total = {"Rss": 0, "Pss": 0}
    for process in processes:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in total:
                    total[name] += int(rest.split()[0])
    return total["Rss"] / 1024, total["Pss"] / 1024


class Watch(threading.Thread):
    """Adds up the memory below a process about five times a second."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.now, self.peak, self.samples, self.ended = root, (0, 0), (0, 0), 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            self.now = memory(tree(self.root))
            self.peak = tuple(map(max, self.peak, self.now))
            self.samples += 1


# --- the machine that Binder would be ----------------------------------------------------------------------------


@contextlib.contextmanager
def visitor(home):
    """(user name or None, home) of a user without rights: a new one if root runs this, otherwise the current user."""
    if os.geteuid() != 0:
        home.mkdir()
        yield None
        return
    with contextlib.suppress(KeyError):
        pwd.getpwnam(USER)
        raise Stop(f"There is a user {USER} already, perhaps of a run that was killed: userdel {USER}")
    subprocess.run(
        ["useradd", "--home-dir", str(home), "--create-home", "--skel", "/nonexistent", "--shell", "/bin/bash", USER],
        check=True,
    )
    try:
        yield USER
    finally:
        subprocess.run(["userdel", USER], check=False)


class Machine:
    """Runs commands as the visitor, in the clone, with a clean environment."""

    def __init__(self, folder, user, python):
        self.user, self.clone, self.home, self.python = user, folder / "project", folder / "home", folder / "python"
        self.variables = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
        self.variables.update(PATH=f"{self.python}/bin:/usr/local/bin:/usr/bin:/bin", HOME=str(self.home))
        self.base_python = python

    def start(self, *command, **options):
        who = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=self.clone,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **who,
            **options,
        )

    def run(self, what, *command):
        """Runs a command to its end."""
        say(f"\n{what}: {' '.join(shown(part) for part in command)}")
        started = time.monotonic()
        process = self.start(*command)
        if process.wait() != 0:
            raise Stop(f"{what} ended with code {process.returncode}.")
        seconds = time.monotonic() - started
        say(f"  {seconds:.0f} s")
        return seconds

    def prepare(self):
        """Makes the clone and the Python environment; returns the seconds of each step of Binder's build."""
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.clone)], check=True)
        self.python.mkdir()
        if self.user:
            for path in [self.clone, self.python, *self.clone.rglob("*")]:
                shutil.chown(path, self.user, self.user)
        self.run("Python environment", self.base_python, "-m", "venv", self.python)
        return {
            "requirements": self.run(
                "Packages", "pip", "install", "--quiet", "--no-cache-dir", "-r", "binder/requirements.txt"
            ),
            "postBuild": self.run("postBuild", "binder/postBuild"),
        }


# --- JupyterLab --------------------------------------------------------------------------------------------------


class Lab:
    """JupyterLab as binder/start brings it up."""

    def __init__(self, machine):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.token, self.address = secrets.token_hex(16), f"127.0.0.1:{port}"
        self.process = machine.start(
            "binder/start",
            "jupyter-lab",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--no-browser",
            f"--IdentityProvider.token={self.token}",
        )
        self.open = []  # sessions of notebooks

    def ask(self, path, method="GET", body=None):
        """The server's reply, parsed if it is JSON."""
        request = Request(
            f"http://{self.address}/{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as answer:
            content = answer.read()
            return json.loads(content) if content and "json" in answer.headers.get("Content-Type", "") else None

    def wait(self):
        """Until it answers."""
        for _ in range(240):
            if self.process.poll() is not None:
                raise Stop(f"JupyterLab ended with code {self.process.returncode}.")
            with contextlib.suppress(OSError):
                return self.ask("api/status")
            time.sleep(0.5)
        raise Stop("JupyterLab did not answer within two minutes.")

    def execute(self, name):
        """Executes a notebook as JupyterLab does, in a fresh kernel; returns the texts that it showed."""
        import asyncio

        path = f"notebooks/{name}.ipynb"
        notebook = self.ask(f"api/contents/{path}")["content"]
        session = self.ask(
            "api/sessions", "POST", {"path": path, "name": name, "type": "notebook", "kernel": {"name": "java"}}
        )
        self.open.append(session["id"])
        return asyncio.run(self._execute(session["kernel"]["id"], name, notebook))

    def close_all_but(self, last):
        """Closes the notebooks that were opened first, with their kernels."""
        while len(self.open) > last:
            self.ask(f"api/sessions/{self.open.pop(0)}", "DELETE")

    async def _execute(self, kernel, name, notebook):
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        socket_ = await websocket_connect(
            HTTPRequest(
                f"ws://{self.address}/api/kernels/{kernel}/channels",
                connect_timeout=120,
                request_timeout=120,
                headers={"Authorization": f"token {self.token}"},
            ),
            max_message_size=2**28,
        )
        texts = []
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            request = uuid.uuid4().hex
            await socket_.write_message(
                json.dumps(
                    {
                        "channel": "shell",
                        "metadata": {},
                        "parent_header": {},
                        "buffers": [],
                        "header": {
                            "msg_id": request,
                            "msg_type": "execute_request",
                            "username": "",
                            "session": request,
                            "version": "5.3",
                            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                        },
                        "content": {
                            "code": "".join(cell["source"]),
                            "silent": False,
                            "store_history": True,
                            "user_expressions": {},
                            "allow_stdin": False,
                            "stop_on_error": True,
                        },
                    }
                )
            )
            replied = idle = False
            while not (replied and idle):
                text = await socket_.read_message()
                if text is None:
                    raise Stop(f"{name}: the connection to the kernel broke off.")
                message = json.loads(text)
                if message.get("parent_header", {}).get("msg_id") != request:
                    continue
                kind, content = message["header"]["msg_type"], message["content"]
                replied |= kind == "execute_reply"
                idle |= kind == "status" and content["execution_state"] == "idle"
                if kind == "error":
                    raise Stop(f"{name}: a cell failed\n" + "\n".join(content["traceback"]))
                texts.append(content.get("data", {}).get("text/plain", "") or content.get("text", ""))
        socket_.close()
        return [text for text in texts if text]


# --- the measurement ---------------------------------------------------------------------------------------------


def check_with_repo2docker(machine):
    """Has repo2docker read the files; it writes its Dockerfile without a container engine."""
    say(f"\nrepo2docker: {REPO2DOCKER}")
    machine.start("python", "-m", "venv", machine.home / "repo2docker").wait()
    tools = machine.home / "repo2docker" / "bin"
    machine.run("repo2docker", tools / "pip", "install", "--quiet", REPO2DOCKER)
    process = machine.start(
        tools / "jupyter-repo2docker",
        "--no-build",
        "--debug",
        ".",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    text = process.communicate()[0]
    write_atomically(BUILD / "binder.Dockerfile", text)
    lacking = [
        line
        for line in (
            "RUN ./binder/postBuild",
            'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"',
            "openjdk-17-jdk-headless",
            'pip install --no-cache-dir -r "binder/requirements.txt"',
        )
        if line not in text
    ]
    shutil.rmtree(tools.parent)
    if process.returncode != 0 or lacking:
        raise Stop(f"repo2docker ended with code {process.returncode}; its Dockerfile lacks {lacking}.")
    say("  accepted; its Dockerfile: build/binder.Dockerfile")


def measure(machine, notebooks, left_open):
    """(the watch with its peaks, rows of single notebooks, what the first says of its settings)."""
    lab = Lab(machine)
    watch = Watch(lab.process.pid)
    try:
        watch.start()
        lab.wait()
        say(f"\nJupyterLab is up: {watch.now[0]:.0f} MB resident")
        rows = []
        for name in notebooks:
            started, before = time.monotonic(), watch.peak
            watch.peak = (0, 0)
            lab.close_all_but(left_open)
            texts = lab.execute(name)
            row = {
                "notebook": name,
                "seconds": time.monotonic() - started,
                "resident_mb": watch.peak[0],
                "shared_once_mb": watch.peak[1],
            }
            watch.peak = tuple(map(max, before, watch.peak))
            rows.append(row)
            say(
                f"  {name:28} {row['seconds']:5.0f} s   {row['resident_mb']:6.0f} MB resident   "
                f"{row['shared_once_mb']:6.0f} MB with shared pages once"
            )
            if name == notebooks[0]:
                settings = next((text for text in texts if text.startswith("profile ")), "no settings were shown")
                say("    it says: " + settings.replace("\n", "\n             "))
        return watch, rows, settings
    finally:
        watch.ended.set()
        started_here = tree(lab.process.pid)
        lab.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            lab.process.wait(30)
        for process in started_here:  # a kernel that outlived its server
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        lab.process.wait()


def main():
    """Builds, starts, measures; ends with code 1 where it takes too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--python", default=getattr(sys, "_base_executable", sys.executable), help="stands for Binder's Python"
    )
    parser.add_argument("--limit", type=int, default=LIMIT_MB, metavar="MB", help="that has to do (%(default)s)")
    parser.add_argument(
        "--open", type=int, default=1, metavar="N", help="leave so many notebooks open behind one (%(default)s)"
    )
    parser.add_argument("--repo2docker", action="store_true", help="also have repo2docker read binder/ (a download)")
    parser.add_argument("notebooks", nargs="*", default=WALKTHROUGH, metavar="NOTEBOOK", help="such as 05_train")
    arguments = parser.parse_args()
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    with tempfile.TemporaryDirectory(prefix="digits-binder-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        with visitor(folder / "home") as user:
            machine = Machine(folder, user, arguments.python)
            seconds = machine.prepare()
            if arguments.repo2docker:
                check_with_repo2docker(machine)
            watch, rows, settings = measure(machine, arguments.notebooks, arguments.open)
    result = {
        "user": user or "the current user",
        "cores": 1,
        "left_open": arguments.open,
        "settings": settings,
        "build_seconds": seconds,
        "notebooks": rows,
        "peak_resident_mb": watch.peak[0],
        "peak_shared_once_mb": watch.peak[1],
        "samples": watch.samples,
    }
    write_atomically(BUILD / "binder.json", json.dumps(result, indent=2) + "\n")
    say(
        f"\nAt most {watch.peak[0]:,.0f} MB resident, JupyterLab and kernels together ({watch.samples} samples); limit "
        f"{arguments.limit:,} MB. In full: {shown(BUILD / 'binder.json')}"
    )
    return 0 if watch.peak[0] < arguments.limit else 1


if __name__ == "__main__":
    run_as_script(main)
