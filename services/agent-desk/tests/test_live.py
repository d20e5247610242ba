"""Live pages: told that something changed, within the scope only, for as long as one is signed in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from agent_desk.domain.sign_in.sessions import IDLE
from agent_desk.entry.clicks import Clicks
from agent_desk.entry.site.web import HERE
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.live import live_streams
from agent_desk.handlers.live import refresh_queue as refresh_queue_module
from agent_desk.handlers.live.live_feed import REMEMBERED, LiveFeed, concerns
from agent_desk.handlers.live.live_streams import (
    ListAudience,
    Onlooker,
    case_stream,
    list_stream,
    removal_stream,
    sees_less,
)
from agent_desk.handlers.live.pace import EVERY, Pace, Turn, at_once
from agent_desk.handlers.live.refresh_queue import SHARE, RefreshQueue
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import CaseClosed, CaseDestroyed, CaseEvent, CaseRerouted, NoteAdded
from guichet.ids import AgentId, CaseId, DepartmentId, EventId, KeyId, Reference, SectorId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.town.staff.profiles import ORDINARY
from guichet.web.templates import Templates
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.until import PATIENCE_S

STREETS = Scope.of_departments(AgentId("karim"), {DepartmentId("voirie")}, {SectorId("espace-public")})
STREETS_AND_SOCIAL = {SectorId("espace-public"), SectorId("social")}
APART, MANY = timedelta(milliseconds=50), 40  # in which order they are told; two rounds of them take longer than EVERY
FOUND = a_case("c1", _id="c1", department="voirie", sector="espace-public")
COMMON = {"occurred_at": ARRIVED, "version": 2, "caused_by": "x", "citizen": None, "by": AgentId("karim")}


def closed(case: str = "c1", department: str = "voirie", sector: str = "espace-public") -> CaseClosed:
    return CaseClosed(
        event_id=EventId(f"e-{case}"),
        case_id=CaseId(case),
        reference=Reference(f"ref-{case}"),
        sector=SectorId(sector),
        department=DepartmentId(department),
        **COMMON,
    )


def rerouted(case: str, department: str, sector: str, old_department: str, old_sector: str) -> CaseRerouted:
    return CaseRerouted(
        event_id=EventId(f"r-{case}"),
        case_id=CaseId(case),
        reference=Reference(f"ref-{case}"),
        sector=SectorId(sector),
        department=DepartmentId(department),
        from_sector=SectorId(old_sector),
        from_department=DepartmentId(old_department),
        reason=Sealed(key_id=KeyId("k"), box=b""),
        **COMMON,
    )


def destroyed(case: str) -> CaseDestroyed:
    event = closed(case).model_dump() | {"type": "CaseDestroyed", "from_state": "closed"}
    return CaseDestroyed.model_validate(event)


def looking(scope: Scope = STREETS, turn: Turn = at_once) -> Onlooker:
    async def as_before() -> Scope:
        return scope

    return Onlooker(scope, as_before, turn)


class Seconds:
    """A clock that stands still until somebody moves it, and who waits for it."""

    def __init__(self) -> None:
        self.now, self._moved = 0.0, asyncio.Condition()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, duration: timedelta) -> None:
        until = self.now + duration.total_seconds()
        async with self._moved:
            await self._moved.wait_for(lambda: self.now >= until)

    async def pass_by(self, duration: timedelta) -> None:
        async with self._moved:
            self.now += duration.total_seconds()
            self._moved.notify_all()


def announce(event: CaseEvent) -> str:
    return f"changed: {event.reference}"


async def soon(stream: AsyncIterator[object]) -> object:
    return await asyncio.wait_for(anext(stream), PATIENCE_S)


async def nothing(stream: AsyncIterator[object]) -> bool:
    waiting = asyncio.ensure_future(anext(stream))
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    waiting.cancel()
    return not done


async def test_a_change_in_the_scope_is_told_and_announced():
    feed = LiveFeed()
    stream = list_stream(looking(), feed.position, feed=feed, announce=announce)
    feed.put(closed("c1"))
    assert (await soon(stream)).event == "changed"
    announcement = await soon(stream)
    assert (announcement.event, announcement.data) == ("announcement", "changed: ref-c1")


async def test_nothing_of_another_department_or_sector_is_told():
    feed = LiveFeed()
    stream = list_stream(looking(), feed.position, feed=feed, announce=announce)
    feed.put(closed("c2", department="ccas", sector="social"))
    feed.put(closed("c3", department="proprete"))
    feed.put(closed("c4", sector="social"))
    feed.put(rerouted("c5", "ccas", "social", "proprete", "espace-public"))
    assert await nothing(stream)


async def test_a_case_that_leaves_or_enters_the_scope_is_told():
    away, here = ("ccas", "social"), ("voirie", "espace-public")
    assert concerns(STREETS, rerouted("c1", *away, *here))
    assert concerns(STREETS, rerouted("c1", *here, *away))


async def test_what_happened_between_page_and_stream_is_told():
    feed = LiveFeed()
    seen = feed.position
    feed.put(closed("c1"))
    stream = list_stream(looking(), seen, feed=feed, announce=announce)
    assert (await soon(stream)).event == "changed"


async def test_what_happened_to_others_before_the_stream_opened_is_not():
    feed = LiveFeed()
    seen = feed.position
    feed.put(closed("c2", department="ccas", sector="social"))
    stream = list_stream(looking(), seen, feed=feed, announce=announce)
    assert await nothing(stream)


@pytest.mark.parametrize("seen", ["", "other-5", "x", "-", "１-１"])
async def test_a_page_of_another_time_reads_again(seen):
    feed = LiveFeed()
    assert (await soon(feed.changes(seen, lambda _event: False))).event is None


@pytest.mark.parametrize("number", ["", "²", "9" * 5000])
async def test_a_position_that_we_never_gave_reads_again(number):
    feed = LiveFeed()
    run = feed.position.partition("-")[0]
    assert (await soon(feed.changes(f"{run}-{number}", lambda _event: False))).event is None


async def test_a_page_that_missed_more_than_is_remembered_reads_again():
    feed = LiveFeed()
    seen = feed.position
    for _ in range(REMEMBERED + 1):
        feed.put(closed("c2", department="ccas", sector="social"))
    assert (await soon(feed.changes(seen, lambda _event: False))).event is None


async def test_after_an_interruption_every_page_reads_again():
    feed = LiveFeed()
    changes = feed.changes(feed.position, lambda event: concerns(STREETS, event))
    feed.interrupt()
    assert (await soon(changes)).event is None


async def test_a_case_page_hears_of_its_case_alone_and_no_longer_once_it_has_left():
    feed = LiveFeed()
    stream = case_stream(looking(), FOUND, feed.position, feed=feed)
    feed.put(closed("c9"))
    feed.put(rerouted("c1", "ccas", "social", "voirie", "espace-public"))
    assert (await soon(stream)).event == "changed"
    feed.put(closed("c1", department="ccas", sector="social"))
    with pytest.raises(StopAsyncIteration):
        await soon(stream)


async def test_a_case_that_is_handed_over_is_told_once_more_also_to_who_sees_it_there():
    """Where it is now they may be asked for a reason that they have not given."""
    both = Scope.of_departments(AgentId("karim"), map(DepartmentId, ("voirie", "ccas")), [*STREETS_AND_SOCIAL])
    for meanwhile in ([], [closed("c1", "ccas", "social")]):
        feed = LiveFeed()
        stream = case_stream(looking(both), FOUND, feed.position, feed=feed)
        for event in (rerouted("c1", "ccas", "social", "voirie", "espace-public"), *meanwhile):
            feed.put(event)
        assert (await soon(stream)).event == "changed"
        feed.put(closed("c1", "ccas", "social"))
        with pytest.raises(StopAsyncIteration):
            await soon(stream)


async def test_a_destroyed_case_is_told_once_more_and_never_again():
    feed = LiveFeed()
    stream = case_stream(looking(), FOUND, feed.position, feed=feed)
    feed.put(destroyed("c1"))
    assert (await soon(stream)).event == "changed"
    feed.put(closed("c1"))
    with pytest.raises(StopAsyncIteration):
        await soon(stream)


def test_the_list_announces_that_a_case_was_deleted():
    said = Templates(HERE, town_name="").render("announcement.html", "fr", event=destroyed("c1")).strip()
    assert said == "La demande ref-c1 a été supprimée."


async def test_a_stream_ends_with_the_session(monkeypatch):
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    feed, answers = LiveFeed(), iter([True, True, False])

    async def for_a_while() -> Scope | None:
        return STREETS if next(answers) else None

    stream = list_stream(Onlooker(STREETS, for_a_while), feed.position, feed=feed, announce=announce)
    with pytest.raises(StopAsyncIteration):
        await soon(stream)


async def test_asking_whether_one_is_signed_in_keeps_nobody_signed_in(hall, sign_in, cases):
    browser = await sign_in("karim.haddad")
    await browser.get("/demandes")
    session = next(iter(hall.sessions._sessions.values()))
    assert session.seen_at == hall.clock.now
    hall.clock.now += IDLE + timedelta(seconds=1)
    assert (await browser.get("/demandes/direct", headers={"accept": "text/event-stream"})).status_code == 401


@given(
    parts=st.lists(st.tuples(st.sampled_from(["voirie", "ccas", "accueil"]), st.sampled_from(["a", "b"])), max_size=20)
)
async def test_whatever_happens_only_what_concerns_the_scope_is_yielded(parts):
    scope = Scope.of_departments(AgentId("karim"), {DepartmentId("voirie")}, {SectorId("a")})
    feed = LiveFeed()
    seen = feed.position
    for number, (department, sector) in enumerate(parts):
        feed.put(closed(f"c{number}", department=department, sector=sector))
    changes = feed.changes(seen, lambda event: concerns(scope, event))
    if ("voirie", "a") in parts:
        change = await soon(changes)
        assert scope.covers(change.event)
    assert await nothing(changes)


def test_an_agents_scope_is_their_departments_and_those_departments_sectors(hall):
    ordinary = [agent for agent in hall.town.agents if agent.profile == ORDINARY]
    assert ordinary
    for agent in ordinary:
        scope = hall.town.scope_of(agent, hall.clock.now.date())
        assert scope.whole_departments == set(agent.departments)
        assert scope.whole_sectors == {hall.town.departments[department].sector for department in agent.departments}


async def test_what_changes_within_a_second_is_told_once_and_the_first_change_at_once():
    feed, seconds, said = LiveFeed(), Seconds(), list[str]()
    pace = Pace(seconds, seconds.sleep, apart)
    stream = list_stream(looking(turn=pace.in_turn(AgentId("karim"))), feed.position, feed=feed, announce=announce)

    async def listen() -> None:
        async for told in stream:
            said.append(told.data or told.event)

    listening = asyncio.ensure_future(listen())
    await until_quiet()
    for number in range(100):
        feed.put(closed(f"c{number}"))
        await until_quiet()
    assert said == ["changed", "changed: ref-c0"]
    await seconds.pass_by(EVERY)
    await until_quiet()
    assert said[2:] == ["changed", "changed: ref-c99"]
    await seconds.pass_by(EVERY)
    await until_quiet()
    assert len(said) == 4, "nothing more has changed"
    listening.cancel()


async def test_the_pages_of_an_agent_are_told_together():
    seconds = Seconds()
    pace = Pace(seconds, seconds.sleep, apart)
    a_list, a_case = pace.in_turn(AgentId("karim")), pace.by_itself(AgentId("karim"))
    for turn in (a_list, a_case):
        await asyncio.wait_for(turn(), PATIENCE_S)
    waiting = [asyncio.ensure_future(turn()) for turn in (a_list, a_case)]
    await until_quiet()
    assert not any(each.done() for each in waiting)
    await seconds.pass_by(EVERY)
    await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)


async def test_in_a_storm_agents_are_told_in_turn_and_not_all_at_one_time():
    """Two hundred lists that are read again each second leave a desk no time for a click."""
    seconds, told = Seconds(), list[int]()
    pace = Pace(seconds, seconds.sleep, apart)

    async def look_on(nth: int) -> None:
        turn = pace.in_turn(AgentId(f"agent-{nth}"))
        while True:
            await turn()
            told.append(nth)

    many = [asyncio.ensure_future(look_on(nth)) for nth in range(MANY)]
    await until_quiet()
    assert told == [0]
    for _ in range(2 * MANY - 1):
        await seconds.pass_by(APART)
        await until_quiet()
    assert told == [*range(MANY), *range(MANY)], "nobody is told twice before everybody was"
    for each in many:
        each.cancel()


async def test_a_row_that_an_agent_may_see_no_longer_goes_from_every_list_before_any_is_read_again():
    """R14: two hundred lists take seconds to be read; what must not be shown waits for none of them."""
    feed, told = LiveFeed(), list[str]()

    async def look_on() -> None:
        async for each in removal_stream(looking(), feed.position, feed=feed, tell=lambda event: event.reference):
            told.append(each.data)

    many = [asyncio.ensure_future(look_on()) for _ in range(MANY)]
    await until_quiet()
    feed.put(closed("c1"))
    feed.put(rerouted("c2", "voirie", "espace-public", "ccas", "social"))
    feed.put(rerouted("c3", "ccas", "social", "voirie", "espace-public"))
    feed.put(destroyed("c4"))
    feed.put(destroyed("c5").model_copy(update={"sector": SectorId("social")}))
    await until_quiet()
    assert sorted(told) == ["ref-c3"] * MANY + ["ref-c4"] * MANY
    for each in many:
        each.cancel()


async def test_who_sees_a_synthesis_where_they_saw_words_loses_the_row_too():
    synthesis = replace(
        STREETS.grants[0],
        departments=frozenset({DepartmentId("ccas")}),
        sectors=frozenset({SectorId("social")}),
        detail="synthesis",
    )
    scope = Scope(AgentId("karim"), (*STREETS.grants, synthesis))
    away, here = ("ccas", "social"), ("voirie", "espace-public")
    assert sees_less(scope, rerouted("c1", *away, *here))
    assert not sees_less(scope, rerouted("c1", *here, *away))


async def test_after_an_interruption_nobody_waits_for_a_turn():
    """What happened meanwhile may have taken a case from somebody, and nobody knows which."""
    feed, waits = LiveFeed(), asyncio.Event()
    changes = feed.changes(feed.position, lambda _event: True, waits.wait)
    waiting = asyncio.ensure_future(soon(changes))
    await until_quiet()
    feed.put(closed("c1"))
    await until_quiet()
    assert not waiting.done()
    feed.interrupt()
    assert (await waiting).event is None


async def test_lists_are_read_again_one_after_the_other_and_the_slower_they_are_the_fewer_agents_are_told():
    seconds, reading, most = Seconds(), set[int](), list[int]()
    refreshes = RefreshQueue(seconds)

    async def read(nth: int) -> None:
        async with refreshes.of(AgentId(f"agent-{nth}")):
            reading.add(nth)
            most.append(len(reading))
            await seconds.sleep(EVERY)
            reading.remove(nth)
            if nth % 2:
                raise LookupError

    before, many = refreshes.apart, asyncio.gather(*(read(nth) for nth in range(20)), return_exceptions=True)
    while not many.done():
        await until_quiet()
        await seconds.pass_by(EVERY)
        await until_quiet()
    assert most == [1] * 20
    assert before < refreshes.apart
    assert abs(refreshes.apart * SHARE - EVERY) < EVERY / 5, "a share of the time is theirs, whatever one takes"


async def test_no_list_is_begun_while_a_click_is_answered(monkeypatch):
    monkeypatch.setattr(refresh_queue_module, "GIVES_WAY_FOR", timedelta(hours=1))
    queue, read = RefreshQueue(Seconds()), list[str]()

    async def refresh() -> None:
        async with queue.of(AgentId("lea")):
            read.append("lea")

    with queue.click():
        refreshing = asyncio.ensure_future(refresh())
        with queue.click():
            await until_quiet()
        await until_quiet()
        assert read == []
    await refreshing
    assert read == ["lea"]


async def test_who_takes_a_file_slowly_holds_up_no_list(monkeypatch):
    monkeypatch.setattr(refresh_queue_module, "GIVES_WAY_FOR", timedelta(hours=1))
    monkeypatch.setattr(refresh_queue_module, "CLICK_AT_MOST", timedelta(milliseconds=20))
    queue = RefreshQueue(Seconds())
    with queue.click():
        async with asyncio.timeout(PATIENCE_S), queue.of(AgentId("lea")):
            pass
    monkeypatch.setattr(refresh_queue_module, "CLICK_AT_MOST", timedelta(hours=1))
    begun = asyncio.Event()

    async def refresh() -> None:
        async with queue.of(AgentId("lea")):
            begun.set()

    with queue.click():
        refreshing = asyncio.ensure_future(refresh())
        await until_quiet()
        assert not begun.is_set(), "the one that ended by itself does not count twice"
    await refreshing


async def test_where_there_is_always_a_click_lists_are_read_all_the_same(monkeypatch):
    monkeypatch.setattr(refresh_queue_module, "GIVES_WAY_FOR", timedelta(milliseconds=20))
    queue = RefreshQueue(Seconds())
    with queue.click():
        async with asyncio.timeout(PATIENCE_S), queue.of(AgentId("lea")):
            pass


@pytest.mark.parametrize(
    ("path", "is_waited_for"),
    [
        *((path, True) for path in ("/demandes", "/demandes/2026-0000-001", "/recherche", "/demandes/a-cote")),
        *((path, False) for path in ("/demandes/liste", "/demandes/direct", "/demandes/2026-0000-001/direct")),
        *((path, False) for path in ("/demandes/2026-0000-001/fil", "/pour-moi/liste", "/traitements/1/suivi")),
    ],
)
async def test_what_pages_ask_for_by_themselves_is_no_click(monkeypatch, path: str, is_waited_for: bool):
    monkeypatch.setattr(refresh_queue_module, "GIVES_WAY_FOR", timedelta(hours=1))
    queue, answers, begun = RefreshQueue(Seconds()), asyncio.Event(), list[str]()

    async def answer(*_asgi: object) -> None:
        await answers.wait()

    async def refresh() -> None:
        async with queue.of(AgentId("lea")):
            begun.append(path)

    asking = asyncio.ensure_future(Clicks(answer, queue)({"type": "http", "path": path}, nothing_comes, goes_nowhere))
    await until_quiet()
    refreshing = asyncio.ensure_future(refresh())
    await until_quiet()
    assert bool(begun) is not is_waited_for
    answers.set()
    await asyncio.gather(asking, refreshing)


async def nothing_comes() -> Message:
    raise AssertionError("nothing is read here")


async def goes_nowhere(_message: Message) -> None: ...


async def test_one_agent_s_many_pages_stand_in_line_one_at_a_time():
    """A thousand lists asked for at once would have all others wait until they are read."""
    refreshes, read = RefreshQueue(Seconds()), list[str]()

    async def reads(agent: str) -> None:
        async with refreshes.of(AgentId(agent)):
            await asyncio.sleep(0)
            read.append(agent)

    await asyncio.gather(*(reads("many") for _ in range(50)), reads("lea"), reads("claire"))
    assert max(read.index("lea"), read.index("claire")) < 6


async def test_a_list_that_hangs_holds_up_the_next_for_a_while_and_lets_one_at_a_time_go_on(monkeypatch):
    monkeypatch.setattr(refresh_queue_module, "HOLDS_AT_MOST", timedelta(milliseconds=20))
    queue, hangs, reading, most = RefreshQueue(Seconds()), asyncio.Event(), set[str](), list[int]()

    async def hang() -> None:
        async with queue.of(AgentId("karim")):
            await hangs.wait()

    async def read(agent: str) -> None:
        async with queue.of(AgentId(agent)):
            reading.add(agent)
            most.append(len(reading))
            await asyncio.sleep(0)
            reading.remove(agent)

    hanging = asyncio.ensure_future(hang())
    await until_quiet()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(read(f"agent-{nth}") for nth in range(MANY)))
    assert not hanging.done()
    assert most == [1] * MANY
    hangs.set()
    await hanging
    async with asyncio.timeout(PATIENCE_S):
        await read("lea")


async def test_a_row_that_goes_while_the_list_is_read_is_left_out_of_it(karim, hall, cases, monkeypatch):
    """R14: the page was told to drop it already, and would be given it again."""
    read, hole = ScopedCases.list_cases, cases["hole"]
    moved = rerouted("hole", "ccas", "social", hole.department, hole.sector)

    async def moves_meanwhile(self, *asked):
        page = await read(self, *asked)
        assert hole.reference in {row.reference for row in page.rows}
        hall.feed.put(moved.model_copy(update={"reference": hole.reference}))
        return page

    monkeypatch.setattr(ScopedCases, "list_cases", moves_meanwhile)
    assert hole.reference not in (await karim.get("/demandes/liste")).text


async def test_who_is_told_of_the_same_asks_once_what_an_event_is():
    """Two hundred lists of seven departments ask seven times."""
    feed, asked = LiveFeed(), list[CaseEvent]()

    def concerned(event: CaseEvent) -> bool:
        asked.append(event)
        return True

    streams = [feed.changes(feed.position, concerned) for _ in range(5)]
    waiting = [asyncio.ensure_future(soon(each)) for each in streams]
    await until_quiet()
    feed.put(closed("c1"))
    assert [change.event for change in await asyncio.gather(*waiting)] == [closed("c1")] * 5
    assert len(asked) == 1


def test_lists_of_equal_rights_are_told_the_same_whoever_looks_at_them():
    karim, lea = (replace(STREETS, agent=AgentId(agent)) for agent in ("karim", "lea"))
    assert ListAudience.to(karim) == ListAudience.to(lea)
    assert ListAudience.to(karim) != ListAudience.to(replace(karim, grants=()))


async def test_a_stream_that_ends_is_asked_no_more():
    feed, asked = LiveFeed(), list[CaseEvent]()
    changes = feed.changes(feed.position, lambda event: bool(asked.append(event)))
    assert await nothing(changes)
    await until_quiet()
    await changes.aclose()
    feed.put(closed("c1"))
    assert asked == []


async def test_what_is_not_told_hides_nothing_that_is():
    """An event that is theirs and one that is not, before the stream looks: it looked at the last alone."""
    feed = LiveFeed()
    reader = Scope(AgentId("karim"), (replace(STREETS.grants[0], acts=frozenset({CaseAct.READ})),))
    stream = list_stream(looking(reader), feed.position, feed=feed, announce=announce)
    feed.put(closed("c1"))
    noted = closed("c2").model_dump() | {"type": "NoteAdded", "note_id": "n"}
    feed.put(NoteAdded.model_validate(noted))
    assert (await soon(stream)).event == "changed"


def apart() -> timedelta:
    return APART


async def until_quiet() -> None:
    """Let whoever can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)
