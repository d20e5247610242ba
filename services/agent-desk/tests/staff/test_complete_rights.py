"""A change of the staff that was interrupted before the router knew of it is completed by a desk that goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_desk.handlers.staff.complete_rights import EVERY, RightsCompletion
from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.agents.deployed_rights import deploy_rights, digest_of
from guichet.store.agents.rights import Changes
from guichet.store.agents.staff import staff_now
from guichet.store.agents.staff_changes import StaffChanges
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.doors.desk_on_twins import TownHall

BY = AgentId("agent-12")


@pytest.fixture
async def hall(hall: TownHall) -> TownHall:
    """A town whose rights were deployed."""
    await deploy(hall, hall.town)
    return hall


async def deploy(hall, files):
    async def town_now():
        return replace(files, staff=await staff_now(files.staff, hall.staff))

    await deploy_rights(hall.rights, files, town_now, hall.clock())


def desk(hall, files=None) -> RightsCompletion:
    async def at_once(_: timedelta) -> None:
        hall.clock.now += timedelta(seconds=1)

    return RightsCompletion(
        town=files or hall.town, entries=hall.staff, rights=hall.rights, clock=hall.clock, sleep=at_once
    )


async def interrupted(hall, monkeypatch, change):
    """Change the staff by a process that does not get as far as the rights."""

    async def away(*_):
        raise TransientError("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr(hall.rights, "all", away)
        with pytest.raises(TransientError):
            await changes(hall).change(change, read="", by=BY)


def changes(hall) -> StaffChanges:
    ports = {"rights": hall.rights, "sessions": hall.sessions, "audit": hall.audit, "clock": hall.clock}
    return StaffChanges(town=hall.town, entries=hall.staff, **ports)


def leaver() -> Overlay:
    """Return that somebody is no more who commands cases now."""
    return Overlay(StaffKind.AGENT, "agent-14", None)


async def lasting(hall) -> set[str]:
    return {right.agent for right in await hall.rights.lasting()}


async def test_it_is_completed_within_a_minute_once(hall, monkeypatch):
    assert timedelta(minutes=1) > 2 * EVERY
    gone = leaver()
    assert gone.key in await lasting(hall)
    await interrupted(hall, monkeypatch, gone)
    assert gone.key in await lasting(hall), "the router would still obey them"
    one, other = desk(hall), desk(hall)
    assert await one.look() == Changes(), "somebody may be recording it at this moment"
    assert await other.look() == Changes()
    assert [each.agent for each in (await one.look()).ended] == [gone.key]
    assert gone.key not in await lasting(hall)
    for _ in range(3):
        assert await other.look() == await one.look() == Changes()


async def test_a_process_of_other_files_than_those_deployed_leaves_them_be(hall):
    """Before it is started anew it would undo what was deployed, and the others that, again and again."""
    fewer = hall.town.staff.agents[1:]
    newer = replace(hall.town, staff=replace(hall.town.staff, agents=fewer))
    assert digest_of(newer) != digest_of(hall.town)
    await deploy(hall, newer)
    before = await hall.rights.all()
    old, new = desk(hall), desk(hall, newer)
    for _ in range(3):
        assert await old.look() == await new.look() == Changes()
    assert await hall.rights.all() == before


async def test_what_a_process_of_other_files_recorded_becomes_what_is_deployed(hall):
    fewer = tuple(each for each in hall.town.staff.agents if each.agent_id != "agent-15")
    newer = replace(hall.town, staff=replace(hall.town.staff, agents=fewer))
    await deploy(hall, newer)
    assert await changes(hall).change(leaver(), read="", by=BY) == []
    assert "agent-15" in await lasting(hall), "by the files of before"
    new = desk(hall, newer)
    await new.look()
    await new.look()
    assert not {"agent-14", "agent-15"} & await lasting(hall)


async def test_where_nobody_has_a_right_any_more_it_is_still_known_which_files_are_deployed(hall, monkeypatch):
    """Nobody may have one for a night; whoever is given one by day is not left without by a process that dies."""
    everybody = [right.model_copy(update={"until": hall.clock()}) for right in await hall.rights.lasting()]
    await hall.rights.change(Changes(ended=tuple(everybody)))
    hall.clock.now += timedelta(hours=8)
    one = desk(hall)
    await one.look()
    assert {right.agent for right in (await one.look()).begun} == {right.agent for right in everybody}


async def test_a_deployment_that_leaves_nobody_a_right_is_not_undone_by_other_files(hall):
    nobody = replace(hall.town, staff=replace(hall.town.staff, agents=()))
    await deploy(hall, nobody)
    assert await lasting(hall) == set()
    old = desk(hall)
    assert [await old.look() for _ in range(3)] == [Changes()] * 3


async def test_a_store_that_is_away_is_asked_again(hall, monkeypatch):
    watching, looks = desk(hall), []

    async def away():
        looks.append(hall.clock())
        raise TransientError("away") if len(looks) < 3 else KeyboardInterrupt

    monkeypatch.setattr(watching, "look", away)
    with pytest.raises(KeyboardInterrupt):
        await watching.run()
    assert len(looks) == 3


def test_a_name_is_in_no_digest(hall):
    agents = tuple(each.model_copy(update={"name": "x", "sign_in": each.agent_id}) for each in hall.town.staff.agents)
    assert digest_of(replace(hall.town, staff=replace(hall.town.staff, agents=agents))) == digest_of(hall.town)
