"""The data elements of the browser: what pages, addresses, cookies and storage hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in, without_tokens

from . import examples
from .adoption import adopted
from .code_fields import source_field, summarize_code
from .comparisons import COMPARISON_FIELDS, check_comparison, summarize_comparison
from .selectors import selector_problems
from .sources import CORE

_PATH = re.compile(r"[A-Za-z_$][\w$]*(?:\.[^.\[\]\s]+|\[\d+\])*")


def _named(key: str) -> Any:
    """Return a summary that is one setting, with data elements by name."""

    def summarize(settings: Settings) -> str:
        return without_tokens(str(settings.get(key, "")))

    return summarize


def _element(
    name: str, title: str, description: str, category: str, client: str, **parts: Any
) -> DataElementType:
    return DataElementType(
        **{
            "name": name,
            "title": title,
            "description": description,
            "category": category,
            "client": client,
            "help_url": CORE,
            "replaces": (adopted("dataElements", name),),
            "examples": examples.DATA_ELEMENTS[name],
            **parts,
        }
    )


def _check_path(settings: Settings) -> Iterator[Problem]:
    path = settings.get("path")
    if isinstance(path, str) and path and not tokens_in(path) and not _PATH.fullmatch(path.strip()):
        message = "Write names with dots, and positions in brackets: dataLayer.cart.contents[0].id."
        yield Problem("path", "Path to variable", message)


JAVASCRIPT_VARIABLE = _element(
    "javascript-variable",
    "JavaScript Variable",
    "Reads a variable of the page, such as its data layer.",
    "From the page",
    "javascript_variable.js",
    fields=(
        Field(
            key="path",
            label="Path to variable",
            required=True,
            placeholder="dataLayer.cart.value",
            help="Starts at window. If the path leads nowhere, the default value is used.",
        ),
    ),
    check=_check_path,
    summary=_named("path"),
)
PAGE_INFO = _element(
    "page-info",
    "Page Info",
    "Reads a fact about the page: its address, title or referrer.",
    "From the page",
    "page_info.js",
    fields=(
        Field(
            key="attribute",
            label="Attribute",
            type="choice",
            required=True,
            tokens=False,
            default="url",
            options=(
                ("url", "URL"),
                ("hostname", "Hostname"),
                ("pathname", "Pathname"),
                ("protocol", "Protocol"),
                ("referrer", "Referrer"),
                ("title", "Title"),
            ),
        ),
    ),
    summary=_named("attribute"),
)
QUERY_STRING_PARAMETER = _element(
    "query-string-parameter",
    "Query String Parameter",
    "Reads a parameter of the page's address. If there are several, the first one counts.",
    "From the page",
    "query_element.js",
    fields=(
        Field(key="name", label="URL parameter", required=True, placeholder="campaign"),
        Field(
            key="caseInsensitive",
            label="Ignore capitalization differences",
            type="boolean",
            tokens=False,
            default=False,
        ),
    ),
    summary=_named("name"),
)
DOM_ATTRIBUTE = _element(
    "dom-attribute",
    "DOM Attribute",
    "Reads a property or an attribute of the first element that fits.",
    "From the page",
    "dom_attribute.js",
    fields=(
        Field(key="elementSelector", label="CSS selector", required=True, placeholder="#product"),
        Field(
            key="elementProperty",
            label="Property or attribute",
            required=True,
            placeholder="data-sku",
            help="text is the text that is shown.",
        ),
    ),
    check=lambda settings: selector_problems(
        "elementSelector", "CSS selector", settings.get("elementSelector")
    ),
    summary=lambda settings: (
        f"{without_tokens(str(settings.get('elementProperty', '')))}"
        f" of {without_tokens(str(settings.get('elementSelector', '')))}"
    ),
)
COOKIE = _element(
    "cookie",
    "Cookie",
    "Reads a cookie of the page. Cookies that are hidden from scripts (HttpOnly) are missing.",
    "From the browser",
    "cookie_element.js",
    fields=(Field(key="name", label="Cookie Name", required=True, placeholder="customer_group"),),
    summary=_named("name"),
)
LOCAL_STORAGE = _element(
    "local-storage",
    "Local Storage",
    "Reads a text that the site has stored in the browser.",
    "From the browser",
    "local_storage.js",
    fields=(Field(key="name", label="Local Storage Item Name", required=True, placeholder="cart"),),
    summary=_named("name"),
)
SESSION_STORAGE = _element(
    "session-storage",
    "Session Storage",
    "Reads a text that the site has stored in the browser's tab.",
    "From the browser",
    "session_storage.js",
    fields=(Field(key="name", label="Session Storage Item Name", required=True, placeholder="step"),),
    summary=_named("name"),
)
CONDITIONAL_VALUE = _element(
    "conditional-value",
    "Conditional Value",
    "One value if a comparison is true, another one otherwise.",
    "Made of other values",
    "conditional_value.js",
    fields=(
        *COMPARISON_FIELDS,
        Field(
            key="conditionalValue",
            label="Return this value",
            placeholder="member",
            help="If the comparison is true. Empty returns nothing.",
        ),
        Field(
            key="fallbackValue",
            label="Otherwise return this value",
            placeholder="guest",
            help="If the comparison is false. Empty returns nothing.",
        ),
    ),
    check=check_comparison,
    summary=lambda settings: (
        f"{without_tokens(str(settings.get('conditionalValue', '')))} when {summarize_comparison(settings)}"
    ),
)


def _summarize_merge(settings: Settings) -> str:
    objects = settings.get("objects")
    return " + ".join(without_tokens(str(it)) for it in (objects if isinstance(objects, list) else ()))


MERGED_OBJECTS = _element(
    "merged-objects",
    "Merged Objects",
    "Combines several objects. If two have the same key, the later one wins.",
    "Made of other values",
    "merged_objects.js",
    fields=(
        Field(
            key="objects",
            label="Objects",
            type="list",
            required=True,
            placeholder="%Defaults%, %Order%",
            help="Data elements that give objects, separated by commas. Lists in the same place are joined.",
        ),
    ),
    summary=_summarize_merge,
)
CONSTANT = _element(
    "constant",
    "Constant",
    "The same value everywhere.",
    "Not from the page",
    "constant.js",
    fields=(
        Field(
            key="value",
            label="Value",
            type="json",
            required=True,
            placeholder="EUR",
            help="Text, a number, true, false, a list or an object. Its texts can hold data elements.",
        ),
    ),
)


def _check_range(settings: Settings) -> Iterator[Problem]:
    least, most = settings.get("min"), settings.get("max")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem("max", "Maximum", "Enter a number that is not below the minimum.")


RANDOM_NUMBER = _element(
    "random-number",
    "Random Number",
    "A whole number between two ends. Every reading gives another one.",
    "Not from the page",
    "random_number.js",
    fields=(
        Field(key="min", label="Minimum", type="integer", required=True, tokens=False, placeholder="0"),
        Field(
            key="max", label="Maximum", type="integer", required=True, tokens=False, placeholder="1000000000"
        ),
    ),
    check=_check_range,
    summary=lambda settings: f"{settings.get('min', '')} to {settings.get('max', '')}",
)
CUSTOM_CODE = _element(
    "custom-code",
    "Custom Code",
    "Computes a value with JavaScript.",
    "Code",
    "code_element.js",
    fields=(
        source_field(
            ("event",),
            "JavaScript that returns the value. It runs at each reading.",
            "return document.querySelectorAll('.cart-row').length;",
        ),
    ),
    summary=summarize_code,
)
ELEMENT_TYPES = (
    *(JAVASCRIPT_VARIABLE, PAGE_INFO, QUERY_STRING_PARAMETER, DOM_ATTRIBUTE),
    *(COOKIE, LOCAL_STORAGE, SESSION_STORAGE),
    *(CONDITIONAL_VALUE, MERGED_OBJECTS, CONSTANT, RANDOM_NUMBER, CUSTOM_CODE),
)
