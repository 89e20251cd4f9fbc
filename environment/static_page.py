"""Builds the page to draw on as static files, which any web host serves: `make page`.

ONNX Runtime Web comes from npm, pinned by its version and checksum. The network is the one that `make demo` would use.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import java
from project import BUILD, ROOT, Stop, run_as_script, say, shown

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="  # as npm shows it
RUNTIME = {  # the smallest build, for the processor only
    "ort.js": "package/dist/ort.wasm.bundle.min.mjs",
    "ort.wasm": "package/dist/ort-wasm-simd-threaded.wasm",
}
SOURCE = ROOT / "lib" / "digits" / "demo"
PAGE = ("page.css", "page.js", "board.js", "browser.js", "dom.js", "ink.js", "layers.js", "photo.js", "worker.js")
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self';"
    " img-src 'self' blob: data:; base-uri 'none'; form-action 'none'"
)


def runtime():
    """A folder with the files of ONNX Runtime Web, downloaded if it is not there yet."""
    kept = BUILD / PACKAGE / VERSION
    if all((kept / name).is_file() for name in RUNTIME):
        return kept
    npm = shutil.which("npm")
    if not npm:
        raise Stop("`make page` needs npm to fetch ONNX Runtime Web (Debian, Ubuntu: sudo apt install npm).")
    say(f"ONNX Runtime Web {VERSION}: fetching it from npm (33 MB)")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        command = [npm, "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        if subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode:
            raise Stop(f"npm could not fetch {PACKAGE} {VERSION}; see its message above. It needs the network once.")
        [archive] = Path(folder).glob("*.tgz")
        content = archive.read_bytes()
        if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
            raise Stop(f"{PACKAGE} {VERSION} from npm is not the file whose checksum this project keeps: not used.")
        unpacked = Path(folder) / VERSION
        unpacked.mkdir()
        with tarfile.open(archive) as members:
            for name, member in RUNTIME.items():
                (unpacked / name).write_bytes(members.extractfile(member).read())
        unpacked.rename(kept)
    return kept


def replaced(text, old, new):
    """The text with the one place replaced where it must be."""
    if text.count(old) != 1:
        raise Stop(f"the page has “{old}” {text.count(old)} times, not once")
    return text.replace(old, new)


def assemble(folder):
    """Puts the page, the runtime and the network into a folder."""
    for name in PAGE:
        shutil.copyfile(SOURCE / name, folder / name)
    html = replaced((SOURCE / "page.html").read_text("utf-8"), 'src="server.js"', 'src="browser.js"')
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    html = replaced(html, '<meta charset="utf-8">', f'<meta charset="utf-8">\n{policy}')
    early = [f'<link rel="modulepreload" href="{name}">' for name in (*PAGE, "ort.js") if name.endswith(".js")]
    early = [link for link in early if "worker" not in link]
    early += [f'<link rel="preload" href="{name}" as="fetch" crossorigin>' for name in ("ort.wasm", "model.onnx")]
    html = replaced(html, "</head>", "\n".join([*early, "</head>"]))  # without waiting for what asks for them
    (folder / "index.html").write_text(html, "utf-8")
    kept = runtime()
    script = (kept / "ort.js").read_text("utf-8").partition("//# sourceMappingURL=")[0]  # the map is not there
    (folder / "ort.js").write_text(script, "utf-8")
    shutil.copyfile(kept / "ort.wasm", folder / "ort.wasm")
    others = f"ort.js, ort.wasm: ONNX Runtime Web {VERSION}. Copyright (c) Microsoft Corporation, the same license."
    (folder / "LICENSE.txt").write_text((ROOT / "LICENSE").read_text("utf-8") + f"\n{others}\n", "utf-8")
    command, environment = java.program("digits.demo.PageModel", str(folder))
    if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode:
        raise Stop("The network could not be written; see above.")
    digest = hashlib.sha256()
    files = sorted(file for file in folder.iterdir() if file.name != "worker.js")
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    worker = (folder / "worker.js").read_text("utf-8")
    worker = replaced(worker, "const FILES = [];", f"const FILES = {json.dumps(['./', *(f.name for f in files)])};")
    worker = replaced(worker, 'const VERSION = "";', f'const VERSION = "{digest.hexdigest()[:16]}";')
    (folder / "worker.js").write_text(worker, "utf-8")


def main():
    """Builds build/page completely or not at all, and says how large it is."""
    target = BUILD / "page"
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="page.") as temporary:
        folder = Path(temporary) / "page"
        folder.mkdir()
        assemble(folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    sizes = {file.name: file.stat().st_size for file in target.iterdir()}
    for name in sorted(sizes, key=sizes.get, reverse=True)[:3]:
        say(f"  {sizes[name] / 1e6:6.2f} MB  {name}")
    rest = sum(sorted(sizes.values())[:-3])
    say(f"  {rest / 1e6:6.2f} MB  {len(sizes) - 3} other files: the page")
    say(f"Written: {shown(target)}. Any web host can serve it; to try it here:")
    say(f"  python3 -m http.server --bind 127.0.0.1 --directory {shown(target)}")


if __name__ == "__main__":
    run_as_script(main)
