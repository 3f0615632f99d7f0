"""Starts validations and finds them again."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from properties.models import Environment, Property
from properties.models.identifiers import row_id
from properties.resources.shop_links import shop_of
from rules.models import ValidationSession

# The library looks for it in the address: ``rules/publishing/browser/validation.js``.
PARAMETER = "capi_validate"


class WrongPage(ValueError):
    """A validation cannot start at this address; the message says why."""


def start_validation(environment: Environment, page: str, person: Any) -> ValidationSession:
    """Return a new session of an environment.

    Args:
        page: Where the person starts, such as ``https://shop.example/``.

    Raises:
        WrongPage: The page is not of the property's site.
    """
    return ValidationSession.objects.create(
        environment=environment, page=site_page(environment.prop, page), created_by=person
    )


def development_of(prop: Property) -> Environment:
    """Return the environment whose library reports: the oldest of Development."""
    return prop.environments.filter(stage=Environment.Stage.DEVELOPMENT).earliest("id")


def shown_session(prop: Property, person: Any, asked: str = "") -> ValidationSession | None:
    """Return the session that a page shows: the one it asks for, the newest of the person, or of anybody.

    Args:
        asked: The id of a session, from an address.
    """
    sessions = ValidationSession.objects.filter(environment__prop=prop).select_related("environment__prop")
    if (number := row_id(asked)) is not None:
        return sessions.filter(pk=number).first()
    return sessions.filter(created_by=person).first() or sessions.first()


def usual_page(prop: Property) -> str:
    """Return the first page of the property's site, or the shop of the demo; "" if it has no domain."""
    return shop_of(prop) or (f"https://{prop.domains[0]}/" if prop.domains else "")


def site_page(prop: Property, typed: str) -> str:
    """Return an address of the property's site as one can open it.

    Raises:
        WrongPage: It is none, or the property has no domain.
    """
    if not prop.domains:
        raise WrongPage("This property has no domain. Enter the domain of your site under Settings.")
    address = typed.strip() or usual_page(prop)
    parts = _parts(address if "://" in address else f"https://{address}")
    if parts is None or not _is_of(parts, prop.domains):
        raise WrongPage(f"Enter a page of {' or '.join(prop.domains)}, such as {usual_page(prop)}")
    made = parts._replace(path=parts.path or "/", fragment="").geturl()
    if len(made) > ValidationSession.LONGEST_PAGE:
        raise WrongPage("This address is too long. Start at another page.")
    return made


def opening_address(session: ValidationSession) -> str:
    """Return the address of the page with the token, to be opened in a new tab."""
    parts = urlsplit(session.page)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != PARAMETER]
    return parts._replace(query=urlencode([*kept, (PARAMETER, session.token)])).geturl()


def _parts(address: str) -> SplitResult | None:
    """Return the parts of an address of a web page; None if it is none."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    is_plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return parts if is_plain and address.isprintable() and " " not in address else None


def _is_of(parts: SplitResult, domains: list[str]) -> bool:
    host = (parts.hostname or "").lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
