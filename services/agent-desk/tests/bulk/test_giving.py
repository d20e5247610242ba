"""What becomes of each case of a bulk act: rights are asked again, refusals are told, nothing is given twice."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.domain.bulk.bulk_form import BulkForm
from agent_desk.domain.bulk.row_commands import closing_id, command_id
from agent_desk.domain.bulk.selected import Selected
from agent_desk.domain.decisions.given_command import AWAITED_FOR
from agent_desk.handlers.bulk.authors import AuthorsNow
from agent_desk.handlers.bulk.begin import BulkStart
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, RerouteCase, SendReply
from guichet.contracts.case_events import CaseState
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import TransientError
from guichet.ids import EventId
from guichet.store.audit.trail import Act
from guichet.store.bulk.acts import BulkAct, BulkKind, BulkState
from guichet.store.bulk.cases import BulkCase, RowState
from guichet_testing.builders.tampered import altered
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import KEY

KARIM = "agent-12"


@pytest.fixture(name="hall")
def _hall() -> TownHall:
    return a_hall()


def a_hall() -> TownHall:
    """Without a client for a provider, which reads every authority that it trusts."""
    return TownHall(provider_http=httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404))))


async def begun(hall: TownHall, count: int = 3, kind: BulkKind = BulkKind.CLOSE, words: str = "", **said: Any):
    """Begin an act of Karim's, as his page would; return its id and its cases."""
    states = {"state": CaseState.WAITING_FOR_CITIZEN}
    cases = [await hall.open_case(f"case-{number}", **states) for number in range(count)]
    staff = StaffDirectory(town=hall.town, entries=hall.staff, clock=hall.clock)
    authors = AuthorsNow(staff, hall.accounts, hall.clock)
    karim = await authors.of(KARIM)
    assert karim is not None
    start = BulkStart(acts=hall.bulk_acts, rows=hall.bulk_cases, vault=hall.vault, digest_key=KEY, clock=hall.clock)
    form = BulkForm(kind, "0" * 32, tuple(case.reference for case in cases), words=words, **said)
    rows: Any = None
    chosen = [Selected(case, rows, words=words, answers=case.last_inbound) for case in cases]
    return await start.begin(karim, form, chosen), cases


async def to_its_end(hall: TownHall, rounds: int = 12) -> None:
    giving = hall.bulk_giving()
    for _ in range(rounds):
        hall.bulk_acts.lapse()
        await giving.go_on()


def states(hall: TownHall) -> list[tuple[RowState, str | None]]:
    rows = sorted(hall.bulk_cases.rows.values(), key=lambda row: row.number)
    return [(row.state, row.why) for row in rows]


async def test_a_few_a_round_so_that_nobody_else_waits() -> None:
    hall = a_hall()
    await begun(hall, count=9)
    giving, given_by = hall.bulk_giving(), []
    for _ in range(4):
        await giving.go_on()
        given_by.append(len(hall.publisher.published))
    assert given_by == [4, 8, 9, 9]


async def test_the_acts_of_two_authors_go_on_by_turns() -> None:
    hall = a_hall()
    first, _ = await begun(hall, count=9)
    second, _ = await begun(hall, count=9, kind=BulkKind.ASSIGN, to=KARIM)
    hall.bulk_acts.acts[second] = hall.bulk_acts.acts[second].model_copy(update={"author": "agent-1"})
    giving = hall.bulk_giving()
    for _ in range(2):
        hall.clock.now += timedelta(seconds=1)
        await giving.go_on()
    left = {row.bulk_id for row in hall.bulk_cases.rows.values() if row.state is not RowState.WAITING}
    assert left == {first, second}


async def test_an_author_s_next_act_waits_for_one_that_an_outage_holds(hall: TownHall) -> None:
    await begun(hall, kind=BulkKind.REROUTE, words="Arbres", department="proprete")
    hall.clock.now += timedelta(seconds=1)
    await begun(hall)
    hall.publisher.away = True
    with pytest.raises(TransientError):
        await hall.bulk_giving().go_on()
    hall.publisher.away = False
    await hall.bulk_giving().go_on()
    assert hall.publisher.on(CASE_COMMANDS) == []
    await to_its_end(hall)
    assert [type(each) for each in hall.publisher.on(CASE_COMMANDS)] == [RerouteCase] * 3 + [CloseCase] * 3


