"""Changes to rules. Each change saves the rule with a revision and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction

from properties.catalog.forms import ComponentForm
from properties.catalog.registry import find_package, find_type
from properties.models import Property, Revision
from properties.resources.component_settings import keep_settings, settings_as_values
from properties.saving import Intent, delete_resource, save_resource
from rules.models import Rule, RuleComponent

KINDS = RuleComponent.Kind.values
# A name may have 255 characters; a copy adds a word and a number.
LONGEST_STEM = 230


def create_rule(prop: Property, name: str, actor: Any, components: Sequence[RuleComponent] = ()) -> Rule:
    """Create a rule, with its first components if there are any."""
    rule = Rule(prop=prop, name=name)
    for component in components:
        component.rule = rule
    save_resource(rule, actor=actor, write=lambda: _save_all(components))
    return rule


def change_rule(rule: Rule, *, name: str, enabled: bool, actor: Any, intent: Intent) -> bool:
    """Rename, enable or disable a rule; return whether anything changed."""
    if (rule.name, rule.enabled) == (name, enabled):
        return False
    rule.name, rule.enabled = name, enabled
    save_resource(rule, actor=actor, intent=intent)
    return True


@transaction.atomic
def keep_component(component: RuleComponent, form: ComponentForm, actor: Any) -> None:
    """Save a new or changed component with the settings of a valid form."""
    rule = component.rule
    package = find_package(component.delegate)
    owner = f"{rule.name} / {package.display_name if package else component.delegate}"
    component.settings = keep_settings(rule.prop, form, owner, actor)
    if component.pk is None:
        component.order = rule.components.filter(kind=component.kind).count()
    _save(rule, actor, component.save)


def move_component(component: RuleComponent, steps: int, actor: Any) -> bool:
    """Move a component up (negative) or down among its kind; return whether it could move."""
    siblings = _siblings(component)
    here = siblings.index(component)
    there = here + steps
    if not 0 <= there < len(siblings):
        return False
    siblings.insert(there, siblings.pop(here))
    _save(component.rule, actor, lambda: _number(siblings))
    return True


def copy_component(component: RuleComponent, actor: Any) -> RuleComponent:
    """Put a copy of a component directly after it."""
    siblings = _siblings(component)
    twin = _twin(component, component.rule)
    twin.name = component.name and f"{component.name[:LONGEST_STEM]} copy"
    siblings.insert(siblings.index(component) + 1, twin)
    _save(component.rule, actor, lambda: _number(siblings))
    return twin


def remove_component(component: RuleComponent, actor: Any) -> None:
    remaining = [sibling for sibling in _siblings(component) if sibling != component]

    def write() -> None:
        component.delete()
        _number(remaining)

    _save(component.rule, actor, write)


def copy_rule(rule: Rule, actor: Any) -> Rule:
    """Copy a rule under a free name. The copy is disabled, to avoid sending events twice."""
    twin = Rule(prop=rule.prop, name=_free_name(rule), enabled=False)
    twins = [_twin(component, twin) for component in rule.components.all()]
    save_resource(twin, actor=actor, write=lambda: _save_all(twins))
    return twin


def delete_rule(rule: Rule, actor: Any) -> None:
    """Delete a rule. It runs until a build without it is published."""
    delete_resource(rule, actor=actor)


@transaction.atomic
def restore_rule(revision: Revision, actor: Any, *, undoes: int | None = None) -> Rule:
    """Restore a rule, deleted or not, from one of its revisions.

    Args:
        undoes: Number of the revision to undo; later ones are never undone with it.

    Raises:
        ValueError: Another rule uses its name now, or the rule was changed again.
    """
    uid, snapshot = revision.resource_uid, revision.snapshot
    _refuse_to_undo_more(revision, undoes)
    if Rule.objects.filter(prop=revision.prop, name=snapshot["name"]).exclude(uid=uid).exists():
        raise ValueError(f"Another rule is called “{snapshot['name']}” now. Rename it first.")
    newest = Revision.objects.filter(resource_uid=uid).order_by("-number").first() or revision
    rule = Rule.objects.filter(uid=uid).first() or Rule(
        uid=uid, prop=revision.prop, revision_number=newest.number
    )
    rule.name, rule.enabled = snapshot["name"], snapshot["enabled"]
    save_resource(rule, actor=actor, write=lambda: _write_components(rule, snapshot))
    return rule


def _refuse_to_undo_more(revision: Revision, undoes: int | None) -> None:
    now = Rule.objects.select_for_update().filter(uid=revision.resource_uid).first()
    if now is None or undoes is None or now.revision_number in (revision.number, undoes):
        return
    newest = Revision.objects.select_related("created_by").get(
        resource_uid=now.uid, number=now.revision_number
    )
    who = newest.created_by.get_username() if newest.created_by else "Somebody"
    raise ValueError(f"Not undone: {who} changed the rule “{now.name}” afterwards. Change it back by hand.")


def _save(rule: Rule, actor: Any, write: Callable[[], None]) -> None:
    save_resource(rule, actor=actor, write=write)


def _siblings(component: RuleComponent) -> list[RuleComponent]:
    return list(component.rule.components.filter(kind=component.kind))


def _number(components: list[RuleComponent]) -> None:
    for order, component in enumerate(components):
        component.order = order
    _save_all(components)


def _save_all(components: Iterable[RuleComponent]) -> None:
    for component in components:
        component.save()


def _twin(component: RuleComponent, rule: Rule) -> RuleComponent:
    return RuleComponent(
        rule=rule,
        kind=component.kind,
        delegate=component.delegate,
        name=component.name,
        settings=settings_as_values(find_type(component.delegate), component.settings),
        order=component.order,
        rule_order=component.rule_order,
        negate=component.negate,
        timeout=component.timeout,
        delay_next=component.delay_next,
    )


def _free_name(rule: Rule) -> str:
    taken = set(Rule.objects.filter(prop=rule.prop).values_list("name", flat=True))
    stem = rule.name[:LONGEST_STEM]
    candidates = [f"{stem} copy", *(f"{stem} copy {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in candidates if name not in taken)


def _write_components(rule: Rule, snapshot: dict[str, Any]) -> None:
    rule.components.all().delete()
    for kind in KINDS:
        for order, frozen in enumerate(snapshot.get(kind, ())):
            settings = settings_as_values(find_type(frozen["delegate"]), frozen["settings"])
            RuleComponent(rule=rule, kind=kind, order=order, **{**frozen, "settings": settings}).save()
