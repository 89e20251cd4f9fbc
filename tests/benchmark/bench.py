"""Trains the walkthrough's network with several systems on this machine, predicts with them, and compares them.

    python tests/benchmark/bench.py run [--peers keras pytorch onnx djl] [--rounds 5] [--batches 50] …
    python tests/benchmark/bench.py jmh [JMH's own options]     single layers of ours, see tests/digits/benchmark

`make bench PEERS="keras pytorch onnx djl" ARGS="--rounds 3"` and `make jmh ARGS=LayerJmh` set everything up.

How the comparison is kept fair:

- The same work. One network (the parameters are counted in each system: 597,738), the same Glorot-uniform weights,
  Adam, dropout, batch normalization; batches of 128 in random order; each system reports mean loss and accuracy of
  its training batches, as Keras does, and the run stops if one has not learned. All compute in 32-bit floats, apart
  from the systems with bf16 in their names, which stand beside them where the processor has instructions for it. All
  read the same images: the Java side writes what it loads (DIGITS_DATA, or what the notebooks would use) as plain IDX
  files. Each holds them as bytes, and scales them to floats within the measured time.
- Systems that only predict (ours frozen, PyTorch frozen, ONNX Runtime, OpenVINO) have the weights of the library's
  pretrained network; the run stops if they do not find the same number of digits.
- The same machine at the same time. Each system is one process that lives for the whole run and is idle but for its
  turn; rounds go through all of them, each round begins with another one, and a round apart warms them up. What
  happens to the machine meanwhile happens to all. The processor time that the idle ones use is watched, and reported
  if it is more than 3 % of a turn.
- The same resources: as many threads as there are cores (DIGITS_THREADS changes it for all).
- Each at its best. What was tried is in SETTINGS and the peers' files with its figures. Evaluation runs at the batch
  size that was fastest for the system; a single image goes through the compiled graph (Keras) or inference mode
  (PyTorch), never through the slow convenience of predict(). Ours runs with the JVM options of the notebooks' kernel,
  each peer with the variables in VARIABLES. A system that needs what the machine lacks is left out, with the reason.
- The wall clock is read inside each process around the same calls, with the input pipeline in it: from the images in
  memory to the updated weights, to accuracy and loss, or from one image in the system's own array to ten probabilities.
- Stock Deeplearning4j is slower by an order of magnitude; it trains fewer batches, evaluates fewer images, and its
  evaluation time is scaled up.
- All rounds are shown: median, smallest and largest. The percentiles of single images are those of all calls together,
  5,000 or more (fewer cannot carry the 99th). A start is timed from the outside, until the first batch is trained,
  with fresh processes that take turns too; the first start of each, which fills the system's file cache and
  torch.compile's, does not count.
- The machine's peak is measured before and after, and the better counts: the fastest large product of matrices, and
  copies. A system's share of it counts the multiply-adds of convolutions and dense layers, from the layers' shapes.
- `--curves` also shows how the speed depends on the batch size, the number of images, the threads, the network's
  channels and the images' side, the best of three turns for each point. Stock Deeplearning4j would take hours, and
  torch.compile compiles each shape: not there.

Peak resident memory is Linux's VmHWM of the process after each round; elsewhere it is left out.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import time
from pathlib import Path

import figures
from peer import BATCH

import java
from project import BUILD, PYTHON_IN_VENV, ROOT, Stop, run_as_script, say, shown, write_atomically

HERE = ROOT / "tests" / "benchmark"
FOLDER = BUILD / "bench"
DATA = FOLDER / "data"
REPORT = BUILD / "bench.json"
CHART = BUILD / "bench.png"
CURVES_CHART = BUILD / "bench_curves.png"
PARAMETERS = 597_738
STOCK = "dl4j_stock"

# system, mode of the acceleration, arguments
OURS = [
    ("ours", "onednn"),
    ("ours_frozen", "onednn", "frozen"),
    ("ours_bf16", "bfloat16"),
    ("ours_frozen_bf16", "bfloat16", "frozen"),
    ("ours_portable", "portable"),
    (STOCK, "off"),
]
# environment in FOLDER -> its systems: the peer's program and its arguments
PEERS = {
    "keras": {"keras": ["keras_peer.py", "float32"], "keras_bf16": ["keras_peer.py", "mixed_bfloat16"]},
    "pytorch": {
        "pytorch": ["pytorch_peer.py", "contiguous_format"],
        "pytorch_channels_last": ["pytorch_peer.py", "channels_last"],
        "pytorch_compiled": ["pytorch_peer.py", "channels_last", "compiled"],
        "pytorch_frozen": ["pytorch_peer.py", "channels_last", "frozen"],
        "pytorch_bf16": ["pytorch_peer.py", "channels_last", "bf16"],
        "pytorch_compiled_bf16": ["pytorch_peer.py", "channels_last", "compiled", "bf16"],
    },
    "onnx": {
        "onnxruntime": ["onnx_peer.py", "onnxruntime"],
        "openvino": ["onnx_peer.py", "openvino", "f32"],
        "openvino_bf16": ["onnx_peer.py", "openvino", "bf16"],
    },
    "djl": {"djl": ["digits.benchmark.DjlPeer"]},
}
ENVIRONMENTS = {"onnx": BUILD / "onnx" / "runtimes"}  # where it is not FOLDER / peer

# evaluation_batch: of 50, 128, 250 (256), 500 (512), 1,000 and 2,000, the best of three turns each, the fastest for the
# system (two cores of a Zen 4), or the smallest that is at most 6 % slower, within the noise. torch.compile's systems
# compile each size: their 250, which leaves no rest, has not been compared.
SETTINGS = {
    "ours": {"evaluation_batch": 128},
    "ours_frozen": {"evaluation_batch": 256},
    "ours_bf16": {"evaluation_batch": 256},
    "ours_frozen_bf16": {"evaluation_batch": 128},
    "ours_portable": {"evaluation_batch": 128},
    STOCK: {"evaluation_batch": 128, "batches": 3, "evaluated": 1_000},
    "keras": {"evaluation_batch": 512},
    "keras_bf16": {"evaluation_batch": 256},
    "pytorch": {"evaluation_batch": 50},
    "pytorch_channels_last": {"evaluation_batch": 128},
    "pytorch_bf16": {"evaluation_batch": 256},
    "onnxruntime": {"evaluation_batch": 50},
    "openvino": {"evaluation_batch": 50},
    "openvino_bf16": {"evaluation_batch": 500},
    "djl": {"evaluation_batch": 128},
}
DEFAULTS = {"evaluation_batch": 250}
CURVES = {"batch size": [1 << i for i in range(10)], "images": [128 << i for i in range(10)]}
SHAPES = {"channels": ("BENCH_CHANNELS", [8, 16, 32, 64]), "image side": ("BENCH_SIDE", [16, 32, 64])}
NO_CURVES = [STOCK, "pytorch_compiled", "pytorch_frozen", "pytorch_compiled_bf16"]

# Each peer's own variables. Ours have GOMP_SPINCOUNT from java.py; the peers keep GCC's default. PyTorch allocates and
# frees arrays of 10 MB in each step. Without these two, glibc returns them to the system each time: 166,184 page faults
# and 0.70 s of system time in 15 batches, with them 7,312 and 0.03 s (17.0 and 12.4 s of user time on a busy machine).
VARIABLES = {
    "pytorch": {
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),  # the greatest that glibc accepts
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "TORCHINDUCTOR_CACHE_DIR": str(FOLDER / "inductor"),
    },
    "onnx": {"ORT_DISABLE_TELEMETRY": "1"},
    "djl": {"DJL_CACHE_DIR": str(FOLDER / "djl" / "cache"), "OPT_OUT_TRACKING": "true"},
}

# what keeps each library from using more than AVX2, for machines that have more: --isa avx2
AVX2_ONLY = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "DNNL_MAX_CPU_ISA": "AVX2",  # oneDNN, new and old name; it is in all systems
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # PyTorch
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",  # TensorFlow; the rest of it is built for AVX2 at most
    "OPENBLAS_CORETYPE": "Haswell",  # ND4J
}


# --- the systems --------------------------------------------------------------------------------------------------


def asked_peers(names):
    """The peers to compare with, each once."""
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise Stop('There is no peer "%s". PEERS may hold: %s' % (unknown[0], ", ".join(PEERS)))
    return list(dict.fromkeys(names))


def peer_python(peer):
    """The peer's own Python, with exactly the locked packages."""
    return str(ENVIRONMENTS.get(peer, FOLDER / peer) / PYTHON_IN_VENV)


