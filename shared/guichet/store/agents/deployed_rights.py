"""Rights as a deployment records them: by the town's files, which are those that count until the next one.

Processes that began with other files, or with another version of Guichet, go on for a while beside one. Each right says
by which files it stands, so that none of these takes it for an interrupted change and puts its own in its place.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from guichet.store.agents.rights import AgentRights, Changes, record_rights_as_they_change, wanted_rights
from guichet.town.town import Town

K = TypeVar("K", bound=str)
V = TypeVar("V", bound=BaseModel)
_NAMES = {
    "name",
    "sign_in",
    "work_email",
    "vouched",
    "label",
}  # what somebody is called, or written to at


def digest_of(files: Town) -> str:
    """Return 32 hex digits of what a town's files say of rights, and of what this version makes of it. Pure."""
    staff = files.staff
    said = {
        "agents": [_said(each) for each in staff.agents],
        "profiles": _each(staff.profiles),
        "units": _each(staff.units),
        "mappings": [_said(each) for each in staff.mappings],
        "departments": {name: department.sector for name, department in files.departments.items()},
        "sensitive": sorted(name for name, sector in files.sectors.items() if sector.sensitive),
        "rights": {
            agent: [may.suspended_mail, may.figures, *map(_said, may.grants)]
            for agent, may in wanted_rights(files).items()
        },
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


async def deploy_rights(
    rights: AgentRights, files: Town, town_now: Callable[[], Awaitable[Town]], at: datetime
) -> Changes:
    """As `record_rights_as_they_change`, by these files, which are those that count from now on.

    That is said first: no process that goes by others completes any more what it takes for interrupted.
    """
    digest = digest_of(files)
    await rights.deploy(digest)
    return await record_rights_as_they_change(rights, town_now, at, digest)


def _each(values: Mapping[K, V]) -> dict[K, object]:
    return {name: _said(value) for name, value in values.items()}


def _said(value: BaseModel) -> object:
    return value.model_dump(mode="json", exclude=_NAMES)
