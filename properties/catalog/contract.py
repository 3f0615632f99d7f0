"""Finds mistakes in a package that would break it at run time.

The contract tests refuse such a package of this product; one from elsewhere is not used. Each message names
the package, the place and the remedy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .descriptor import ActionType, BrowserId, ClickId, ComponentType, ExtensionPackage
from .installation import Setting, UnusableSetting
from .visitors import Visit

RESERVED = frozenset(
    {
        *("DATA_DIR", "DATABASE_URL", "PUBLIC_URL", "DEBUG", "METRICS_TOKEN", "CELERY_BROKER_URL"),
        *("SECRET_KEY", "ENCRYPTION_KEYS", "TRUSTED_PROXY_COUNT", "SESSION_IDLE_MINUTES"),
        *("REACHABLE_NETWORKS", "AUTHORITIES_FILE", "TAGS_URL", "EMAIL_URL", "ALERT_FROM", "SERVE"),
    }
)
"""Environment variables of the product itself."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_COOKIE = re.compile(r"[A-Za-z0-9_.-]{1,100}\*?")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_PAGE = re.compile(r"https://[^\s/]+\.[^\s/]+(/\S*)?")
_CLICKS = (
    "AbC123",
    "IwAR0aBcDeFgHiJkLmNoPqRsTuVwXyZ-0_9",
    "11111111-2222-4333-8444-555555555555",
    "12345678",
)
_VISIT = Visit(1_700_000_000.0, "shop.example", b"seed")

Refusals = Iterator[tuple[str, str]]
"""The place, and a sentence about the mistake and its remedy."""


def refusals(package: ExtensionPackage) -> list[str]:
    """Return a sentence for each mistake; an empty list if the package is sound."""
    parts: Sequence[Callable[[ExtensionPackage], Refusals]] = (
        _about_itself,
        _about_cookies,
        _about_click_ids,
        _about_browser_ids,
        _about_settings,
        _about_the_demo,
        _about_match_quality,
        _about_types,
    )
    return [f"{package.name}, {where}: {what}" for part in parts for where, what in part(package)]


def shared_names(packages: Iterable[ExtensionPackage]) -> list[str]:
    """Return a sentence for each name that several packages use but only one may have."""
    there = list(packages)
    names = Counter(package.name for package in there)
    settings = Counter(setting.name for package in there for setting in package.installation)
    return [
        *(f"{name}, name: Two packages have this name. Rename one." for name in _doubled(names)),
        *(
            f"{_owners(there, name)}, installation: Both declare {name}. Start it with your vendor's name."
            for name in _doubled(settings)
        ),
    ]


def _doubled(counts: Counter[str]) -> list[str]:
    return sorted(name for name, count in counts.items() if count > 1)


def _owners(packages: Iterable[ExtensionPackage], setting: str) -> str:
    return " and ".join(it.name for it in packages for s in it.installation if s.name == setting)


def _about_itself(package: ExtensionPackage) -> Refusals:
    if not _NAME.fullmatch(package.name):
        yield "name", "Use small letters, digits and dashes, such as acme-conversions."
    if not _VERSION.fullmatch(package.version):
        yield "version", f"{package.version!r} is not a semantic version. Write it as 1.0.0."
    if package.platform not in ("edge", "web", "mobile"):
        yield "platform", f"{package.platform!r} is unknown. Use edge, web or mobile."
    if not package.display_name or not package.description:
        yield "display_name and description", "The catalog shows both. Enter both."
    if not _PAGE.fullmatch(package.help_url):
        yield "help_url", "The catalog links to it. Enter the https address of the vendor's page."


def _about_cookies(package: ExtensionPackage) -> Refusals:
    if isinstance(package.cookies, str):
        yield "cookies", f"It is a single text. Write a tuple: ({package.cookies!r},)."
        return
    for name in package.cookies:
        if not isinstance(name, str):
            yield "cookies", f"{name!r} is not text. Enter names of cookies, such as '_acme'."
        elif not _COOKIE.fullmatch(name):
            yield "cookies", f"{name!r} is not a valid cookie name. Use letters, digits and - _ . only."


def _about_click_ids(package: ExtensionPackage) -> Refusals:
    for position, click_id in enumerate(package.click_ids):
        where = f"click_ids[{position}]"
        if not isinstance(click_id, ClickId):
            yield where, f"{click_id!r} is not a ClickId. Write a ClickId with parameter and cookie."
        elif problem := _wrong_mark(package, click_id) or _wrong_click(package, click_id):
            yield where, problem


def _wrong_mark(package: ExtensionPackage, mark: ClickId | BrowserId) -> str:
    if mark.cookie not in package.cookies:
        return f"The edge drops its cookie {mark.cookie!r}. Add its name to cookies."
    if not mark.label:
        return "Its data element has no name. Add a label, such as Click ID (acme)."
    return "" if mark.seconds > 0 else "Its cookie expires at once. Set seconds above 0."


def _wrong_click(package: ExtensionPackage, click_id: ClickId) -> str:
    if not click_id.parameter:
        return "It has no parameter. Name the query parameter of the address."
    try:
        click = next((it for it in _CLICKS if re.fullmatch(click_id.pattern, it)), "")
    except re.error as error:
        return f"Its pattern is not a regular expression ({error}). Correct it."
    if not click:
        return ""  # The package has its own pattern, which our samples need not match.
    value = click_id.new(click, _VISIT)
    if not _is_kept(package, click_id.cookie, value):
        return "accepts_cookie refuses the value that new returns. Make both agree."
    if click_id.click_in(value) != click:
        return "click_in does not find the click in the value that new returns. Make both agree."
    return ""


