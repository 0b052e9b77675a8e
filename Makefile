# Groundplan's commands. They need python3 (3.11 or newer), git and make, and make the rest themselves.

PYTHON ?= python3
DRIVER ?= aiosqlite
DIR ?=
PORT ?=
ONLY ?=
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)

BIN := .venv/bin
CAMPAIGNS := $(addprefix tests/, \
	copying editing fuzz generator migrations resilience resources semantics test_install.py updates variants)

.DEFAULT_GOAL := help
.PHONY: help setup demo check test deep bench lint lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  make demo takes DRIVER=aiosqlite|asyncpg|aiomysql, DIR=demo, PORT=8000 and ONCE=1 (stop once it answers)."

setup: ## the development environment, in .venv
	@$(PYTHON) tools/bootstrap.py

demo: setup ## a project copied, installed, migrated and served, until Ctrl-C
	@$(BIN)/python -m tools.demo --driver "$(DRIVER)" --dir "$(DIR)" --port "$(PORT)" $(if $(ONCE),--once)

check: lint ## the quick tier: lint, types, unit tests, one variant (under 2 minutes)
	$(BIN)/pytest -q -m "not full"

test: lint ## everything, on every database
	$(BIN)/pytest -n $(JOBS) --dist worksteal --durations=10

deep: setup ## the long campaigns: every law at its full count, on every database and variant
	GROUNDPLAN_DEEP=1 $(BIN)/pytest -v $(CAMPAIGNS)

bench: setup ## the measurements behind the README's figures (ONLY=bulk, commands, keyset, repository, scale, service, start)
	$(BIN)/python -m benchmarks $(ONLY)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright

lock: setup ## the lock files anew, with the newest versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group peers pyproject.toml \
		-o benchmarks/requirements.lock

clean: ## what the other commands made, but demo/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -not -path "./demo*" -prune -exec rm -rf {} +
