# Two commands on a fresh machine: `make demo` and `make test`. PYTHON is any CPython from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench chaos fuzz clean

demo: .venv/installed
	$(BIN)/curate build configs/smoke.yaml -o runs/smoke

test: .venv/tests-installed
	$(BIN)/python -m pytest -n 2

lint: .venv/tests-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/tests-installed
	$(BIN)/python scripts/bench/pipeline.py

chaos: .venv/tests-installed
	$(BIN)/python scripts/chaos.py

fuzz: .venv/tests-installed
	$(BIN)/python scripts/fuzz.py

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/tests-installed: .venv/installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf .venv runs build *.egg-info
