"""Trains the walkthrough's network with several systems on this machine and compares them.

    python tests/benchmark/bench.py run [--peers keras pytorch] [--rounds 5] [--batches 50] …
    python tests/benchmark/bench.py jmh [JMH's own options]     single layers of ours, see tests/digits/benchmark

`make bench PEERS="keras pytorch" ARGS="--rounds 3"` and `make jmh ARGS=LayerJmh` set everything up and call it.

How the comparison is kept fair:

- The same work. One network (the parameters are counted in each system: 597,738), the same Glorot-uniform weights,
  Adam, dropout, batch normalization; batches of 128 in random order; each system reports mean loss and accuracy of
  its training batches, as Keras does, and the run stops if one has not learned. All compute in 32-bit floats. All
  read the same images: the Java side writes what it loads (DIGITS_DATA, or what the notebooks would use) as plain IDX
  files.
- The same machine at the same time. Each system is one process that lives for the whole run and is idle but for its
  turn; rounds go through all of them, each round begins with another one, and a round apart warms them up. What
  happens to the machine meanwhile happens to all. The processor time that the idle ones use is watched, and reported
  if it is more than 3 % of a turn.
- The same resources: as many threads as there are cores (DIGITS_THREADS changes it for all).
- Each at its best. What was tried is in SETTINGS and the peers' files with its figures. Evaluation runs at the batch
  size that was fastest for the system; a single image goes through the compiled graph (Keras) or inference mode
  (PyTorch), never through the slow convenience of predict(). Ours runs with the JVM options of the notebooks' kernel.
- The wall clock is read inside each process around the same calls, with the input pipeline in it: from the images in
  memory to the updated weights, to accuracy and loss, or from one image in the system's own array to ten probabilities.
- Stock Deeplearning4j is slower by an order of magnitude; it trains fewer batches, evaluates fewer images, and its
  evaluation time is scaled up.
- All rounds are shown: median, smallest and largest. A start is timed from the outside, until the first batch is
  trained, with fresh processes that take turns too; the first start of each, which fills the system's file cache,
  does not count.

Peak resident memory is Linux's VmHWM of the process after each round; elsewhere it is left out.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import time
from pathlib import Path

import figures

import java
from project import BUILD, PYTHON_IN_VENV, ROOT, Stop, run_as_script, say, shown, write_atomically

HERE = ROOT / "tests" / "benchmark"
FOLDER = BUILD / "bench"
DATA = FOLDER / "data"
REPORT = BUILD / "bench.json"
CHART = BUILD / "bench.png"
PARAMETERS = 597_738
PEERS = {"keras": ["keras"], "pytorch": ["pytorch", "pytorch_channels_last"]}  # virtual environment -> its systems
STOCK = "dl4j_stock"

# evaluation_batch: the fastest of 128, 256, 512, 1024 and 2048 for the system
SETTINGS = {
    "ours": {"evaluation_batch": 256},
    STOCK: {"evaluation_batch": 128, "batches": 3, "evaluated": 1_000},
    "keras": {"evaluation_batch": 512},
    "pytorch": {"evaluation_batch": 128},
    "pytorch_channels_last": {"evaluation_batch": 256},
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
    return str(FOLDER / peer / PYTHON_IN_VENV)


def test_classpath():
    """The class path of the tests, as `make test-classes` leaves it."""
    classes = [BUILD / "maven" / "test-classes", BUILD / "maven" / "classes"]
    return os.pathsep.join([*map(str, classes), (FOLDER / "classpath.txt").read_text(encoding="utf-8").strip()])


def java_program(classpath, *arguments):
    """The command line of one of our Java programs, with the options of the notebooks' kernel apart from its memory."""
    return [java.java_command(), *java.fixed_options(), "-cp", classpath, *map(str, arguments)]


