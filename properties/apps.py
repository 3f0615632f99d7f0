"""Django's description of the app that owns what a property owns."""

from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"
