"""What a change comes to, for the audit trail: which fields, and from what to what where they are no words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from guichet.town.staff.overlay import StaffValue

# Names of people, and what a town calls things: the trail tells that they changed.
WORDS: Final = frozenset(
    {"agent_id", "name", "sign_in", "work_email", "vouched", "label", "identity", "siret", "organizational_unit", "uid"}
)


def differences(before: StaffValue | None, after: StaffValue | None) -> tuple[str, ...]:
    """Return a line for each field that changed: "profile: agent > contact", "departments: -voirie +ccas", "name"."""
    was, now = _said(before), _said(after)
    fields = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    found = [_line(name, was.get(name), now.get(name)) for name in fields]
    state = ["new"] if before is None and after is not None else ["gone"] if after is None else []
    return (*state, *found)


def _said(value: StaffValue | None) -> dict[str, Any]:
    return {} if value is None else value.model_dump(mode="json", exclude_defaults=True)


def _line(name: str, was: object, now: object) -> str:
    if name in WORDS:
        return name
    if isinstance(was or now, list):
        old, new = ([_short(each) for each in said] if isinstance(said, list) else [] for said in (was, now))
        changed = [f"-{each}" for each in old if each not in new] + [f"+{each}" for each in new if each not in old]
        return f"{name}: {' '.join(changed)}"
    return f"{name}: {_short(was)} > {_short(now)}"


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return "(" + " ".join(f"{name}={_short(each)}" for name, each in value.items()) + ")"
    if isinstance(value, list):
        return ",".join(map(_short, value))
    return "none" if value is None else str(value)
