"""What is wrong with an agent, a profile, a unit or a mapping, beside what else there is. Pure.

The town's files and whoever changes the staff at the desk or by command are told of the same faults.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from pydantic import ValidationError

from guichet.ids import DepartmentId, ProcedureId, ProfileId
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.profiles import Profile
from guichet.town.staff.staff import Staff

Place = tuple[str | int, ...]


class Wrong(StrEnum):
    """What may be wrong."""

    DEPARTMENT = "department"  # there is no such department
    PROCEDURE = "procedure"  # there is no such procedure
    UNIT = "unit"  # there is no such unit
    PROFILE = "profile"  # there is no such profile
    NOTHING = "nothing"  # the profile shows one's own departments, and there are none
    SIGN_IN = "sign-in"  # somebody else signs in under that name
    OWN_MAILBOX = "own-mailbox"  # the town's own: what is sent there comes back as a message
    USED = "used"  # it goes, and somebody or something names it
    MISSING = "missing"  # a field that must say something
    INVALID = "invalid"  # a field whose words are none of its kind
    ENDS = "ends"  # a last day before the first
    TAKEN = "taken"  # another one is called so
    OVERTAKEN = "overtaken"  # somebody else changed it meanwhile
    LAST_ADMINISTRATOR = "last-administrator"  # nobody would be left who changes profiles and agents


@dataclass(frozen=True)
class Fault:
    """place: where, as in a file ("also", 0, "unit"). named: what was named, or who names it."""

    place: Place
    what: Wrong
    named: str = ""


def address_faults(agent: Agent, mailboxes: Collection[str]) -> Iterator[Fault]:
    """Yield a fault where mails to an agent would come back to the town. mailboxes: its own, in lower case."""
    if agent.work_email is not None and agent.work_email in mailboxes:
        yield Fault(("work_email",), Wrong.OWN_MAILBOX, agent.work_email)


def agent_faults(agent: Agent, staff: Staff, departments: Collection[DepartmentId]) -> Iterator[Fault]:
    """Yield what an agent's assignments name and does not exist; and where they come to nothing."""
    for which, assignment in enumerate(agent.assignments):
        at: Place = () if which == 0 else ("also", which - 1)
        yield from _unknown_departments(assignment.departments, at, departments)
        if assignment.unit is not None and assignment.unit not in staff.units:
            yield Fault((*at, "unit"), Wrong.UNIT, assignment.unit)
        profile = staff.profiles.get(assignment.profile)
        if profile is None:
            yield Fault((*at, "profile"), Wrong.PROFILE, assignment.profile)
        elif not assignment.departments and assignment.unit is None and _is_of_own(profile):
            yield Fault((*at, "departments"), Wrong.NOTHING, assignment.profile)


def profile_faults(
    profile: Profile, departments: Collection[DepartmentId], procedures: Collection[ProcedureId]
) -> Iterator[Fault]:
    """Yield each department or procedure of a profile that does not exist."""
    for nth, grant in enumerate(profile.grants):
        listed = grant.departments if isinstance(grant.departments, tuple) else ()
        yield from _unknown_departments(listed, ("grants", nth), departments)
        for place, procedure in enumerate(grant.procedures or ()):
            if procedure not in procedures:
                yield Fault(("grants", nth, "procedures", place), Wrong.PROCEDURE, procedure)


def unit_faults(unit: Unit, departments: Collection[DepartmentId]) -> Iterator[Fault]:
    """Yield each department of a unit that does not exist."""
    yield from _unknown_departments(unit.departments, (), departments)


def mapping_faults(mapping: IdentityMapping, staff: Staff) -> Iterator[Fault]:
    """Yield the unit or the profile of a mapping that does not exist."""
    if mapping.unit not in staff.units:
        yield Fault(("unit",), Wrong.UNIT, mapping.unit)
    if mapping.profile not in staff.profiles:
        yield Fault(("profile",), Wrong.PROFILE, mapping.profile)


def in_english(fault: Fault, profiles: Collection[ProfileId]) -> str:
    """Return a sentence for who writes the town's files."""
    sentences = {
        Wrong.DEPARTMENT: f"there is no department {fault.named!r} in organisation.yaml.",
        Wrong.PROCEDURE: f"there is no procedure {fault.named!r}.",
        Wrong.UNIT: f"there is no unit {fault.named!r} in organisation.yaml.",
        Wrong.PROFILE: f"there is no profile {fault.named!r}; there are {', '.join(sorted(profiles))}.",
        Wrong.OWN_MAILBOX: f"{fault.named} is a mailbox of the town: mails to the agent would come back as messages.",
        Wrong.NOTHING: f"the profile {fault.named!r} shows one's own departments; name some.",
    }
    return sentences[fault.what]


def faults_in(error: ValidationError) -> list[Fault]:
    """Return what is wrong with the form of what was typed, by field."""
    found = [_fault_of(each["loc"], _wrong_of(each["type"], str(each["msg"]))) for each in error.errors()]
    return list(dict.fromkeys(found))


def _fault_of(loc: Place, what: Wrong) -> Fault:
    """Return a fault with the way to its field, without pydantic's names of what it tried there."""
    place = tuple(takewhile(lambda step: isinstance(step, int) or step.isidentifier(), loc))
    return Fault((*place, "ends") if what is Wrong.ENDS else place, what)


def _wrong_of(kind: str, said: str) -> Wrong:
    if kind in ("missing", "string_too_short", "too_short"):
        return Wrong.MISSING
    return Wrong.ENDS if "ends lies before" in said else Wrong.INVALID


def _unknown_departments(
    named: tuple[DepartmentId, ...], at: Place, departments: Collection[DepartmentId]
) -> Iterator[Fault]:
    for nth, department in enumerate(named):
        if department not in departments:
            yield Fault((*at, "departments", nth), Wrong.DEPARTMENT, department)


def _is_of_own(profile: Profile) -> bool:
    return all(grant.departments == "own" for grant in profile.grants)
