# Amaan. Bare `make` lists what there is to do.
# The distribution's Python first: it is built with profile-guided optimisation, which is worth a sixth of all processor
# time; one that a version manager compiled by default is not.
PYTHON ?= $(shell for one in /usr/bin/python3 python3; do \
	$$one -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$one; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export AMAAN_HOME ?= $(CURDIR)/.run/home
export AMAAN_KEYS ?= $(CURDIR)/.run/keys

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test fast lint bench docs lock

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.venv-made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Amaan needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.setup: requirements.lock $(VENV)/.venv-made pyproject.toml
	@echo "Setting up .venv from requirements.lock (once; a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python tools/link_project.py
	@echo "Compiling the loops of hashing and linking (once)"
	@$(BIN)/signalmatch warm
	@$(BIN)/python -m amaan.linking.domain.ready
	@touch $@

$(VENV)/.setup-dev: requirements-dev.lock $(VENV)/.setup
	@echo "Adding the test and lint tools from requirements-dev.lock"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.setup ## build .venv, so that .venv/bin/amaan runs
setup-dev: $(VENV)/.setup-dev ## the same with the test and lint tools

run: setup ## load the demo world (once) and serve it on http://127.0.0.1:8000
	@exec $(BIN)/amaan serve --demo --port $(PORT)

# A file stays on one worker, with the servers and browsers of its fixtures, and files are taken in the order that
# tests/conftest.py gives; on PostgreSQL, without browsers, whoever is idle takes from the other. What touches no
# database runs once, on the first run. Three workers for two cores: one of them waits for a server or a browser.
PYTEST := $(BIN)/python -m pytest -n 3 -r fEs
BY_FILE := --dist loadfile --no-loadscope-reorder

# pytest keeps its own reading of the tests (7 s of each process), and Python that of the program.
test fast: export PYTHONDONTWRITEBYTECODE :=
test: setup-dev ## every test, on SQLite and on PostgreSQL, with a real Chromium
	@$(BIN)/signalmatch warm # kernels that changed are compiled before a decoder is given seconds to answer
	@$(BIN)/python -m compileall -q -j 2 src signalmatch/src tests # every process that a test starts would do it again
	@echo "Tests on SQLite"; $(PYTEST) $(BY_FILE); lite=$$?; \
	echo "Tests on PostgreSQL"; AMAAN_TEST_DATABASE=postgres $(PYTEST) --dist worksteal -m "not browser and not pure"; post=$$?; \
	[ $$lite -eq 0 ] && [ $$post -eq 0 ]

fast: setup-dev ## what a change should pass before every commit (under 30 s)
	@$(PYTEST) --dist worksteal --hypothesis-profile=fast -m "not slow and not browser"

lint: setup-dev ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup-dev ## the benchmarks behind docs/reference/performance.md
	@$(BIN)/python -m bench $(BENCH)

docs: setup-dev ## write the generated pages of docs/reference
	@$(BIN)/amaan docs

lock: setup-dev ## resolve the dependencies anew into the two lock files (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra postgres pyproject.toml -o requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --all-extras --group dev pyproject.toml -o requirements-dev.lock
