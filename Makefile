# Night Porter: every target does its own set-up, in .venv; nothing is assumed but Python 3.11+, git and make.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# The tests start hundreds of processes: compiled once, each is there sooner by a third.
unexport PYTHONDONTWRITEBYTECODE
READY := .venv/.ready
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' daemon/__init__.py)
BUILDER ?= $(shell for p in docker podman buildah; do command -v $$p >/dev/null && { echo $$p; break; }; done)
# Most tests wait for sockets and processes: two cores carry four of them, mixed as tests/conftest.py says.
TOGETHER := -n 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo tour test check lint docs month torture bench image lock release clean

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo: $(READY) ## a simulated hotel: something fails there and heals, then break it yourself; see the mails
	@$(BIN)/nightporter demo

tour: $(READY) ## the demo by itself: six faults, and what came of each
	@$(BIN)/nightporter demo --tour

test: $(READY) ## run all tests
	$(BIN)/pytest $(TOGETHER)

check: $(READY) lint ## what CI runs: lint, types, import contracts, tests
	$(BIN)/pytest $(TOGETHER)

lint: $(READY) ## lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(READY) ## write the pages of docs/ anew that come from the code
	$(BIN)/python -m tests.pages

month: $(READY) ## live through months of a hotel's nights: no false mail, every fault's cause
	$(BIN)/python -m tests.month

torture: $(READY) ## kill, freeze and starve real processes for a quarter of an hour: nothing is lost
	$(BIN)/python -m tests.torture

bench: $(READY) ## measure the porter beside its peers (a quarter of an hour, on a quiet machine)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.page

image: ## build the container image, with docker, podman or buildah
	@test -n "$(BUILDER)" || { echo "Neither docker nor podman nor buildah was found."; exit 1; }
	$(BUILDER) build $(if $(filter-out docker,$(BUILDER)),--format docker) $(IMAGE_OPTIONS) \
		--build-arg VERSION=$(VERSION) --tag nightporter:$(VERSION) .

lock: $(READY) ## pin what CI and the image install
	$(BIN)/pip install -qq uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra demo --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra demo --constraint requirements-dev.lock pyproject.toml -o requirements-demo.lock
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' | \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--constraint requirements-dev.lock - -o requirements-build.lock

release: $(READY) ## build what is released into dist/, the same bytes each time, and try it in a new environment
	$(BIN)/python -m tests.release

clean: ## remove what was set up
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(READY): pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "Night Porter needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Setting up .venv with $(PYTHON) (once, about a minute) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
