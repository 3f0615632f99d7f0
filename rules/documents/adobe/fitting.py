"""Making a converted document valid here, and safe: what cannot stay is named, its rules wait disabled.

A value that does not fit is replaced by the token of a data element that gives nothing, so that the rest of
the settings stays and a build names what is missing. What even that does not mend is left out.
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
from rules.publishing.build_problems import Check, Surroundings, problems_of

from ..checking import as_document_problems, beyond
from ..document_advice import advice_of
from ..reading import InvalidDocument, read
from ..resources import described
from ..shapes import DocumentProblem
from .import_draft import COMPONENT_KINDS, Described, ImportDraft, package_of

# Each round mends at least one thing for good; what is wrong after so many is told as it is.
_ROUNDS = 12
_BLANK = "Not imported"
_PLACE = re.compile(
    r"\$\.(?P<list>extensions|data_elements|rules)\[(?P<index>\d+)\]"
    r"(?:\.(?P<kind>conditions|actions)\[(?P<position>\d+)\])?"
    r"(?:\.settings\.?(?P<field>.*))?"
)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")

Way = tuple[str | int, ...]


class ProblemTarget(NamedTuple):
    """The resource or component that a problem is about, and the way to the value in its settings."""

    item: Described
    siblings: list[Described]
    rule: Described | None
    way: Way


def fit(draft: ImportDraft) -> None:
    """Mend ``draft`` until it is valid.

    Raises:
        InvalidDocument: Something is wrong that leaving it out does not mend.
    """
    _stand_in_for_missing(draft)
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
    draft.drop_unread_stand_ins()
    _disable_readers(draft)
    _warn(draft)


def _warn(draft: ImportDraft) -> None:
    """Pass on what the packages advise, unless it is why something waits."""
    wanted, _ = read(draft.document)
    told = [entry.reason for entry in draft.report.disabled]
    for path, message in advice_of(described(wanted)):
        if any(reason.endswith(message.partition(": ")[2]) for reason in told):
            continue
        place = _place(draft, path)
        if place is not None and place.rule is not None:
            draft.report.warn(_noun(place), _title(place.item), message, place.rule["name"])
        elif place is not None:
            what = "data element" if place.siblings is draft.elements else "extension"
            draft.report.warn(what, str(place.item.get("name") or place.item["package"]), message)


def _problems(draft: ImportDraft, check: Check) -> list[DocumentProblem]:
    wanted, problems = read(draft.document)
    found = problems_of(described(wanted), Surroundings(check=check, secrets=()))
    return [*problems, *beyond(as_document_problems(found), problems)]


def _checking_once() -> Check:
    """The check of settings that does not judge the same ones again.

    The data elements stay the same in between, but for stand-ins that only mended settings name.
    """
    judged: dict[tuple[int, str], Sequence[Problem]] = {}
    check_settings = SettingsCheck()

    def check(
        component_type: ComponentType,
        settings: Any,
        *,
        elements: Collection[str],
        secrets: Collection[str],
    ) -> Sequence[Problem]:
        key = (id(component_type), json.dumps(settings, sort_keys=True))
        if key not in judged:
            judged[key] = check_settings(component_type, settings, elements=elements, secrets=secrets)
        return judged[key]

    return check


def _stand_in_for_missing(draft: ImportDraft) -> None:
    known = draft.element_names()
    named = {name if name in known else name.strip() for name in draft.names_read()}
    for name in sorted(named - known - {""}):
        draft.stand_in(name, "Settings name it, and the file has no data element of this name.")


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
        draft.stand_in(place.item["name"], problem.message)
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
    """The token of a data element that gives nothing."""
    name, number = _BLANK, 1
    while name in draft.element_names() - draft.stand_ins:
        number += 1
        name = f"{_BLANK} {number}"
    if name not in draft.stand_ins:
        draft.stand_in(name, "It stands where a value is missing; put the right one in its place.")
    return f"{{{{{name}}}}}"


def _put(settings: Any, way: Way, value: str) -> bool:
    """Set what is at ``way``, or what should be; whether that was possible."""
    holder, last = _holder(settings, way), way[-1]
    is_inside = isinstance(holder, list) and isinstance(last, int) and last < len(holder)
    if is_inside or isinstance(holder, dict):
        holder[last] = value
        return True
    return False


def _take(settings: Any, way: Way) -> bool:
    """Remove what is at ``way``; whether something was there."""
    holder, last = _holder(settings, way), way[-1]
    if isinstance(holder, dict) and last in holder:
        del holder[last]
        return True
    return False


def _holder(value: Any, way: Way) -> Any:
    """What holds the last step of a way; objects that are missing on it are made."""
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
    draft.disable(place.rule, f"A setting of “{_title(place.item)}” must be looked at. {problem.message}")


def _report_loss(draft: ImportDraft, place: ProblemTarget, problem: DocumentProblem) -> None:
    if place.rule is None:
        draft.report.skip("extension", place.item["package"], f"It was left out. {problem.message}")
        return
    reason = f"It was left out. {problem.message}"
    draft.report.skip(_noun(place), _title(place.item), reason, place.rule["name"])
    draft.disable(place.rule, f"The {_noun(place)} “{_title(place.item)}” is missing.")


def _noun(place: ProblemTarget) -> str:
    kind = next(kind for kind in COMPONENT_KINDS if place.rule and place.rule[kind] is place.siblings)
    return COMPONENT_KINDS[kind]


def _title(component: Described) -> str:
    return str(component["name"] or component["delegate"])


def _disable_readers(draft: ImportDraft) -> None:
    """Whatever reads a data element that is disabled, also through others or its extension, waits disabled.

    A build needs each data element that something enabled reads: one such rule would keep all others from
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
    if name in draft.stand_ins:
        return f"It needs the data element “{name}”, which was not imported."
    return f"It reads the data element “{name}”, which is disabled: enable that first."
