"""What comes (again) about somebody who is being erased, or was: nothing comes back, and nobody else loses anything."""

from datetime import timedelta

import pytest

from case_router.handlers.publish_outbox import DestroyedCases
from guichet.contracts.case_commands import CloseCase
from guichet.contracts.case_events import CaseDestroyed
from guichet.contracts.delivery import DeliveryChanged, mail_message_id
from guichet.contracts.topics import CASE_EVENTS
from guichet.errors import PermanentError, TransientError
from guichet.ids import receipt_id
from guichet.privacy.tokens import reply_address
from guichet.runtime.telemetry.metrics import registry
from guichet.store.registry.citizens import CitizenState
from guichet_testing.builders.case import ARRIVED

ALICE, PHONE = "alice@courriel.example", "+33639980103"
LATER = ARRIVED + timedelta(minutes=1)


@pytest.fixture
async def mail(world):
    event = await world.mail("m", ALICE, subject="Trottoir")
    await world.take(event)
    return event


def left_out(event: str) -> float:
    return registry().get_sample_value("guichet_left_out_as_erased_total", {"event": event}) or 0


def close(case_id: str) -> CloseCase:
    return CloseCase(event_id=f"close-{case_id}", occurred_at=LATER, case_id=case_id, issued_by="lea")


def delivery(case_id: str) -> DeliveryChanged:
    about = {"case_id": case_id, "outbound_id": receipt_id(case_id, "AEE"), "purpose": "AEE"}
    return DeliveryChanged(event_id=f"sent-{case_id}", occurred_at=LATER, channel="email", state="sent", **about)


def everything(world):
    """Return all that the router has stored and published, to compare."""
    kept = (world.cases.cases, world.cases.destroyed, world.messages.messages, world.commands.commands)
    persons = (world.threads.threads, world.identifiers.identifiers, world.citizens.citizens)
    return [dict(each) for each in (*kept, *persons)], list(world.publisher.published)


async def test_an_erased_message_that_comes_again_changes_nothing(world, mail):
    await world.erase(mail)
    before, counted = everything(world), left_out("MessageReceived")
    await world.take(mail, mail)
    assert everything(world) == before
    assert left_out("MessageReceived") == counted + 2


async def test_nor_does_the_source_that_hands_it_in_again_under_a_new_key(world, mail):
    await world.erase(mail)
    before = everything(world)
    again = await world.mail("m", ALICE, subject="Trottoir")
    assert (again.message_id, again.content.key_id) != (mail.message_id, mail.content.key_id)
    await world.take(again)
    assert everything(world) == before


async def test_a_message_whose_key_is_gone_before_it_was_filed_is_left_out(world):
    mail = await world.mail("m", ALICE)
    await world.vault.destroy_keys([mail.content.key_id])
    await world.take(mail)
    assert everything(world) == ([{}] * 7, [])


@pytest.mark.parametrize("destroyed", [False, True])
async def test_commands_and_reports_about_an_erased_case_are_dropped_and_leave_no_trace(world, mail, destroyed):
    case = world.case_of(mail).case_id
    await (world.erase(mail) if destroyed else world.cases.mark_erasing([case]))
    before = everything(world)
    counted = left_out("CloseCase"), left_out("DeliveryChanged")
    await world.take(close(case), delivery(case))
    assert everything(world) == before
    assert (left_out("CloseCase"), left_out("DeliveryChanged")) == (counted[0] + 1, counted[1] + 1)


async def test_a_command_about_a_case_that_nobody_has_seen_is_still_a_dead_letter(world, mail):
    await world.erase(mail)
    with pytest.raises(PermanentError):
        await world.take(close("never-seen"))


async def test_others_of_the_batch_go_on(world, mail):
    other = await world.mail("o", "bob@boite.example")
    await world.take(other)
    await world.erase(mail)
    more = await world.mail("p", "bob@boite.example", in_reply_to=["o@boite.example"])
    await world.take(mail, more, delivery(mail.message_id), close(world.case_of(other).case_id))
    assert world.case_of(more) == world.case_of(other)
    assert [event.type for event in world.published(world.case_of(other))] == [
        "CaseOpened",
        "MessageFiled",
        "CaseClosed",
    ]
    world.check()


@pytest.mark.parametrize("destroyed", [False, True])
async def test_an_answer_to_an_erased_case_opens_a_new_one_linked_to_nothing(world, mail, destroyed):
    case = world.case_of(mail)
    await (world.erase(mail) if destroyed else world.cases.mark_erasing([case.case_id]))
    answers = [
        await world.mail("a", ALICE, in_reply_to=["m@courriel.example"]),
        await world.mail(
            "b", ALICE, to=[reply_address(world.keys.reference, case.reference, "contact@mairie.example")]
        ),
        await world.mail("c", ALICE, in_reply_to=[mail_message_id(receipt_id(case.case_id, "AEE"), world.town.domain)]),
    ]
    for answer in answers:
        await world.take(answer)
        assert world.case_of(answer).case_id != case.case_id
        assert case.case_id not in await world.links_of(answer)
    assert await world.cases.find_many([case.case_id]) == ({} if destroyed else {case.case_id: _marked(case)})


