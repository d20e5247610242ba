"""A citizen hears once, in words, what an agent did with their case; in the quiet hours nobody is written to."""

from contextlib import suppress
from datetime import timedelta

import pytest

from guichet.case.record import CaseRecord
from guichet.channel.outgoing.outcomes import Concluded
from guichet.channel.segments import is_in_seven_bits
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import CaseClosed, CaseReopened, CaseRerouted, CaseState
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Automatic
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.unannounced import Unannounced
from guichet.errors import ErasedError, ThrottledError
from guichet.ids import EventId, MessageId
from guichet.law.calendar import PARIS
from notifier.domain.draft import OutdatedError, TooManyChangesError
from notifier.handlers.attempt_letter import attempted
from notifier.handlers.limit_receipts import CHANGES_OF_A_CASE

WHY = Sealed(key_id="k", box=b"why")
OF = {
    CaseClosed: {"by": "lea"},
    CaseReopened: {"by": "lea", "reason": WHY},
    CaseRerouted: {"by": "lea", "reason": WHY, "from_sector": "s", "from_department": "accueil"},
}
LEFT_AS = {
    CaseClosed: {"state": CaseState.CLOSED},
    CaseReopened: {"state": CaseState.IN_PROGRESS},
    CaseRerouted: {"state": CaseState.RECEIVED, "department": "voirie"},
}


def happened(kind, case: CaseRecord, at, *, version=2, to="voirie", **said):
    """Return what an agent did with a case. to: of one that is handed over."""
    department = to if kind is CaseRerouted else case.department
    return kind(
        event_id=f"did-{kind.__name__}-{case.case_id}-{version}",
        occurred_at=at,
        case_id=case.case_id,
        reference=case.reference,
        version=version,
        caused_by="command",
        sector=case.sector,
        department=department,
        citizen=case.citizen,
        **(OF[kind] | said),
    )


def left_as(world, case: CaseRecord, **fields) -> CaseRecord:
    world.cases.cases[case.case_id] = world.cases.cases[case.case_id].model_copy(update=fields)
    return world.cases.cases[case.case_id]


async def written(world, owed):
    """Write a letter when its moment has come."""
    world.now = max(world.now, owed.due_at)
    return await world.write(owed)


async def letters_of(world, case: CaseRecord) -> list[str]:
    """Return what a citizen reads of their case in the end, whatever was owed."""
    said = []
    for owed in await world.deliveries.of_case(case.case_id):
        with suppress(OutdatedError):
            said += [(await written(world, owed)).text] if owed.state is DeliveryState.PENDING else []
    return said


