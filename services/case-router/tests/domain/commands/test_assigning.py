"""Whose work a case is: given, taken, given back, and taken from whoever may not answer it any more."""

from datetime import timedelta

import pytest

from case_router.handlers.end_assignments import EndAssignments
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import AssignCase, CloseCase, RerouteCase, SendReply
from guichet.contracts.case_events import CaseAssigned, CaseRerouted, CommandRefused
from guichet.errors import NoRightError
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.rights import BEGINNING, AgentRight, CommandGrant
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights

LATER = ARRIVED + timedelta(hours=1)
WORDS = Sealed(key_id="k", box=b"words")


def right(agent, *departments, until=None, acts=tuple(CaseAct)):
    grants = (CommandGrant(departments=departments, acts=acts),)
    return AgentRight(
        _id=f"{agent}:0", agent=agent, departments=departments, since=BEGINNING, until=until, grants=grants
    )


@pytest.fixture
async def mail(world):
    everywhere = tuple(world.town.departments)
    world.rights = InMemoryAgentRights(right("lea", *everywhere), right("karim", *everywhere), right("ida", "ccas"))
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


def giving(case, to, name="give", *, by="lea", at=LATER, shown=None, reason=None):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": at, "shown": shown}
    return AssignCase(event_id=name, to=to, reason=reason, **about)


def assigned(world, case):
    return [each for each in world.published(case) if isinstance(each, CaseAssigned)]


def refused(world, case):
    return [(each.why, each.reason) for each in world.published(case) if isinstance(each, CommandRefused)]


async def test_an_agent_takes_a_case_once_however_often_it_is_told(world, mail):
    case = world.case_of(mail)
    for _ in range(2):
        await world.take(giving(case, "lea"))
    assert world.case_of(mail).assigned_to == "lea"
    [event] = assigned(world, case)
    assert (event.from_agent, event.to, event.by) == (None, "lea", "lea")
    world.check()


async def test_it_is_handed_over_with_a_word_and_given_back(world, mail):
    case = world.case_of(mail)
    await world.take(giving(case, "lea"), giving(case, "karim", "over", reason=WORDS))
    await world.take(giving(case, None, "back", by="karim"))
    assert world.case_of(mail).assigned_to is None
    assert [(each.from_agent, each.to) for each in assigned(world, case)] == [
        (None, "lea"),
        ("lea", "karim"),
        ("karim", None),
    ]
    entry = next(each for each in world.history.of(case.case_id) if each.cause == "over")
    assert (entry.to_agent, entry.from_agent, entry.reason, entry.reason_field) == ("karim", "lea", WORDS, "over")


async def test_what_cannot_be_is_refused_and_its_words_come_back(world, mail):
    case = world.case_of(mail)
    await world.take(giving(case, "ida", "to-ida", reason=WORDS), giving(case, "nobody", "to-nobody"))
    await world.take(giving(case, None, "back"))
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=case.case_id, issued_by="lea"))
    await world.take(giving(case, "lea", "late"))
    assert refused(world, case) == [
        ("agent-without-right", WORDS),
        ("agent-without-right", None),
        ("same-agent", None),
        ("case-closed", None),
    ]
    assert world.case_of(mail).assigned_to is None


async def test_of_two_who_take_it_at_once_the_second_is_told(world, mail):
    case = world.case_of(mail)
    shown = {"shown": mail.message_id}
    await world.take(giving(case, "lea", **shown), giving(case, "karim", "too", by="karim", **shown))
    assert world.case_of(mail).assigned_to == "lea"
    assert refused(world, case) == [("case-changed", None)]


async def test_who_may_not_answer_a_case_gives_it_to_nobody(world, mail):
    with pytest.raises(NoRightError):
        await world.take(giving(world.case_of(mail), "lea", by="ida"))


async def test_taking_a_case_is_not_answering_it(world, mail):
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    case = world.case_of(mail)
    assert case.has_news
    await world.take(giving(case, "lea"))
    assert world.case_of(mail).has_news
    assert world.case_of(mail).state == case.state


async def test_a_closed_case_that_opens_again_is_still_the_work_of_who_had_it(world, mail):
    case = world.case_of(mail)
    await world.take(giving(case, "lea"))
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=case.case_id, issued_by="karim"))
    await world.take(await world.mail("again", "alice@courriel.example", in_reply_to=("m@courriel.example",)))
    assert world.case_of(mail).assigned_to == "lea"


@pytest.mark.parametrize(("agent", "keeps"), [("lea", True), ("only-here", False)])
async def test_handed_to_another_department_it_stays_the_work_of_who_may_answer_it_there(world, mail, agent, keeps):
    case = world.case_of(mail)
    world.rights = InMemoryAgentRights(right("lea", *world.town.departments), right("only-here", case.department))
    goes_to = next(each for each in world.town.departments if each != case.department)
    await world.take(giving(case, agent))
    command = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    await world.take(RerouteCase(event_id="reroute", department=goes_to, reason=WORDS, **command))
    after = world.case_of(mail)
    assert (after.department, after.assigned_to) == (goes_to, agent if keeps else None)
    events = [each for each in world.published(case) if each.caused_by == "reroute"]
    assert [type(each) for each in events] == [CaseRerouted] + [CaseAssigned] * (not keeps)
    assert keeps or (events[1].by, events[1].department) == (None, goes_to)
    world.check()


