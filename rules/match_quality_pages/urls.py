"""Addresses of match quality, below a property."""

from django.urls import path

from . import views

urlpatterns = [
    path("match-quality/", views.match_quality, name="match_quality"),
    path("match-quality/read/", views.match_quality_read, name="match_quality_read"),
    path("match-quality/advice/", views.match_quality_advice, name="match_quality_advice"),
    path("match-quality/summary/", views.match_quality_summary, name="match_quality_summary"),
]
