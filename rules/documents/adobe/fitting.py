"""Makes a converted document valid and safe: reports each loss, and disables the rules that it affects.

A value that does not fit is replaced by the token of an empty data element. The other settings stay, and a
build names the missing value. If the document is still not valid, the component is left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_graph import element_graph, meant, with_inputs
from properties.catalog.element_usage import names_read
from properties.catalog.errors import Problem
from properties.catalog.forms import SettingsCheck
from properties.catalog.tokens import token, unknown_names
from rules.publishing.build_problems import Check, Surroundings, problems_of

from ..checking import as_document_problems, beyond
from ..document_advice import advice_of
from ..reading import InvalidDocument, read
from ..resources import described
from ..shapes import DocumentProblem
from .import_draft import COMPONENT_KINDS, Described, ImportDraft, package_of

# Each round corrects at least one thing for good. Problems after so many rounds are reported as they are.
_ROUNDS = 12
_BLANK = "Not imported"
_PLACE = re.compile(
    r"\$\.(?P<list>extensions|data_elements|rules)\[(?P<index>\d+)\]"
    r"(?:\.(?P<kind>events|conditions|actions)\[(?P<position>\d+)\])?"
    r"(?:\.settings\.?(?P<field>.*))?"
)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")

Way = tuple[str | int, ...]


class ProblemTarget(NamedTuple):
    """The resource or component that a problem is about, and the path to the value in its settings."""

    item: Described
    siblings: list[Described]
    rule: Described | None
    way: Way


def fit(draft: ImportDraft) -> None:
    """Correct ``draft`` until it is valid.

    Raises:
        InvalidDocument: A problem remains that cannot be solved by leaving a part out.
    """
    _add_missing_elements(draft)
    problems: list[DocumentProblem] = []
    check = _checking_once()
    tries: Counter[tuple[int, Way]] = Counter()
    for _ in range(_ROUNDS):
        problems = _problems(draft, check)
        places = [(_place(draft, problem.path), problem) for problem in problems]
        if not any(place for place, _ in places):
            break
        for place, problem in places:
            if place is not None and any(place.item is each for each in place.siblings):
                _mend(draft, place, problem, tries)
    if problems:
        raise InvalidDocument(problems)
    draft.drop_unread_empty_elements()
    _disable_readers(draft)
    _warn(draft)


def _warn(draft: ImportDraft) -> None:
    """Report the packages' advice, unless it is already the reason why something is disabled."""
    wanted, _ = read(draft.document)
    reasons = [entry.reason for entry in draft.report.disabled]
    for path, message in advice_of(described(wanted), wanted["property"]["platform"]):
        if any(reason.endswith(message.partition(": ")[2]) for reason in reasons):
            continue
        place = _place(draft, path)
        if place is not None and place.rule is not None:
            draft.report.warn(_noun(place), _title(place.item), message, place.rule["name"])
        elif place is not None:
            what = "data element" if place.siblings is draft.elements else "extension"
            draft.report.warn(what, str(place.item.get("name") or place.item["package"]), message)


def _problems(draft: ImportDraft, check: Check) -> list[DocumentProblem]:
    wanted, problems = read(draft.document)
    found = problems_of(described(wanted), Surroundings(check=check, secrets=(), platform=draft.platform))
    return [*problems, *beyond(as_document_problems(found), problems)]


def _checking_once() -> Check:
    """Return a check of settings that remembers its results.

    Data elements do not change between the rounds, except for empty ones that only corrected settings name.
    """
    checked: dict[tuple[int, str], Sequence[Problem]] = {}
    check_settings = SettingsCheck()

    def check(
        component_type: ComponentType,
        settings: Any,
        *,
        elements: Collection[str],
        secrets: Collection[str],
    ) -> Sequence[Problem]:
        key = (id(component_type), json.dumps(settings, sort_keys=True))
        if key not in checked:
            checked[key] = check_settings(component_type, settings, elements=elements, secrets=secrets)
        return checked[key]

    return check


def _add_missing_elements(draft: ImportDraft) -> None:
    known = draft.element_names()
    named = {name if name in known else name.strip() for name in draft.names_read()} - known
    if draft.is_tags:
        # Other unknown names are text there, or variables that code of the page sets.
        named = unknown_names(draft.every_settings(), known)
    for name in sorted(named - {""}):
        draft.add_empty(name, "Settings name it, but the file has no data element with this name.")