def environment(isa=None):
    """The variables that all systems are started with."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {
        **inherited,
        **java.library_variables(),
        "DIGITS_DATA": str(DATA),
        "CUDA_VISIBLE_DEVICES": "",
        **(AVX2_ONLY if isa == "avx2" else {}),
    }


def command_lines(peers, classpath, isa):
    """{system: command line}."""
    limit = ["-XX:UseAVX=2"] if isa == "avx2" else []
    commands = {
        name: java_program(classpath, *limit, "-Ddigits.acceleration=" + mode, "digits.benchmark.BenchmarkProcess")
        for name, mode in (("ours", "onednn"), (STOCK, "off"))
    }
    for peer in peers:
        python = str(peer_python(peer))
        if peer == "keras":
            commands["keras"] = [python, str(HERE / "keras_peer.py")]
        else:
            commands["pytorch"] = [python, str(HERE / "pytorch_peer.py"), "contiguous_format"]
            commands["pytorch_channels_last"] = [python, str(HERE / "pytorch_peer.py"), "channels_last"]
    return commands


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


def turn(system, options):
    """One system's turn in a round: {figure: value}, and its replies for the record."""
    own = SETTINGS[system.name]
    batches = min(options.batches, own.get("batches", options.batches))
    evaluated = min(options.evaluated, own.get("evaluated", options.evaluated))
    trained = system.ask("train", batches=batches)
    tested = system.ask("evaluate", images=evaluated, batch=own["evaluation_batch"])
    latency = system.ask("latency", predictions=options.predictions)["milliseconds"]
    values = {
        "train_images_per_s": batches * 128 / trained["seconds"],
        "evaluate_10000_s": tested["seconds"] * 10_000 / evaluated,
        "latency_ms_p50": figures.percentile(latency, 0.50),
        "latency_ms_p99": figures.percentile(latency, 0.99),
    }
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
    """All rounds, the warm-up first; adds to the lists in `measured` and returns each system's losses."""
    names = list(systems)
    losses = {name: [] for name in names}
    for number in range(options.rounds + 1):
        say("Round %d of %d%s" % (number, options.rounds, ", to warm up" if number == 0 else ""))
        for name in rotated(names, number):
            others = [systems[other] for other in names if other != name]
            values, trained, tested = watched_turn(systems[name], others, options)
            losses[name].append(trained["loss"])
            say(
                "  %-22s %6.0f images/s   loss %.4f   10,000 evaluated in %6.2f s (accuracy %.4f)   one image %6.2f ms"
                % (
                    name,
                    values["train_images_per_s"],
                    trained["loss"],
                    values["evaluate_10000_s"],
                    tested["accuracy"],
                    values["latency_ms_p50"],
                )
            )
            if number > 0:
                for figure, value in values.items():
                    measured[name].setdefault(figure, []).append(value)
    return losses


def check_parameters(system):
    """The same network has as many parameters everywhere."""
    if system.facts["parameters"] != PARAMETERS:
        raise Stop(
            "%s trains a network of %d parameters; it has to be %d."
            % (system.name, system.facts["parameters"], PARAMETERS)
        )


def check_learning(losses):
    """A system that computes wrongly may be fast, but it does not learn: guessing has a loss of ln 10 = 2.30."""
    for name, values in losses.items():
        if not values[-1] < min(2.3, values[0]):
            raise Stop(
                "%s does not learn: the mean losses of its rounds are %s."
                % (name, ", ".join("%.3f" % v for v in values))
            )


def measure(commands, options):
    """Starts all systems, gives them turns, ends them; returns the measurements and the systems' descriptions."""
    variables = environment(options.isa)
    measured = {name: {} for name in commands}
    systems = {}
    try:
        for name, command in commands.items():
            (FOLDER / (name + ".log")).unlink(missing_ok=True)
            systems[name] = System(name, command, variables)
            check_parameters(systems[name])
            say("Started %-22s %s" % (name, systems[name].facts["settings"]))
        check_learning(rounds(systems, options, measured))
        say("Starts, %d of each" % options.starts)
        for number in range(options.starts):
            for name in rotated(list(commands), number):
                fresh = System(name, commands[name], variables)
                measured[name].setdefault("first_batch_s", []).append(fresh.first_batch_s)
                fresh.end()
        return measured, {name: system.facts for name, system in systems.items()}
    finally:
        for system in systems.values():
            system.end()


