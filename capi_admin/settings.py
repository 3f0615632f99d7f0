"""Settings of the product, read from environment variables. ``docs/configuration.md`` explains each one.

``SETTING_PROBLEMS`` collects each invalid value, which is replaced by a harmless stand-in.
``capi_admin.checks`` reports all of them and stops the start.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF

from properties.catalog.registry import module_names, packages

from . import configured_addresses, database, keys, package_settings
from .env_file import read_env_file
from .gate.gate_limits import IMPORT_BYTES
from .logs import logging_config
from .settings_reader import SettingsReader, read_number, read_switch

BASE_DIR = Path(__file__).resolve().parent.parent
_problems = read_env_file(BASE_DIR / ".env", number=21)
_env = SettingsReader(os.environ, BASE_DIR, _problems)

# Storage

DATA_DIR = _env.path("DATA_DIR", "var", number=1)
EMBEDDED = database.is_embedded(_env)
_keys_dir = DATA_DIR if EMBEDDED and keys.prepare_data_dir(_env, DATA_DIR, number=1) else None

DATABASES = {"default": database.read_database(_env, DATA_DIR, number=2)}
database.keep_private(DATABASES["default"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Identity

PUBLIC_URL = configured_addresses.read_public_url(_env, number=3)
DEBUG = read_switch(_env, "DEBUG", number=4)
TAGS_URL = configured_addresses.read_tags_url(_env, PUBLIC_URL, is_debug=DEBUG, number=22)
METRICS_TOKEN = keys.read_metrics_token(_env, number=5)
TRUSTED_PROXY_COUNT = read_number(_env, "TRUSTED_PROXY_COUNT", default=0, least=0, most=99, number=11)
SESSION_IDLE_MINUTES = read_number(
    _env, "SESSION_IDLE_MINUTES", default=120, least=5, most=14 * 24 * 60, number=20, of="minutes"
)

_public = urlsplit(PUBLIC_URL)
_is_https = _public.scheme == "https"

_public_host = _public.netloc.removesuffix(f":{_public.port}")

ALLOWED_HOSTS = sorted({_public_host, "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Celery

CELERY_BROKER_URL = configured_addresses.read_broker_url(_env, number=6)

# Extension packages

INSTALLATION = package_settings.read_installation(_env, packages().values())

# Networks that calls to typed addresses may reach, and certificates that they trust

REACHABLE_NETWORKS = configured_addresses.read_networks(_env, number=12)
AUTHORITIES_FILE = configured_addresses.read_authorities(_env, number=13)

# Keys

SECRET_KEY = keys.read_secret_key(_env, _keys_dir, number=9)
ENCRYPTION_KEYS = keys.read_encryption_keys(_env, _keys_dir, number=10)

SETTING_PROBLEMS = _env.problems

# Applications

INSTALLED_APPS = [
    "capi_admin.apps.CapiAdminConfig",
    "capi_admin.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "properties.apps.PropertiesConfig",
    "rules.apps.RulesConfig",
    *module_names(),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "capi_admin.page_headers.PageHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "properties.signing_in.middleware.SignedInMiddleware",
    "properties.views.reader_zone.ReaderZoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "capi_admin.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "properties.views.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "properties.views.form_renderer.FormRenderer"

# Language, time, static files

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

# Sign-in

LOGIN_URL = "/login/"
CSRF_FAILURE_VIEW = "properties.views.stale_forms.form_too_old"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "properties.signing_in.passwords.DifferentPasswordValidator"},
]
# django-axes checks before each attempt and answers if it is locked; our handler sets the time to wait.
AXES_HANDLER = "properties.signing_in.handler.SignInHandler"
AXES_CLIENT_IP_CALLABLE = "capi_admin.page_client.client_address_of"
AXES_LOCKOUT_CALLABLE = "properties.signing_in.handler.locked_page"
AXES_LOCKOUT_PARAMETERS = ["ip_address"]  # Required by a check; our handler counts by address and more.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Browser permissions

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_NAME = "__Host-sessionid" if _is_https else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _is_https else "csrftoken"
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: we cannot decide for the other hosts of the domain.
    "security.W008",  # The proxy that ends TLS redirects; health checks reach us in plain HTTP.
    "security.W021",  # HSTS preload: as W005.
]

# Celery only carries wake-ups. Losing one delays work by one sweep; repeating one is harmless.

CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "capi_admin"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 10_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 120, "socket_connect_timeout": 2}

# The plain scheduler keeps no file: no job needs the time of its last run before a restart.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "deliver-due": {
        "task": "rules.delivery.tasks.deliver_due",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "take-up-builds": {
        "task": "rules.publishing.tasks.take_up_builds",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "refresh-secrets": {
        "task": "rules.delivery.tasks.refresh_secrets",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "read-connections": {
        "task": "rules.delivery.tasks.read_connections",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "fill-event-log": {
        "task": "rules.delivery.tasks.fill_log",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "read-match-quality": {
        "task": "rules.delivery.tasks.read_match_quality",
        "schedule": crontab(minute="11,41"),
        "options": {"expires": 1800},
    },
    "forget": {
        "task": "rules.delivery.tasks.forget",
        "schedule": crontab(minute=17),
        "options": {"expires": 3600},
    },
}

# Forms: a table of a thousand rows has three inputs in each.

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Uploads are held in memory, as their request was: no client data is written to disk.

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = IMPORT_BYTES

# Logs

LOGGING = logging_config(level="DEBUG" if DEBUG else "INFO")
logging.captureWarnings(True)
