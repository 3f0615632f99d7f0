"""Problems that stop a build, with labels for people and a path in the document. Plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.descriptor import ComponentType, DataElementType, ExtensionPackage
from properties.catalog.did_you_mean import closest
from properties.catalog.element_graph import circles, element_graph, meant, way
from properties.catalog.element_usage import credential_names, has_addresses, leaks, names_read
from properties.catalog.errors import Problem
from properties.catalog.form_layout import Leaf, layout
from properties.catalog.references import names_in
from properties.catalog.registry import find_type, packages
from properties.catalog.tokens import names_in_code, tokens_in

from .code_problems import code_problems
from .compile import TAGS, component_name
from .content import COMPONENT_NOUNS, Content, Snapshot, package_name
from .progress import Progress, silently, with_progress

PLATFORMS = {"edge": "event forwarding", "web": "tags", "mobile": "mobile properties"}
NO_EVENTS = (
    "Rules of event forwarding run for every inbound event and have no events. Remove it, or use a condition."
)
PUBLIC = (
    "A tag library is public, so it cannot hold the credential “{}”. Send the value through event forwarding."
)
# The form's check of stored settings: (type, settings, elements=…, secrets=…) → problems.
Check = Callable[..., Sequence[Problem]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: labels for people, JSON path for documents, uid of the resource if it has one."""

    labels: tuple[str, ...]
    path: str
    uid: str = ""

    def inside(self, label: str, path: str) -> Place:
        return Place((*self.labels, label) if label else self.labels, self.path + path, self.uid)

    def __str__(self) -> str:
        return " › ".join(self.labels)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: its place, and a message that says how to correct it."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts about the property and the environment that a check needs.

    Args:
        check: See ``Check``.
        secrets: Names of the secrets that the environment can use.
        absent: Data elements that exist but are not built, with the reason as a sentence.
        absent_packages: Packages of extensions that exist but are not built, with the reason.
        stage: Stage of the environment that is built for; empty if there is none.
        secret_troubles: Secrets that the environment cannot use, with the reason as a sentence.
        misplaced: Finds secrets that settings choose for a stage that cannot use them.
        platform: Of the property. Its packages must be for this platform.
    """

    check: Check
    secrets: Collection[str]
    absent: Mapping[str, str] = field(default_factory=dict)
    absent_packages: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    secret_troubles: Mapping[str, str] = field(default_factory=dict)
    misplaced: Callable[[ComponentType, Any], Iterable[Problem]] | None = None
    platform: str = "edge"


@dataclass(frozen=True, slots=True)
class _Case:
    """The content that is checked, with the names that every component needs."""

    content: Content
    surroundings: Surroundings
    present: frozenset[str]
    known: frozenset[str]
    packages: frozenset[str]
    credentials: frozenset[str]


def problems_of(content: Content, surroundings: Surroundings, report: Progress = silently) -> list[Finding]:
    """Return every problem of ``content``; an empty list means that it can be built.

    Args:
        report: Called with the progress.
    """
    present = content.element_names()
    known = present | set(surroundings.absent)
    case = _Case(
        content,
        surroundings,
        present,
        known,
        frozenset(each["package"] for each in content.extensions),
        frozenset(_credential_names(content)),
    )
    return [
        *_doubles("extension", "extensions", content.extensions, "package"),
        *_doubles("data element", "data_elements", content.data_elements, "name"),
        *_doubles("rule", "rules", content.rules, "name"),
        *_extension_problems(case),
        *_element_problems(case, report),
        *_rule_problems(case, report),
        *_cycles(content),
    ]


def _doubles(noun: str, listed: str, snapshots: Sequence[Snapshot], key: str) -> Iterator[Finding]:
    counts = Counter(snapshot[key] for snapshot in snapshots)
    seen: set[str] = set()
    for index, snapshot in enumerate(snapshots):
        name = snapshot[key]
        if name in seen:
            place = place_of(noun, name, listed, snapshot, index).inside("", f".{key}")
            yield Finding(place, f"{counts[name]} {noun}s are called “{name}”. Names must be unique.")
        seen.add(name)


def _extension_problems(case: _Case) -> Iterator[Finding]:
    for index, snapshot in enumerate(case.content.extensions):
        place = place_of("extension", snapshot["display_name"], "extensions", snapshot, index)
        package = packages().get(snapshot["package"])
        if package is None:
            yield Finding(place.inside("", ".package"), _unknown_package(snapshot["package"]))
        elif package.platform != case.surroundings.platform:
            yield Finding(place.inside("", ".package"), _wrong_platform(package, case.surroundings.platform))
        elif package.configuration is not None:
            yield from _settings_problems(place, package.configuration, snapshot, case)
        elif snapshot["settings"]:
            yield Finding(
                place.inside("Settings", ".settings"), f"{package.display_name} has no configuration."
            )


def _element_problems(case: _Case, report: Progress) -> Iterator[Finding]:
    for index, snapshot in with_progress(report, "data elements", case.content.data_elements):
        place = place_of("data element", snapshot["name"], "data_elements", snapshot, index)
        yield from _delegate_problems(place, "dataElements", snapshot, case)
        yield from _secret_problems(place, snapshot, case.surroundings)


def _secret_problems(place: Place, snapshot: Snapshot, surroundings: Surroundings) -> Iterator[Finding]:
    """Yield the problems of a data element whose secret does not work in the environment of the build."""
    kind, stage = find_type(snapshot["delegate"]), surroundings.stage
    if kind is not None and surroundings.misplaced is not None:
        for problem in surroundings.misplaced(kind, snapshot["settings"]):
            yield Finding(at_problem(place, problem), problem.message)
    if not stage or not isinstance(kind, DataElementType) or kind.secret_for is None:
        return
    name = kind.secret_for(snapshot["settings"], stage)
    at = place.inside(stage.capitalize(), f".settings.secrets.{stage}")
    if not name:
        yield Finding(at, f"No secret is chosen for {stage}. Choose one, or create one under Secrets.")
    elif name in surroundings.secret_troubles:
        yield Finding(at, surroundings.secret_troubles[name])
    elif name not in surroundings.secrets:
        yield Finding(at, f"There is no secret “{name}”. Create it under Secrets, or choose another one.")


def _rule_problems(case: _Case, report: Progress) -> Iterator[Finding]:
    for index, rule in with_progress(report, "rules", case.content.rules):
        place = place_of("rule", rule["name"], "rules", rule, index)
        for kind, noun in COMPONENT_NOUNS.items():
            for position, component in enumerate(rule.get(kind, ())):
                if kind == "events" and case.surroundings.platform != TAGS:
                    yield Finding(place.inside("", f".{kind}[{position}]"), NO_EVENTS)
                    continue
                label = f"{noun} “{component_name(component)}”"
                inner = place.inside(label, f".{kind}[{position}]")
                yield from _delegate_problems(inner, kind, component, case)


def _delegate_problems(place: Place, kind: str, snapshot: Snapshot, case: _Case) -> Iterator[Finding]:
    delegate = snapshot["delegate"]
    component_type = find_type(delegate)
    at = place.inside("", ".delegate")
    if component_type is None:
        yield Finding(at, _unknown_delegate(delegate, kind))
        return
    if component_type.kind != kind:
        yield Finding(at, f"“{delegate}” cannot be used here. Use a delegate of {kind}.")
        return
    package = packages()[package_name(delegate)]
    if package.platform != case.surroundings.platform:
        yield Finding(at, _wrong_platform(package, case.surroundings.platform))
        return
    if package_name(delegate) not in case.packages:
        reason = case.surroundings.absent_packages.get(package_name(delegate))
        yield Finding(at, reason or _missing_extension(delegate))
    yield from _settings_problems(place, component_type, snapshot, case)


def _settings_problems(
    place: Place, component_type: ComponentType, snapshot: Snapshot, case: _Case
) -> Iterator[Finding]:
    settings, around = snapshot["settings"], case.surroundings
    if around.platform == TAGS:
        for name in names_in(settings):
            yield Finding(place.inside("", ".settings"), PUBLIC.format(name))
    for problem in around.check(component_type, settings, elements=case.known, secrets=around.secrets):
        yield Finding(at_problem(place, problem), _with_reason(problem.message, around))
    for problem in code_problems(component_type, settings):
        yield Finding(at_problem(place, problem), problem.message)
    yield from _leaks(place, component_type, settings, case)
    missing = case.known - case.present
    for leaf in _leaves(component_type, settings) if missing else ():
        for name in sorted(meant(_leaf_reads(leaf), case.known) & missing):
            problem = Problem(leaf.path.partition(".*")[0], leaf.spec.label, around.absent[name])
            yield Finding(at_problem(place, problem), problem.message)


def _with_reason(message: str, around: Surroundings) -> str:
    """Replace a message by the reason why an existing credential cannot be used in this environment."""
    reasons = (why for name, why in around.secret_troubles.items() if f"credential “{name}”" in message)
    return next(reasons, message)


def _leaks(place: Place, component_type: ComponentType, settings: Any, case: _Case) -> Iterator[Finding]:
    """Yield the credentials that settings put into addresses."""
    for leaf in _leaves(component_type, settings) if has_addresses(component_type.fields) else ():
        for message in leaks(leaf.spec, leaf.stored, case.credentials):
            yield Finding(at_problem(place, Problem(leaf.path, leaf.spec.label, message)), message)


def _credential_names(content: Content) -> set[str]:
    return credential_names((it["name"], it["delegate"], it["settings"]) for it in content.data_elements)


def at_problem(place: Place, problem: Problem) -> Place:
    joint = "" if not problem.path or problem.path.startswith("[") else "."
    return place.inside(problem.label, f".settings{joint}{problem.path}")


def _leaves(component_type: ComponentType, settings: Any) -> Iterator[Leaf]:
    return (leaf for node in layout(component_type.fields, settings) for leaf in node.leaves())


def _leaf_reads(leaf: Leaf) -> set[str]:
    return set(names_in_code(leaf.stored)) if leaf.spec.type == "code" else tokens_in(leaf.stored)


def _cycles(content: Content) -> Iterator[Finding]:
    """Yield one finding per circle of data elements that use each other, at its first member."""
    elements = content.data_elements
    positions = {it["name"]: index for index, it in enumerate(elements)}
    reads = {it["name"]: names_read(it["delegate"], it["settings"]) for it in elements}
    for circle in circles(element_graph(reads)):
        index = positions[circle[0]]
        place = place_of("data element", circle[0], "data_elements", elements[index], index)
        message = f"Data elements may not use each other: {way(circle)}."
        yield Finding(place.inside("", ".settings"), message)


def place_of(noun: str, name: str, key: str, snapshot: Snapshot, index: int) -> Place:
    """Return the place of a snapshot; a snapshot from a document knows its own position in it."""
    position = snapshot.get("position", index)
    return Place((f"{noun.capitalize()} “{name}”",), f"$.{key}[{position}]", snapshot.get("uid", ""))


def _missing_extension(delegate: str) -> str:
    name = package_name(delegate)
    package = packages().get(name)
    title = package.display_name if package else name
    return f"The extension {title} (package “{name}”) is missing. Install it from the catalog."


def _unknown_package(name: str) -> str:
    return f"This server has no extension package “{name}”.{_suggestion(name, packages())}"


def _wrong_platform(package: ExtensionPackage, platform: str) -> str:
    words = PLATFORMS.get(platform, platform)
    return f"The extension {package.display_name} (package “{package.name}”) is not for {words}. Remove it."


def _unknown_delegate(delegate: str, kind: str) -> str:
    known = [p.delegate_id(t) for p in packages().values() for t in p.types() if t.kind == kind]
    return f"This server has no delegate “{delegate}”.{_suggestion(delegate, known)}"


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = closest(name, known)
    return f" Did you mean “{near}”?" if near else ""
