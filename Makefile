# Everything sets itself up: each target installs what it needs into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PATIENTLY := sh tools/patiently.sh
# Python compiles what it imports and keeps that, also where containers say otherwise: each command
# would compile it again. All of it would take longer, and more room.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --quiet --no-compile
# Keras is a test-time check and a benchmark peer; here it always runs on its JAX backend.
export KERAS_BACKEND := jax

.PHONY: help demo messages test soak lint gallery docs bench wheel install clean

help:
	@echo "make demo    train on examples/customers.csv and write a report"
	@echo "make messages  collect what Maeum says, for translators, and compile translations"
	@echo "make test    lint, types, import floors and every test (minutes)"
	@echo "make soak    the slow tests"
	@echo "make gallery run the quick examples into results/, for the site to show their pictures"
	@echo "make docs    the guides and a reference as a site in site/"
	@echo "make wheel   build a wheel and a source archive into dist/, and check them"
	@echo "make bench   the benchmarks, beside Keras, TensorFlow and PyTorch (large installs)"
	@echo "make clean   remove what the other targets made"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Maeum needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@$(PATIENTLY) "Making an environment in $(VENV)" $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.core: pyproject.toml | $(BIN)/python
	@$(PATIENTLY) "Installing Maeum and the libraries it needs" $(PIP) -e '.[all]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@$(PATIENTLY) "Installing what the tests need" $(PIP) -e '.[test]'
	@touch $@ $(VENV)/.core

install: $(VENV)/.core

demo: $(VENV)/.core
	$(BIN)/maeum train examples/customers.csv --target Churn

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# Most tests compile without the expensive passes (tests/conftest.py). Those of kernels, of saved states
# and of trainings that are compared bit by bit compile as users do; `make soak` lets the
# others of training do so, too.
AS_USERS := $(wildcard tests/ops/kernels/test_compiled*.py tests/saving/test_archive.py \
	tests/saving/test_*_state.py tests/saving/test_format_1.py) \
	$(patsubst %,tests/training/test_%.py, augment backup determinism member_backup resume state)
OTHERS_OF_TRAINING := $(filter-out $(AS_USERS), $(wildcard tests/training/test_*.py))
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not soak" -rs

test: lint
	$(PYTEST) $(AS_USERS:%=--ignore=%)
	XLA_FLAGS= $(PYTEST) $(AS_USERS)

messages: $(VENV)/.test
	$(BIN)/python tools/messages.py

soak: $(VENV)/.test
	XLA_FLAGS= $(BIN)/python -m pytest -m soak
	XLA_FLAGS= $(BIN)/python -m pytest $(OTHERS_OF_TRAINING)

$(VENV)/.examples: pyproject.toml | $(BIN)/python
	@$(PATIENTLY) "Installing what the examples need" $(PIP) -e '.[examples]'
	@touch $@ $(VENV)/.core

# Those that need no download and are over within a minute; each is run again only once it has changed.
QUICK := captions ensemble_digits exercise3_mnist_cnn exercise6_devices exercise7_indexing \
	exercise8_reviews exercise9_hihello mnist_rows word_vectors

gallery: $(QUICK:%=results/%.png)

results/%.png: examples/%.py | $(VENV)/.examples
	$(BIN)/python $< --output results

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	@$(PATIENTLY) "Installing what the site needs" $(PIP) -e '.[docs]'
	@touch $@ $(VENV)/.core

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "The site begins with site/index.html. Its search needs a server:"
	@echo "$(BIN)/python -m http.server -d site"

$(VENV)/.wheel: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet 'build>=1.2' 'twine>=6.1'
	@touch $@

wheel: $(VENV)/.wheel
	rm -rf dist build
	$(BIN)/python -m build
	$(BIN)/python tools/check_wheel.py dist

.venv-bench/.done: pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --upgrade pip
	.venv-bench/bin/python -m pip install --quiet torch==2.13.0
	.venv-bench/bin/python -m pip install --quiet -e '.[bench]'
	@touch $@

bench: .venv-bench/.done
	.venv-bench/bin/python benchmarks/run.py

clean:
	rm -rf $(VENV) .venv-bench build dist site maeum-customers
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
