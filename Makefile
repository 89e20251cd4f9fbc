# Handwritten digits in Java notebooks. `make help` lists the commands.
#
# Every command sets up first what is missing or out of date, and nothing else. The variables DIGITS_… (table in the
# README) may be given in the environment or on the command line: make quick DIGITS_EPOCHS=1

PYTHON ?= python3
ARGS ?=
PEERS ?= keras
SEEDS ?= 42 43 44
ifeq ($(OS),Windows_NT)
VENV_PYTHON := .venv/Scripts/python.exe
else
VENV_PYTHON := .venv/bin/python
endif

# also what is given on the command line reaches the notebooks and the set-up
export DIGITS_PROFILE DIGITS_DATA DIGITS_MIRRORS DIGITS_EPOCHS DIGITS_LIMIT DIGITS_SEED DIGITS_THREADS DIGITS_OUTPUT ND4J_CLASSIFIER
export DIGITS_HEAP DIGITS_OFF_HEAP DIGITS_DEMO_PORT DIGITS_DEMO_PREFIX DIGITS_BROWSER

.DEFAULT_GOAL := help
.PHONY: help setup run beyond quick lab test bench keras jmh seeds pretrained refresh tidy exercises kernel offline binder lock updates clean python demo browser

help: ## this list
	@echo "Handwritten digits in Java notebooks. The commands:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-16s %s\n", $$1, $$2 }'

setup: python ## everything that the notebooks need: Python environment, sample, library, Java kernel
	@$(PYTHON) environment/setup.py

run: setup ## execute the walkthrough with the full settings; results and HTML in build/notebooks
	@$(VENV_PYTHON) environment/notebooks.py run --profile full --part walkthrough $(ARGS)

beyond: setup ## the same for the notebooks after the walkthrough; takes longer than it
	@$(VENV_PYTHON) environment/notebooks.py run --profile full --part beyond $(ARGS)

quick: setup ## the same notebooks on less data and fewer epochs, in minutes; all of it in build/quick
	@$(VENV_PYTHON) environment/notebooks.py run --profile quick $(ARGS)

lab: setup ## JupyterLab on the notebooks; options for it: make lab ARGS="--port 9999"
	@$(VENV_PYTHON) environment/notebooks.py lab $(ARGS)

demo: setup ## draw a digit in the browser, without a notebook: prints the page's address, Ctrl-C ends it
	@$(PYTHON) environment/demo.py

test: python ## all tests: the library's and the notebooks'
	@$(PYTHON) environment/setup.py test
	@$(VENV_PYTHON) tests/benchmark/test_figures.py
	@$(VENV_PYTHON) tests/notebooks/check_notebooks.py
	@$(VENV_PYTHON) tests/browser/check_browser.py

browser: setup ## the tests in a real browser alone; DIGITS_BROWSER=required makes its absence a failure
	@$(VENV_PYTHON) tests/browser/check_browser.py

bench: setup ## compare the training speed with others': make bench PEERS="keras pytorch"; options: ARGS=--help
	@$(PYTHON) tests/benchmark/bench.py run --peers $(PEERS) $(ARGS)

keras: setup ## the files' round trip with real Keras 2 and 3; ARGS=fixtures makes the tests' models anew
	@$(PYTHON) tests/keras/round_trip.py $(ARGS)

jmh: setup ## time single layers: make jmh ARGS="LayerJmh -p mode=ONEDNN"
	@$(PYTHON) tests/benchmark/bench.py jmh $(ARGS)

seeds: setup ## train with each of SEEDS="42 43 44" and give the mean; ARGS="--of walkthrough architectures data-sets"
	@$(VENV_PYTHON) environment/notebooks.py seeds $(SEEDS) $(ARGS)

pretrained: python ## put the trained network of a full run into the library: its weights and its record
	@$(PYTHON) environment/pretrained.py

refresh: setup ## execute the notebooks with the full settings and put the results back into notebooks/
	@$(VENV_PYTHON) environment/notebooks.py refresh

tidy: setup ## take out of notebooks/ what changes from run to run: timings, ids, versions
	@$(VENV_PYTHON) environment/notebooks.py clean

exercises: setup ## make notebooks/exercises out of notebooks/solutions; ARGS=refresh executes these with the full settings first
	@$(VENV_PYTHON) environment/exercises.py $(ARGS)

kernel: setup ## register the Java kernel for your own JupyterLab; see environment/kernel.py for ARGS
	@$(PYTHON) environment/kernel.py register $(ARGS)

offline: setup ## a folder with everything in it, for computers without internet; options: ARGS=--help
	@$(VENV_PYTHON) environment/offline.py $(ARGS)

binder: setup ## do what Binder does with a clone of the last commit, and measure the memory that it takes; ARGS=--help
	@$(VENV_PYTHON) tests/binder/binder.py $(ARGS)

lock: python ## resolve the Python requirements anew, those of the benchmark's peers too
	@$(PYTHON) environment/setup.py lock
	@$(PYTHON) tests/benchmark/bench.py lock
	@$(PYTHON) environment/setup.py lock tests/keras/keras2

updates: python ## list newer versions of the Java libraries
	@$(PYTHON) environment/setup.py updates

clean: python ## remove build/ and .venv/; your cache of data sets stays
	@$(PYTHON) environment/setup.py clean

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Python 3.10 or newer is needed: there is no $(PYTHON) on the PATH."; \
	  echo "To get it:"; \
	  echo "  Debian, Ubuntu: sudo apt install python3 python3-venv"; \
	  echo "  macOS:          brew install python"; \
	  echo "  Windows:        winget install Python.Python.3.12, then: make PYTHON=python …"; \
	  exit 1; } >&2
