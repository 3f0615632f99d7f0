"""The conditions of rules in the browser."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.descriptor import ConditionType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import without_tokens

from . import examples
from .adoption import adopted, rows_from
from .code_fields import source_field, summarize_code
from .comparisons import COMPARISON_FIELDS, check_comparison, summarize_comparison
from .matching_rows import listed, one_of, row_problems, rows_field
from .sources import CORE

VALUE_COMPARISON = ConditionType(
    name="value-comparison",
    title="Value Comparison",
    description="Compares a data element with a value, or with another data element.",
    category="Data",
    fields=COMPARISON_FIELDS,
    client="comparison.js",
    check=check_comparison,
    summary=summarize_comparison,
    compared=("leftOperand", "rightOperand"),
    help_url=CORE,
    replaces=(adopted("conditions", "value-comparison"),),
    examples=examples.CONDITIONS["value-comparison"],
)

_PATHS = rows_field("paths", "Path is one of", "/checkout")
PATH = ConditionType(
    name="path",
    title="Path Without Query String",
    description="Met if the path of the page's address has one of these values.",
    category="URL",
    fields=(_PATHS,),
    client="path_condition.js",
    check=lambda settings: row_problems(_PATHS.key, settings.get(_PATHS.key)),
    summary=lambda settings: f"Path is {one_of(settings.get(_PATHS.key))}",
    help_url=CORE,
    replaces=(adopted("conditions", "path"),),
    examples=examples.CONDITIONS["path"],
)


def _check_domains(settings: Settings) -> Iterator[Problem]:
    domains = settings.get("domains")
    for index, domain in enumerate(domains if isinstance(domains, list) else ()):
        if isinstance(domain, str) and ("/" in domain or ":" in domain):
            message = "Enter the name of a host alone, such as shop.example, without https:// and path."
            yield Problem(f"domains[{index}]", "Domains", message)


def _summarize_domains(settings: Settings) -> str:
    domains = settings.get("domains")
    texts = domains if isinstance(domains, list) else [domains]
    return f"Domain is {listed([without_tokens(str(it)) for it in texts if it])}"


DOMAIN = ConditionType(
    name="domain",
    title="Domain",
    description="Met on these domains and on those below them.",
    category="URL",
    fields=(
        Field(
            key="domains",
            label="Domains",
            type="list",
            required=True,
            placeholder="shop.example, shop.test",
            help="shop.example also means www.shop.example.",
        ),
    ),
    client="domain_condition.js",
    check=_check_domains,
    summary=_summarize_domains,
    help_url=CORE,
    replaces=(adopted("conditions", "domain"),),
    examples=examples.CONDITIONS["domain"],
)

_QUERY = rows_field("queryParams", "Has one of these values", "summer")
QUERY_STRING_PARAMETER = ConditionType(
    name="query-string-parameter",
    title="Query String Parameter",
    description="Met if a parameter of the page's address has one of these values.",
    category="URL",
    fields=(Field(key="name", label="Parameter", required=True, placeholder="campaign"), _QUERY),
    client="query_condition.js",
    check=lambda settings: row_problems(_QUERY.key, settings.get(_QUERY.key)),
    summary=lambda settings: (
        f"Parameter {without_tokens(str(settings.get('name', '')))} is {one_of(settings.get(_QUERY.key))}"
    ),
    help_url=CORE,
    replaces=(adopted("conditions", "query-string-parameter"),),
    adopt=rows_from(_QUERY.key),
    examples=examples.CONDITIONS["query-string-parameter"],
)

_COOKIES = rows_field("cookieValues", "Has one of these values", "member")
COOKIE = ConditionType(
    name="cookie",
    title="Cookie",
    description="Met if a cookie that scripts can read has one of these values.",
    category="Data",
    fields=(Field(key="name", label="Cookie Name", required=True, placeholder="customer_group"), _COOKIES),
    client="cookie_condition.js",
    check=lambda settings: row_problems(_COOKIES.key, settings.get(_COOKIES.key)),
    summary=lambda settings: (
        f"Cookie {without_tokens(str(settings.get('name', '')))} is {one_of(settings.get(_COOKIES.key))}"
    ),
    help_url=CORE,
    replaces=(adopted("conditions", "cookie"),),
    adopt=rows_from(_COOKIES.key),
    examples=examples.CONDITIONS["cookie"],
)


def _check_rate(settings: Settings) -> Iterator[Problem]:
    rate = settings.get("rate")
    if isinstance(rate, int | float) and not 0 <= rate <= 1:
        yield Problem("rate", "Rate", "Enter a share from 0 to 1: 0.1 is one in ten.")


def _summarize_rate(settings: Settings) -> str:
    rate = settings.get("rate")
    return f"{rate * 100:g}% of visits" if isinstance(rate, int | float) else "A sample of visits"


SAMPLING = ConditionType(
    name="sampling",
    title="Sampling",
    description="Met for a random share of visits.",
    category="Other",
    fields=(
        Field(
            key="rate",
            label="Rate",
            type="number",
            required=True,
            tokens=False,
            placeholder="0.1",
            help="From 0 to 1: 0.1 is one in ten.",
        ),
        Field(
            key="persistCohort",
            label="Keep visitors in or out of the sample",
            type="boolean",
            tokens=False,
            default=False,
            help="The decision is kept in the browser. Another rate decides anew.",
        ),
    ),
    client="sampling.js",
    check=_check_rate,
    summary=_summarize_rate,
    help_url=CORE,
    replaces=(adopted("conditions", "sampling"),),
    examples=examples.CONDITIONS["sampling"],
)
CUSTOM_CODE = ConditionType(
    name="custom-code",
    title="Custom Code",
    description="Met if JavaScript code returns a true value.",
    category="Data",
    fields=(
        source_field(
            ("event", "target"),
            "JavaScript that returns true or false. this is the element of the event.",
            "return event.element.dataset.stock !== '0';",
        ),
    ),
    client="code_condition.js",
    summary=summarize_code,
    help_url=CORE,
    replaces=(adopted("conditions", "custom-code"),),
    examples=examples.CONDITIONS["custom-code"],
)
CONDITION_TYPES = (VALUE_COMPARISON, CUSTOM_CODE, COOKIE, PATH, QUERY_STRING_PARAMETER, DOMAIN, SAMPLING)
