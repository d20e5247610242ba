"""Route × role × profile × kind of case: nothing of a case on any answer to whoever may not see that much of it.

The routes are the applications' own: one without a rule in `route_rules.py` fails. What each agent may see stands as a
table in `town_hall.py`. Looked for, in bodies and headers: references, names, addresses, subjects, words, files' names,
ids, and numbers that count.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

import httpx
import pytest

from agent_desk.handlers.live import live_streams
from guichet.contracts.case_events import CaseMoved
from guichet.ids import EventId
from guichet.rights.case_acts import CaseAct
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.portal_on_twins import Counter
from guichet_testing.until import PATIENCE_S, until
from ops_console.entry.pages import build_pages, build_templates
from tests.rights.recorded import Calls, record
from tests.rights.route_rules import NOT_THE_DESKS, RULES, About, Rule, routes_of
from tests.rights.town_hall import (
    LISTED,
    NOBODYS,
    SEES,
    Marked,
    Standing,
    World,
    a_world,
    acts_of,
    agent_called,
    as_newcomer,
    form_token,
    sign_in,
    standing,
)

_ELSEWHERE: Final = {
    "batch": "0" * 32,
    "bulk": "0" * 32,
    "page": "1",
    "answer": "nouvelle",
    "view": "0" * 32,
    "file_id": "0" * 32,
    "note": "0" * 32,
    "place": "agents",
    "key": "agent-12",
}  # what addresses without a case name
COVERED: Final = {*Standing} - {Standing.ABSENT}
ASKED_FIRST: Final = {Standing.CALLER, Standing.REASON, Standing.SEALED}
LOOKED: Final = 8  # times that a stream looks for its session before anybody ends it
STREAMS: Final = {About.STREAM, About.STREAM_OF_CASE, About.STREAM_OF_ONES_OWN}
WITHOUT_LISTS: Final = {"contact", "for-callers", "sees-nothing"}  # their page counts nothing
FORMER: Final = "left-yesterday"
AT_THE_DESK: Final = sorted({*SEES} - {FORMER})


@pytest.fixture(autouse=True)
def _quick(quick_passwords: None) -> None:
    """Everybody signs in."""


@pytest.fixture
async def world() -> World:
    return await a_world()


@dataclass
class AtDesk:
    """Somebody's browser at the desk, and what the desk asks its stores meanwhile."""

    name: str
    world: World
    browser: httpx.AsyncClient
    calls: Calls
    token: str = ""

    async def ask(self, route: str, rule: Rule, marked: Marked | None) -> tuple[httpx.Response, Calls]:
        """Ask a route about a case; None: about one that does not exist. Return the answer and the calls."""
        method, _, path = route.partition(" ")
        address = path.format(**places(marked))
        self.calls.clear()
        if method == "GET":
            answer = await self.browser.get(address)
        else:
            form = {"form_token": self.token, "once": "0" * 32, "shown": "", **rule.form}
            if "reference" in rule.form:
                form["reference"] = places(marked)["reference"]
            if "case" in rule.form:
                form["case"] = places(marked)["reference"]
            files = [("files", each) for each in rule.files]
            answer = await self.browser.post(address, data=form, files=files or None)
        return answer, [*self.calls]


def places(marked: Marked | None) -> dict[str, str]:
    """Return what an address names."""
    if marked is None:
        ids = dict.fromkeys(("message", "joined"), "0" * 32)
        return {**_ELSEWHERE, **ids, "reference": NOBODYS, "number": "1", "outbound_id": "0" * 31 + "x"}
    ids = {"message": marked.case.opened_by, "joined": marked.joined, "outbound_id": marked.outbound}
    return {**_ELSEWHERE, **ids, "reference": marked.case.reference, "number": "1"}


