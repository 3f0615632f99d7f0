# Two commands are enough: `make run` and `make test`. Another Python: make run PY=/usr/bin/python3.12
PY ?= python3

.PHONY: run test test-again test-later coverage check bench chaos web-runtime
.DEFAULT_GOAL := run

# The maker of the two prebuilt files of the browser side, with the published packages that they are made from.
MAKER = properties/web_runtime/making
NPM = node_modules/.stamp $(MAKER)/node_modules/.stamp

run: .venv/.stamp
	@.venv/bin/python manage.py up --demo

# The tests run in random order. The seed is printed first: make test ORDER=--randomly-seed=… repeats it.
test: .venv/.test-stamp $(NPM)
	.venv/bin/pytest $(ORDER) -n auto --dist loadfile --no-loadscope-reorder -rs

# What failed last, once more and with nothing beside it.
test-again: .venv/.test-stamp $(NPM)
	.venv/bin/pytest --last-failed --last-failed-no-failures none -n 0 -rA -q

# Which lines of the product no test of its own process reaches. Apart from `make test`, which it slows down.
coverage: .venv/.test-stamp $(NPM)
	.venv/bin/pytest $(ORDER) -n auto --dist loadfile --no-loadscope-reorder -q --cov --cov-report term:skip-covered \
	  -m "not (browser or broker or processes)"

# What grows old without being touched: the tests that start nothing, with the clock 400 days ahead.
test-later: .venv/.test-stamp $(NPM)
	.venv/bin/pytest $(ORDER) -p tests.later -n auto --dist loadfile --no-loadscope-reorder \
	  -m "not (browser or postgres or broker or node or processes or machine_clock)"

check: export DATA_DIR := var/check
check: .venv/.test-stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	find templates capi_admin properties rules -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	.venv/bin/python manage.py makemigrations --check --dry-run
	DATABASE_URL=postgres://check@127.0.0.1/check PUBLIC_URL=https://capi.example.org TRUSTED_PROXY_COUNT=1 \
	SECRET_KEY="$$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	ENCRYPTION_KEYS="$$(.venv/bin/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
	.venv/bin/python manage.py check --deploy --fail-level WARNING

bench: .venv/.test-stamp
	@.venv/bin/python -m benchmarks

chaos: .venv/.test-stamp
	@.venv/bin/python -m benchmarks.chaos

# Each step says what it does: on a slow machine or line this takes minutes.
INSTALL = .venv/bin/pip install --disable-pip-version-check --progress-bar off --constraint constraints.txt
# An environment of Python 3.11 begins with a pip that knows no dependency groups.
PIP = pip==26.3
NAMES = sed -un 's/^Collecting \([A-Za-z0-9_.-]*\).*/  \1/p; /^Installing collected/s/.*/  unpacking/p'

.venv/.stamp: SHELL := bash
.venv/.stamp: pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PY=/path/to/python3.11")'
	@echo "Setting up, step 1 of 2: a Python environment in .venv" >&2
	@$(PY) -m venv .venv
	@echo "Setting up, step 2 of 2: the libraries that CAPI Admin uses, about 50 (one to three minutes)" >&2
	@set -o pipefail; $(INSTALL) --editable . | $(NAMES) >&2
	@touch $@

.venv/.test-stamp: SHELL := bash
.venv/.test-stamp: .venv/.stamp
	@echo "Setting up the tests: the libraries that they use (one to three minutes)" >&2
	@set -o pipefail; $(INSTALL) --quiet $(PIP) && \
	$(INSTALL) --editable '.[postgres,redis,rabbitmq,brotli]' --group test | $(NAMES) >&2
	@touch $@

# Needs Node: for whoever takes a new version of those packages. Look at what has changed before you commit it.
web-runtime: $(MAKER)/node_modules/.stamp
	cd $(MAKER) && node make.mjs

# Only tests of the browser side need npm; without it they are skipped with that reason.
node_modules/.stamp: package.json package-lock.json
$(MAKER)/node_modules/.stamp: $(MAKER)/package.json $(MAKER)/package-lock.json
$(NPM):
	@echo "Setting up the tests: the npm packages that they use" >&2
	@if ! command -v npm >/dev/null; then echo "npm is not here: tests that need npm packages are skipped" >&2; \
	elif (cd $(@D)/.. && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error) >&2; then touch $@; \
	else echo "npm ci failed: tests that need npm packages are skipped" >&2; fi
