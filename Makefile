# Commands for working on Groundplan. They need Python 3.11 or newer, git and make, and install the rest.

PYTHON ?= python3
DRIVER ?= aiosqlite
DIR ?=
PORT ?=
ONLY ?=
VERSION ?=
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) # tests also wait, for servers and commands

BIN := .venv/bin
CAMPAIGNS := $(addprefix tests/, \
	admin auth browser copying development domains editing fuzz generator house jobs mail management migrations pool realworld \
	resilience resources semantics test_demo.py test_images.py test_install.py test_kubernetes.py test_prometheus.py test_pythons.py tutorial \
	updates variants web)

.DEFAULT_GOAL := help
.PHONY: help setup demo check test deep bench docs lint mypy pyright lock release tags clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  make demo takes DRIVER=aiosqlite|asyncpg|aiomysql, DIR=demo, PORT=8000 and ONCE=1 (stop once it answers)."

setup: ## create or update the development environment in .venv
	@$(PYTHON) tools/bootstrap.py

demo: setup ## render, install, migrate and serve a project until Ctrl-C
	@$(BIN)/python -m tools.demo --driver "$(DRIVER)" --dir "$(DIR)" --port "$(PORT)" $(if $(ONCE),--once)

check: lint ## lint, type-check and run the quick tests, on SQLite
	$(BIN)/pytest -q -n auto --dist worksteal -m "not full"

test: lint ## lint, type-check and run all tests, on every database
	$(BIN)/pytest -n $(JOBS) --dist worksteal --durations=10

deep: setup ## run the long tests: more cases, more variants, every installed Python
	GROUNDPLAN_DEEP=1 $(BIN)/pytest -v $(CAMPAIGNS)

bench: setup ## measure the figures in README.md and docs/ (ONLY=admin, auth, bulk, commands, jobs, keyset, nested, repository, scale, service, start or telemetry)
	$(BIN)/python -m benchmarks $(ONLY)

docs: setup ## build the documentation's site in build/docs
	@$(BIN)/python -m tools.docs

lint: setup ## run ruff, mypy and pyright
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory -j2 mypy pyright

mypy pyright:
	$(BIN)/$@

lock: setup ## update the lock files to the newest versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group peers pyproject.toml \
		-o benchmarks/requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-deps \
		--no-annotate --custom-compile-command "make lock" --group pyproject.toml:postgresql \
		-o tools/postgresql.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group pyproject.toml:docs \
		-o tools/docs.lock

release: setup ## release the changelog's Unreleased section as VERSION=X.Y.Z
	@$(BIN)/python -m tools.release "$(VERSION)"

tags: ## create the tags of the releases in releases.toml
	@$(PYTHON) -m tools.tags

clean: ## delete what these commands created, except demo/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -not -path "./demo*" -prune -exec rm -rf {} +
