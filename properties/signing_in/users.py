"""Recording every change of users and groups in the audit log, however it is made."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.dispatch import receiver

from properties.audit.differences import differences
from properties.models import PasswordToChange
from properties.saving import record

WATCHED = ("username", "is_active", "is_staff", "is_superuser")
_DONE = {"post_add": "added", "post_remove": "removed"}


def _state(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in WATCHED}


@receiver(pre_save, sender=User)
def _look_before(instance: Any, update_fields: Any = None, **_: Any) -> None:
    """Keep the state before the change. ``last_login`` changes at each sign-in and is not recorded."""
    is_watched = update_fields is None or not set(update_fields).isdisjoint(WATCHED)
    row = User.objects.filter(pk=instance.pk).first() if instance.pk and is_watched else None
    instance._before = _state(row) if row else None


@receiver(post_save, sender=User)
def _record_user(instance: Any, created: bool, raw: bool = False, **_: Any) -> None:
    if created:
        record(None, "user.created", instance, None, **differences(None, _state(instance)))
        if not raw and instance.password and instance.has_usable_password():
            PasswordToChange.objects.get_or_create(user=instance)
    elif instance._before and instance._before != _state(instance):
        record(None, "user.updated", instance, None, **differences(instance._before, _state(instance)))


@receiver(pre_delete, sender=User)
def _record_deletion(instance: Any, **_: Any) -> None:
    record(None, "user.deleted", instance, None, **differences(_state(instance), None))


@receiver(m2m_changed, sender=User.groups.through)
def _record_groups(**said: Any) -> None:
    _record_relation("groups", "user_set", **said)


@receiver(m2m_changed, sender=User.user_permissions.through)
def _record_permissions(**said: Any) -> None:
    _record_relation("user_permissions", "user_set", **said)


@receiver(m2m_changed, sender=Group.permissions.through)
def _record_group_permissions(**said: Any) -> None:
    _record_relation("permissions", "group_set", **said)


def _record_relation(
    name: str, name_back: str, *, instance: Any, action: str, reverse: bool, pk_set: Any = None, **_: Any
) -> None:
    """Record who is in a group, or who has a permission, before and after."""
    related = getattr(instance, name_back if reverse else name)
    if action == "pre_clear":
        before, after = sorted(map(str, related.all())), []
    elif action in _DONE and pk_set:
        changed = set(map(str, related.model.objects.filter(pk__in=pk_set)))
        now = set(map(str, related.all()))
        before, after = sorted(now - changed if _DONE[action] == "added" else now | changed), sorted(now)
    else:
        return
    field = name_back if reverse else name
    kind = instance._meta.model_name
    record(None, f"{kind}.rights_changed", instance, None, before={field: before}, after={field: after})
