"""The Django app of properties and of the resources that they own."""

from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"

    def ready(self) -> None:
        from properties.signing_in import users  # noqa: F401  connects the signal receivers
        from properties.views import search_hits  # noqa: F401  connects to hits_asked_for
