"""Addresses of deduplication, below a property."""

from django.urls import path

from . import views

urlpatterns = [path("deduplication/", views.deduplication, name="deduplication")]
