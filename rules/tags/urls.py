"""Addresses of tag libraries' pages, below a property."""

from django.urls import path

from . import views
from .validation import views as validation

LIBRARY = "environments/<slug:environment_uid>/library/"

urlpatterns = [
    path(LIBRARY, views.live_library, name="live_library"),
    path(f"{LIBRARY}download/", views.library_download, name="library_download"),
    path("validation/", validation.validation, name="validation"),
    path("validation/start/", validation.validation_start, name="validation_start"),
    path("validation/checklist/", validation.site_checklist, name="site_checklist"),
    path("validation/results/", validation.validation_results, name="validation_results"),
]
