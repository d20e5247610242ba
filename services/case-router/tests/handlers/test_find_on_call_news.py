"""Whom an urgent case reaches that comes while its department is closed: who is on call, once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from guichet.contracts.inbound import Automatic
from guichet.errors import TransientError
from guichet.law.calendar import PARIS
from guichet.store.agents.absences import Absence
from guichet.store.agents.news import NewsKind
from guichet.store.agents.on_call import OnCall
from guichet.town.opening_hours import OpeningHours
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights, rights_in

HOUR = timedelta(hours=1)
STREETS, HOLES = "voirie", "signalement-voirie"


@pytest.fixture
def world(world):
    """A world in which a hole in a street is urgent."""
    urgent = world.town.procedures[HOLES].model_copy(update={"urgent": True})
    world.town = replace(world.town, procedures={**world.town.procedures, HOLES: urgent})
    world.rights = rights_in(world.town.departments, "lea", "karim")
    return world


async def on_call(world, agent, department=STREETS, begins=ARRIVED - HOUR, ends=ARRIVED + HOUR):
    name = f"{agent} {department}"
    period = OnCall(_id=name, department=department, agent=agent, begins=begins, ends=ends, stated_by="ines")
    await world.on_call.insert(period)


async def away(world, agent, stand_in=None):
    begins, ends = ARRIVED - HOUR, ARRIVED + HOUR
    absence = Absence(_id=agent, agent=agent, begins=begins, ends=ends, stand_in=stand_in, stated_by=agent)
    await world.absences.insert(absence)


async def a_hole(world, name="m", **more):
    mail = await world.mail(name, "alice@courriel.example", text="Un nid-de-poule devant la poste", **more)
    await world.take(mail)
    assert world.case_of(mail).procedure == HOLES
    return mail


def open_on_weekday_mornings(world, at):
    """Return a moment of Paris's clock in a town whose streets' department is open until noon."""
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "8:30-12:00")
    streets = world.town.departments[STREETS].model_copy(update={"opening_hours": OpeningHours(**week)})
    world.town = replace(world.town, departments={**world.town.departments, STREETS: streets})
    return datetime.fromisoformat(at).replace(tzinfo=PARIS)


def told(world):
    assert {each.kind for each in world.news.news.values()} <= {NewsKind.URGENT}
    return sorted(each.agent for each in world.news.news.values())


async def test_who_is_on_call_is_told_once(world):
    await on_call(world, "lea")
    await on_call(world, "karim", begins=ARRIVED + HOUR, ends=ARRIVED + 2 * HOUR)
    mail = await a_hole(world)
    await world.take(mail)
    [news] = world.news.news.values()
    assert (news.agent, news.case_id, news.by, news.at) == ("lea", world.case_of(mail).case_id, None, ARRIVED)
    assert news.to_mail


async def test_two_who_are_on_call_are_both_told(world):
    for agent in ("lea", "karim"):
        await on_call(world, agent)
    await a_hole(world)
    assert told(world) == ["karim", "lea"]


async def test_what_can_wait_tells_nobody(world):
    await on_call(world, "lea")
    await on_call(world, "lea", department=None)
    await world.take(await world.mail("m", "alice@courriel.example", text="Bonjour"))
    await a_hole(world, "other", automatic=Automatic.AUTO_SUBMITTED)
    assert told(world) == []


@pytest.mark.parametrize(("stand_in", "reached"), [("karim", ["karim"]), (None, ["ines"]), ("paul", ["ines"])])
async def test_who_is_away_is_stood_in_for_else_the_towns_rota_counts(world, stand_in, reached):
    """Paul, who stands in, may not answer the department's cases."""
    world.rights = rights_in(world.town.departments, "lea", "karim", "ines")
    await on_call(world, "lea")
    await on_call(world, "ines", department=None)
    await away(world, "lea", stand_in)
    await a_hole(world)
    assert told(world) == reached


async def test_who_lost_the_right_to_the_department_is_not_told(world):
    world.rights = InMemoryAgentRights(*rights_in({*world.town.departments} - {STREETS}, "lea").rights.values())
    await on_call(world, "lea")
    await a_hole(world)
    assert told(world) == []


@pytest.mark.parametrize(
    ("at", "reached"),
    [
        ("2026-03-27T11:59", []),  # a Friday
        ("2026-03-27T12:00", ["lea"]),
        ("2026-03-29T09:00", ["lea"]),  # a Sunday, the clocks went forward
        ("2026-04-06T10:00", ["lea"]),  # Easter Monday
        ("2026-04-07T10:00", []),
    ],
)
async def test_while_the_department_is_open_nobody_is_told(world, at, reached):
    arrived = open_on_weekday_mornings(world, at)
    world.now = arrived
    await on_call(world, "lea", begins=arrived - HOUR, ends=arrived + HOUR)
    await a_hole(world, at=arrived)
    assert told(world) == reached


@pytest.mark.parametrize(("hours", "reached"), [(0.5, []), (2, ["karim"])])
async def test_what_came_before_closing_and_is_filed_after_it_tells_who_is_on_call_then(world, hours, reached):
    arrived = open_on_weekday_mornings(world, "2026-03-27T11:00")
    world.now = arrived + hours * HOUR
    await on_call(world, "lea", begins=arrived - HOUR, ends=arrived + HOUR)
    await on_call(world, "karim", begins=arrived + HOUR, ends=arrived + 9 * HOUR)
    await a_hole(world, at=arrived)
    assert told(world) == reached
    assert {each.at for each in world.news.news.values()} <= {world.now}  # a mail tells of nothing that is days old


async def test_a_batch_reads_rota_absences_and_rights_once_and_asks_of_each_moment(world, monkeypatch):
    await on_call(world, "lea")
    await on_call(world, "karim", begins=ARRIVED + HOUR, ends=ARRIVED + 2 * HOUR)
    asked = []
    for store, name in (world.on_call, "between"), (world.absences, "not_over"), (world.rights, "of"):
        monkeypatch.setattr(store, name, noted(asked, name, getattr(store, name)))
    text = "Un nid-de-poule devant la poste"
    first = await world.mail("m", "alice@courriel.example", text=text)
    second = await world.mail("n", "bruno@courriel.example", text=text, at=ARRIVED + HOUR)
    await world.take(first, second)
    cases = {each.agent: each.case_id for each in world.news.news.values()}
    assert cases == {"lea": world.case_of(first).case_id, "karim": world.case_of(second).case_id}
    assert sorted(asked) == ["between", "not_over", "of"]


def noted(asked, name, read):
    async def reads(*words):
        asked.append(name)
        return await read(*words)

    return reads


async def test_while_the_rota_is_away_nothing_is_published_and_nothing_is_lost(world):
    await on_call(world, "lea")
    world.on_call.away = True
    mail = await world.mail("m", "alice@courriel.example", text="Un nid-de-poule")
    with pytest.raises(TransientError):
        await world.take(mail)
    assert world.published() == []
    world.on_call.away = False
    await world.take(mail)
    assert told(world) == ["lea"]
