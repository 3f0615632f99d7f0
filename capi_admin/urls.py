"""Every route of the pages. The edge has its own, in front of Django."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("backoffice/", admin.site.urls)]
