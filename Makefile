# Everything a developer runs. The first target that needs it makes .venv from the locked requirements; nothing else
# has to be installed but Python 3.11 or later and make.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done)
TESTS ?= tests
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint check bench campaign planted fuzz lock clean

help:  ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## The hub with simulated partners, for a minute (ARGS=--stay keeps it running)
	@$(BIN)/hub demo $(ARGS)

test: lint  ## Style, types and every test (TESTS=tests/unit for some)
	@$(BIN)/python -m pytest $(TESTS) $(ARGS)

lint: $(READY)  ## Style and types only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: $(READY)  ## The default site: contracts, types, mappings, grants
	@$(BIN)/hub check $(ARGS)

bench: $(READY)  ## The benchmark, about five minutes (ARGS="--seconds 10" for a short one)
	@$(BIN)/hub bench $(ARGS)

campaign: $(READY)  ## The fault campaign: kills, and what came of every message (ARGS="--kills 300 --seed 7")
	@$(BIN)/python -m tests.campaign.campaign $(ARGS)

planted: $(READY)  ## The fault campaign against planted bugs: it must find each (ARGS=NAME for one)
	@$(BIN)/python -m tests.campaign.planted $(ARGS)

fuzz: $(READY)  ## Mutants of the sites that refute the check, ten minutes (ARGS="--minutes 60 --seed 7")
	@$(BIN)/python -m tests.fuzz $(ARGS)

lock:  ## Resolve pyproject.toml again into requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--group dev --output-file requirements.lock $(ARGS) pyproject.toml

clean:  ## Remove what was made here
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (make PYTHON=/path/to/python3)" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) (once; about a minute)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q hub connectors monitoring
	@touch $@
