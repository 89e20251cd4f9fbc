"""Our networks as ONNX files in other programs: ONNX's own checker, ONNX Runtime and OpenVINO.

    python tests/onnx/runtimes.py               writes the files and checks them; `make onnx` sets everything up
    python tests/onnx/runtimes.py try FOLDER    checks the files of a folder, in this Python

Every file is checked completely, with inferred shapes, and must make the same predictions for 1,000 digits as the
network itself. The runtimes have an environment of their own below build/onnx.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CLOSE = 1e-5  # predictions, relative to the largest number if that is greater than 1
TABLE = "  %-34s %10s  %16s  %16s  %16s"
BATCHES = (1, 7, 128)  # sizes of batches that one file must accept


def differences(file, numpy):
    """The largest difference from our predictions in each runtime, as {runtime: difference}."""
    import onnxruntime
    import openvino

    shape = [1000, *json.loads(file.with_suffix(".json").read_text("utf-8"))]
    features = numpy.fromfile(file.parent / "digits.f32", dtype="<f4").reshape(shape)
    ours = numpy.fromfile(file.with_suffix(".f32"), dtype="<f4").reshape(1000, -1)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    compiled = openvino.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    name = session.get_inputs()[0].name
    predict = {
        "ONNX Runtime " + onnxruntime.__version__: lambda some: session.run(None, {name: some})[0],
        "OpenVINO " + openvino.__version__.partition("-")[0]: lambda some: compiled(some)[0],
    }
    found = {}
    for runtime, function in predict.items():
        ends = [0]
        while ends[-1] < 1000:  # the three sizes, again and again
            ends.append(min(1000, ends[-1] + BATCHES[len(ends) % len(BATCHES)]))
        theirs = numpy.concatenate([function(features[a:b]) for a, b in zip(ends, ends[1:])]).reshape(1000, -1)
        scale = max(1, float(numpy.abs(ours).max()))
        found[runtime] = float(numpy.abs(ours - theirs).max()) / scale if numpy.isfinite(theirs).all() else float("inf")
    return found


def check(folder):
    """Checks all files of a folder; prints one line of JSON for each."""
    import numpy
    import onnx

    for file in sorted(Path(folder).glob("*.onnx")):
        result = {"file": file.name, "bytes": file.stat().st_size, "problem": ""}
        try:
            model = onnx.load(file)
            onnx.checker.check_model(model, full_check=True)
            inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
            known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
            missing = [node.name for node in inferred.graph.node if node.output[0] not in known]
            if missing:
                result["problem"] = "no shape inferred for " + ", ".join(missing)
            result["differences"] = differences(file, numpy)
        except Exception as e:  # whatever a runtime throws belongs into the report
            result["problem"] = str(e).strip().splitlines()[-1]
        print(json.dumps(result), flush=True)


def compare():
    """Writes our networks, has them checked, and prints the table of differences."""
    import bench

    from project import BUILD, PYTHON_IN_VENV, ROOT, Stop, say

    files = BUILD / "onnx" / "files"
    shutil.rmtree(files, ignore_errors=True)
    java = bench.java_program(bench.test_classpath(), "digits.onnx.WriteForRuntimes", files)
    if subprocess.call(list(map(str, java)), cwd=ROOT) != 0:
        raise Stop("Our networks could not be written; the message is above.")
    python = BUILD / "onnx" / "runtimes" / PYTHON_IN_VENV
    done = subprocess.run(
        [str(python), __file__, "try", str(files)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not results:
        raise Stop("The files could not be checked; the message is above.")
    problems = []
    runtimes = next((list(result["differences"]) for result in results if "differences" in result), ["", ""])
    say(TABLE % ("largest difference on 1,000 digits", "bytes", *runtimes, "ONNX's checker"))
    for result in results:
        found = result.get("differences", {})
        cells = ["%.1e" % found[name] if name in found else "–" for name in runtimes]
        say(TABLE % (result["file"], format(result["bytes"], ","), *cells, "ok" if not result["problem"] else "FAILED"))
        problems += [f"{result['file']}: {result['problem']}"] * bool(result["problem"])
        problems += [f"{result['file']}: {name} differs by {d:.1e}" for name, d in found.items() if not d <= CLOSE]
    if problems:
        raise Stop("\n".join(problems))
    say("%d files are valid, and all predictions agree within %.0e." % (len(results), CLOSE))


if __name__ == "__main__":
    if sys.argv[1:2] == ["try"]:
        check(sys.argv[2])
    else:
        from project import run_as_script

        run_as_script(compare)
