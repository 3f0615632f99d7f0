"""Addresses of Quick Start, above all properties."""

from django.urls import path

from . import connect_views, later_views, views, work_views

app_name = "quick_start"

RUN = "quick-start/<slug:run_uid>/"

urlpatterns = [
    path("quick-start/", views.quick_starts, name="quick_starts"),
    path("quick-start/new/<slug:package_name>/", views.quick_start_new, name="quick_start_new"),
    path(f"{RUN}domain/", views.quick_start_domain, name="quick_start_domain"),
    path(f"{RUN}setup/", views.quick_start_setup, name="quick_start_setup"),
    path(f"{RUN}connect/", connect_views.quick_start_connect, name="quick_start_connect"),
    path(f"{RUN}created/", work_views.quick_start_created, name="quick_start_created"),
    path(f"{RUN}work/", work_views.quick_start_work, name="quick_start_work"),
    path(f"{RUN}code/", later_views.quick_start_code, name="quick_start_code"),
    path(f"{RUN}validation/", later_views.quick_start_validation, name="quick_start_validation"),
    path(f"{RUN}next/", later_views.quick_start_next, name="quick_start_next"),
    path(f"{RUN}close/", later_views.quick_start_close, name="quick_start_close"),
    path(f"{RUN}delete/", later_views.quick_start_delete, name="quick_start_delete"),
]
