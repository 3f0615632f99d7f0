"""The pages alone, for a WSGI server. Events need ``capi_admin.asgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capi_admin.settings")
application = get_wsgi_application()
