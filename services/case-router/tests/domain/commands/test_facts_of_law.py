"""What agents say happened to a case in law, of its own day; and what an answer does in law once it has left."""

from datetime import date, timedelta

import pytest

from guichet.case.legal_facts import is_said_complete, standing
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import SendReply, StateFact
from guichet.contracts.case_events import CommandRefused, FactStated, ReceiptOwed
from guichet.contracts.delivery import DeliveryChanged, DeliveryState
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.store.messages.document import Direction, MessageDocument
from guichet.store.notes import Note
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER, LEFT_AT = ARRIVED + timedelta(hours=1), ARRIVED + timedelta(hours=2)
A_CLOCKED_PROCEDURE = "attestation-accueil"


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    mail = await world.mail("m", "alice@courriel.example")
    world.now = LATER
    await world.take(mail)
    return mail


@pytest.fixture
async def case(world, mail):
    """A case whose procedure is confirmed, and asks for pieces."""
    procedure = world.town.procedures[A_CLOCKED_PROCEDURE]
    there = {"department": procedure.department, "sector": world.town.sector_of(procedure.department)}
    world.cases.cases[world.case_of(mail).case_id] = world.case_of(mail).model_copy(update=there)
    case = world.case_of(mail)
    await world.take(stating(case, "confirm", event="procedure-confirmed", procedure=A_CLOCKED_PROCEDURE))
    return world.case_of(mail)


def piece_of(world) -> str:
    return next(iter(world.town.procedures[A_CLOCKED_PROCEDURE].clocks[0].pieces))


def stating(case, name="fact", *, at=LATER, told_at=LATER, **fact):
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": told_at}
    return StateFact(event_id=name, fact=StatedFact(at=at, **fact), **about)


async def asking(world, case, *pieces, name="click", **fields):
    """An answer that asks for pieces; its words are kept, as the desk does."""
    [key] = await world.vault.new_keys(1)
    words = f"words of {name}"
    await world.messages.insert_outbound(
        MessageDocument(
            _id=words,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=LATER,
            filed=case.case_id,
            content=seal(key, Thing("message", words), "content", b"{}"),
        )
    )
    asked = {"pieces": [{"name": each, "required_by": "a text"} for each in pieces], "until": date(2026, 12, 31)}
    states = StatedFact(event="pieces-asked-for", at=LATER, asked=asked) if pieces else None
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    return SendReply(event_id=name, outbound_id=words, states=states, **about, **fields)


def report(case, outbound_id, state, at=LEFT_AT):
    about = {"case_id": case.case_id, "outbound_id": outbound_id, "purpose": "reply", "channel": "email"}
    return DeliveryChanged(event_id=f"{outbound_id} {state}", occurred_at=at, state=state, **about)


def of_kind(case, kind):
    return [each for each in case.facts if each.event is kind]


def refusals(world, case):
    return [each.why for each in world.published(case) if isinstance(each, CommandRefused)]


async def test_pieces_are_asked_for_once_the_letter_has_left_and_not_before(world, mail, case):
    await world.take(await asking(world, case, piece_of(world)))
    assert of_kind(world.case_of(mail), FactKind.PIECES_ASKED_FOR) == []
    for state in (DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.DELIVERED):
        await world.take(report(case, "words of click", state))
    [asked] = of_kind(world.case_of(mail), FactKind.PIECES_ASKED_FOR)
    assert asked.at == LEFT_AT
    world.check()


async def test_what_came_back_after_it_had_left_asked_for_nothing(world, mail, case):
    """A bounce is told late: nobody had the letter (docs/law.md 23)."""
    await world.take(await asking(world, case, piece_of(world)))
    for state in (DeliveryState.SENT, DeliveryState.FAILED):
        await world.take(report(case, "words of click", state))
    assert of_kind(world.case_of(mail), FactKind.PIECES_ASKED_FOR) == []
    world.check()


@pytest.mark.parametrize("asks_again", [True, False])
async def test_what_goes_another_way_asks_for_what_its_own_words_ask_for(world, mail, case, asks_again):
    """R7 (docs/law.md 23): words that name no piece suspend nothing, whatever the former ones named."""
    await world.take(await asking(world, case, piece_of(world)))
    await world.take(report(case, "words of click", DeliveryState.FAILED))
    pieces = [piece_of(world)] if asks_again else []
    again = await asking(world, case, *pieces, name="again", instead_of="words of click")
    await world.take(again)
    await world.take(report(case, "words of again", DeliveryState.SENT, LEFT_AT + timedelta(hours=1)))
    asked = of_kind(world.case_of(mail), FactKind.PIECES_ASKED_FOR)
    assert [each.at for each in asked] == ([LEFT_AT + timedelta(hours=1)] if asks_again else [])


