"""A trial on a real JupyterHub: log in, run notebook 13 in JupyterLab, draw.

    make browser                                    # installs the browser's driver
    PYTHONPATH=environment .venv/bin/python tests/browser/hub.py [FOLDER]

It needs the network once: FOLDER (build/hub) gets JupyterHub from PyPI and its proxy from npm. Not part of `make test`.
With nginx on the PATH, nginx stands in front of the hub, as it does in most installations.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import test_browser as browser

from project import BUILD, NOTEBOOKS, ROOT

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{hub}/classes/"
c.JupyterHub.hub_port = {internal}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{folder}/node_modules/.bin/configurable-http-proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allow_all = True
c.DummyAuthenticator.password = "{password}"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.cmd = ["{folder}/venv/bin/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
c.Spawner.default_url = "/lab/tree/{notebook}"
c.Spawner.environment = {environment}
"""
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://127.0.0.1:{hub}; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;
    }}
  }}
}}
"""


def free_ports(count):
    """Ports of the loopback address that nothing uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def main():
    folder = Path(sys.argv[1] if sys.argv[1:] else BUILD / "hub").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "venv/bin/jupyterhub-singleuser").exists():
        subprocess.check_call([sys.executable, "-m", "venv", folder / "venv"])
        subprocess.check_call([folder / "venv/bin/pip", "install", "--quiet", "jupyterhub"])
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "configurable-http-proxy"]
        subprocess.check_call(npm, cwd=folder)
    packages = next((ROOT / ".venv/lib").glob("python*/site-packages"))  # JupyterLab and what the notebooks need
    next((folder / "venv/lib").glob("python*/site-packages")).joinpath("digits.pth").write_text(f"{packages}\n")
    share, home = ROOT / ".venv/share/jupyter", folder / "home/ann"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(NOTEBOOKS / browser.NOTEBOOK, home)
    paths = {"JUPYTER_PATH": share, "JUPYTERLAB_DIR": share / "lab", "JUPYTER_CONFIG_PATH": ROOT / ".venv/etc/jupyter"}
    environment = {**paths, "DIGITS_PROFILE": "quick", "DIGITS_LIMIT": 600, "DIGITS_OUTPUT": folder / "output"}
    hub, internal, api, front = free_ports(4)
    values = {"folder": folder, "hub": hub, "internal": internal, "api": api, "front": front}
    values |= {"password": secrets.token_hex(8), "notebook": browser.NOTEBOOK}
    values["environment"] = {name: str(value) for name, value in environment.items()}
    (folder / "jupyterhub_config.py").write_text(CONFIG.format(**values))
    (folder / "nginx.conf").write_text(NGINX.format(**values))
    commands = [[folder / "venv/bin/jupyterhub", "-f", folder / "jupyterhub_config.py"]]
    nginx = shutil.which("nginx", path=os.environ["PATH"] + os.pathsep + "/usr/sbin")
    commands += [[nginx, "-e", folder / "nginx.log", "-c", folder / "nginx.conf"]] * bool(nginx)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIGITS_", "JUPYTER"))}
    with open(folder / "hub.log", "w") as log:
        options = {"cwd": folder, "stdout": log, "stderr": log, "env": clean, "start_new_session": True}
        running = [subprocess.Popen(command, **options) for command in commands]
    address = f"http://127.0.0.1:{front if nginx else hub}/classes/"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(address + "hub/login", timeout=5).close()
                break
            except OSError:
                time.sleep(1)
        os.environ["PASSWORD"] = values["password"]
        print(f"JupyterHub{' behind nginx' if nginx else ''}: {address}; its log: {folder / 'hub.log'}", flush=True)
        browser.drive("lab.mjs", address + "hub/login")
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait(30)


if __name__ == "__main__":
    main()
