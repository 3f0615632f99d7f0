"""The code that puts a tag library into the pages of a site."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass

from django.conf import settings

from properties.models import Environment


@dataclass(frozen=True, slots=True)
class Embedding:
    """The tag library of one environment of a tags property, as pages load it."""

    environment: Environment

    @property
    def url(self) -> str:
        """The address of whatever build the environment runs."""
        return f"{settings.TAGS_URL}/t/{self.environment.token}.js"

    @property
    def code(self) -> str:
        """The line for the head of every page, as text: our own pages escape it."""
        return f'<script src="{html.escape(self.url)}" async></script>'

    def pinned_url(self, checksum: str) -> str:
        """Return the address of one build for ever, by the SHA-256 of its file as hexadecimal digits."""
        return f"{settings.TAGS_URL}/t/{self.environment.token}/{checksum}.js"

    def pinned_code(self, checksum: str) -> str:
        """Return the line that accepts only the file with this SHA-256."""
        digest = base64.b64encode(bytes.fromhex(checksum)).decode()
        source = html.escape(self.pinned_url(checksum))
        return f'<script src="{source}" integrity="sha256-{digest}" crossorigin="anonymous" async></script>'