@pytest.mark.parametrize("channel", ["email", "sms", "telegram"])
@pytest.mark.parametrize("kind", [CaseClosed, CaseReopened, CaseRerouted])
async def test_it_is_said_once_on_their_channel_with_the_same_words_at_every_attempt(world, channel, kind):
    case = await world.citizen_writes(channel)
    case = left_as(world, case, **LEFT_AS[kind])
    for _ in range(3):
        await world.handlers.owe_change(happened(kind, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.purpose, owed.state, owed.overdue_at) == (Purpose.CHANGE, DeliveryState.PENDING, None)
    letter = await written(world, owed)
    assert case.reference in letter.text
    assert {CaseClosed: "close", CaseReopened: "rouverte", CaseRerouted: "maintenant suivie"}[kind] in letter.text
    assert kind is not CaseRerouted or world.town.departments["voirie"].name in letter.text
    assert ("In English:" in letter.text) == (channel == "email")
    assert channel != "sms" or is_in_seven_bits(letter.text)
    assert (await world.draft(owed)).is_receipt, "a machine wrote it, so no machine answers it"
    assert (await world.write(owed)).text == letter.text
    left_as(world, case, state=CaseState.CLOSED if kind is CaseReopened else CaseState.WAITING_FOR_CITIZEN)
    assert (await world.write(owed.model_copy(update={"copies": 1}))).text == letter.text, "it may have left so"


async def test_what_its_provider_put_off_is_asked_for_again_before_it_leaves(world):
    case = left_as(world, await world.citizen_writes("sms"), state=CaseState.CLOSED)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    await written(world, owed)
    left_as(world, case, state=CaseState.IN_PROGRESS)
    with pytest.raises(OutdatedError):
        await world.write(owed)


async def test_nobody_is_written_to_at_night_or_on_a_holiday_about_what_no_law_sets_a_day_for(world):
    case = await world.citizen_writes()
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert f"{owed.due_at.astimezone(PARIS):%d %B %H:%M}" == "02 May 08:00"


async def test_by_day_there_are_ten_minutes_to_take_it_back(world):
    world.now = world.now.replace(month=5, day=5, hour=9)
    case = await world.citizen_writes()
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert owed.due_at == world.now + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("kind", "since"),
    [
        (CaseClosed, {"state": CaseState.IN_PROGRESS}),
        (CaseReopened, {"state": CaseState.CLOSED}),
        (CaseRerouted, {"department": "ccas"}),
        (CaseRerouted, {"department": "voirie", "state": CaseState.CLOSED}),
    ],
)
async def test_what_was_taken_back_meanwhile_is_not_written_about(world, kind, since):
    case = await world.citizen_writes()
    case = left_as(world, case, **LEFT_AS[kind])
    await world.handlers.owe_change(happened(kind, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    left_as(world, case, **since)
    with pytest.raises(OutdatedError):
        await written(world, owed)


DAY = {"month": 5, "day": 5, "hour": 9}
STEPS = {
    "closed": (CaseClosed, {"state": CaseState.CLOSED}),
    "reopened": (CaseReopened, {"state": CaseState.IN_PROGRESS}),
    "accueil": (CaseRerouted, {"department": "accueil"}),
    "voirie": (CaseRerouted, {"department": "voirie"}),
    "ccas": (CaseRerouted, {"department": "ccas"}),
}


@pytest.mark.parametrize(
    ("steps", "read"),
    [
        ("closed reopened", []),
        ("closed reopened closed", ["Votre demande est close"]),
        ("closed reopened closed reopened", []),
        ("voirie accueil", []),
        ("voirie ccas voirie", ["Voirie"]),
        ("voirie ccas accueil", []),
        ("voirie closed reopened", ["Voirie"]),
        ("voirie closed", ["Votre demande est close"]),
    ],
)
async def test_of_several_changes_in_ten_minutes_only_where_they_lead_is_written_about(world, steps, read):
    world.now = world.now.replace(**DAY)
    case = await world.citizen_writes()
    case = was = left_as(world, case, department="accueil", state=CaseState.IN_PROGRESS)
    for version, (kind, fields) in enumerate(map(STEPS.__getitem__, steps.split()), start=2):
        closing = {} if kind is CaseRerouted else {"closing_version": version}
        was, case = case, left_as(world, case, **fields, **closing)
        before = {"from_department": was.department} if kind is CaseRerouted else {}
        world.now += timedelta(minutes=1)
        for _ in range(2):
            await world.handlers.owe_change(
                happened(kind, case, world.now, version=version, to=case.department, **before)
            )
    said = await letters_of(world, case)
    assert len(said) == len(read)
    assert all(words in " ".join(letter.split()) for words, letter in zip(read, said, strict=True))


async def test_a_closing_that_its_answer_says_is_not_said_again(world):
    world.now = world.now.replace(**DAY)
    case = left_as(world, await world.citizen_writes(), state=CaseState.CLOSED, closing_version=2)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    case = left_as(world, case, closing_version=5)  # opened again, answered, and closed behind that answer
    assert await letters_of(world, case) == []


async def test_who_heard_of_the_closing_hears_that_it_is_open_again(world):
    world.now = world.now.replace(**DAY)
    case = left_as(world, await world.citizen_writes(), state=CaseState.CLOSED, closing_version=2)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    world.now += timedelta(minutes=11)
    case = left_as(world, case, state=CaseState.IN_PROGRESS, closing_version=3)
    await world.handlers.owe_change(happened(CaseReopened, case, world.now, version=3))
    *_, reopened = await world.deliveries.of_case(case.case_id)
    assert "rouverte" in (await written(world, reopened)).text


async def test_a_topic_that_is_read_again_writes_to_nobody_about_last_month(world):
    case = left_as(world, await world.citizen_writes(), state=CaseState.CLOSED)
    closed = happened(CaseClosed, case, world.now)
    world.now += timedelta(days=29)
    await world.handlers.owe_change(closed)
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.state, owed.reason) == (DeliveryState.WITHHELD, "outdated")


async def test_what_could_not_leave_at_its_moment_waits_for_the_end_of_the_quiet_hours(world):
    world.now = world.now.replace(**DAY)
    case = left_as(world, await world.citizen_writes(), state=CaseState.CLOSED)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    world.now = world.now.replace(hour=20)  # nobody was there to write it: 22:00 in Paris
    with pytest.raises(ThrottledError) as pause:
        await world.write(owed)
    world.now += pause.value.retry_after
    assert f"{world.now.astimezone(PARIS):%d %H:%M}" == "06 08:00"
    assert "close" in (await world.write(owed)).text


@pytest.mark.parametrize("why", Unannounced)
@pytest.mark.parametrize("kind", [CaseClosed, CaseReopened, CaseRerouted])
async def test_with_a_reason_an_agent_may_leave_it_unsaid(world, kind, why):
    case = await world.citizen_writes()
    await world.handlers.owe_change(happened(kind, case, world.now, unannounced=why))
    assert await world.deliveries.of_case(case.case_id) == []


async def test_who_was_answered_on_the_spot_knows_it(world):
    case = await world.citizen_writes()
    await world.handlers.owe_change(happened(CaseClosed, case, world.now, on_the_spot=True))
    assert await world.deliveries.of_case(case.case_id) == []


async def test_neither_a_machine_nor_a_letter_on_paper_is_written_back_to_and_the_router_hears_why(world):
    machine = await world.citizen_writes()
    opening = world.messages.messages[machine.opened_by]
    world.messages.messages[machine.opened_by] = opening.model_copy(update={"automatic": Automatic.MAILING_LIST})
    on_paper = await world.citizen_writes("letter", "case-2")
    for case in (machine, on_paper):
        await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    told = {each.case_id: (each.state, each.reason) for each in await world.announced()}
    withheld = DeliveryState.WITHHELD
    assert told == {machine.case_id: (withheld, "mailing-list"), on_paper.case_id: (withheld, "not-electronic")}


async def test_it_goes_to_who_opened_the_case_and_has_its_link_whoever_wrote_last(world):
    case = await world.citizen_writes()
    kind, address, account = "phone", "+33639980142", "+33639980001"
    sender = world.messages.messages[case.opened_by]
    assert sender.channel == "email"
    content = InboundContent(sender=(Identifier(kind=kind, value=address),), text="Toujours rien ?")
    await world.receive(MessageId("sms-1"), "sms", account, content, case.case_id)
    case = left_as(world, case, last_inbound=MessageId("sms-1"), state=CaseState.CLOSED)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    assert (owed.channel, (await written(world, owed)).recipient) == ("email", "amina.benali@courriel.example")


async def owed_for(world, kind, case: CaseRecord, nth: int):
    """Return the letter that is owed for the nth change of a case, as the case is after it; by day."""
    version = nth + 2
    closing = {} if kind is CaseRerouted else {"closing_version": version}
    case = left_as(world, case, **LEFT_AS[kind], **closing)
    changed = happened(kind, case, world.now, version=version).model_copy(
        update={"event_id": EventId(f"did-{nth}-{case.case_id}")}
    )
    before = {each.outbound_id for each in await world.deliveries.of_case(case.case_id)}
    await world.handlers.owe_change(changed)
    [owed] = [each for each in await world.deliveries.of_case(case.case_id) if each.outbound_id not in before]
    return owed


async def test_a_case_that_is_closed_and_reopened_again_and_again_floods_nobody(world):
    world.now, world.receipts_a_day = world.now.replace(**DAY), 100
    case = await world.citizen_writes()
    for nth in range(CHANGES_OF_A_CASE + 3):
        owed = await owed_for(world, (CaseClosed, CaseReopened)[nth % 2], case, nth)
        if nth >= CHANGES_OF_A_CASE:
            with pytest.raises(TooManyChangesError):
                await written(world, owed)
        else:
            assert (await written(world, owed)).text == (await world.write(owed)).text, "an attempt again counts once"
    other = await world.citizen_writes(name="case-2")
    assert await written(world, await owed_for(world, CaseClosed, other, 0)), "another case's is none of them"
    world.now += timedelta(days=1)
    assert await written(world, await owed_for(world, CaseClosed, case, 99)), "another day begins anew"


async def test_what_goes_another_way_is_no_further_letter_to_its_case(world):
    world.now, world.receipts_a_day = world.now.replace(**DAY), 100
    case = await world.citizen_writes()
    for nth in range(CHANGES_OF_A_CASE):
        owed = await owed_for(world, (CaseClosed, CaseReopened)[nth % 2], case, nth)
        assert await written(world, owed)
        again = {"outbound_id": MessageId(f"again-{nth}"), "after": owed.outbound_id}
        assert await written(world, owed.model_copy(update=again))


async def test_a_closing_that_goes_another_way_later_promises_no_later_day(world):
    world.now = world.now.replace(**DAY)
    case = left_as(world, await world.citizen_writes(), state=CaseState.CLOSED, closed_at=world.now)
    await world.handlers.owe_change(happened(CaseClosed, case, world.now))
    [owed] = await world.deliveries.of_case(case.case_id)
    first = await written(world, owed)
    later = {"outbound_id": MessageId("later"), "requested_at": owed.requested_at + timedelta(days=5)}
    assert (await written(world, owed.model_copy(update=later))).text == first.text


async def test_one_address_gets_no_more_of_them_a_day_than_receipts_and_keeps_its_receipts(world):
    world.now, world.receipts_a_day = world.now.replace(**DAY), 3
    cases = [await world.citizen_writes(name=f"case-{nth}") for nth in range(5)]
    texting = await world.citizen_writes("sms", "case-sms")
    owed = [await owed_for(world, CaseClosed, case, 0) for case in (*cases, texting)]
    world.now = owed[0].due_at
    wrote = [isinstance(each, TooManyChangesError) for each in await world.writer.write(owed)]
    assert wrote == [False] * 3 + [True] * 2 + [False], "another address has its own"
    await world.owe_receipts(world.opened(cases[0]))
    [receipt] = [each for each in await world.deliveries.of_case(cases[0].case_id) if each.purpose is Purpose.AEE]
    assert cases[0].reference in (await world.write(receipt)).text


async def test_what_is_one_too_many_is_withheld_and_says_why(world):
    owed = await owed_for(world, CaseClosed, await world.citizen_writes(), 0)
    outcome = await attempted(None, TooManyChangesError("enough"), owed, None, world.now)
    assert outcome == Concluded(DeliveryState.WITHHELD, "too-many-changes")


async def test_of_an_erased_case_nothing_is_said(world):
    case = await world.citizen_writes()
    await world.cases.mark_erasing([case.case_id])
    with pytest.raises(ErasedError):
        await world.handlers.owe_change(happened(CaseClosed, case, world.now))


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_an_answer_behind_which_the_case_is_closed_says_so_itself(world, channel):
    case = await world.citizen_writes(channel)
    requested = await world.agent_answers(case, closes=True)
    await world.handlers.owe_reply(requested)
    [owed] = await world.deliveries.of_case(case.case_id)
    letter = await world.write(owed)
    assert "Avec cette réponse, votre demande est close." in letter.text
    assert letter.text.index("Nous réparons demain.") < letter.text.index("Avec cette réponse")
    assert (await world.write(owed)).text == letter.text
    before = await world.agent_answers(case, name="other")
    await world.handlers.owe_reply(before)
    assert "est close" not in (await world.write((await world.deliveries.of_case(case.case_id))[-1])).text