def test_classpath():
    """The class path of the tests, as `make test-classes` leaves it."""
    classes = [BUILD / "maven" / "test-classes", BUILD / "maven" / "classes"]
    return os.pathsep.join([*map(str, classes), (FOLDER / "classpath.txt").read_text(encoding="utf-8").strip()])


def java_program(classpath, *arguments):
    """The command line of one of our Java programs, with the options of the notebooks' kernel."""
    return [java.java_command(), *java.jvm_options(), "-cp", classpath, *map(str, arguments)]


def environment(isa=None, peer=None):
    """The variables that a peer, or without one a Java program of ours, is started with."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | java.library_variables()
    if peer:
        del variables["GOMP_SPINCOUNT"]
    return {
        **variables,
        **VARIABLES.get(peer, {}),
        "DIGITS_DATA": str(DATA),
        "CUDA_VISIBLE_DEVICES": "",
        **(AVX2_ONLY if isa == "avx2" else {}),
    }


def processor():
    """The processor's name, and the instructions that it knows."""
    try:
        cpu = Path("/proc/cpuinfo").read_text()
    except OSError:
        cpu = ""
    model = re.search(r"^model name\s*:\s*(.*)$", cpu, re.M)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", cpu, re.M)
    return (
        model.group(1) if model else platform.processor() or platform.machine(),
        flags.group(1).split() if flags else [],
    )