def _about_browser_ids(package: ExtensionPackage) -> Refusals:
    for position, browser_id in enumerate(package.browser_ids):
        where = f"browser_ids[{position}]"
        if not isinstance(browser_id, BrowserId):
            yield where, f"{browser_id!r} is not a BrowserId. Write a BrowserId with cookie and new."
        elif problem := _wrong_mark(package, browser_id):
            yield where, problem
        elif not _is_kept(package, browser_id.cookie, value := browser_id.new(_VISIT)):
            yield where, "accepts_cookie refuses the value that new returns. Make both agree."
        elif not browser_id.counts(value):
            yield where, "counts refuses the value that new returns. Make both agree."


def _is_kept(package: ExtensionPackage, name: str, value: Any) -> bool:
    return isinstance(value, str) and (package.accepts_cookie is None or package.accepts_cookie(name, value))


def _about_settings(package: ExtensionPackage) -> Refusals:
    names = Counter(it.name for it in package.installation if isinstance(it, Setting))
    for position, setting in enumerate(package.installation):
        where = f"installation[{position}]"
        if not isinstance(setting, Setting):
            yield where, f"{setting!r} is not a Setting. Write Setting('ACME_URL', 'The address of Acme.')."
        elif problem := _wrong_name(setting.name, names[setting.name]) or _wrong_default(setting):
            yield where, problem


def _wrong_name(name: str, count: int) -> str:
    if not _VARIABLE.fullmatch(name):
        return f"{name!r} is not a valid name of a vendor's variable. Use capitals, such as ACME_URL."
    if name in RESERVED or name.removesuffix("_FILE") in RESERVED:
        return f"{name} is a variable of the product. Start the name with your vendor's name."
    return "" if count == 1 else f"{name} is declared twice. Remove one."


def _wrong_default(setting: Setting) -> str:
    if not setting.help:
        return f"{setting.name} has no explanation. Add help."
    try:
        setting.read(setting.default)
    except UnusableSetting as error:
        return f"read refuses the default of {setting.name}: it {error.message} Choose one that it accepts."
    return ""


def _about_the_demo(package: ExtensionPackage) -> Refusals:
    simulator = package.simulator
    names = {it.name for it in package.installation if isinstance(it, Setting)}
    if simulator and simulator.setting not in names:
        yield (
            "simulator",
            f"{simulator.setting} is not in installation. Name the setting of the vendor's address.",
        )
    for name in ("property.json", "events.json") if package.demo else ():
        if package.demo and not (package.demo / name).is_file():
            yield "demo", f"{package.demo} has no {name}. Add it, or remove demo."


def _about_match_quality(package: ExtensionPackage) -> Refusals:
    quality = package.match_quality
    action = next((it for it in package.actions if quality and it.name == quality.delegate), None)
    if quality and action is None:
        yield (
            "match_quality",
            f"delegate names {quality.delegate or 'no action'}. Name the action that sends the keys.",
        )
    settings = {field.key for field in action.fields} if action else set()
    for key in quality.keys if quality and action else ():
        if key.setting not in settings:
            yield "match_quality", f"{key.name} names {key.setting}, which that action does not have."


def _about_types(package: ExtensionPackage) -> Refusals:
    ids = Counter(package.delegate_id(kind) for kind in package.types())
    for kind in package.types():
        where = f"{kind.kind} {kind.name}"
        if not _NAME.fullmatch(kind.name) or ids[package.delegate_id(kind)] > 1:
            yield where, "Its name is taken or not made of small letters, digits and dashes. Rename it."
        if not kind.title:
            yield where, "The picker shows its title. Add one."
        if kind is not package.configuration and (problem := _runs_nothing(package, kind)):
            yield where, problem
        if not _PAGE.fullmatch(kind.help_url):
            yield where, "Its form links to help_url. Enter the https address of the vendor's page."
        yield from ((where, problem) for problem in _wrong_fields(kind))
        if isinstance(kind, ActionType):
            yield from ((where, problem) for problem in _wrong_action(kind))


def _runs_nothing(package: ExtensionPackage, kind: ComponentType) -> str:
    if package.platform == "web":
        return "" if kind.client else "It has nothing to run in a browser. Name its module in client."
    return "" if kind.run or kind.prepare else "It has nothing to run. Add run or prepare."


def _wrong_fields(kind: ComponentType) -> Iterator[str]:
    keys, sections = Counter(it.key for it in kind.fields), {it.key for it in kind.sections} or {""}
    yield from (f"The key {key} is used twice. Rename one field." for key in _doubled(keys))
    for each in kind.fields:
        if each.section not in sections:
            yield f"The field {each.key} is in the section {each.section!r}, which is missing. Add it."
        for other in {*each.show_if, *each.required_for, *each.recommended_for} - keys.keys():
            yield f"The field {each.key} depends on {other}, which is missing. Correct its conditions."


def _wrong_action(action: ActionType) -> Iterator[str]:
    if action.max_batch < 1:
        yield f"max_batch is {action.max_batch}. Set 1 or more."
    if action.max_batch > 1 and not action.batch_request:
        yield "Its items share requests, but nothing makes the request. Add batch_request."
    if action.batch_request and not action.read_answer:
        yield "Its requests are sent, but nobody reads the answers. Add read_answer."
    if action.facts and not action.batch_request:
        yield "facts reads payloads of items that share requests. Add batch_request."
    if action.result and not action.read_answer:
        yield "result needs the outcome of an answer. Add read_answer."
    asked = {it.key for it in action.fields}
    yield from (
        f"test_asks names {key}, which is not a field. Correct it."
        for key in action.test_asks
        if key not in asked
    )
