"""Django's description of the app that owns what a property owns."""

from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"

    def ready(self) -> None:
        from properties.signing_in import users  # noqa: F401  connects to the changes of users and groups
