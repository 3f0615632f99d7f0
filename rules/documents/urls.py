"""URLs of imports: one for the installation, one below an imported property."""

from django.urls import path

from . import views

app_name = "documents"

urlpatterns = [
    path("import/adobe/", views.import_adobe, name="import_adobe"),
    path("p/<str:uid>/imported/", views.import_report, name="import_report"),
]
