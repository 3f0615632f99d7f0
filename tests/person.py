"""A person with a browser, as far as Django's test client goes."""

from __future__ import annotations

from typing import Any

from django.test import Client

SEE_OTHER = 303


class Person(Client):
    """A client that follows the redirect after a refused form, so the answer shows the problems."""

    def post(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().post(*args, **kwargs)
        return self.get(answer["Location"]) if answer.status_code == SEE_OTHER else answer