async def test_whose_account_was_taken_away_gives_nothing_more(hall: TownHall) -> None:
    await begun(hall, count=5)
    await hall.bulk_giving().go_on()
    account = await hall.accounts.find(KARIM)
    await hall.accounts.replace(account, account.model_copy(update={"disabled_at": hall.clock.now}))
    await to_its_end(hall)
    assert states(hall) == [(RowState.DONE, None)] * 4 + [(RowState.REFUSED, "not-seen")]


async def test_who_lost_their_right_meanwhile_is_refused_and_told_and_noted(hall: TownHall) -> None:
    _, cases = await begun(hall)
    moved = cases[0].model_copy(update={"department": "ccas", "sector": hall.town.sector_of("ccas")})
    hall.cases.put(moved)
    hall.cases.put(cases[1].model_copy(update={"state": CaseState.CLOSED}))
    await to_its_end(hall)
    assert states(hall) == [(RowState.REFUSED, "not-seen"), (RowState.REFUSED, "case-closed"), (RowState.DONE, None)]
    assert [each.case_id for each in hall.publisher.on(CASE_COMMANDS)] == [cases[2].case_id]


async def test_an_act_that_is_no_longer_allowed_is_noted_as_at_a_page(hall: TownHall, monkeypatch) -> None:
    await begun(hall, count=1)
    monkeypatch.setattr("agent_desk.handlers.bulk.give_in_bulk.why_not", lambda *_, **__: "not-allowed")
    await to_its_end(hall)
    assert states(hall) == [(RowState.REFUSED, "not-allowed")]
    assert [each.act for each in hall.audit.entries] == [Act.NOT_ALLOWED]


async def test_what_the_router_refuses_is_told_with_its_reason(hall: TownHall) -> None:
    await begun(hall)
    hall.publisher.refuses = "case-changed"
    await to_its_end(hall)
    assert states(hall) == [(RowState.REFUSED, "case-changed")] * 3


async def test_what_nobody_decides_is_asked_for_some_minutes_and_then_said_to_be_open(hall: TownHall) -> None:
    bulk, _ = await begun(hall)
    hall.publisher.is_away = True
    await to_its_end(hall)
    assert states(hall) == [(RowState.GIVEN, None)] * 3
    hall.clock.now += AWAITED_FOR + timedelta(seconds=1)
    await to_its_end(hall)
    assert states(hall) == [(RowState.UNCONFIRMED, None)] * 3
    assert hall.bulk_acts.acts[bulk].state is BulkState.DONE


async def test_what_an_outage_held_back_is_awaited_from_when_it_was_given(hall: TownHall) -> None:
    await begun(hall, count=1)
    hall.publisher.away, hall.publisher.is_away = True, True
    with pytest.raises(TransientError):
        await hall.bulk_giving().go_on()
    hall.publisher.away = False
    hall.clock.now += AWAITED_FOR * 2
    await to_its_end(hall)
    assert states(hall) == [(RowState.GIVEN, None)]


async def test_words_that_were_altered_stop_none_of_the_others(hall: TownHall) -> None:
    await begun(hall, kind=BulkKind.REROUTE, words="Arbres", department="proprete")
    name, row = next(iter(hall.bulk_cases.rows.items()))
    hall.bulk_cases.rows[name] = row.model_copy(
        update={"words": Sealed(key_id=row.words.key_id, box=altered(row.words.box))}
    )
    await to_its_end(hall)
    assert states(hall) == [(RowState.REFUSED, "failed"), (RowState.DONE, None), (RowState.DONE, None)]


async def test_an_outage_is_made_good_by_the_next_round(hall: TownHall) -> None:
    await begun(hall)
    hall.publisher.away = True
    with pytest.raises(TransientError):
        await hall.bulk_giving().go_on()
    hall.publisher.away = False
    await to_its_end(hall)
    assert {state for state, _ in states(hall)} == {RowState.DONE}
    assert_each_once(hall)


# --- killed


class Killed(BaseException):
    """SIGKILL, as near as a test gets: nothing of ours catches it."""