@asynccontextmanager
async def at_desk(world: World, name: str | None) -> AsyncIterator[AtDesk]:
    """Sit somebody down at the desk; None: nobody signs in."""
    calls = record(world.hall)
    transport = httpx.ASGITransport(world.hall.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", trust_env=False) as browser:
        if name is not None:
            await sign_in(browser, name)
        desk = AtDesk(name or "nobody", world, browser, calls)
        desk.token = form_token(await browser.get("/demandes"))
        yield desk


def names_a_case(route: str, rule: Rule) -> bool:
    """Say whether what is sent to a route tells one case from another; else it is the same for all."""
    of_the_case = ("{reference}", "{message}", "{joined}", "{number}", "{outbound_id}")
    return bool({"reference", "case"} & {*rule.form}) or any(map(route.__contains__, of_the_case))


def rules(*about: About) -> Iterator[tuple[str, Rule]]:
    return ((route, rule) for route, rule in RULES.items() if rule.about in about)


def said(answer: httpx.Response) -> str:
    """Return all that an answer says: its headers, too."""
    return answer.text + repr([(name, value) for name, value in answer.headers.items() if name != "set-cookie"])


def typed(marked: Marked | None) -> tuple[str, ...]:
    return tuple(places(marked).values())


# --- no route without a rule


def test_every_route_of_the_desk_has_a_rule() -> None:
    there = set(routes_of(TownHall().web()))
    assert there - {*RULES} == set(), "a new route: say in route_rules.py what it is about"
    assert {*RULES} - there == set(), "a rule of a route that is gone"


def test_no_other_door_has_a_route_that_nobody_looked_at() -> None:
    board: Any = None
    console = build_pages(board, build_templates("", {}), None, hosts=["*"])
    there = {*routes_of(Counter().web()), *routes_of(console)}
    assert there - NOT_THE_DESKS == set(), "does it show a case by an agent's right? Else name it there"
    assert NOT_THE_DESKS - there == set()


def test_the_table_has_every_agent_whose_profile_limits_them(world: World) -> None:
    agents = {agent.agent_id: agent.sign_in for agent in world.hall.town.agents}
    assert {*SEES} <= {*agents.values()}
    assert {name for name in agents.values() if "." not in name} <= {*SEES}


# --- who is not signed in, must do something first, or works here no more


@pytest.mark.parametrize("who", ["nobody", "newcomer", FORMER])
async def test_who_is_not_there_is_shown_nothing_and_no_case_is_read(world: World, who: str) -> None:
    if who == "newcomer":
        as_newcomer(world.hall, "helene.vasseur")
    name = {"nobody": None, "newcomer": "helene.vasseur"}.get(who, who)
    async with at_desk(world, name) as desk:
        for route, rule in RULES.items():
            for marked in world.cases.values():
                answer, calls = await desk.ask(route, rule, marked)
                assert answer.status_code < 500, route
                assert not world.leaks(FORMER, said(answer), *typed(marked)), (route, marked.kind)
                assert not {port for port, _ in calls} & {"cases", "messages", "history", "registry", "suspended"}, (
                    route
                )
                if rule.about is not About.NO_CASE:
                    assert answer.status_code in {303, 401, 403}, (route, answer.status_code)


# --- every agent, every route, every kind of case


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_no_answer_tells_more_of_a_case_than_its_reader_may_see(world: World, name: str) -> None:
    async with at_desk(world, name) as desk:
        for route, rule in RULES.items():
            if rule.about in STREAMS or "deconnexion" in route:
                continue
            for marked in world.cases.values() if names_a_case(route, rule) else (None,):
                answer, _ = await desk.ask(route, rule, marked)
                kind = marked and marked.kind
                assert answer.status_code < 500, (route, kind)
                leaks = world.leaks(name, said(answer), *typed(marked))
                assert not leaks, (route, kind, leaks)


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_what_is_denied_answers_as_what_does_not_exist_by_the_same_calls(world: World, name: str) -> None:
    """The same status, body and headers; the stores are asked the same, in the same order."""
    async with at_desk(world, name) as desk:
        for route, rule in RULES.items():
            if "{reference}" not in route:
                continue
            nothing, by = await desk.ask(route, rule, None)
            for marked in world.cases.values():
                if not is_denied(rule, standing(name, marked.kind)):
                    continue
                hidden, calls = await desk.ask(route, rule, marked)
                assert (hidden.status_code, hidden.text) == (404, nothing.text), (route, marked.kind)
                assert hidden.headers.raw == nothing.headers.raw, (route, marked.kind)
                assert calls == by, (route, marked.kind)


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_what_is_ticked_and_not_seen_whole_in_lists_is_as_if_it_did_not_exist(world: World, name: str) -> None:
    async with at_desk(world, name) as desk:
        nothing, by = await desk.ask("POST /traitements/apercu", RULES["POST /traitements/apercu"], None)
        for marked in world.cases.values():
            answer, calls = await desk.ask("POST /traitements/apercu", RULES["POST /traitements/apercu"], marked)
            if standing(name, marked.kind) is Standing.WHOLE:
                assert f"objet-{marked.kind}-zq" in answer.text
            else:
                assert (answer.status_code, without_mark(answer)) == (nothing.status_code, without_mark(nothing))
                assert calls == by


def without_mark(answer: httpx.Response) -> str:
    """Return a page without what makes each rendering of its form unlike every other."""
    return re.sub(r'name="once" value="[0-9a-f]{32}"', "", answer.text)


def is_denied(rule: Rule, standing: Standing) -> bool:
    if standing in {Standing.SYNTHESIS, Standing.CALLER}:
        whole = {About.WHOLE, About.FORM, About.SAVED, About.ACT, About.ENTERED, About.DRAFTED, About.REASON}
        return rule.about in whole
    return standing is Standing.ABSENT


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_what_is_granted_is_given_and_nothing_else_done(world: World, name: str) -> None:
    """Or the silence above would prove nothing."""
    async with at_desk(world, name) as desk:
        asked = (
            *(About.CASE, About.PART, About.WHOLE, About.FORM, About.SAVED, About.ACT, About.DRAFTED, About.REASON),
            *(About.CALLER, About.ENTERED),
        )
        for route, rule in rules(*asked):
            for marked in world.cases.values():
                seen = standing(name, marked.kind)
                if is_denied(rule, seen) or (seen is Standing.CALLER and rule.about is not About.CALLER):
                    continue
                before = len(world.hall.publisher.published)
                answer, _ = await desk.ask(route, rule, marked)
                assert answer.status_code in statuses(route, rule, seen, name), (route, marked.kind, answer.status_code)
                if rule.about in {About.CASE, About.PART} and answer.status_code == 200:
                    whole = f"objet-{marked.kind}-zq" in answer.text
                    assert whole is (seen is Standing.WHOLE), (route, marked.kind)
                    assert beside(world, answer, marked) <= wholly(name), (route, marked.kind)
                if answer.status_code == 403:
                    assert len(world.hall.publisher.published) == before


def beside(world: World, answer: httpx.Response, shown: Marked) -> set[str]:
    """Return the kinds of the other cases that a page names."""
    there = {kind for kind, marked in world.cases.items() if marked.case.reference in answer.text}
    return there - {shown.kind}


def wholly(name: str) -> set[str]:
    return {kind for kind in SEES[name] if standing(name, kind) is Standing.WHOLE}


def statuses(route: str, rule: Rule, seen: Standing, name: str) -> set[int]:
    """Return how a route may answer to whom a case is this."""
    if rule.about is About.ENTERED and CaseAct.ENTER not in acts_of(name):
        return {404}
    if rule.about is About.ENTERED and seen in ASKED_FIRST:
        return {303} if route.startswith("GET ") else {403}  # a page leads to the one that asks
    return statuses_by_right(rule, seen, name)


def statuses_by_right(rule: Rule, seen: Standing, name: str) -> set[int]:
    """Return the same, where each act is one that may be done with the case."""
    match rule.about, seen:
        case About.CALLER, Standing.CALLER:
            return {422}  # whom nobody has recognised
        case About.CALLER, _:
            return {303}
        case About.REASON, _:
            return {422}  # what is sent is none of the town's reasons
        case About.CASE, _:
            return {200}
        case About.ACT, Standing.REASON | Standing.SEALED:
            return {403}
        case _, Standing.REASON | Standing.SEALED:
            return {303}  # to the page that asks
        case About.ACT, _:
            return {200, 303, 409, 422} if {*rule.acts} <= acts_of(name) else {403}
        case About.DRAFTED, _:
            return {404} if {*rule.acts} <= acts_of(name) else {403}  # nothing is drafted in these cases
        case About.SAVED | About.FORM, _:
            return {200} if {*rule.acts} <= acts_of(name) else {403}
        case _:
            return {200, 303}


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_lists_and_numbers_are_of_what_one_sees(world: World, name: str) -> None:
    listed = {marked for marked in SEES[name] if standing(name, marked) in LISTED}
    async with at_desk(world, name) as desk:
        for route, rule in rules(About.CASES):
            answer, _ = await desk.ask(route, rule, None)
            if rule.acts and not ({*rule.acts} <= acts_of(name) and SEES[name]):
                continue
            there = {kind for kind, marked in world.cases.items() if marked.case.reference in answer.text}
            if rule.acts and name == "synthesis-beside":
                assert there == {kind for kind in listed if standing(name, kind) is Standing.WHOLE}
                continue
            if "csv" in route and not there:
                continue
            assert there == listed, route
            if "csv" not in route:
                numbers = [int(each) for each in re.findall(r'id="n-(?:open|received)"[^>]*>(\d+)<', answer.text)]
                assert numbers == [len(listed)] * 2 or (name in WITHOUT_LISTS and not numbers), route
                departments = {*re.findall(r'<span class="where">([^<]*)</span>', unescape(answer.text))}
                names = {world.hall.town.departments[world.cases[kind].case.department].name for kind in listed}
                assert departments == names or (not departments and len(names) == 1), "rows of one department name none"
        for path in ("/demandes", "/demandes/liste", "/demandes/export.csv"):  # whose work it is, no synthesis tells
            answer = await desk.browser.get(f"{path}?vue=non-attribuees")
            assert {kind for kind, marked in world.cases.items() if marked.case.reference in answer.text} <= wholly(
                name
            )


# --- open pages


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_a_stream_tells_of_what_one_sees_and_in_words_of_what_one_sees_whole(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_streams, "SESSION_CHECKED_EVERY_S", 0.01)
    async with at_desk(world, name) as desk:
        for marked in world.cases.values():
            if marked.kind == "under-erasure":
                continue  # the router publishes nothing of it
            seen = standing(name, marked.kind)
            position = world.hall.feed.position
            world.hall.feed.put(an_event(marked))
            text = await until_signed_out(desk, f"/demandes/direct?vu={position}")
            assert ("changed" in text) is (seen in LISTED), marked.kind
            assert (marked.case.reference in text) is (seen is Standing.WHOLE), marked.kind
            assert not world.leaks(name, text), marked.kind
            if seen in ASKED_FIRST:
                assert (await desk.browser.get(f"/demandes/{marked.case.reference}/direct")).status_code == 303
            elif seen in COVERED:
                one = await until_signed_out(desk, f"/demandes/{marked.case.reference}/direct?vu={position}")
                assert "changed" in one
                assert not world.leaks(name, one), marked.kind


async def until_signed_out(desk: AtDesk, address: str) -> str:
    """Listen at a stream for a while, then end the session, and so the stream; sign in again."""
    desk.calls.clear()
    listening = asyncio.create_task(desk.browser.get(address, headers={"accept": "text/event-stream"}))
    await until(lambda: desk.calls.count(("sessions", "find")) >= LOOKED)  # what it had to tell is told
    await desk.world.hall.sessions.end_all(agent_called(desk.world.hall, desk.name))
    answer = await asyncio.wait_for(listening, PATIENCE_S)
    await sign_in(desk.browser, desk.name)
    return answer.text


def an_event(marked: Marked) -> CaseMoved:
    """What whoever sees the case in synthesis is told of, too."""
    case = marked.case
    return CaseMoved(
        event_id=EventId(f"event-{marked.kind}"),
        occurred_at=ARRIVED,
        case_id=case.case_id,
        reference=case.reference,
        version=2,
        caused_by="m",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        procedure=case.procedure,
        entered_by=case.entered_by,
        from_state=case.state,
        to_state=case.state,
    )


# --- mail that waits


@pytest.mark.parametrize("name", AT_THE_DESK)
async def test_suspended_mail_is_for_whom_it_is_and_to_all_others_as_none(world: World, name: str) -> None:
    mine: Mapping[str, str] = {"helene.vasseur": "held-here", "fatou.diallo": "held-social"}
    async with at_desk(world, name) as desk:
        for route, _ in rules(About.HELD):
            method, _, path = route.partition(" ")
            for kind, message in world.held.items():
                nothing = await held(desk, method, path, "0" * 32)
                answer = await held(desk, method, path, message)
                marks = [f"{word}-{kind}-zq" for word in ("objet", "texte", "fichier")] + [f"{kind}-zq@", message]
                if mine.get(name) != kind:
                    assert not [mark for mark in marks if mark in said(answer[0]) and mark != message], route
                    if "{message}" in path:
                        assert (answer[0].status_code, answer[0].text, answer[1]) == (404, nothing[0].text, nothing[1])
                elif method == "GET":
                    assert answer[0].status_code == 200
                    assert f"{kind}-zq" in said(answer[0])


async def held(desk: AtDesk, method: str, path: str, message: str) -> tuple[httpx.Response, Calls]:
    address = path.format(message=message, number="1")
    desk.calls.clear()
    if method == "GET":
        answer = await desk.browser.get(address)
    else:
        answer = await desk.browser.post(address, data={"form_token": desk.token, "once": "0" * 32})
    return answer, [*desk.calls]


# --- figures


@pytest.mark.parametrize("name", ["helene.vasseur", "fatou.diallo", "karim.haddad"])
async def test_figures_are_for_who_heads_departments_and_no_case_is_read_for_anybody_else(
    world: World, name: str
) -> None:
    theirs: Mapping[str, str] = {"helene.vasseur": "voirie", "fatou.diallo": "ccas"}
    async with at_desk(world, name) as desk:
        for route, rule in rules(About.HEADED):
            answer, calls = await desk.ask(route, rule, None)
            assert answer.status_code == (200 if name in theirs else 404), route
            read = {port for port, _ in calls} & {"cases", "days"}
            # What was met is read from the counts of days alone, for anybody.
            expected = {"days"} if "/delais" in route else {"cases", "days"}
            assert read == (expected if name in theirs else set()), route
            for department in theirs.values():
                one = await desk.browser.get(f"{route.partition(' ')[2]}?service={department}")
                assert one.status_code == (200 if theirs.get(name) == department else 404), (route, department)