def peer_command(peer, program, *arguments):
    """The command line of a peer's program, in Python or in Java."""
    if program.endswith(".py"):
        return [peer_python(peer), str(HERE / program), *arguments]
    libraries = (FOLDER / peer / "classpath.txt").read_text(encoding="utf-8").strip()
    classpath = os.pathsep.join([str(FOLDER / peer / "classes"), libraries])
    return [java.java_command(), *java.fixed_options(), "-cp", classpath, program, *arguments]


def lacking(program, arguments, flags):
    """What this machine lacks for a peer's program with these arguments; None if it has everything."""
    if program == "digits.benchmark.DjlPeer" and (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "its native code is locked for Linux on x86-64 only"
    if any("bf" in argument for argument in arguments) and not {"avx512_bf16", "amx_bf16", "bf16"} & set(flags):
        return "the processor has no instructions for bfloat16, or may not use them"
    if {"compiled", "frozen"} & set(arguments):
        if not shutil.which(os.environ.get("CXX", "g++")):
            return "there is no C++ compiler"
        if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
            return "there are no header files of Python for the C++ compiler"
    return None


def systems_of(peers, classpath, isa):
    """{system: (command line, variables)}, and {system that is left out: why}."""
    limit = ["-XX:UseAVX=2"] if isa == "avx2" else []
    programs = {}
    left_out = {}
    for name, mode, *arguments in OURS:
        missing = lacking("digits.benchmark.BenchmarkProcess", [mode], [] if isa == "avx2" else processor()[1])
        if missing:
            left_out[name] = missing
            continue
        main = ["-Ddigits.acceleration=" + mode, "digits.benchmark.BenchmarkProcess", *arguments]
        programs[name] = java_program(classpath, *limit, *main), environment(isa)
    for peer in peers:
        for name, (program, *arguments) in PEERS[peer].items():
            missing = lacking(program, arguments, [] if isa == "avx2" else processor()[1])
            if missing:
                left_out[name] = missing
            else:
                programs[name] = peer_command(peer, program, *arguments), environment(isa, peer)
    return programs, left_out


class System:
    """A process of one of the systems, from its start on; see peer.py for what it understands."""

    def __init__(self, name, command, variables):
        self.name = name
        self.log = FOLDER / (name + ".log")
        started = time.perf_counter()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=variables, encoding="utf-8"
            )
        try:
            self.facts = self._answer()
        except BaseException:
            self.end()
            raise
        self.first_batch_s = time.perf_counter() - started

    def ask(self, do, **what):
        """Sends a command and returns what is answered."""
        try:
            self.process.stdin.write(json.dumps({"do": do, **what}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, which the missing reply shows
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            end = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
            raise Stop(
                "\n".join(
                    ["The process of %s ended; the end of %s:" % (self.name, shown(self.log))]
                    + ["  | " + text for text in end]
                )
            )
        return json.loads(line)

    def peak_resident_mb(self):
        """VmHWM in 10⁶ bytes; None if the system does not report it."""
        try:
            status = Path("/proc/%d/status" % self.process.pid).read_text()
        except OSError:
            return None
        return int(re.search(r"^VmHWM:\s*(\d+) kB", status, re.M).group(1)) * 1024 / 1e6

    def processor_seconds(self):
        """Processor time of all its threads so far; 0 if the system does not report it."""
        try:
            numbers = Path("/proc/%d/stat" % self.process.pid).read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        """Ends the process."""
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


# --- measuring ----------------------------------------------------------------------------------------------------


def rotated(names, round_number):
    """The order of a round: each begins with another system."""
    start = round_number % len(names)
    return names[start:] + names[:start]


def settings_of(name):
    """How a system is measured, where that differs from the others."""
    return {**DEFAULTS, **SETTINGS.get(name, {})}


def turn(system, options):
    """One system's turn in a round: {figure: value}, and its replies for the record; it may not be able to train."""
    own = settings_of(system.name)
    batches = min(options.batches, own.get("batches", options.batches))
    evaluated = min(options.evaluated, own.get("evaluated", options.evaluated))
    values, trained = {}, {}
    if system.facts["trains"]:
        trained = system.ask("train", batches=batches, batch=BATCH)
        values["train_images_per_s"] = batches * BATCH / trained["seconds"]
    tested = system.ask("evaluate", images=evaluated, batch=own["evaluation_batch"])
    values["evaluate_10000_s"] = tested["seconds"] * 10_000 / evaluated
    predictions = -(-options.predictions // options.rounds)
    values["latency_ms"] = system.ask("latency", predictions=predictions)["milliseconds"]
    memory = system.peak_resident_mb()
    if memory is not None:
        values["peak_resident_mb"] = memory
    return values, trained, tested


def watched_turn(system, others, options):
    """A turn, during which the others are checked to be idle."""
    before, started = sum(other.processor_seconds() for other in others), time.perf_counter()
    result = turn(system, options)
    wall = time.perf_counter() - started
    share = (sum(other.processor_seconds() for other in others) - before) / wall
    if share > 0.03 and wall > 1:
        say("  warning: while %s had its turn, the idle systems used %.0f %% of a core" % (system.name, 100 * share))
    return result


def rounds(systems, options, measured):
    """All rounds, the warm-up first; adds to the lists in `measured` and returns each system's replies by round."""
    names = list(systems)
    replies = {name: [] for name in names}
    for number in range(options.rounds + 1):
        say("Round %d of %d%s" % (number, options.rounds, ", to warm up" if number == 0 else ""))
        for name in rotated(names, number):
            others = [systems[other] for other in names if other != name]
            values, trained, tested = watched_turn(systems[name], others, options)
            replies[name].append((trained, tested))
            training = "%6.0f images/s   loss %.4f" % (values["train_images_per_s"], trained["loss"]) if trained else ""
            say(
                "  %-22s %-30s   10,000 evaluated in %6.2f s (accuracy %.4f)   one image %6.2f ms"
                % (
                    name,
                    training or "     –",
                    values["evaluate_10000_s"],
                    tested["accuracy"],
                    figures.percentile(values["latency_ms"], 0.50),
                )
            )
            if number > 0:
                for figure, value in values.items():
                    measured[name].setdefault(figure, []).append(value)
    return replies


def speeds(system, batches, batch, images, evaluation_batch):
    """The images per second of predicting, and of training if the system trains: the best of three turns.

    Nothing trains with single images: PyTorch's batch normalization refuses to.
    """
    found = {}
    for _ in range(3):
        evaluated = system.ask("evaluate", images=images, batch=evaluation_batch)
        turn = {"evaluate_images_per_s": images / evaluated["seconds"]}
        if system.facts["trains"] and batch > 1:
            trained = system.ask("train", batches=batches, batch=batch)
            turn["train_images_per_s"] = batches * batch / trained["seconds"]
        found = {figure: max(value, found.get(figure, 0)) for figure, value in turn.items()}
    return found


def curves(systems, programs, options):
    """{curve: {system: [{"at": number, figure: images per second}]}}, without those in NO_CURVES.

    No point trains on more images than a turn of a round, or predicts more.
    """
    cores = java.find_jdk()[2]
    threads = sorted({1 << i for i in range(cores.bit_length())} | {cores})
    fresh = {"threads": ("OMP_NUM_THREADS", threads), **SHAPES}  # a process of its own for each number
    found = {curve: {} for curve in [*CURVES, *fresh]}
    most = options.batches * BATCH
    for name in [name for name in systems if name not in NO_CURVES]:
        say("Curves of %s" % name)
        system, own = systems[name], settings_of(name)["evaluation_batch"]
        found["batch size"][name] = [
            {"at": size, **speeds(system, min(100, most // size), size, min(100 * size, options.evaluated), size)}
            for size in CURVES["batch size"]
            if size <= most
        ]
        found["images"][name] = [
            {"at": images, **speeds(system, images // BATCH, BATCH, images, own)}
            for images in CURVES["images"]
            if images <= min(most, options.evaluated)
        ]
        command, variables = programs[name]
        for curve, (variable, numbers) in fresh.items():
            if curve in SHAPES and not system.facts["trains"]:
                continue  # its network is fixed
            found[curve][name] = []
            for at in numbers:
                other = System(name, command, {**variables, variable: str(at)})
                found[curve][name].append({"at": at, **speeds(other, options.batches, BATCH, options.evaluated, own)})
                other.end()
    return found


def check_parameters(system):
    """The same network has as many parameters everywhere."""
    if system.facts["parameters"] != PARAMETERS:
        raise Stop(
            "%s trains a network of %d parameters; it has to be %d."
            % (system.name, system.facts["parameters"], PARAMETERS)
        )


def check_replies(replies):
    """A system that computes wrongly may be fast, but it does not learn: guessing has a loss of ln 10 = 2.30.

    Those that do not train have one network, and hardly a digit may tell them apart.
    """
    accuracies = {}
    for name, of_rounds in replies.items():
        losses = [trained["loss"] for trained, _ in of_rounds if trained]
        if losses and not losses[-1] < min(2.3, losses[0]):
            raise Stop(
                "%s does not learn: the mean losses of its rounds are %s."
                % (name, ", ".join("%.3f" % v for v in losses))
            )
        if not losses:
            accuracies[name] = of_rounds[-1][1]["accuracy"]
    if accuracies and max(accuracies.values()) - min(accuracies.values()) > 0.002:
        raise Stop("One network predicts differently: %s" % ", ".join("%s %.4f" % a for a in accuracies.items()))


def peak(classpath, isa):
    """What the machine can do at most: {gflop_per_s, copy_gb_per_s, …}."""
    command = java_program(classpath, "digits.benchmark.MachinePeak")
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", env=environment(isa))
    if done.returncode != 0:
        raise Stop("The machine's peak could not be measured; what Java said is above.")
    return json.loads(done.stdout)


def measure(programs, options):
    """Starts all systems, gives them turns, ends them; returns measurements, the systems' descriptions and curves."""
    # a run that was killed may have left half a file in it
    shutil.rmtree(VARIABLES["pytorch"]["TORCHINDUCTOR_CACHE_DIR"], ignore_errors=True)
    measured = {name: {} for name in programs}
    systems = {}
    try:
        for name, program in programs.items():
            (FOLDER / (name + ".log")).unlink(missing_ok=True)
            systems[name] = System(name, *program)
            check_parameters(systems[name])
            say("Started %-22s %s" % (name, systems[name].facts["settings"]))
        check_replies(rounds(systems, options, measured))
        training = [name for name in systems if systems[name].facts["trains"]]
        say("Starts, %d of each" % options.starts)
        for number in range(options.starts):
            for name in rotated(training, number):
                fresh = System(name, *programs[name])
                measured[name].setdefault("first_batch_s", []).append(fresh.first_batch_s)
                fresh.end()
        drawn = curves(systems, programs, options) if options.curves else {}
        return measured, {name: system.facts for name, system in systems.items()}, drawn
    finally:
        for system in systems.values():
            system.end()


# --- reporting ----------------------------------------------------------------------------------------------------


def machine(isa=None):
    """The machine that the figures were measured on."""
    cpu, known = processor()
    return {
        "cpu": cpu,
        "cores": java.find_jdk()[2],
        "flags": [flag for flag in known if flag in ("avx2", "fma") or flag.startswith(("avx512", "avx_vnni", "amx"))],
        "limited_to": isa or "nothing",
        "system": platform.platform(),
    }


def report(measured, facts, settings, isa=None):
    """The content of build/bench.json; of the single images' times it has each round's percentiles."""
    systems = figures.summaries(measured)
    rounds = {
        name: {
            **{figure: values for figure, values in of_system.items() if figure != "latency_ms"},
            **{
                figure: [figures.percentile(calls, share) for calls in of_system.get("latency_ms", [])]
                for figure, share in figures.LATENCIES.items()
            },
        }
        for name, of_system in measured.items()
    }
    return {
        "systems": systems,
        "ratios": figures.ratios(systems),
        "rounds": rounds,
        "machine": machine(isa),
        "settings": settings,
        "what": facts,
    }


def write_files(classpath):
    """Has the Java side write the images and the network that all read; returns what it says about them."""
    DATA.mkdir(parents=True, exist_ok=True)
    command = java_program(classpath, "digits.benchmark.BenchmarkFiles", DATA)
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=str(ROOT))
    if done.returncode != 0:
        raise Stop("The images could not be loaded; what Java said is above.")
    return done.stdout.strip()


def run(options):
    """Measures and reports."""
    peers = asked_peers(options.peers)
    classpath = test_classpath()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        say("Warning: this machine is busy (load %.1f), which makes the figures worse." % load)
    images = write_files(classpath)
    say(images)
    programs, left_out = systems_of(peers, classpath, options.isa)
    for name in options.without:
        if programs.pop(name, None):
            left_out[name] = "it was not wanted"
    for name, why in left_out.items():
        say("Left out: %s. Reason: %s." % (name, why))
    before = peak(classpath, options.isa)
    measured, facts, drawn = measure(programs, options)
    after = peak(classpath, options.isa)
    best = {figure: max(before[figure], after[figure]) for figure in before}
    figures.add_shares(measured, facts["ours"]["multiply_adds"], best["gflop_per_s"])
    settings = {
        "batch": BATCH,
        "threads": int(environment()["OMP_NUM_THREADS"]),
        "images": images,
        "rounds": options.rounds,
        "batches": options.batches,
        "predictions": options.predictions,
        "starts": options.starts,
        "per_system": {name: settings_of(name) for name in measured},
        "variables": {peer: VARIABLES.get(peer, {}) for peer in peers},
        "left_out": left_out,
    }
    result = report(measured, facts, settings, options.isa)
    result["machine"]["peak"] = best
    result["curves"] = drawn
    write_atomically(REPORT, json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print_result(result)
    charts = [CHART, *[CURVES_CHART] * bool(drawn)]
    chart = java_program(classpath, "digits.benchmark.BenchmarkChart", REPORT, *charts)
    if subprocess.call(chart, cwd=ROOT) != 0:
        raise Stop("The chart could not be drawn; Java's message is above.")
    say("\nWritten: %s" % ", ".join(map(shown, [REPORT, *charts])))


def print_result(result):
    """Prints the table, and how ours does against the fastest other."""
    on, systems = result["machine"], result["systems"]
    say(
        "\n%s, %d cores%s; at most %.0f GFLOP/s and %.1f GB/s\n\n%s"
        % (
            on["cpu"],
            on["cores"],
            ", limited to AVX2" if on["limited_to"] == "avx2" else "",
            on["peak"]["gflop_per_s"],
            on["peak"]["copy_gb_per_s"],
            figures.table(systems),
        )
    )
    for figure in ("train_images_per_s", "evaluate_10000_s", "latency_ms_p50"):
        title = figures.FIGURES[figure][0].rsplit(",", 1)[0].capitalize()
        for bf16 in (False, True):
            ours, other = (figures.best(systems, figure, whose, bf16) for whose in (True, False))
            if ours is None or other is None:
                continue
            ratio = figures.times_better(figure, systems[ours][figure]["value"], systems[other][figure]["value"])
            say("\n%s: the best other is %s; %s is %.2f times as fast." % (title, other, ours, ratio))


def jmh(options):
    """Runs the JMH benchmarks of the single layers."""
    classpath = test_classpath()
    return subprocess.call(
        [
            java.java_command(),
            "-cp",
            classpath,
            "org.openjdk.jmh.Main",
            "-jvmArgs",
            " ".join(java.jvm_options()),
            *options.arguments,
        ],
        env=environment(),
        cwd=str(ROOT),
    )


def positive(text):
    """A whole number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("%s has to be 1 or more" % text)
    return number


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(metavar="command", required=True)
    command = commands.add_parser("run", help="measures all systems")
    command.add_argument("--peers", nargs="*", default=["keras"], help="of: %s" % ", ".join(PEERS))
    others = [
        *(name for name, *_ in OURS if name != "ours"),
        *(system for systems in PEERS.values() for system in systems),
    ]
    without = "systems to leave out, of: " + ", ".join(others)
    command.add_argument("--without", nargs="*", default=[], choices=others, metavar="SYSTEM", help=without)
    command.add_argument("--rounds", type=positive, default=5, help="measured rounds after the warm-up (5)")
    command.add_argument("--batches", type=positive, default=50, help="training batches in a round (50)")
    command.add_argument("--evaluated", type=positive, default=10_000, help="images evaluated in a round (10000)")
    command.add_argument("--predictions", type=positive, default=5_000, help="single images in all rounds (5000)")
    command.add_argument("--starts", type=positive, default=3, help="fresh starts of each system (3)")
    command.add_argument("--curves", action="store_true", help="also by batch size, images, threads, width and size")
    command.add_argument("--isa", choices=["avx2"], help="keeps all systems from using more than AVX2")
    command.set_defaults(act=run)
    command = commands.add_parser("jmh", help="measures single layers", add_help=False)
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(act=jmh)
    options = parser.parse_args()
    return options.act(options)


if __name__ == "__main__":
    run_as_script(main)
