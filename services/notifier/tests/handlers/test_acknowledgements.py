"""The acknowledgement (ARE): owed by an event, once, back to the sender, with the words that the event and the town say."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from guichet.channel.lengths import units
from guichet.channel.segments import segments
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import ReceiptOwed, SilenceStatement
from guichet.contracts.channels import Form
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.errors import ErasedError
from guichet.ids import EventId
from guichet.runtime.telemetry.metrics import ALARM
from guichet.town.acknowledgements import MentionMissingError
from guichet.town.remedies import Remedies, RemediesEntry
from guichet_testing.builders.channels import FACTS
from notifier.handlers.watch_deliveries import Watch
from services.notifier.tests.confirmed import confirmed
from services.notifier.tests.unsaid_remedies import wants_a_remedy_first

S = DeliveryState
REJECTS = SilenceStatement(means="rejects", decides_on=date(2026, 7, 1))
ACCEPTS = SilenceStatement(means="accepts", decides_on=date(2026, 7, 1))
CHANNELS = ["email", "portal", "sms", "whatsapp", "telegram"]


def owed(case, world, name="owed", **replaced):
    values = {
        "event_id": EventId(f"{name}-{case.case_id}"),
        "occurred_at": world.now,
        "case_id": case.case_id,
        "reference": case.reference,
        "version": 3,
        "caused_by": "click",
        "sector": case.sector,
        "department": case.department,
        "citizen": case.citizen,
        "procedure": "signalement-voirie",
        "answers": case.opened_by,
        "received_on": date(2026, 5, 1),
        "is_full": True,
        "silence": REJECTS,
    }
    return ReceiptOwed(**(values | replaced))


def usual(world):
    return world.town.receipt_terms(None, "voirie").remedies.fr


async def acknowledgements(world, case):
    return [each for each in await world.deliveries.of_case(case.case_id) if each.purpose is Purpose.ARE]


async def letter_of(world, channel="email", **said):
    """Let an acknowledgement be owed; return the letter, and what was recorded."""
    case = await world.citizen_writes(channel)
    await world.handlers.owe_acknowledgement(owed(case, world, **said))
    [intent] = await acknowledgements(world, case)
    return await world.draft(intent), intent


async def test_it_is_owed_once_however_often_we_are_told(world):
    case = await world.citizen_writes()
    await asyncio.gather(*(world.handlers.owe_acknowledgement(owed(case, world)) for _ in range(3)))
    held = await world.claimed("mail", timedelta(minutes=1))
    world.announcer.announce_soon(await world.deliveries.conclude(held, S.SENT, world.now, None, None))
    await world.handlers.owe_acknowledgement(owed(case, world))
    [receipt] = await acknowledgements(world, case)
    assert (receipt.state, receipt.answers) == (S.SENT, case.opened_by)
    told = [(each.purpose, each.state) for each in await world.announced()]
    assert told == [(Purpose.ARE, S.SENT)], "the router's clocks are told by it that the receipt left"


async def test_what_corrects_one_is_another(world):
    case = await world.citizen_writes()
    await world.handlers.owe_acknowledgement(owed(case, world))
    await world.handlers.owe_acknowledgement(owed(case, world, "corrected", corrects=True, silence=ACCEPTS))
    first, second = await acknowledgements(world, case)
    assert first.outbound_id != second.outbound_id
    assert "Il remplace" in (await world.write(second)).text
    assert "remplace" not in (await world.write(first)).text


@pytest.mark.parametrize("automatic", Automatic)
async def test_no_machine_gets_one(world, automatic):
    case = await world.citizen_writes()
    opening = world.messages.messages[case.opened_by]
    world.messages.messages[case.opened_by] = opening.model_copy(update={"automatic": automatic})
    await world.handlers.owe_acknowledgement(owed(case, world))
    [receipt] = await acknowledgements(world, case)
    assert (receipt.state, receipt.reason) == (S.WITHHELD, automatic.value)
    [told] = await world.announced()
    assert (told.purpose, told.state, told.reason) == (Purpose.ARE, S.WITHHELD, automatic.value)


async def test_what_came_on_paper_gets_none_electronically(world):
    case = await world.citizen_writes("letter")
    await world.handlers.owe_acknowledgement(owed(case, world))
    [receipt] = await acknowledgements(world, case)
    assert (receipt.state, receipt.reason) == (S.WITHHELD, "not-electronic")


def told(event, minute):
    return StatedFact(event=event, at=datetime(2026, 5, 1, 9, minute, tzinfo=UTC))


@pytest.mark.parametrize(
    ("facts", "no_receipt", "state"),
    [
        ((), Sealed(key_id="key", box=b"box"), S.WITHHELD),
        ((told(FactKind.ABUSE_DECLARED, 1),), None, S.WITHHELD),
        ((told(FactKind.ABUSE_DECLARED, 1), told(FactKind.ABUSE_LIFTED, 2)), Sealed(key_id="k", box=b"b"), S.PENDING),
    ],
)
async def test_who_stands_declared_abusive_gets_none(world, facts, no_receipt, state):
    case = await world.citizen_writes(facts=facts, no_receipt=no_receipt)
    await world.handlers.owe_acknowledgement(owed(case, world))
    [receipt] = await acknowledgements(world, case)
    assert (receipt.state, receipt.reason) == (state, "declared-abusive" if state is S.WITHHELD else None)


@pytest.mark.parametrize("is_withdrawn", [False, True])
async def test_r6_of_a_case_that_was_passed_on_meanwhile_none_leaves(world, is_withdrawn):
    """R6 (docs/law.md 16): whoever is competent acknowledges."""
    passed_on = StatedFact(event=FactKind.TRANSFERRED, at=datetime(2026, 5, 1, 9, tzinfo=UTC), to="Préfecture")
    withdrawn = StatedFact(event=FactKind.WITHDRAWN, at=datetime(2026, 5, 1, 10, tzinfo=UTC), what=passed_on)
    case = await world.citizen_writes(facts=(passed_on, withdrawn) if is_withdrawn else (passed_on,))
    await world.handlers.owe_acknowledgement(owed(case, world))
    [receipt] = await acknowledgements(world, case)
    assert (receipt.state, receipt.reason) == ((S.PENDING, None) if is_withdrawn else (S.WITHHELD, "transferred"))


async def test_of_an_erased_case_nothing_is_recorded(world):
    case = await world.citizen_writes()
    await world.cases.mark_erasing([case.case_id])
    with pytest.raises(ErasedError):
        await world.handlers.owe_acknowledgement(owed(case, world))
    assert await acknowledgements(world, case) == []


async def test_one_that_does_not_leave_is_an_alarm_with_its_case_whatever_else_left(world):
    """R1 (docs/law.md 8): from the end of the next working day on."""
    case = await world.citizen_writes(name="unsent")
    await world.owe_receipts(world.opened(case))
    await world.deliveries.report((await world.receipt_of(case)).outbound_id, S.SENT, world.now, None, None)
    world.now = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)  # a Friday, the last day of the ARE's ten
    await world.handlers.owe_acknowledgement(owed(case, world, is_full=False, silence=None))
    [receipt] = await acknowledgements(world, case)
    watch, alarm = (
        Watch(world.watched, world.clock, world.deliveries.has_due),
        ALARM.labels("receipt-overdue", case.case_id),
    )
    assert receipt.overdue_at == datetime(2026, 5, 18, 22, 0, tzinfo=UTC), "the end of the Monday, in Paris"
    world.now = receipt.overdue_at - timedelta(seconds=1)
    await watch.look()
    assert alarm._value.get() == 0
    world.now = receipt.overdue_at
    await watch.look()
    assert alarm._value.get() == 1
    await world.deliveries.report(receipt.outbound_id, S.SENT, world.now, None, None)
    await watch.look()
    assert alarm._value.get() == 0


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("silence", [REJECTS, ACCEPTS, None])
async def test_r3_it_says_every_mention(world, channel, silence):
    """R3 (docs/law.md 11): on every channel, in the message itself and not behind a link."""
    letter, _ = await letter_of(world, channel, silence=silence)
    department = world.town.departments["voirie"]
    said = " ".join(letter.text.split())
    for mention in ("accus", "1er mai 2026", department.name, department.phone, department.email):
        assert mention in said
    statement = silence is not None
    assert ("1er juillet 2026" in said) is statement
    assert ("complète" in said) is statement
    assert ("sera réputée rejetée le" in said) is (silence is REJECTS)
    assert (" ".join(usual(world).split()) in said.replace("'", "’")) is (silence is REJECTS)
    assert ("sera réputée acceptée le" in said) is (silence is ACCEPTS)
    assert ("attestation" in said and "L232-3" in said) is (silence is ACCEPTS)
    assert units(letter.text) <= (FACTS[channel].longest or 10_000)
    assert "lampadaire de la rue" not in letter.text, "the citizen's words come back"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_r4_an_incomplete_one_says_the_date_and_the_service_and_that_it_is_incomplete(world, channel):
    """R4 (docs/law.md 20): nobody has confirmed what is asked, so nothing is said of silence, and nothing promised."""
    letter, _ = await letter_of(world, channel, is_full=False, silence=None, procedure="aide-sociale")
    assert "incomplet" in letter.text
    assert "1er mai 2026" in letter.text
    assert "01 99 00 12 10" in letter.text
    for word in ("réputée", "attestation", "silence", "recours", "Aide sociale", "suivra"):
        assert word not in letter.text


@pytest.mark.parametrize("silence", [REJECTS, ACCEPTS])
async def test_an_sms_costs_few_segments(world, silence):
    letter, _ = await letter_of(world, "sms", silence=silence)
    assert segments(letter.text) <= 6, "a character of the template or of the usual remedies is none of GSM-7"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_one_that_leaves_at_once_brings_the_links_that_the_registration_receipt_would(world, channel):
    case = await world.citizen_writes(channel)
    held_up = world.cases.cases[case.case_id] = case.model_copy(
        update={"received_at": case.received_at - timedelta(days=7)}
    )
    at_once = owed(case, world, caused_by=case.opened_by)
    await world.owe_receipts(world.opened(case, acknowledged=True))
    await world.handlers.owe_acknowledgement(at_once)
    [intent] = await world.deliveries.of_case(case.case_id)
    assert intent.purpose is Purpose.ARE
    assert intent.overdue_at == world.town.receipt_overdue_at(channel, held_up.received_at)
    text = (await world.draft(intent)).text
    assert "/suivi/" in text
    assert "/confidentialite" in text


async def test_an_appeal_leads_to_the_court_alone(world):
    """A second request to think again would move no delay."""
    appeal = StatedFact(event=FactKind.QUALIFIED, at=world.now, nature="appeal")
    case = await world.citizen_writes(facts=(appeal,))
    await world.handlers.owe_acknowledgement(owed(case, world, procedure=None))
    [intent] = await acknowledgements(world, case)
    letter = await world.draft(intent)
    assert "www.telerecours.fr" in letter.text
    assert "gracieux" not in letter.text


async def test_a_notifier_that_is_late_says_what_was_so_then(world):
    later = StatedFact(event=FactKind.QUALIFIED, at=world.now + timedelta(minutes=1), nature="appeal")
    case = await world.citizen_writes(facts=(later,))
    await world.handlers.owe_acknowledgement(owed(case, world, procedure=None, occurred_at=world.now))
    [intent] = await acknowledgements(world, case)
    assert "gracieux" in (await world.draft(intent)).text


async def test_r4_it_names_no_procedure_that_nobody_confirmed(world):
    """R4 (docs/law.md 20): a keyword guessed it, and the agent said alone that it is a complaint."""
    complaint = StatedFact(event=FactKind.QUALIFIED, at=world.now, nature="complaint")
    mistaken = confirmed("aide-sociale", world.now)
    taken_back = StatedFact(event=FactKind.WITHDRAWN, at=world.now + timedelta(minutes=1), what=mistaken)
    title = world.town.procedures["aide-sociale"].title.fr
    for name, facts in (("guessed", (complaint,)), ("withdrawn", (complaint, mistaken, taken_back))):
        case = await world.citizen_writes(name=name, facts=facts, procedure="aide-sociale")
        later = world.now + timedelta(minutes=2)
        await world.handlers.owe_acknowledgement(owed(case, world, name, procedure="aide-sociale", occurred_at=later))
        [intent] = await acknowledgements(world, case)
        assert intent.acknowledgement.procedure is None
        assert title not in (await world.draft(intent)).text


async def test_it_names_what_was_confirmed_though_the_case_went_to_another_department_since(world):
    """Silence was reckoned by it; who confirms otherwise has a corrected one leave."""
    then = (confirmed("aide-sociale", world.now), confirmed("signalement-voirie", world.now + timedelta(minutes=5)))
    case = await world.citizen_writes(facts=then, procedure=None)
    await world.handlers.owe_acknowledgement(owed(case, world, procedure=None))
    [intent] = await acknowledgements(world, case)
    assert intent.acknowledgement.procedure == "aide-sociale"


async def test_another_attempt_says_the_same_though_the_case_says_otherwise_meanwhile(world):
    case = await world.citizen_writes()
    await world.handlers.owe_acknowledgement(owed(case, world))
    [intent] = await acknowledgements(world, case)
    first = await world.write(intent)
    world.cases.cases[case.case_id] = case.model_copy(update={"department": "ccas", "procedure": "aide-sociale"})
    assert (await world.write(intent)).text == first.text


async def test_agents_read_what_was_sent(world):
    case = await world.citizen_writes()
    await world.handlers.owe_acknowledgement(owed(case, world))
    [intent] = await acknowledgements(world, case)
    await world.write(intent)
    kept = world.messages.messages[intent.outbound_id]
    assert (kept.purpose, kept.filed, kept.author) == (Purpose.ARE, case.case_id, None)


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_r3_without_a_mention_nothing_is_written_until_the_town_says_it(world, channel):
    """R3 (docs/law.md 11, 62): a court that comes too early would be a wrong mention, worse than a late one."""
    said = (confirmed("aide-sociale", world.now),)
    case, whole = await world.citizen_writes(channel, facts=said), world.town
    world.town = wants_a_remedy_first(whole)
    await world.handlers.owe_acknowledgement(owed(case, world, procedure="aide-sociale"))
    [intent] = await acknowledgements(world, case)
    with pytest.raises(MentionMissingError, match="leaves out remedies"):
        await world.write(intent)
    assert intent.outbound_id not in world.messages.messages, "words are kept that nobody may read"
    world.town = whole
    assert "tribunal" in (await world.write(intent)).text.lower()


async def test_what_one_sms_cannot_hold_goes_whole_in_parts(world):
    long = RemediesEntry(fr=" ".join(f"Voie de recours {nth}." for nth in range(200)), en="-")
    world.town = replace(world.town, remedies=Remedies(said=long))
    case = await world.citizen_writes("sms")
    await world.handlers.owe_acknowledgement(owed(case, world))
    texts = []
    while due := await world.deliveries.claim("twilio", "token", world.now, timedelta(minutes=1), 1):
        letter = await world.write(due[0])
        texts.append(letter.text)
        if not letter.more:
            break
        await world.deliveries.advance(due[0], world.now)
    assert len(texts) > 1
    assert all(units(text) <= FACTS["sms"].longest for text in texts)
    assert [text.split(" ")[0] for text in texts] == [f"({nth}/{len(texts)})" for nth in range(1, len(texts) + 1)]
    assert "Voie de recours 199." in texts[-1]
    assert FACTS["sms"].form is Form.SHORT