def _marked(case):
    return case.model_copy(update={"erasing": True})


async def test_a_conversation_goes_on_in_a_new_case(world):
    first = await world.sms("s1", PHONE)
    await world.take(first)
    await world.cases.mark_erasing([world.case_of(first).case_id])
    second, third = await world.sms("s2", PHONE, at=LATER), await world.sms("s3", PHONE, at=LATER)
    await world.take(second)
    await world.take(third)
    assert world.case_of(second).case_id != world.case_of(first).case_id
    assert world.case_of(third) == world.case_of(second)


async def test_a_write_that_raced_the_mark_files_in_a_new_case(world, mail):
    """The router has read the case; the erasure sets it aside before the router writes."""
    case = world.case_of(mail)
    update = world.cases.update_if_unchanged

    async def after_the_mark(changes):
        await world.cases.mark_erasing([case.case_id])
        return await update(changes)

    world.cases.update_if_unchanged = after_the_mark
    more = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(more, delivery(case.case_id))
    assert world.case_of(more).case_id != case.case_id
    assert world.cases.cases[case.case_id] == _marked(case)
    assert not world.published(case)[1:]


async def test_a_message_that_its_case_had_before_the_mark_goes_with_the_case(world):
    """Killed between writing the case and marking the message: what comes again is done, and filed for the erasure."""
    mail = await world.mail("m", ALICE)
    await interrupted(world, mail)
    [case] = world.cases.cases
    await world.cases.mark_erasing([case])
    await world.take(mail)
    assert world.filed() == {mail.message_id: case}
    assert len(world.cases.cases) == 1
    assert not world.cases.cases[case].outbox


async def test_so_does_one_that_had_joined_it(world, mail):
    case = world.case_of(mail).case_id
    more = await world.mail("n", ALICE, in_reply_to=["m@courriel.example"])
    await interrupted(world, more)
    await world.cases.mark_erasing([case])
    await world.take(more)
    assert world.filed() == {mail.message_id: case, more.message_id: case}


async def interrupted(world, event) -> None:
    world.publisher.away = True
    with pytest.raises(TransientError):
        await world.take(event)
    world.publisher.away = False


async def test_a_first_mail_on_its_way_when_its_sender_is_diverted_makes_a_new_citizen(world):
    """Killed once the sender was entered: the citizen to be made anew must not be the one who goes."""
    mail = await world.mail("m", ALICE)
    world.threads.away = True
    with pytest.raises(TransientError):
        await world.take(mail)
    world.threads.away = False
    [old] = world.citizens.citizens
    divert(world, old)
    await world.take(mail)
    await world.take(mail)
    [identifier] = world.identifiers.identifiers.values()
    [holder] = [each for each in identifier.holders if each.citizen_id != old]
    assert world.citizens.citizens[holder.citizen_id].state is CitizenState.PROVISIONAL
    assert world.case_of(mail).citizen is not None


def divert(world, citizen) -> None:
    known = world.citizens.citizens[citizen]
    world.citizens.citizens[citizen] = known.model_copy(update={"state": CitizenState.ERASING})


async def test_a_destroyed_case_is_told_of_once_and_its_tombstone_is_bare(world, mail):
    case = world.case_of(mail)
    await world.erase(mail)
    destroyed = DestroyedCases(world.cases, world.publisher)
    assert await destroyed.publish() == 1
    event = world.publisher.on(CASE_EVENTS)[-1]
    assert isinstance(event, CaseDestroyed)
    assert (event.case_id, event.version, event.citizen) == (case.case_id, case.version + 1, None)
    assert world.cases.destroyed[case.case_id].outbox == ()
    assert await destroyed.publish() == 0


async def test_a_router_that_slept_through_an_erasure_brings_no_history_back(world, mail, monkeypatch):
    """It published what came, and went on once the case was destroyed and had been told of."""
    case, real_add = world.case_of(mail), world.history.add

    async def sleep_and_add(entries):
        if case.case_id not in world.cases.destroyed:
            await world.erase(mail)
            await DestroyedCases(world.cases, world.publisher).publish()
        await real_add(entries)

    monkeypatch.setattr(world.history, "add", sleep_and_add)
    await world.take(await world.mail("n", "alice@courriel.example", in_reply_to=["m@courriel.example"]))
    assert world.history.of(case.case_id) == [], "what is erased lies in the history again"


async def test_while_the_broker_is_away_the_tombstone_keeps_its_event(world, mail):
    await world.erase(mail)
    world.publisher.away = True
    with pytest.raises(TransientError):
        await DestroyedCases(world.cases, world.publisher).publish()
    assert world.cases.destroyed[world.cases.destroyed.copy().popitem()[0]].outbox
