# Two commands are enough: `make run` and `make test`. Another Python: make run PY=/usr/bin/python3.12
PY ?= python3

.PHONY: run test check bench chaos
.DEFAULT_GOAL := run

run: .venv/.stamp
	@.venv/bin/python manage.py up --demo

test: .venv/.stamp node_modules/.stamp
	.venv/bin/pytest -n auto --dist loadgroup -rs

check: export DATA_DIR := var/check
check: .venv/.stamp
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

bench: .venv/.stamp
	@.venv/bin/python -m benchmarks

chaos: .venv/.stamp
	@.venv/bin/python -m benchmarks.chaos

.venv/.stamp: pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PY=/path/to/python3.11")'
	@echo "Setting up .venv (about half a minute)" >&2
	@$(PY) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

# Only tests of the browser side need npm; without it they are skipped with that reason.
node_modules/.stamp: package.json package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is not here: tests that need npm packages are skipped" >&2; \
	elif npm ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2; then touch $@; \
	else echo "npm ci failed: tests that need npm packages are skipped" >&2; fi
