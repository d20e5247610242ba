"""Who may command a case: by the rights and the department of the command's own time."""

from datetime import timedelta

import pytest

from case_router.domain.commands.rights import ACTS, LATEST, SEEN_LATE, departments_at, require_given, require_right
from guichet.case.history import HistoryEntry
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CaseCommand,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    MarkTask,
    ReleaseMail,
    ReopenCase,
    RerouteCase,
    SendReply,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.case_events import CaseState
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.legal_facts import StatedFact
from guichet.errors import NoRightError, PermanentError
from guichet.privacy.follow_link import FollowLink
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.rights import BEGINNING, AgentRight, CommandGrant
from guichet.vault.sealing import Thing, seal, unseal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights, rights_in

LATER, HOUR = ARRIVED + timedelta(hours=5), timedelta(hours=1)
MOMENT = timedelta(seconds=1)


def right(*departments, since=BEGINNING, until=None):
    return AgentRight(_id="r", agent="lea", departments=departments, since=since, until=until)


def close_at(at, case=None):
    about = {"case_id": (case or CASE).case_id, "issued_by": "lea"}
    return CloseCase(event_id="c", occurred_at=at, **about)


def handed(*moves):
    """A case that opened in voirie and was handed over at these times, and its moves."""
    case = a_case(department=moves[-1][1] if moves else "voirie")
    moved = ((ARRIVED, "voirie"), *moves)
    return case, [
        HistoryEntry(case_id=case.case_id, version=nth, type="CaseRerouted", at=at, department=to)
        for nth, (at, to) in enumerate(moved, 1)
    ]


CASE, OPENED = handed()


def may(case, at, *rights):
    try:
        require_right(case, close_at(at, case), rights, OPENED)
    except NoRightError:
        return False
    return True


def test_whose_department_has_the_case_may_command_it():
    assert may(CASE, LATER, right("proprete", "voirie"))
    assert not may(CASE, LATER, right("proprete"))
    assert not may(CASE, LATER)


@pytest.mark.parametrize(
    ("since", "until", "allowed"),
    [
        (BEGINNING, LATER + MOMENT, True),  # ended after the command
        (BEGINNING, LATER, False),  # ended at that moment
        (LATER, None, True),
        (LATER + MOMENT, None, False),  # began after it
    ],
)
def test_rights_count_that_held_when_the_command_was_given(since, until, allowed):
    assert may(CASE, LATER, right("voirie", since=since, until=until)) is allowed


def granted(*acts, **limits):
    grants = (CommandGrant(departments=("voirie",), acts=acts, **limits),)
    return AgentRight(_id="r", agent="lea", departments=(), since=BEGINNING, grants=grants)


SEALED = Sealed(key_id="k", box=b"b")
COMMANDS = {
    SendReply: {"outbound_id": "o"},
    RerouteCase: {"department": "ccas", "reason": SEALED},
    CloseCase: {},
    ReopenCase: {"reason": SEALED},
    StateFact: {"fact": StatedFact(event="qualified", at=LATER, nature="request")},
    MarkTask: {"workflow": "v", "task": "t", "is_done": True},
    AssignCase: {"to": "lea"},
    AddNote: {"note_id": "n"},
    SnoozeCase: {"until": None},
    ConfirmSender: {"citizen": "c"},
    DeclareAbuse: {"sector": "espace-public", "ground": "number", "reason": SEALED},
    LiftAbuse: {"sector": "espace-public"},
    SettleDelivery: {"outbound_id": "o", "settlement": "received"},
}
TAKES = {
    SendReply: {"answer", "sign"},
    RerouteCase: {"reroute"},
    CloseCase: {"close"},
    ReopenCase: {"close"},
    StateFact: {"answer"},
    MarkTask: {"answer"},
    AssignCase: {"answer"},
    AddNote: {"answer"},
    SnoozeCase: {"answer"},
    ConfirmSender: {"answer"},
    DeclareAbuse: {"close"},
    LiftAbuse: {"close"},
    SettleDelivery: {"answer"},
}


