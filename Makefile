# Two commands for a newcomer: `make demo` and `make test`. Needs Python 3.11 or later and git; all else goes into .venv.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint types check coverage bench vsix test-vscode lock clean

help:
	@echo "make demo      the main job, on this repository, with no key and no network"
	@echo "make test      the test suite"
	@echo "make check     lint, types, tests and the coverage of what computes money"
	@echo "make bench     start-up, hover, code action and streaming times"
	@echo "make vsix      the VS Code extension"
	@echo "make lock      resolve the locked versions anew"

# The locks are complete and carry hashes: pip refuses whatever does not match them, and has nothing to resolve (its resolver
# would reach for a newer release wherever one package asks for another with an extra).
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("codefare needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) ..."
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Servers that nobody here wrote, for the tests; where npm is not there or has no network their tests are skipped, and say
# so. Not in CI.
PEERS := tests/wire/aimock
$(VENV)/.peers: $(PEERS)/package-lock.json $(VENV)/.run
	@if command -v npm > /dev/null; then \
	    npm ci --silent --no-fund --no-audit --prefix $(PEERS) || { echo "aimock was not installed"; test -z "$$CI"; }; \
	    else echo "no npm here: the tests that need aimock are skipped"; fi
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/python clients/demo/demo.py

# A process for each core; the tests of one file stay together, for some share a session.
test: $(VENV)/.dev $(VENV)/.peers
	@$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

# Money is computed here: each branch of it is tested.
MONEY := catalog/codefare_catalog/*,server/codefare/routing.py,server/codefare/quoting.py,server/codefare/estimate.py,server/codefare/tariff.py

coverage: $(VENV)/.dev
	@$(BIN)/python -m pytest --cov --cov-report= tests/catalog tests/test_routing.py tests/test_quoting.py tests/test_estimate.py \
	    tests/test_tariff.py
	@$(BIN)/python -m coverage report --include='$(MONEY)' --fail-under=100 --show-missing

check: lint types test coverage

# The VS Code extension, as a file to install; needs Node.
vsix:
	@cd clients/vscode && npm ci --silent --no-fund --no-audit && npm run --silent package

# A real VS Code, driven by a browser: installs code-server and Chromium first, which takes minutes.
test-vscode: $(VENV)/.dev
	@PYTHON="$(PYTHON)" tests/editors/vscode/install.sh $(VENV)/vscode
	@PATH="$(CURDIR)/$(VENV)/vscode/bin:$$PATH" $(MAKE) vsix
	@CODEFARE_VSCODE=$(VENV)/vscode $(BIN)/python -m pytest tests/editors/test_vscode.py

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/latency.py
	@$(BIN)/python benchmarks/streams.py

lock: $(VENV)/.dev
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-annotate pyproject.toml requirements-build.in -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --no-annotate pyproject.toml requirements-build.in --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .coverage*
