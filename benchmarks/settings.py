"""The product's settings, with a view that stores each event through the ORM in the fastest usual way.

Middleware is off and connections stay open, so that the baseline runs as fast as it can.
"""

from capi_admin.settings import *  # noqa: F403
from capi_admin.settings import DATABASES, SILENCED_SYSTEM_CHECKS

ROOT_URLCONF = "benchmarks.baseline_views"
MIDDLEWARE: list[str] = []
SILENCED_SYSTEM_CHECKS += ["admin.E408", "admin.E409", "admin.E410", "axes.W002"]
DATABASES["default"]["CONN_MAX_AGE"] = None