def obeyed(command, *rights, case=CASE):
    try:
        require_right(case, command, rights, OPENED)
    except NoRightError:
        return False
    return True


def test_every_command_takes_some_right():
    assert {*COMMANDS} == {*TAKES} == set(ACTS) == set(CaseCommand.__subclasses__())


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_takes_its_own_acts_and_no_other_helps(kind):
    command = kind(event_id="c", occurred_at=LATER, case_id=CASE.case_id, issued_by="lea", **COMMANDS[kind])
    assert obeyed(command, granted(*TAKES[kind]))
    assert obeyed(command, right("voirie")), "a right of before is every act"
    assert obeyed(command, *(granted(act) for act in TAKES[kind])), "each act by a grant of its own"
    for missing in TAKES[kind]:
        assert not obeyed(command, granted(*({*CaseAct} - {missing})))


@pytest.mark.parametrize(
    ("limits", "of", "allowed"),
    [
        ({"procedures": ("nid-de-poule",)}, {}, False),
        ({"procedures": ("nid-de-poule",)}, {"procedure": "graffiti"}, False),
        ({"procedures": ("nid-de-poule",)}, {"procedure": "nid-de-poule"}, True),
        ({"entered_by": ("lea",)}, {}, False),
        ({"entered_by": ("lea",)}, {"entered_by": "max"}, False),
        ({"entered_by": ("lea",)}, {"entered_by": "lea"}, True),
        ({"entered_by": ()}, {}, False),
        ({"since": LATER}, {}, True),
        ({"since": LATER + MOMENT}, {}, False),
        ({"until": LATER}, {}, False),
        ({"until": LATER + MOMENT}, {}, True),
    ],
)
def test_a_grant_counts_for_the_cases_and_the_days_that_it_is_of(limits, of, allowed):
    case = CASE.model_copy(update=of)
    assert obeyed(close_at(LATER, case), granted("close", **limits), case=case) is allowed


def test_an_agent_who_was_moved_has_the_rights_of_the_commands_time():
    moved = LATER - HOUR
    before, after = right("voirie", until=moved), right("ccas", since=moved)
    assert not may(CASE, LATER, before, after)
    assert may(CASE, moved - MOMENT, before, after)


def test_a_case_counts_for_the_department_that_had_it_then():
    case = handed((LATER - HOUR, "ccas"), (LATER + HOUR, "voirie"))
    assert departments_at(case[0], LATER, case[1]) == {"ccas"}
    assert departments_at(case[0], LATER - 2 * HOUR, case[1]) == {"voirie"}
    assert departments_at(case[0], LATER + 2 * HOUR, case[1]) == {"voirie"}
    assert departments_at(case[0], ARRIVED - HOUR, case[1]) == {"voirie"}


def test_who_lost_the_case_moments_ago_may_still_command_it():
    case = handed((LATER, "ccas"))
    assert departments_at(case[0], LATER + SEEN_LATE - MOMENT, case[1]) == {"voirie", "ccas"}
    assert departments_at(case[0], LATER + SEEN_LATE, case[1]) == {"ccas"}


def test_of_a_case_without_a_history_its_department_counts():
    assert departments_at(a_case(department="voirie"), LATER, ()) == {"voirie"}


# --- in the router


@pytest.fixture
async def social(world):
    """A case that lea handed over to the CCAS, where she has no right."""
    world.rights = rights_in(["voirie", "proprete"], "lea")
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    case = world.case_of(mail)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "handed", b"pas pour nous")
    await world.take(
        RerouteCase(
            event_id="handed",
            occurred_at=ARRIVED + HOUR,
            case_id=case.case_id,
            issued_by="lea",
            department="ccas",
            reason=reason,
        )
    )
    assert world.case_of(mail).department == "ccas"
    return mail