class Mortal:
    """Counts what the desk asks of its ports, and dies at one of them. after: once it is done."""

    def __init__(self, hall: TownHall) -> None:
        self.left, self.after = -1, False
        ports = {
            hall.bulk_acts: ("take", "let_go"),
            hall.bulk_cases: ("in_states", "begin", "settle", "cancel"),
            hall.publisher: ("publish",),
            hall.audit: ("record",),
            hall.commands: ("find_many",),
            hall.vault: ("open_keys", "new_keys"),
        }
        for port, names in ports.items():
            for name in names:
                setattr(port, name, self._mortal(getattr(port, name)))

    def dies_at(self, step: int, *, after: bool) -> None:
        self.left, self.after = step, after

    def _mortal(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def asked(*args: Any, **named: Any) -> Any:
            dies = self.left == 0
            self.left -= 1
            if dies and not self.after:
                raise Killed
            answer = await call(*args, **named)
            if dies:
                raise Killed
            return answer

        return asked


def assert_each_once(hall: TownHall) -> None:
    """Of each case one command of a kind, however often it was given; and none of what was cancelled."""
    given = hall.publisher.on(CASE_COMMANDS)
    assert len({(each.case_id, type(each)) for each in given}) == len({each.event_id for each in given})
    rows = {row.case_id: row for row in hall.bulk_cases.rows.values()}
    ids = {case: ids_of(hall.bulk_acts.acts[row.bulk_id], row) for case, row in rows.items()}
    for each in given:
        answer, closing = ids[each.case_id]
        is_behind = closing is not None and isinstance(each, CloseCase)
        assert each.event_id == (closing if is_behind else answer)
        assert rows[each.case_id].command == answer
        assert rows[each.case_id].state in {RowState.DONE, RowState.GIVEN, RowState.LEAVING}
    for case, row in rows.items():
        assert row.state is not RowState.DONE or {*ids[case]} - {None} <= {each.event_id for each in given}


def ids_of(act: BulkAct, row: BulkCase) -> tuple[EventId, EventId | None]:
    return command_id(act, row), closing_id(act, row)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_any_step_it_is_given_once_by_whoever_comes_next(after: bool) -> None:
    step = 0
    while True:
        hall = a_hall()
        bulk, cases = await begun(hall, count=2, kind=BulkKind.REPLY_AND_CLOSE, words="Enlevé.")
        mortal = Mortal(hall)
        mortal.dies_at(step, after=after)
        try:
            for _ in range(3):
                await hall.bulk_giving().go_on()
        except Killed:
            await to_its_end(hall)
            assert {state for state, _ in states(hall)} == {RowState.DONE}, step
            assert hall.bulk_acts.acts[bulk].state is BulkState.DONE, step
            assert_each_once(hall)
            orders = [
                [type(each) for each in hall.publisher.on(CASE_COMMANDS) if each.case_id == case.case_id]
                for case in cases
            ]
            assert all(each[-2:] == [SendReply, CloseCase] for each in orders), step
        else:
            break
        step += 1
    assert step > 15


_STEPS = st.one_of(
    st.tuples(st.just("round"), st.just(0), st.booleans()),
    st.tuples(st.just("killed"), st.integers(0, 25), st.booleans()),
    st.tuples(st.sampled_from(["pause", "resume", "cancel"]), st.just(0), st.booleans()),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(_STEPS, max_size=12))
def test_whatever_is_done_with_it_no_case_is_given_twice_or_though_it_was_cancelled(steps: list[Any]) -> None:
    asyncio.run(_played(steps))


async def _played(steps: list[Any]) -> None:
    hall = a_hall()
    bulk, _ = await begun(hall, count=6)
    mortal = Mortal(hall)
    changes = {
        "pause": (BulkState.RUNNING, BulkState.PAUSED),
        "resume": (BulkState.PAUSED, BulkState.RUNNING),
        "cancel": (BulkState.RUNNING, BulkState.CANCELLED),
    }
    for kind, step, after in steps:
        if kind in changes:
            await hall.bulk_acts.change(KARIM, bulk, *changes[kind])
            continue
        mortal.dies_at(step if kind == "killed" else -1, after=after)
        try:
            await hall.bulk_giving().go_on()
        except Killed:
            hall.bulk_acts.lapse()
        assert_each_once(hall)
    mortal.dies_at(-1, after=False)
    await hall.bulk_acts.change(KARIM, bulk, BulkState.PAUSED, BulkState.RUNNING)
    await to_its_end(hall)
    assert_each_once(hall)
    ends = {RowState.CANCELLED, RowState.DONE}
    assert {state for state, _ in states(hall)} <= ends
    assert not hall.bulk_acts.acts[bulk].under_way
