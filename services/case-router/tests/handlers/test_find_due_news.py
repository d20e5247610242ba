"""Who hears of a day that comes: whose work the case is, and who heads its department; each once, without anybody's words."""

from datetime import date, datetime, timedelta

import pytest

from case_router.app import build_outbox
from case_router.handlers.days_come import DaysCome
from guichet.contracts.case_commands import AssignCase
from guichet.contracts.case_events import ClockReached, ReceiptOwed
from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.law.calendar import PARIS
from guichet.store.agents.absences import Absence
from guichet.store.agents.news import NewsKind
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights, rights_in

LATER = ARRIVED + timedelta(hours=1)
NEAR, TO_QUALIFY, OVER, ARE = (date(2026, 12, day) for day in (1, 3, 4, 8))  # of what came on 24 November
KARIM, INES, PAUL = (AgentId(each) for each in ("karim", "ines", "paul"))


@pytest.fixture
async def case(world):
    """A case of Karim's, in a department that Inès heads; Paul may answer it as well."""
    everywhere = world.town.departments
    rights = {**rights_in(everywhere, "karim", "paul").rights, **rights_in(everywhere, "ines", figures=True).rights}
    world.rights = InMemoryAgentRights(*rights.values())
    mail = await world.mail("m", "alice@courriel.example")
    world.now = LATER
    await world.take(mail)
    await give(world, world.case_of(mail), KARIM)
    world.news.news.clear()
    return world.case_of(mail)


async def give(world, case, agent):
    said = {"event_id": f"to {agent}", "occurred_at": LATER, "case_id": case.case_id, "issued_by": agent or KARIM}
    await world.take(AssignCase(to=agent, **said))


async def on(world, day, hour=9):
    world.now = datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)
    await DaysCome.of_clocks(world.cases, world.router().decide, lambda: world.now).look()


async def away(world, agent, stand_in=None):
    begins, ends = ARRIVED - timedelta(days=1), ARRIVED + timedelta(days=400)
    absence = Absence(_id=agent, agent=agent, begins=begins, ends=ends, stand_in=stand_in, stated_by=agent)
    await world.absences.insert(absence)


def told(world, clock="qualification"):
    news = [each for each in world.news.news.values() if each.reached.clock == clock]
    assert {each.kind for each in world.news.news.values()} <= {NewsKind.DUE}
    assert all(each.to_mail and each.by is None for each in news)
    return sorted((each.agent, each.reached.stage, each.reached.on) for each in news)


async def test_what_is_near_and_due_is_told_to_whose_work_it_is_and_what_is_late_also_to_who_heads(world, case):
    for day in (NEAR, TO_QUALIFY, OVER):
        for _ in range(2):
            await on(world, day)
    assert told(world) == [
        ("ines", "late", TO_QUALIFY),
        ("karim", "due", TO_QUALIFY),
        ("karim", "late", TO_QUALIFY),
        ("karim", "near", TO_QUALIFY),
    ]


@pytest.mark.parametrize(
    ("stand_in", "reached"),
    [("paul", {"paul"}), (None, {"ines"}), ("nobody-who-may", {"ines"})],
)
async def test_who_is_away_is_stood_in_for_else_it_is_nobodys_and_told_to_who_heads(world, case, stand_in, reached):
    await away(world, KARIM, stand_in)
    await on(world, NEAR)
    assert {agent for agent, _, _ in told(world)} == reached


async def test_of_a_case_that_is_nobodys_work_who_heads_is_told_from_the_first_warning_on(world, case):
    await give(world, case, None)
    await on(world, NEAR)
    assert told(world) == [("ines", "near", TO_QUALIFY)]


@pytest.mark.parametrize(("stand_in", "reached"), [("paul", "paul"), (None, "ines")])
async def test_for_who_heads_and_is_away_their_stand_in_is_told_else_they_when_they_are_back(
    world, case, stand_in, reached
):
    await away(world, INES, stand_in)
    await on(world, OVER)
    assert {agent for agent, stage, _ in told(world) if stage == "late"} == {"karim", reached}


async def test_who_heads_and_works_on_it_is_told_once(world, case):
    await give(world, case, INES)
    world.news.news.clear()
    await on(world, OVER)
    assert told(world) == [("ines", "late", TO_QUALIFY)]


async def test_r4_an_acknowledgement_that_leaves_incomplete_is_told_to_both(world, case):
    """R4 (docs/law.md 20)."""
    await on(world, ARE)
    [owed] = [each for each in world.published(case) if isinstance(each, ReceiptOwed)]
    assert not owed.is_full
    assert [each for each in told(world, "are") if each[1] == "incomplete"] == [
        ("ines", "incomplete", ARE),
        ("karim", "incomplete", ARE),
    ]


async def test_nothing_of_a_citizens_is_in_what_is_kept(world, case):
    await on(world, OVER)
    names = {*world.news.news.popitem()[1].model_dump(by_alias=True)}
    assert names == {"_id", "agent", "case_id", "kind", "by", "at", "seen", "to_mail", "reached"}


async def test_while_absences_are_away_nobody_is_told_and_nothing_published_and_then_each_once(
    world, case, monkeypatch
):
    async def fails(*_):
        raise TransientError("absences are away")

    with monkeypatch.context() as broken:
        broken.setattr(world.absences, "not_over", fails)
        with pytest.raises(TransientError):
            await on(world, NEAR)
    assert [each for each in world.published(case) if isinstance(each, ClockReached)] == []
    waiting = world.cases.cases[case.case_id]
    outbox = build_outbox(world.stores, world.publisher, world.town, lambda: world.now)
    for _ in range(2):  # as the sweeper does
        await outbox.finish({case.case_id: waiting}, [], [])
    assert [agent for agent, _, _ in told(world)] == ["karim"]


async def test_a_batch_reads_rights_and_absences_once_and_one_in_which_no_day_comes_reads_none(
    world, case, monkeypatch
):
    asked = []
    for store, name in (world.rights, "lasting"), (world.absences, "not_over"):
        monkeypatch.setattr(store, name, noted(asked, name, getattr(store, name)))
    for nth in range(3):
        await world.take(await world.mail(f"n{nth}", f"bruno{nth}@courriel.example"))
    assert asked == []
    await on(world, NEAR)
    assert sorted(asked) == ["lasting", "not_over"]


def noted(asked, name, read):
    async def reads(*words):
        asked.append(name)
        return await read(*words)

    return reads
