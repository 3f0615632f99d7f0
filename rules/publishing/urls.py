"""URLs of the publishing pages, below a property."""

from django.urls import path

from . import bar_views, views

urlpatterns = [
    path("publishing/", views.publishing, name="publishing"),
    path("publishing/library/", views.library_change, name="library_change"),
    path("publishing/library/add/", bar_views.library_add, name="library_add"),
    path("publishing/library/rename/", bar_views.library_rename, name="library_rename"),
    path("publishing/bar/", bar_views.bar, name="library_bar"),
    path("publishing/bar/build/", bar_views.bar_build, name="bar_build"),
    path("publishing/build/", views.build_library, name="build_library"),
    path("publishing/publish/<slug:environment_uid>/", views.publish_library, name="publish_library"),
    path("publishing/builds/<slug:build_uid>/", views.build_detail, name="build_detail"),
    path("publishing/builds/<slug:build_uid>/progress/", views.build_progress, name="build_progress"),
    path("publishing/builds/<slug:build_uid>/publish/", views.publish_build, name="publish_build"),
]
