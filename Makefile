# Everything a developer or an owner does here. Needs Python 3.11 or newer; installs into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# The tests wait more than they compute: more workers than cores are faster.
WORKERS ?= 6

.DEFAULT_GOAL := help
.PHONY: help install demo serve test lint check bench migration translations lock clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

install: $(STAMP)  ## install what the project needs into .venv

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gatehouse needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@touch $(STAMP)

demo: $(STAMP)  ## the product on a local stand-in for Telegram, opened at http://127.0.0.1:8081/sandbox/
	$(BIN)/python run.py demo

serve: $(STAMP)  ## the product on Telegram; settings come from .env
	$(BIN)/python run.py serve

test: $(STAMP)  ## all tests; says at the end what this machine could not run
	$(BIN)/python -m pytest -n $(WORKERS)

lint: $(STAMP)  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## what CI checks

bench: $(STAMP)  ## measure, side by side with the reference
	$(BIN)/python run.py bench

migration: $(STAMP)  ## write a migration for changed tables: make migration name=quiet_hours
	$(BIN)/python -m storage.migrate "$(name)"

translations: $(STAMP)  ## gather new texts into the catalogues of locales/
	$(BIN)/python -m texts.catalogues

lock: $(STAMP)  ## refresh requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-header --quiet --upgrade -o requirements.lock

clean:  ## remove what was installed and cached (not your data)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
