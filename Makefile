# The commands of the project; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto
QUICK := not slow and not long and not engine and not browser and not dovecot

.PHONY: help run demo check lint format test test-long test-postgresql bench bench-large screenshots lock clean

help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## The real thing: makes its database and secrets at the first start
	$(BIN)/python app.py

demo: $(VENV)/.run ## A demonstration with invented cases and its own mail server; nothing leaves this machine
	$(BIN)/python -m demo

lint: $(VENV)/.dev ## Style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev ## Brings the code into the common form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

check: lint ## Between two thoughts: style, types and the quick tests (at most 90 seconds)
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "$(QUICK)"

test: $(VENV)/.dev ## Everything, with a real browser, IMAP server and PostgreSQL (at most 15 minutes)
	.ci/system-packages
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "not long" --durations=10

test-long: $(VENV)/.dev ## Everything, and the large counts too
	.ci/system-packages
	$(BIN)/python -m pytest -q -n $(WORKERS) --durations=20

test-postgresql: $(VENV)/.dev ## What make test runs on SQLite, on PostgreSQL
	HOTLINE_TEST_ENGINE=postgresql $(BIN)/python -m pytest -q -n $(WORKERS) -m "not long and not browser and not dovecot"

bench: $(VENV)/.dev ## How fast it is at 1,000 and 100,000 tickets on both engines; writes benchmarks/RESULTS.md (at most 10 minutes)
	.ci/system-packages
	$(BIN)/python -m benchmarks

bench-large: $(VENV)/.dev ## The same at a million (an hour)
	$(BIN)/python -m benchmarks --large

screenshots: $(VENV)/.dev ## The pictures of README and handbooks, from a fresh demonstration
	.ci/system-packages
	$(BIN)/python -m demo.screenshots

lock: $(VENV)/.dev ## Pins the dependencies anew from the *.in files
	for name in requirements requirements-postgresql requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

clean: ## Removes the virtual environment and what tests left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
