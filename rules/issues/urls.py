"""Addresses of issues, below a property."""

from django.urls import path

from . import views

urlpatterns = [
    path("issues/", views.issues, name="issues"),
    path("issues/<slug:issue_id>/mute/", views.issue_mute, name="issue_mute"),
    path("issues/<slug:issue_id>/unmute/", views.issue_unmute, name="issue_unmute"),
    path("issues/<slug:issue_id>/retry/", views.issue_retry, name="issue_retry"),
]
