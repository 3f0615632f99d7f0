"""Loaded by pytest before Django's settings: tests have their own data folder and keys, not the shell's."""

from __future__ import annotations

import os
import secrets
import tempfile

import hypothesis
from cryptography.fernet import Fernet

from properties.catalog.registry import packages

PACKAGE_VARIABLES = [
    name
    for package in packages().values()
    for setting in package.installation
    for name in ((setting.name, f"{setting.name}_FILE") if setting.is_secret else (setting.name,))
]
PRODUCT_VARIABLES = [
    *PACKAGE_VARIABLES,
    "DATA_DIR",
    "DATABASE_URL",
    "PUBLIC_URL",
    "DEBUG",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FILE",
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
    "ENCRYPTION_KEYS",
    "ENCRYPTION_KEYS_FILE",
    "TRUSTED_PROXY_COUNT",
    "SESSION_IDLE_MINUTES",
    "REACHABLE_NETWORKS",
    "AUTHORITIES_FILE",
]

_folder = tempfile.TemporaryDirectory(prefix="capi_admin_tests_", ignore_cleanup_errors=True)

# Empty, not absent: the file .env of a developer changes only what is absent.
os.environ |= dict.fromkeys(PRODUCT_VARIABLES, "")
os.environ |= {
    "DATA_DIR": _folder.name,
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ENCRYPTION_KEYS": Fernet.generate_key().decode("ascii"),
    # A test sets the address of its Graph simulator; a test that forgets to reaches nothing.
    "META_GRAPH_URL": "https://graph.invalid",
}

# The time of one example depends more on the load of the machine than on the example.
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")
