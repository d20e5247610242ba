"""What an administrator typed, as a town's file would say it; and back. Pure.

A form that is refused is shown again from this same shape, so that nothing that was typed is lost. The id of a field is
the way to it: "also-0-unit".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from guichet.rights.case_acts import CaseAct
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.faults import Fault, Wrong, faults_in
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import StaffKind, StaffValue
from guichet.town.staff.profiles import ORDINARY, Profile

Said = dict[str, Any]
NEW: Final = "new"
"""The block of a form in which one more is typed; left empty, there is none."""


@dataclass(frozen=True)
class Typed:
    """The fields of a form, of which some stand several times."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return a field, blank where it is not there."""
        return (self.fields.get(name) or ("",))[-1].strip()

    def some(self, name: str) -> str | None:
        """Return a field, None where it is blank."""
        return self.one(name) or None

    def every(self, name: str) -> list[str]:
        """Return all that was ticked under a name."""
        return [each for each in self.fields.get(name, ()) if each]

    def ticked(self, name: str) -> bool:
        """Say whether a box was ticked."""
        return bool(self.one(name))


def said_by(kind: StaffKind, typed: Typed, known: StaffValue | None, key: str) -> Said:
    """Return what was typed of a thing. known: as it is; what the form does not ask stays. key: whose it is."""
    return _READERS[kind](typed, known, key)


def said_of_none(kind: StaffKind) -> Said:
    """Return the form of a thing that is to be typed."""
    said = said_by(kind, Typed({}), None, "")
    return {**said, "profile": ORDINARY} if "profile" in said else said


def said_of(value: StaffValue) -> Said:
    """Return a thing as its form shows it."""
    return value.model_dump(mode="json")


def read(kind: StaffKind, said: Said) -> StaffValue | list[Fault]:
    """Return the thing, or what is wrong with how it was typed."""
    unchosen = [nth for nth, grant in enumerate(said.get("grants", ())) if grant["departments"] == []]
    if unchosen:
        return [Fault(("grants", nth, "departments"), Wrong.MISSING) for nth in unchosen]
    try:
        return _MODELS[kind].model_validate(said)
    except ValidationError as exc:
        return faults_in(exc)


def _agent(typed: Typed, known: StaffValue | None, key: str) -> Said:
    also = [_assignment(typed, f"also-{nth}-") for nth in typed.every("also") if not typed.ticked(f"also-{nth}-gone")]
    said = {
        "also": [each for each in also if any(each.values())],  # nothing at all was typed: none is added
        "starts": typed.some("starts"),
        "ends": typed.some("ends"),
        "suspended_mail": typed.ticked("suspended_mail"),
        "figures": typed.ticked("figures"),
        "capacity": typed.some("capacity"),
        "anonymous": typed.ticked("anonymous"),
        "work_email": typed.some("work_email"),
    }
    if isinstance(known, Agent) and known.identity is not None:  # the rest is what the provider and mappings say
        return {**said_of(known), **said}
    own = {"agent_id": key, "name": typed.one("name"), "sign_in": typed.one("sign_in"), "identity": None}
    return {**own, **_assignment(typed, ""), **said}


def _assignment(typed: Typed, at: str) -> Said:
    return {
        "profile": typed.one(f"{at}profile"),
        "unit": typed.some(f"{at}unit"),
        "departments": typed.every(f"{at}departments"),
        "starts": typed.some(f"{at}starts"),
        "ends": typed.some(f"{at}ends"),
    }


def _profile(typed: Typed, _known: StaffValue | None, _key: str) -> Said:
    grants = [nth for nth in typed.every("grants") if not typed.ticked(f"grants-{nth}-gone")]
    return {
        "label": typed.one("label"),
        "member": typed.ticked("member"),
        "administers": typed.ticked("administers"),
        "grants": [_grant(typed, f"grants-{nth}-") for nth in grants if nth != NEW or typed.ticked("grants-new-add")],
    }


def _grant(typed: Typed, at: str) -> Said:
    which = typed.one(f"{at}which") or "own"
    acts = {CaseAct.READ.value, *typed.every(f"{at}acts")}  # whatever a profile may do, it is shown
    return {
        "departments": typed.every(f"{at}departments") if which == "listed" else which,
        "procedures": typed.every(f"{at}procedures") or None,
        "entered_by": typed.some(f"{at}entered_by"),
        "detail": typed.one(f"{at}detail") or "full",
        "acts": [act.value for act in CaseAct if act.value in acts],
        "reason_asked": typed.ticked(f"{at}reason_asked"),
        "caller_identified": typed.ticked(f"{at}caller_identified"),
    }


def _unit(typed: Typed, _known: StaffValue | None, _key: str) -> Said:
    return {"label": typed.one("label"), "departments": typed.every("departments")}


def _mapping(typed: Typed, _known: StaffValue | None, _key: str) -> Said:
    return {
        "siret": "".join(typed.one("siret").split()),
        "organizational_unit": typed.some("organizational_unit"),
        "uid": typed.some("uid"),
        "unit": typed.one("unit"),
        "profile": typed.one("profile"),
    }


_READERS: Final[Mapping[StaffKind, Callable[[Typed, StaffValue | None, str], Said]]] = {
    StaffKind.AGENT: _agent,
    StaffKind.PROFILE: _profile,
    StaffKind.UNIT: _unit,
    StaffKind.MAPPING: _mapping,
}
_MODELS: Final[Mapping[StaffKind, type[StaffValue]]] = {
    StaffKind.AGENT: Agent,
    StaffKind.PROFILE: Profile,
    StaffKind.UNIT: Unit,
    StaffKind.MAPPING: IdentityMapping,
}
