"""«Draw a digit» outside a notebook: starts the page's server and prints its address. Ctrl-C ends it.

    python environment/demo.py

DIGITS_DEMO_PORT names the port (else a free one); DIGITS_DEMO_PREFIX, or on a hub JUPYTERHUB_SERVICE_PREFIX, the path under which
jupyter-server-proxy offers this machine's ports. The reader's own network is looked for where `make run` and `make quick` leave theirs.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import kernel
from project import run_as_script


def command(main="digits.live.DemoMain"):
    """The command line and the environment of a Java process with the library, its memory and threads as a kernel has them."""
    line = [kernel.java_command()] + kernel.jvm_options() + ["-cp", os.pathsep.join(kernel.library_classpath()), main]
    environment = {**kernel.kernel_environment(), **{name: value for name, value in os.environ.items() if value.strip()}}
    environment["OMP_NUM_THREADS"] = kernel.kernel_environment()["OMP_NUM_THREADS"]
    if os.environ.get("DIGITS_OUTPUT", "").strip():
        environment["DIGITS_OUTPUT"] = os.path.abspath(os.environ["DIGITS_OUTPUT"].strip())
    # Java finds the library by the option -cp; the kernel's own variable for it would only make the environment long
    environment = {name: value for name, value in environment.items() if not name.startswith(("JJAVA_", "IJAVA_"))}
    environment["PATH"] = os.environ.get("PATH", "")
    return line, environment


def main():
    """Becomes the server, so that Ctrl-C reaches it."""
    line, environment = command()
    sys.stdout.flush()
    if os.name == "nt":  # there, exec leaves the terminal to the caller at once
        return subprocess.call(line, env=environment)
    os.execvpe(line[0], line, environment)


if __name__ == "__main__":
    run_as_script(main)