# --- who loses a right


def round_of(world):
    return EndAssignments(rights=world.rights, cases=world.cases, decide=world.router().decide, clock=lambda: world.now)


async def test_who_loses_the_right_has_no_case_left_one_event_each(world, mail):
    other = await world.mail("other", "bob@courriel.example")
    await world.take(other)
    cases = [world.case_of(each) for each in (mail, other)]
    await world.take(*(giving(case, "karim", f"give-{case.case_id}") for case in cases))
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=cases[1].case_id, issued_by="lea"))
    looking = round_of(world)
    await looking.look()
    assert [world.cases.cases[case.case_id].assigned_to for case in cases] == ["karim", "karim"]
    world.rights.rights["karim:0"] = right("karim", *world.town.departments, until=world.now)
    await looking.look()
    await looking.look()
    assert [world.cases.cases[case.case_id].assigned_to for case in cases] == [None, None]
    for case in cases:
        assert [(each.from_agent, each.to, each.by) for each in assigned(world, case)][1:] == [("karim", None, None)]
    world.check()


async def test_a_right_to_read_is_none_to_work(world, mail):
    case = world.case_of(mail)
    await world.take(giving(case, "karim"))
    world.rights.rights["karim:0"] = right("karim", *world.town.departments, acts=(CaseAct.READ,))
    await round_of(world).look()
    assert world.case_of(mail).assigned_to is None


async def test_two_routers_that_look_at_once_take_it_once_and_it_can_be_lost_again(world, mail):
    case = world.case_of(mail)
    may = world.rights.rights["karim:0"]
    for nth in range(2):
        world.rights.rights["karim:0"] = may
        await world.take(giving(case, "karim", f"give-{nth}"))
        world.rights.rights["karim:0"] = right("karim", *world.town.departments, until=world.now)
        for _ in range(2):
            await round_of(world).look()
    assert [each.to for each in assigned(world, case)] == ["karim", None, "karim", None]
    world.check()


async def test_who_loses_some_of_many_cases_loses_each(world, mail, monkeypatch):
    """In pages: what is taken stands in none any more, what is kept is passed over."""
    monkeypatch.setattr("case_router.handlers.end_assignments.AT_ONCE", 2)
    mails = [await world.mail(f"m{nth}", f"a{nth}@courriel.example") for nth in range(9)]
    await world.take(*mails)
    cases = [world.case_of(each) for each in mails]
    await world.take(*(giving(case, "karim", f"give-{case.case_id}") for case in cases))
    for nth, case in enumerate(cases):
        department = "ccas" if nth % 2 else case.department
        world.cases.cases[case.case_id] = world.cases.cases[case.case_id].model_copy(update={"department": department})
    world.rights.rights["karim:0"] = right("karim", "ccas")
    await round_of(world).look()
    kept = [world.cases.cases[case.case_id].assigned_to for case in cases]
    assert kept == ["karim" if nth % 2 else None for nth in range(9)]


async def test_who_has_the_right_again_before_it_is_decided_keeps_the_case_and_is_asked_about_once(world, mail):
    """The decision reads the rights anew: what it lets stand must not keep the look going for ever."""
    await world.take(giving(world.case_of(mail), "karim"))
    ended = InMemoryAgentRights(world.rights.rights["karim:0"].model_copy(update={"until": world.now}))
    decided = []

    async def decide(commands):
        decided.append([each.event_id for each in commands])
        assert len(decided) < 3
        await world.router().decide(commands)

    await EndAssignments(rights=ended, cases=world.cases, decide=decide, clock=lambda: world.now).look()
    assert world.case_of(mail).assigned_to == "karim"
    assert [len(each) for each in decided] == [1]
    world.check()


async def test_nobodys_cases_are_looked_at_whose_rights_are_what_they_were(world, mail, monkeypatch):
    asked = []

    async def assigned_to(agent, skip, limit):
        asked.append(agent)
        return []

    monkeypatch.setattr(world.cases, "assigned_to", assigned_to)
    looking = round_of(world)
    for _ in range(5):
        await looking.look()
    assert sorted(asked) == sorted(["lea", "karim", "ida"] * 2)


async def test_an_answer_by_a_colleague_is_no_reason_to_take_the_case_away(world, mail):
    case = world.case_of(mail)
    await world.take(giving(case, "karim"))
    command = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    await world.take(SendReply(event_id="reply", outbound_id="unknown", **command))
    assert world.case_of(mail).assigned_to == "karim"