# --- reporting ----------------------------------------------------------------------------------------------------


def machine(isa=None):
    """The machine that the figures were measured on."""
    try:
        cpu = Path("/proc/cpuinfo").read_text()
    except OSError:
        cpu = ""
    model = re.search(r"^model name\s*:\s*(.*)$", cpu, re.M)
    flags = re.search(r"^flags\s*:\s*(.*)$", cpu, re.M)
    known = flags.group(1).split() if flags else []
    return {
        "cpu": model.group(1) if model else platform.processor() or platform.machine(),
        "cores": java.find_jdk()[2],
        "flags": [flag for flag in known if flag in ("avx2", "fma") or flag.startswith(("avx512", "avx_vnni", "amx"))],
        "limited_to": isa or "nothing",
        "system": platform.platform(),
    }


def report(measured, facts, settings, isa=None):
    """The content of build/bench.json."""
    systems = figures.summaries(measured)
    return {
        "systems": systems,
        "ratios": figures.ratios(systems),
        "rounds": measured,
        "machine": machine(isa),
        "settings": settings,
        "what": facts,
    }


def run(options):
    """Measures and reports."""
    peers = asked_peers(options.peers)
    classpath = test_classpath()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:
        say("Warning: this machine is busy (load %.1f), which makes the figures worse." % load)
    DATA.mkdir(parents=True, exist_ok=True)
    images = subprocess.run(
        java_program(classpath, "digits.benchmark.ExportImages", str(DATA)),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=str(ROOT),
    )
    if images.returncode != 0:
        raise Stop("The images could not be loaded; what Java said is above.")
    say(images.stdout.strip())
    measured, facts = measure(command_lines(peers, classpath, options.isa), options)
    result = report(
        measured,
        facts,
        {
            "batch": 128,
            "threads": int(environment()["OMP_NUM_THREADS"]),
            "images": images.stdout.strip(),
            "rounds": options.rounds,
            "batches": options.batches,
            "starts": options.starts,
            "per_system": {n: SETTINGS[n] for n in measured},
        },
        options.isa,
    )
    write_atomically(REPORT, json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    systems = result["systems"]
    say(
        "\n%s, %d cores%s\n\n%s"
        % (
            result["machine"]["cpu"],
            result["machine"]["cores"],
            ", limited to AVX2" if options.isa else "",
            figures.table(systems),
        )
    )
    for figure in ("train_images_per_s", "evaluate_10000_s"):
        peer = figures.fastest_peer(systems, figure)
        say(
            "\n%s: the fastest other is %s; ours is %.2f times as fast."
            % (figures.FIGURES[figure][0].rsplit(",", 1)[0].capitalize(), peer, result["ratios"][peer][figure])
        )
    chart = java_program(classpath, "digits.benchmark.BenchmarkChart", REPORT, CHART)
    if subprocess.call(chart, cwd=ROOT) != 0:
        raise Stop("The chart could not be drawn; Java's message is above.")
    say("\nWritten: %s, %s" % (shown(REPORT), shown(CHART)))


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
            " ".join(java.fixed_options()),
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
    command.add_argument("--rounds", type=positive, default=5, help="measured rounds after the warm-up (5)")
    command.add_argument("--batches", type=positive, default=50, help="training batches in a round (50)")
    command.add_argument("--evaluated", type=positive, default=10_000, help="images evaluated in a round (10000)")
    command.add_argument("--predictions", type=positive, default=200, help="single images in a round (200)")
    command.add_argument("--starts", type=positive, default=3, help="fresh starts of each system (3)")
    command.add_argument("--isa", choices=["avx2"], help="keeps all systems from using more than AVX2")
    command.set_defaults(act=run)
    command = commands.add_parser("jmh", help="measures single layers", add_help=False)
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(act=jmh)
    options = parser.parse_args()
    return options.act(options)


if __name__ == "__main__":
    run_as_script(main)
