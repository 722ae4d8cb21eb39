# Needs python3 (3.11 or later) and make, nothing else. README shows the same without make.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
WORKERS ?= 2

.PHONY: help venv demo test check bench soak docs clean

help:
	@echo "make demo   install, then make the sample film (config.yaml)"
	@echo "make test   install, then run the tests on $(WORKERS) workers (WORKERS=n)"
	@echo "make check  ruff, mypy --strict, pip check"
	@echo "make bench  print the ratios the project promises, with machine and date"
	@echo "make soak   the long trials: hundreds of kill -9"
	@echo "make docs   write the generated parts of docs/ and README again"
	@echo "make clean  remove what tools left behind; films and .venv stay"

# The stamps stand for what was installed from which file: editing a requirements file installs again.
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Longtake needs Python 3.11 or later: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/installed

venv: $(VENV)/installed

demo: $(VENV)/installed
	$(PY) pipeline.py --config config.yaml

test: $(VENV)/installed-dev
	$(PY) -m pytest -q -n $(WORKERS)

check: $(VENV)/installed-dev
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pip check

bench: $(VENV)/installed-dev
	$(PY) -m benchmarks

# What it prints of each trial goes into docs/soak.md.
soak: $(VENV)/installed-dev
	$(PY) -m pytest -q -s -m soak -o faulthandler_timeout=0

docs: $(VENV)/installed-dev
	$(PY) -m scripts.write_docs

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