async def test_a_command_without_right_is_refused_before_it_is_a_cause(world, social):
    before, events = world.case_of(social), len(world.published())
    with pytest.raises(NoRightError) as refused:
        await world.take(close_at(LATER, before))
    assert refused.value.reason == "no-right"
    assert world.case_of(social) == before
    assert "c" not in world.commands.commands
    assert len(world.published()) == events, "not even CommandRefused: it would show the agent what they may not see"


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(days=365 * 7900)])
async def test_nobody_commands_from_the_future(world, ahead):
    """Else who has the desk's key, or an open page, closes a case for ever and makes a link that never ends."""
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    case = world.case_of(mail)
    [key] = (await world.vault.open_keys([case.link.key_id])).values()
    link = FollowLink(unseal(key, Thing("case", case.case_id), "link", case.link))
    ended = case.model_copy(update={"state": CaseState.CLOSED, "closed_at": ARRIVED - timedelta(days=900)})
    at = world.now + ahead
    renewing = RenewLink(event_id="r", occurred_at=at, case_id=case.case_id, proof=link.proof("r"))
    for before, command in ((case, close_at(at, case)), (ended, renewing)):
        world.cases.cases[case.case_id] = before
        with pytest.raises(NoRightError):
            await world.take(command)
        assert world.case_of(mail) == before


async def test_nobody_goes_back_to_a_right_of_long_ago(world):
    """Else who has the desk's key commands as anybody who ever worked here: they date what they sign."""
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    world.rights = InMemoryAgentRights(right("voirie", until=ARRIVED))
    before, dated_back = world.case_of(mail), close_at(world.now - LATEST - MOMENT, world.case_of(mail))
    with pytest.raises(NoRightError):
        await world.take(dated_back)
    assert world.case_of(mail) == before
    require_given(close_at(world.now - LATEST, before), world.now)
    with pytest.raises(NoRightError):
        require_given(
            ReleaseMail(event_id="x", occurred_at=dated_back.occurred_at, message_id="m", issued_by="lea"), world.now
        )
    require_given(RenewLink(event_id="r", occurred_at=dated_back.occurred_at, case_id="c", proof="aaaa"), world.now)


async def test_what_came_with_it_is_filed(world, social):
    """The loop halves a batch until the culprit is alone."""
    mail = await world.mail("n", "bob@boite.example")
    with pytest.raises(NoRightError):
        await world.take(mail, close_at(LATER, world.case_of(social)))
    await world.take(mail)
    world.check()


async def test_an_agent_whose_right_ended_later_is_obeyed_also_when_the_command_comes_late(world):
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    world.rights = InMemoryAgentRights(right("voirie", until=LATER + HOUR))
    await world.take(close_at(LATER, world.case_of(mail)))
    assert world.case_of(mail).state == CaseState.CLOSED


async def test_a_command_replayed_after_long_does_nothing_twice_even_without_the_right_today(world):
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    command = close_at(LATER, world.case_of(mail))
    await world.take(command)
    answer = await world.mail("a", "alice@courriel.example", in_reply_to=["m@courriel.example"], at=LATER + HOUR)
    await world.take(answer)
    before, events, causes = world.case_of(mail), len(world.published()), dict(world.commands.commands)
    assert before.state == CaseState.IN_PROGRESS, "the answer opened it again: closing it twice would be seen"
    world.rights = InMemoryAgentRights()
    await world.take(command)  # from a dead letter, years later: the topic was trimmed long ago
    assert world.case_of(mail) == before
    assert len(world.published()) == events
    assert world.commands.commands == causes


async def test_a_command_about_no_case_leaves_no_cause(world):
    with pytest.raises(PermanentError) as refused:
        await world.take(close_at(LATER, a_case("unknown")))
    assert refused.value.reason == "unknown-case"
    assert world.commands.commands == {}


async def test_rights_are_asked_for_once_a_batch_and_only_for_commands(world):
    asked = []
    of = world.rights.of

    async def counted(agents):
        asked.append(set(agents))
        return await of(agents)

    world.rights.of = counted
    mail = await world.mail("m", "alice@courriel.example", subject="Trottoir")
    await world.take(mail)
    assert asked == []
    case = world.case_of(mail)
    await world.take(close_at(LATER, case), close_at(LATER, case).model_copy(update={"event_id": "d"}))
    assert asked == [{"lea"}]