async def test_what_was_withdrawn_may_be_so_after_all(world, mail, case):
    """The same piece, of the same day: it is here."""
    came = {"event": "piece-arrived", "piece": piece_of(world)}
    await world.take(stating(case, "came", **came))
    mistake = StatedFact(at=LATER, **came)
    await world.take(stating(case, "mistake", event="withdrawn", what=mistake))
    for name in ("again", "and again"):
        await world.take(stating(case, name, **came))
    standing_now = [each for each in standing(world.case_of(mail).facts) if each.event is FactKind.PIECE_ARRIVED]
    assert len(standing_now) == 1
    assert refusals(world, case) == ["same-fact"]


async def test_what_was_complete_is_asked_about_anew_of_another_procedure(world, mail, case):
    await world.take(stating(case, "complete", event="file-complete"))
    other = next(
        name
        for name, each in world.town.procedures.items()
        if each.is_of(case.department) and name != A_CLOCKED_PROCEDURE
    )
    later = LATER + timedelta(minutes=1)
    world.now = later
    await world.take(stating(case, "other", at=later, told_at=later, event="procedure-confirmed", procedure=other))
    assert not is_said_complete(world.case_of(mail).facts)
    await world.take(stating(case, "complete too", at=later, told_at=later, event="file-complete"))
    assert refusals(world, case) == []


async def test_a_piece_that_nothing_asks_for_is_refused(world, mail, case):
    await world.take(await asking(world, case, "a-shoe"))
    await world.take(stating(case, event="piece-arrived", piece="a-shoe"))
    assert refusals(world, case) == ["unknown-piece", "unknown-piece"]


@pytest.mark.parametrize(
    ("day", "why"), [(-1, ["no-such-day"]), (0, []), (1, ["no-such-day"])], ids=["before receipt", "since", "ahead"]
)
async def test_a_piece_came_on_a_day_since_receipt(world, mail, case, day, why):
    await world.take(stating(case, at=LATER + timedelta(days=day), event="piece-arrived", piece=piece_of(world)))
    assert refusals(world, case) == why


async def test_what_pieces_do_to_a_delay_makes_no_acknowledgement_leave_again(world, mail, case):
    """The letter that asks for them says so (docs/law.md 23)."""
    owed = sum(isinstance(each, ReceiptOwed) for each in world.published(case))
    await world.take(
        stating(case, event="pieces-asked-for", asked={"pieces": [{"name": piece_of(world)}], "until": "2026-12-31"}),
        stating(case, "came", event="piece-arrived", piece=piece_of(world)),
    )
    assert owed == sum(isinstance(each, ReceiptOwed) for each in world.published(case)) == 1
    assert sum(isinstance(each, FactStated) for each in world.published(case)) == 3


@pytest.mark.parametrize(("of", "why"), [(None, ["unknown-note"]), ("another", ["unknown-note"]), ("this", [])])
async def test_a_decision_has_its_words_in_a_note_of_the_case(world, mail, case, of, why):
    if of is not None:
        whose = case.case_id if of == "this" else "another case"
        await world.notes.insert(
            Note(_id="words", case_id=whose, author="lea", at=LATER, words=Sealed(key_id="key", box=b"box"))
        )
    taken = stating(case, event="decision-taken", decision={"outcome": "granted", "words": "words"})
    await world.take(taken)
    assert refusals(world, case) == why
    assert bool(of_kind(world.case_of(mail), FactKind.DECISION_TAKEN)) is (why == [])


@pytest.mark.parametrize("nature", ["anonymous", "threatening", "complaint"])
@pytest.mark.parametrize("has_reason", [True, False])
async def test_who_says_anonymous_or_threatening_writes_what_shows_it(world, mail, case, nature, has_reason):
    """It takes the case its silence without anything being decided (docs/decisions/0102)."""
    reason = Sealed(key_id="key", box=b"box") if has_reason else None
    command = stating(case, event="qualified", nature=nature).model_copy(update={"reason": reason})
    await world.take(command)
    is_taken = has_reason or nature == "complaint"
    assert refusals(world, case) == ([] if is_taken else ["unknown-note"])
    assert [each.nature for each in of_kind(world.case_of(mail), FactKind.QUALIFIED)] == [nature] * is_taken
    told = [each for each in world.published(case) if isinstance(each, FactStated) and each.fact.nature]
    assert [each.reason for each in told] == [reason] * is_taken


async def test_a_decision_that_was_notified_stops_the_silence(world, mail, case):
    """R4, docs/law.md 22: taken alone it stops nothing."""
    await world.notes.insert(
        Note(_id="words", case_id=case.case_id, author="lea", at=LATER, words=Sealed(key_id="key", box=b"box"))
    )
    await world.take(stating(case, event="decision-taken", decision={"outcome": "refused", "words": "words"}))
    assert world.case_of(mail).due.is_doubted, "nobody is asked for the proof"
    await world.take(stating(case, "proof", event="decision-notified", way="posted"))
    assert not world.case_of(mail).due.is_doubted


@pytest.mark.parametrize("is_known", [True, False])
async def test_it_is_passed_on_to_an_authority_of_the_towns_directory(world, mail, case, is_known):
    to = next(iter(world.town.authorities)) if is_known else "Nobody"
    await world.take(stating(case, event="transferred", to=to))
    assert refusals(world, case) == ([] if is_known else ["unknown-authority"])