def _place(draft: ImportDraft, path: str) -> ProblemTarget | None:
    found = _PLACE.fullmatch(path)
    if found is None:
        return None
    siblings: list[Described] = draft.document[found["list"]]
    item, rule = siblings[int(found["index"])], None
    if found["kind"]:
        rule, siblings = item, item[found["kind"]]
        item = siblings[int(found["position"])]
    steps = _STEP.findall(found["field"] or "")
    return ProblemTarget(item, siblings, rule, tuple(int(index) if index else key for index, key in steps))


def _mend(draft: ImportDraft, place: ProblemTarget, problem: DocumentProblem, tries: Counter[Any]) -> None:
    if place.siblings is draft.elements:
        draft.add_empty(place.item["name"], problem.message)
        return
    if place.siblings is draft.rules:
        return
    tries[id(place.item), place.way] += 1
    attempt = tries[id(place.item), place.way]
    if place.way and attempt == 1 and _put(place.item["settings"], place.way, _blank(draft)):
        _report_field(draft, place, problem)
    elif place.way and attempt == 2 and _take(place.item["settings"], place.way):
        return
    else:
        place.siblings[:] = [each for each in place.siblings if each is not place.item]
        _report_loss(draft, place, problem)


def _blank(draft: ImportDraft) -> str:
    """Return the token of an empty data element."""
    name, number = _BLANK, 1
    while name in draft.element_names() - draft.empty_elements:
        number += 1
        name = f"{_BLANK} {number}"
    if name not in draft.empty_elements:
        draft.add_empty(name, "It replaces a missing value. Enter the right value instead.")
    return token(name)


def _put(settings: Any, way: Way, value: str) -> bool:
    """Set the value at ``way``; return whether that was possible."""
    holder, last = _holder(settings, way), way[-1]
    is_inside = isinstance(holder, list) and isinstance(last, int) and last < len(holder)
    if is_inside or isinstance(holder, dict):
        holder[last] = value
        return True
    return False


def _take(settings: Any, way: Way) -> bool:
    """Remove the value at ``way``; return whether there was one."""
    holder, last = _holder(settings, way), way[-1]
    if isinstance(holder, dict) and last in holder:
        del holder[last]
        return True
    return False


def _holder(value: Any, way: Way) -> Any:
    """Return the container of the last step; create the objects that are missing before it."""
    for step in way[:-1]:
        if isinstance(value, dict):
            value = value.setdefault(step, {})
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _report_field(draft: ImportDraft, place: ProblemTarget, problem: DocumentProblem) -> None:
    if place.rule is None:
        draft.report.skip("extension", place.item["package"], problem.message)
        return
    draft.report.skip(_noun(place), _title(place.item), problem.message, place.rule["name"])
    draft.disable(place.rule, f"Check a setting of “{_title(place.item)}”. {problem.message}")


def _report_loss(draft: ImportDraft, place: ProblemTarget, problem: DocumentProblem) -> None:
    if place.rule is None:
        draft.report.skip("extension", place.item["package"], f"It was left out. {problem.message}")
        return
    reason = f"It was left out. {problem.message}"
    draft.report.skip(_noun(place), _title(place.item), reason, place.rule["name"])
    draft.disable(place.rule, f"The {_noun(place)} “{_title(place.item)}” is missing.")


def _noun(place: ProblemTarget) -> str:
    kind = next(it for it in COMPONENT_KINDS if place.rule and place.rule.get(it) is place.siblings)
    return COMPONENT_KINDS[kind]


def _title(component: Described) -> str:
    return str(component["name"] or component["delegate"])


def _disable_readers(draft: ImportDraft) -> None:
    """Disable everything that reads a disabled data element: directly, through others or its extension.

    A build needs each data element that an enabled rule reads. One such rule would keep all others from
    going live.
    """
    graph = element_graph({it["name"]: names_read(it["delegate"], it["settings"]) for it in draft.elements})
    disabled = {each["name"] for each in draft.elements if not each["enabled"]}
    for element in draft.elements:
        if element["enabled"] and (ends := with_inputs([element["name"]], graph) & disabled):
            element["enabled"] = False
            for name in sorted(ends):
                draft.report.disable("data element", element["name"], _needs(draft, name))
    configured = {each["package"]: names_read("", each["settings"]) for each in draft.extensions}
    for rule, _, component in draft.components():
        read = names_read(component["delegate"], component["settings"])
        read |= configured.get(package_of(component["delegate"]), set())
        found = with_inputs(meant(read, graph), graph) & disabled
        for name in sorted(found - draft.credentials):
            draft.disable(rule, _needs(draft, name))


def _needs(draft: ImportDraft, name: str) -> str:
    if name in draft.empty_elements:
        return f"It needs the data element “{name}”, which was not imported."
    return f"It reads the data element “{name}”, which is disabled. Enable that first."
