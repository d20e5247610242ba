"""What was changed at the desk or by command, laid over the town's files, one thing at a time. Pure.

The files say how a town begins; a thing that was changed since is as the change says, whatever the files say of it
(docs/decisions/0060).
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from guichet.ids import AgentId, DepartmentId, ProcedureId, ProfileId, UnitId
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.faults import (
    Fault,
    Wrong,
    address_faults,
    agent_faults,
    mapping_faults,
    profile_faults,
    unit_faults,
)
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.placed import placed
from guichet.town.staff.profiles import Profile
from guichet.town.staff.staff import Staff

StaffValue = Agent | Profile | Unit | IdentityMapping
K = TypeVar("K", bound=str)
V = TypeVar("V")


class StaffKind(StrEnum):
    """What may be changed."""

    AGENT = "agent"
    PROFILE = "profile"
    UNIT = "unit"
    MAPPING = "mapping"


@dataclass(frozen=True)
class Overlay:
    """One thing as it was changed. key: as `key_of`, or a profile's or a unit's own. value: None: it is no more."""

    kind: StaffKind
    key: str
    value: StaffValue | None


def mapping_key(mapping: IdentityMapping) -> str:
    """Return what tells a mapping from the others: the claims that it is about, in an address without their words."""
    claims = (mapping.siret, mapping.organizational_unit, mapping.uid)
    return hashlib.sha256(json.dumps(claims).encode()).hexdigest()[:16]


def merged(files: Staff, overlays: Iterable[Overlay]) -> Staff:
    """Return the staff as it holds: the files', and over it whatever was changed since.

    A new mapping that names a unit or a person comes before those that name none, so that it counts.
    """
    changed: dict[StaffKind, dict[str, StaffValue | None]] = {kind: {} for kind in StaffKind}
    for overlay in overlays:
        changed[overlay.kind][overlay.key] = overlay.value
    mappings = _mappings(
        {mapping_key(each): each for each in files.mappings}, _of(IdentityMapping, changed[StaffKind.MAPPING])
    )
    agents = _laid({each.agent_id: each for each in files.agents}, _of(Agent, changed[StaffKind.AGENT])).values()
    places = [(agent, placed(agent, mappings)) for agent in agents]
    return replace(
        files,
        agents=tuple(there for _, there in places if there is not None),
        profiles=_laid(files.profiles, _of(Profile, changed[StaffKind.PROFILE])),
        units=_laid(files.units, _of(Unit, changed[StaffKind.UNIT])),
        mappings=mappings,
        nowhere=tuple(agent for agent, there in places if there is None),
        caller_gives=files.caller_gives,
    )


def thing(staff: Staff, kind: StaffKind, key: str) -> StaffValue | None:
    """Return an agent, a profile, a unit or a mapping; None where there is none."""
    match kind:
        case StaffKind.AGENT:
            return next((each for each in (*staff.agents, *staff.nowhere) if each.agent_id == key), None)
        case StaffKind.PROFILE:
            return staff.profiles.get(ProfileId(key))
        case StaffKind.UNIT:
            return staff.units.get(UnitId(key))
        case StaffKind.MAPPING:
            return next((each for each in staff.mappings if mapping_key(each) == key), None)


def faults_of(
    change: Overlay,
    before: Staff,
    after: Staff,
    *,
    departments: Collection[DepartmentId],
    procedures: Collection[ProcedureId],
    day: date,
    mailboxes: Collection[str] = (),
) -> list[Fault]:
    """Return why a change is refused. before, after: the staff without it and with it. day: of Paris.

    mailboxes: the town's own.
    """
    found = list(_faults(change, after, departments, procedures))
    value = thing(after, change.kind, change.key)
    if isinstance(value, Agent):
        found.extend(address_faults(value, mailboxes))
    if lasting_administrators(before, day) and not lasting_administrators(after, day):
        found.append(Fault((), Wrong.LAST_ADMINISTRATOR))
    return found


def _faults(
    change: Overlay, after: Staff, departments: Collection[DepartmentId], procedures: Collection[ProcedureId]
) -> Iterator[Fault]:
    value = thing(after, change.kind, change.key)
    match value:
        case None:
            yield from _still_named(change, after)
        case Agent():
            if value.identity is None:
                yield from agent_faults(value, after, departments)
            others = [each.sign_in.lower() for each in after.agents if each.agent_id != value.agent_id]
            if value.sign_in.lower() in others:
                yield Fault(("sign_in",), Wrong.SIGN_IN, value.sign_in)
        case Profile():
            yield from profile_faults(value, departments, procedures)
        case Unit():
            yield from unit_faults(value, departments)
        case IdentityMapping():
            yield from mapping_faults(value, after)


def _still_named(gone: Overlay, staff: Staff) -> Iterator[Fault]:
    for agent in staff.agents:
        for assignment in agent.assignments:
            named = {StaffKind.PROFILE: assignment.profile, StaffKind.UNIT: assignment.unit}.get(gone.kind)
            if named == gone.key and agent.identity is None:
                yield Fault((), Wrong.USED, agent.agent_id)
                break
    for mapping in staff.mappings:
        if {StaffKind.PROFILE: mapping.profile, StaffKind.UNIT: mapping.unit}.get(gone.kind) == gone.key:
            yield Fault((), Wrong.USED, mapping_key(mapping))


def lasting_administrators(staff: Staff, day: date) -> frozenset[AgentId]:
    """Who administers today, and goes on as far as anybody knows."""
    return frozenset(
        agent.agent_id
        for agent in staff.agents
        if any(
            each.holds_on(day) and each.ends is None and staff.administers(each.profile) for each in agent.assignments
        )
    )


def _of(kind: type[V], changed: Mapping[str, StaffValue | None]) -> dict[Any, V | None]:
    """Return what was changed of one kind. What is not of its kind is no more: nobody may gain by it."""
    return {key: value if isinstance(value, kind) else None for key, value in changed.items()}


def _laid(files: Mapping[K, V], changed: Mapping[K, V | None]) -> dict[K, V]:
    """Lay changes over what the files say; each stays in its place, and what is new comes last."""
    whole: dict[K, V | None] = {**files, **changed}
    return {key: value for key, value in whole.items() if value is not None}


def _mappings(
    files: Mapping[str, IdentityMapping], changed: Mapping[str, IdentityMapping | None]
) -> tuple[IdentityMapping, ...]:
    whole = _laid(files, changed)
    new = [each for key, each in whole.items() if key not in files]
    narrow = [each for each in new if each.organizational_unit is not None or each.uid is not None]
    narrow.sort(key=lambda each: each.uid is None)
    wide = [each for each in new if each not in narrow]
    return (*narrow, *(each for key, each in whole.items() if key in files), *wide)
