"""Bot: a data element that names self-declared bots, and a condition that filters them.

A bot that pretends to be a browser is not detected, because its user agent does not reveal it. The list of
bots is crawler-user-agents (MIT). To update it, run ``pip install --upgrade crawler-user-agents`` and change
the version in constraints.txt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import re2

from properties.catalog.context import EventContext
from properties.catalog.descriptor import ConditionType, DataElementType, Field, Settings
from properties.catalog.examples import Example

from .paths import follow

GOOGLE_CRAWLERS = "https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers"
META_CRAWLERS = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers"
_LONGEST = 2_048
_USER_AGENT = ("event", "xdm", "environment", "browserDetails", "userAgent")
_HEADER = ("request", "header", "httpHeaders", "user-agent")
# Tag of the list → our category; the first match counts. Other tags, such as archiver, are "other".
_CATEGORIES = {
    "ai-crawler": "ai",
    "search-engine": "search",
    "social-preview": "preview",
    "advertising": "advertising",
    "monitoring": "monitoring",
    "seo": "seo",
    "browser-automation": "automation",
    "http-library": "library",
}
# The list also has these, but phone apps send them: they are people.
APPS = {"okhttp", "^Apache-HttpClient", "HttpUrlConnection"}
# Tag → programs that the list lacks.
_FURTHER = {
    "search-engine": r"yandex\w*bot",
    "social-preview": r"facebot|pinterestbot",
    "advertising": r"adidxbot|criteobot",
    "monitoring": r"newrelicpinger|betteruptime",
    "browser-automation": r"cypress|selenium",
    "seo": r"dotbot",
    "http-library": r"guzzlehttp|insomnia/|java/\d|postmanruntime|undici",
}
# Any word that ends in bot, except Cubot phones.
_NOT_CUBOT = "(?<!cu)"
_OTHER = rf"(?i){_NOT_CUBOT}bot\b|crawler|spider\b|\bcrawl\b|\bscraper"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot: its own name and its category."""

    name: str
    category: str


def find_bot(user_agent: Any) -> Bot | None:
    """Return the bot behind a user agent; None for a browser, an app or an empty value."""
    return _find(user_agent[:_LONGEST]) if isinstance(user_agent, str) else None


@lru_cache(maxsize=2048)
def _find(text: str) -> Bot | None:
    programs, known = _programs()
    for position in sorted(known.Match(text) or ()):
        pattern, category = programs[position]
        if match := re.search(pattern, text):
            return Bot(_product(text, match), category)
    return None


@cache
def _programs() -> tuple[list[tuple[str, str]], Any]:
    """Return pattern and category of each bot, and all patterns as one, the most precise category first.

    The first user agent waits a sixth of a second while they are read.
    """
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    order = [*_CATEGORIES.values(), "other"]
    found = [(it["pattern"], _category(it["tags"])) for it in CRAWLER_USER_AGENTS_DATA]
    found += [(f"(?i){words}", _CATEGORIES[tag]) for tag, words in _FURTHER.items()]
    programs = [it for it in sorted(found, key=lambda it: order.index(it[1])) if it[0] not in APPS]
    programs.append((_OTHER, "other"))
    known = re2.Set.SearchSet()
    for pattern, _ in programs:
        known.Add(pattern.replace(_NOT_CUBOT, ""))
    known.Compile()
    return programs, known


def _category(tags: list[str]) -> str:
    return next((name for tag, name in _CATEGORIES.items() if tag in tags), "other")


def _product(text: str, match: re.Match[str]) -> str:
    """Return the whole word around a match, such as Googlebot in ``Googlebot/2.1``."""
    start = match.start()
    while not text[start].isalnum():
        start += 1
    while start and (text[start - 1].isalnum() or text[start - 1] in "-_."):
        start -= 1
    end = match.end()
    while end < len(text) and (text[end].isalnum() or text[end] in "-_"):
        end += 1
    return text[start:end].partition("/")[0].strip("-_. ")[:80]


def _bot_of(settings: Settings, context: EventContext) -> Bot | None:
    given = settings.get("userAgent")
    if given not in (None, ""):
        return find_bot(given)
    return find_bot(follow(context.arc, _USER_AGENT) or follow(context.arc, (*_HEADER, "0")))


def run_bot(settings: Settings, context: EventContext) -> str | bool | None:
    """Return name or category of a bot, or whether it is one; None for a visitor."""
    bot, wanted = _bot_of(settings, context), settings.get("give")
    if wanted == "flag":
        return bot is not None
    if bot is None:
        return None
    return bot.category if wanted == "category" else bot.name


def run_is_bot(settings: Settings, context: EventContext) -> bool:
    """Return whether the event comes from a person, or from a bot if the condition asks for one."""
    return (_bot_of(settings, context) is not None) is (settings.get("metBy") == "bots")


def summarize_is_bot(settings: Settings) -> str:
    """One line."""
    return "The visitor is a bot" if settings.get("metBy") == "bots" else "The visitor is not a bot"


def summarize_bot(settings: Settings) -> str:
    """One line such as: Category of the bot."""
    return dict(_RESULTS).get(settings.get("give", "name"), "")


_RESULTS = (("name", "Its name"), ("category", "Its category"), ("flag", "True or false"))
_FIELD = Field(
    key="userAgent",
    label="User Agent",
    placeholder="{{User Agent}}",
    help="If empty, the user agent of the event: arc.event.xdm.environment.browserDetails.userAgent.",
)
_GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_EVENT = {"xdm": {"environment": {"browserDetails": {"userAgent": _GOOGLEBOT}}}}

BOT = DataElementType(
    name="bot",
    title="Bot",
    description="Names the bot behind an event, to send or log it with the event. Empty for people.",
    category="From the event",
    fields=[
        Field(key="give", label="Return", type="choice", tokens=False, default="name", options=_RESULTS),
        _FIELD,
    ],
    run=run_bot,
    summary=summarize_bot,
    help_url=GOOGLE_CRAWLERS,
    examples=[
        Example(
            title="Google's crawler by its name",
            settings={},
            event=_EVENT,
            result="Googlebot",
            source=GOOGLE_CRAWLERS,
        ),
        Example(
            title="Its category",
            settings={"give": "category", "userAgent": "{{User Agent}}"},
            data_elements={
                "User Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
            },
            result="preview",
            source=META_CRAWLERS,
        ),
    ],
)

NO_BOT = ConditionType(
    name="bot",
    title="Bot",
    description="Lets people pass and stops bots that declare themselves, or the reverse.",
    category="The visitor",
    fields=[
        Field(
            key="metBy",
            label="Met by",
            type="choice",
            tokens=False,
            default="people",
            options=[("people", "People"), ("bots", "Bots")],
            help="A visitor without a user agent, as in events from servers, counts as a person.",
        ),
        _FIELD,
    ],
    run=run_is_bot,
    summary=summarize_is_bot,
    help_url=GOOGLE_CRAWLERS,
    examples=[
        Example(
            title="A crawler is stopped", settings={}, event=_EVENT, result=False, source=GOOGLE_CRAWLERS
        ),
        Example(
            title="A server without a user agent passes", settings={}, result=True, source=GOOGLE_CRAWLERS
        ),
    ],
)
