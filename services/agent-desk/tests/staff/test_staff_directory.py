"""What is changed of the staff counts at once for who asks, and within a minute on pages and streams that are open."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest

from agent_desk.handlers.live import live_streams
from agent_desk.handlers.live.live_streams import SESSION_CHECKED_EVERY_S, Onlooker, case_stream, list_stream
from agent_desk.handlers.staff.staff_directory import OLDEST, StaffDirectory
from guichet.contracts.case_events import CaseClosed
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, DepartmentId, EventId
from guichet.rights.scope import Scope
from guichet.store.agents.staff import StaffEntry, entry_of
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.until import PATIENCE_S

KARIM = AgentId("agent-12")
Move = Callable[..., Awaitable[None]]


@pytest.fixture
def change(hall: TownHall) -> Move:
    """Change something of an agent, as another process would."""

    async def change(agent: AgentId = KARIM, **said: object) -> None:
        known = hall.town.agent(agent)
        assert known is not None
        await put(hall, known.model_validate(known.model_dump() | said), agent)

    return change


async def put(hall: TownHall, value: object, key: str) -> StaffEntry:
    entry = entry_of(Overlay(StaffKind.AGENT, key, value), at=hall.clock.now, by=None)  # type: ignore[arg-type]
    await hall.staff.put(entry, over=hall.staff.entries.get(entry.entry_id))
    return entry


def directory(hall: TownHall) -> StaffDirectory:
    return StaffDirectory(town=hall.town, entries=hall.staff, clock=hall.clock)


async def test_what_it_says_is_read_once_and_is_at_most_a_quarter_of_a_minute_old(hall: TownHall, change: Move) -> None:
    staff = directory(hall)
    await asyncio.gather(*(staff.now() for _ in range(5)))
    await change(name="Karim Haddad-Roy")
    hall.clock.now += OLDEST - timedelta(seconds=1)
    assert ((await staff.now()).names[KARIM], hall.staff.reads) == ("Karim Haddad", 1)
    hall.clock.now += timedelta(seconds=1)
    assert ((await staff.now()).names[KARIM], hall.staff.reads) == ("Karim Haddad-Roy", 2)
    await change(name="Karim")
    await staff.forget()
    assert (await staff.now()).names[KARIM] == "Karim"
    hall.clock.now -= timedelta(days=1)
    await staff.now()
    assert hall.staff.reads == 4, "a clock that was put back keeps nothing alive"


async def test_while_the_store_is_away_nobody_is_let_in_on_what_was(hall: TownHall) -> None:
    staff = directory(hall)
    await staff.now()
    hall.clock.now += OLDEST
    hall.staff.all = away  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        await staff.now()


async def away() -> list[StaffEntry]:
    raise TransientError("MongoDB: away")


async def test_an_open_session_sees_what_its_agent_may_see_now(hall: TownHall, karim, cases, change: Move) -> None:
    hole = f"/demandes/{cases['hole'].reference}"
    assert (await karim.get(hole)).status_code == 200
    await change(departments=("espaces-verts",))
    hall.clock.now += OLDEST
    assert (await karim.get(hole)).status_code == 404
    assert cases["hole"].reference not in (await karim.get("/demandes")).text


@pytest.mark.parametrize("how", ["gone", "left"])
async def test_who_works_here_no_longer_sees_nothing_more(hall: TownHall, karim, change: Move, how: str) -> None:
    if how == "gone":
        await put(hall, None, KARIM)
    else:
        await change(ends=hall.clock.now.date() - timedelta(days=1))
    hall.clock.now += OLDEST
    page = await karim.get("/demandes")
    assert (page.status_code, "Aucun poste" in page.text) == ((303, False) if how == "gone" else (403, True))
    stream = await karim.get("/demandes/direct", headers={"accept": "text/event-stream"})
    assert stream.status_code == 401


async def test_who_is_named_at_the_desk_alone_signs_in_and_is_named(hall: TownHall, sign_in, cases) -> None:
    await put(hall, hall.town.agents[1].model_copy(update={"sign_in": "k.haddad", "name": "Karim H."}), KARIM)
    page = await (await sign_in("k.haddad")).get("/demandes")
    assert "Karim H." in page.text


def closed(hall: TownHall, case: str, department: str) -> CaseClosed:
    return CaseClosed(
        event_id=EventId(f"e-{case}"),
        case_id=CaseId(case),
        reference=f"ref-{case}",
        sector=hall.town.sector_of(DepartmentId(department)),
        department=DepartmentId(department),
        occurred_at=ARRIVED,
        version=2,
        caused_by="x",
        citizen=None,
        by=KARIM,
    )


@pytest.fixture
def listening(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Karim's scope as his streams ask for it."""
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    staff = directory(hall)

    async def scope_now() -> Scope | None:
        now = await staff.now()
        karim = now.by_id.get(KARIM)
        return hall.town.scopes.of(karim, now, hall.clock.now.date()) if karim else None

    return SimpleNamespace(feed=hall.feed, scope_now=scope_now)


async def soon(stream) -> str:
    return (await asyncio.wait_for(anext(stream), PATIENCE_S)).event


async def test_an_open_list_reads_again_and_hears_of_its_new_scope_alone(
    hall: TownHall, listening, change: Move
) -> None:
    stream = list_stream(
        Onlooker(await listening.scope_now(), listening.scope_now),
        hall.feed.position,
        feed=hall.feed,
        announce=lambda event: event.department,
    )
    hall.feed.put(closed(hall, "c1", "voirie"))
    assert [await soon(stream) for _ in range(2)] == ["changed", "announcement"]
    await change(departments=("etat-civil",))
    hall.clock.now += OLDEST
    assert await soon(stream) == "changed"
    hall.feed.put(closed(hall, "c2", "voirie"))
    hall.feed.put(closed(hall, "c3", "etat-civil"))
    assert await soon(stream) == "changed"
    assert (await asyncio.wait_for(anext(stream), PATIENCE_S)).data == "etat-civil"


async def test_what_came_just_before_a_scope_became_narrower_is_announced_no_more(hall: TownHall, listening) -> None:
    scopes = iter([await listening.scope_now(), Scope(KARIM, ()), Scope(KARIM, ()), None])

    async def scope_now() -> Scope | None:
        return next(scopes)

    stream = list_stream(
        Onlooker(await listening.scope_now(), scope_now), hall.feed.position, feed=hall.feed, announce=lambda _: "said"
    )
    told = asyncio.ensure_future(anext(stream))
    hall.feed.put(closed(hall, "c1", "voirie"))
    assert (await told).event == "changed"
    assert [event.event async for event in stream] == []


async def test_an_open_case_reads_again_and_its_stream_ends(hall: TownHall, listening, change: Move) -> None:
    stream = case_stream(
        Onlooker(await listening.scope_now(), listening.scope_now), a_case("c1"), hall.feed.position, feed=hall.feed
    )
    await change(departments=("etat-civil",))
    hall.clock.now += OLDEST
    assert await soon(stream) == "changed"
    with pytest.raises(StopAsyncIteration):
        await soon(stream)


async def test_a_stream_ends_within_a_minute_of_who_is_no_more(hall: TownHall, listening) -> None:
    assert OLDEST.total_seconds() + SESSION_CHECKED_EVERY_S < 60
    scope = await listening.scope_now()
    stream = list_stream(
        Onlooker(scope, listening.scope_now), hall.feed.position, feed=hall.feed, announce=lambda _: ""
    )
    await put(hall, None, KARIM)
    hall.clock.now += OLDEST
    with pytest.raises(StopAsyncIteration):
        await soon(stream)
