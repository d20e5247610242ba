"""A mail's way into a case."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase
from guichet.contracts.case_events import CaseMoved, CaseOpened, CaseState, MessageFiled
from guichet.contracts.delivery import mail_message_id
from guichet.contracts.inbound import Attachment, Automatic
from guichet.errors import PermanentError, TransientError
from guichet.ids import receipt_id
from guichet.privacy.tokens import reply_address
from guichet.store.messages.document import Copy, MessageDocument
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED

ALICE, BOB, MALLORY = "alice@courriel.example", "bob@boite.example", "mallory@ailleurs.example"
CONTACT = "contact@mairie.example"


async def test_a_mail_becomes_one_case_and_is_announced(world):
    mail = await world.mail("m", ALICE, subject="Nid-de-poule rue Pasteur")
    await world.take(mail)
    case = world.case_of(mail)
    assert (case.department, case.sector, case.routing.rule) == ("voirie", "voirie-espace-public", "voirie")
    assert (case.state, case.version, case.received_at) == (CaseState.RECEIVED, 1, ARRIVED)
    [event] = world.published()
    assert isinstance(event, CaseOpened)
    assert (event.case_id, event.reference, event.citizen) == (case.case_id, case.reference, case.citizen)
    assert event.message_id == mail.message_id
    world.check()


async def test_a_mail_that_nobody_could_read_goes_to_those_who_sort_by_hand(world):
    mail = (await world.mail("m", ALICE, subject="Nid-de-poule rue Pasteur", text="")).model_copy(
        update={"unread": True}
    )
    await world.take(mail)
    case = world.case_of(mail)
    assert (case.department, case.routing.kind, case.routing.rule) == ("accueil", "fallback", "unread")
    assert world.messages.messages[mail.message_id].unread
    world.check()


async def test_the_subject_rests_sealed_under_the_case_s_own_key(world):
    mail = await world.mail("m", ALICE, subject="Nid-de-poule rue Pasteur")
    await world.take(mail)
    case = world.case_of(mail)
    keys = await world.vault.open_keys([case.subject.key_id])
    plain = unseal(keys[case.subject.key_id], Thing("case", case.case_id), "subject", case.subject)
    assert plain.decode() == "Nid-de-poule rue Pasteur"
    assert case.subject.key_id != mail.content.key_id


async def test_the_same_mail_again_changes_nothing(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    before = dict(world.cases.cases)
    await world.take(mail, mail)
    assert world.cases.cases == before
    assert len(world.published()) == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_is_sealed_a_second_time_is_noted_with_its_files(world, at_once):
    first = await world.mail("m", ALICE)
    file = Attachment(attachment_id="f" * 32, content_type="text/plain", size_bytes=1)
    second = (await world.mail("m", ALICE)).model_copy(update={"attachments": (file,)})
    for _ in range(2):
        await (world.take(first, second, second) if at_once else world.take_one_by_one(first, second))
    stored = world.messages.messages[first.message_id]
    assert stored.content == first.content
    assert stored.copies == (Copy(key_id=second.content.key_id, files=("f" * 32,)),)


async def test_a_mail_to_two_mailboxes_names_both_and_is_one_case(world):
    first = await world.mail("m", ALICE)
    second = first.model_copy(update={"accounts": ("voirie@mairie.example",)})
    await world.take(first)
    await world.take(second)
    assert set(world.messages.messages[first.message_id].accounts) == {CONTACT, "voirie@mairie.example"}
    assert len(world.cases.cases) == 1
    world.check()


async def test_both_deliveries_in_one_batch_are_one_case_too(world):
    first = await world.mail("m", ALICE)
    await world.take(first, first.model_copy(update={"accounts": ("ccas@mairie.example",)}))
    assert world.case_of(first).department == "ccas"
    assert len(world.cases.cases) == 1
    world.check()


@pytest.mark.parametrize("together", [True, False])
async def test_an_answer_to_the_receipt_joins_its_case(world, together):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    receipt = mail_message_id(receipt_id(world.case_of(mail).case_id, "AEE"), world.town.domain)
    answer = await world.mail("a", ALICE, in_reply_to=[receipt])
    more = await world.mail("b", ALICE, references=["m@courriel.example", receipt, "a@courriel.example"])
    await (world.take(answer, more) if together else world.take_one_by_one(answer, more))
    case = world.case_of(mail)
    assert world.case_of(answer) == world.case_of(more) == case
    assert [event.type for event in world.published(case)] == ["CaseOpened", "MessageFiled", "MessageFiled"]
    assert case.last_inbound == more.message_id
    world.check()


async def test_a_signed_reply_address_joins_without_any_header(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    address = reply_address(world.keys.reference, world.case_of(mail).reference, CONTACT)
    answer = await world.mail("a", ALICE, to=[address.upper()])
    await world.take(answer)
    assert world.case_of(answer) == world.case_of(mail)


async def test_an_unsigned_reference_joins_nothing(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    reference = world.case_of(mail).reference.lower()
    answer = await world.mail("a", ALICE, to=[f"contact+{reference}.aaaaaaaaaaaaaaaa@mairie.example"])
    await world.take(answer)
    assert world.case_of(answer) != world.case_of(mail)


async def test_a_stranger_who_quotes_gets_a_case_of_their_own_linked(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    address = reply_address(world.keys.reference, world.case_of(mail).reference, CONTACT)
    quoting = [
        await world.mail("q1", MALLORY, in_reply_to=["m@courriel.example"]),
        await world.mail("q2", "eve@ailleurs.example", references=["m@courriel.example"]),
        await world.mail("q3", "oscar@ailleurs.example", to=[address]),
    ]
    await world.take(*quoting)
    for stranger in quoting:
        assert world.case_of(stranger).opened_by == stranger.message_id
        assert await world.links_of(stranger) == (world.case_of(mail).case_id,)
    assert world.case_of(mail).version == 1
    world.check()


async def test_who_was_addressed_is_no_stranger(world):
    mail = await world.mail("m", ALICE, to=[CONTACT, BOB])
    answer = await world.mail("a", BOB, in_reply_to=["m@courriel.example"])
    await world.take_one_by_one(mail, answer)
    assert world.case_of(answer) == world.case_of(mail)


async def test_a_town_mailbox_in_copy_makes_nobody_a_participant(world):
    mail = await world.mail("m", ALICE, to=[CONTACT, "voirie@mairie.example"])
    forged = await world.mail("f", "voirie@mairie.example", in_reply_to=["m@courriel.example"])
    await world.take_one_by_one(mail, forged)
    assert world.case_of(forged) != world.case_of(mail)


async def test_a_sender_who_may_be_forged_joins_nothing_and_is_nobody_s(world):
    mail = await world.mail("m", ALICE)
    forged = await world.mail("f", ALICE, in_reply_to=["m@courriel.example"], authenticated=False)
    await world.take_one_by_one(mail, forged)
    case = world.case_of(forged)
    assert case != world.case_of(mail)
    assert await world.links_of(forged) == (world.case_of(mail).case_id,)
    assert case.citizen is None
    assert len(case.candidates) == 1


async def test_the_same_subject_by_somebody_else_joins_nothing(world):
    one, two = await world.mail("m", ALICE, subject="Bruit"), await world.mail("n", BOB, subject="Re: Bruit")
    await world.take(one, two)
    assert len(world.cases.cases) == 2


async def test_different_mails_under_one_message_id_are_two_cases_linked(world):
    one = await world.mail("m", ALICE, message_id="same@id.example")
    two = await world.mail("n", MALLORY, message_id="same@id.example")
    await world.take_one_by_one(one, two)
    assert await world.links_of(two) == (world.case_of(one).case_id,)
    answer = await world.mail("a", MALLORY, in_reply_to=["same@id.example"])
    await world.take(answer)
    assert world.case_of(answer) == world.case_of(two)
    world.check()


async def test_a_late_root_joins_whoever_quoted_it_if_it_addressed_them(world):
    answer = await world.mail("a", BOB, references=["m@courriel.example"])
    root = await world.mail("m", ALICE, to=[CONTACT, BOB])
    await world.take_one_by_one(answer, root)
    assert world.case_of(root) == world.case_of(answer)
    more = await world.mail("b", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(more)
    assert world.case_of(more) == world.case_of(root)
    world.check()


async def test_a_late_root_is_not_caught_by_a_stranger_who_addressed_its_author(world):
    bait = await world.mail("q", MALLORY, references=["m@courriel.example"], to=[CONTACT, ALICE])
    root = await world.mail("m", ALICE)
    answer = await world.mail("a", ALICE, references=["m@courriel.example"])
    await world.take_one_by_one(bait, root, answer)
    assert world.case_of(answer) == world.case_of(root) != world.case_of(bait)


async def test_a_stranger_who_is_faster_than_the_thread_does_not_split_it(world):
    bait = await world.mail("q", MALLORY, references=["m@courriel.example"])
    answer = await world.mail("a", ALICE, references=["m@courriel.example"])
    root = await world.mail("m", ALICE)
    await world.take_one_by_one(bait, answer, root)
    assert world.case_of(answer) == world.case_of(root) != world.case_of(bait)
    world.check()


async def test_an_answer_moves_a_waiting_case_on(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    case = world.case_of(mail)
    world.cases.cases[case.case_id] = case.model_copy(update={"state": CaseState.WAITING_FOR_CITIZEN})
    await world.take(await world.mail("a", ALICE, in_reply_to=["m@courriel.example"]))
    assert world.case_of(mail).state == CaseState.IN_PROGRESS
    assert isinstance(world.published()[-1], CaseMoved)
    world.check()


async def closed(world, mail):
    await world.take(mail)
    case = world.case_of(mail)
    await world.take(CloseCase(event_id="close", occurred_at=ARRIVED, case_id=case.case_id, issued_by="lea"))
    assert world.case_of(mail).state == CaseState.CLOSED


async def test_an_answer_opens_a_closed_case_again(world):
    mail = await world.mail("m", ALICE)
    await closed(world, mail)
    world.now += timedelta(days=90)
    await world.take(await world.mail("a", ALICE, in_reply_to=["m@courriel.example"], at=ARRIVED + timedelta(days=89)))
    assert world.case_of(mail).state == CaseState.IN_PROGRESS
    assert world.case_of(mail).closed_at is None
    world.check()


async def test_after_the_town_s_delay_it_opens_another_linked(world):
    mail = await world.mail("m", ALICE)
    await closed(world, mail)
    world.now += timedelta(days=90)
    late = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"], at=ARRIVED + timedelta(days=91))
    await world.take(late)
    assert await world.links_of(late) == (world.case_of(mail).case_id,)
    assert world.case_of(mail).state == CaseState.CLOSED


@pytest.mark.parametrize(
    ("automatic", "state"),
    [(Automatic.AUTO_SUBMITTED, CaseState.CLOSED), (Automatic.RESPONSE_SUPPRESSED, CaseState.IN_PROGRESS)],
)
async def test_an_out_of_office_note_is_filed_and_opens_nothing_again(world, automatic, state):
    mail = await world.mail("m", ALICE)
    await closed(world, mail)
    note = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"], automatic=automatic)
    await world.take(note)
    assert world.case_of(note) == world.case_of(mail)
    assert world.case_of(mail).state == state


async def test_mails_without_message_id_are_each_a_case(world):
    one = await world.mail("m", ALICE, message_id=None)
    two = await world.mail("n", ALICE, message_id=None)
    await world.take(one, two, one)
    assert world.case_of(one) != world.case_of(two)
    world.check()


async def test_an_erased_message_is_skipped_and_never_made_again(world):
    mail, other = await world.mail("m", ALICE), await world.mail("n", BOB)
    await world.vault.destroy_keys([mail.content.key_id])
    await world.take(mail, other)
    assert set(world.messages.messages) == {other.message_id}
    assert len(world.cases.cases) == 1


async def test_a_reference_that_another_case_has_is_made_anew(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    taken = world.case_of(mail)
    world.cases.cases.clear()
    world.messages.messages.clear()
    world.threads.threads.clear()
    world.publisher.published.clear()
    world.cases.cases["other"] = taken.model_copy(update={"case_id": "other"})
    await world.take(mail)
    case = world.case_of(mail)
    assert case.reference != taken.reference
    assert world.published(case)[0].reference == case.reference


async def test_an_outage_leaves_everything_to_the_next_try(world):
    mail = await world.mail("m", ALICE)
    for part in (world.vault, world.messages, world.identifiers, world.threads, world.cases, world.publisher):
        part.away = True
        with pytest.raises(TransientError):
            await world.take(mail)
        part.away = False
    await world.take(mail)
    world.check()


async def test_a_command_about_no_case_is_a_dead_letter(world):
    command = CloseCase(event_id="close", occurred_at=ARRIVED, case_id="none", issued_by="lea")
    with pytest.raises(PermanentError) as caught:
        await world.take(command)
    assert caught.value.reason == "unknown-case"


async def test_an_event_of_every_message_is_a_filing(world):
    mails = [await world.mail(f"m{number}", ALICE, references=["root@x.example"]) for number in range(5)]
    await world.take(*mails)
    [case] = world.cases.cases.values()
    kinds = [type(event) for event in world.published(case)]
    assert kinds == [CaseOpened, *[MessageFiled] * 4]
    assert all(isinstance(message, MessageDocument) for message in world.messages.messages.values())


async def test_a_reply_to_address_makes_nobody_the_author(world):
    mail = await world.mail("m", ALICE)
    forged = await world.mail("f", MALLORY, in_reply_to=["m@courriel.example"], reply_to=ALICE)
    await world.take_one_by_one(mail, forged)
    assert world.case_of(forged) != world.case_of(mail)
    assert world.case_of(forged).citizen != world.case_of(mail).citizen


async def a_bounce(world, case, **headers):
    """What a mail server sends back to the signed address that our receipt came from (RFC 3464)."""
    signed = reply_address(world.keys.reference, case.reference, CONTACT)
    return await world.mail(
        "bounce", "mailer-daemon@boite.example", to=[signed], automatic=Automatic.DELIVERY_REPORT, **headers
    )


async def test_a_bounce_of_our_receipt_joins_its_case_and_makes_nobody_a_citizen(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    citizens, case = len(world.citizens.citizens), world.case_of(mail)
    bounce = await a_bounce(world, case)
    await world.take(bounce)
    after = world.case_of(bounce)
    assert after.case_id == case.case_id
    assert after.last_inbound == mail.message_id  # an agent's answer still goes to Alice
    assert after.participants == case.participants
    assert after.state is CaseState.RECEIVED
    assert len(world.citizens.citizens) == citizens
    world.check()


async def test_a_bounce_without_a_valid_signature_opens_a_case_of_its_own(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    forged = await world.mail(
        "bounce",
        "mailer-daemon@boite.example",
        to=[f"contact+{world.case_of(mail).reference.lower()}.forged@mairie.example"],
        automatic=Automatic.DELIVERY_REPORT,
    )
    await world.take(forged)
    assert world.case_of(forged).case_id != world.case_of(mail).case_id
    world.check()


async def test_cases_that_one_person_writes_to_keep_no_tag_that_is_the_same(world):
    """Neither of who wrote nor of who was addressed."""
    roads = await world.mail("m1", ALICE, to=[CONTACT, BOB], subject="Nid-de-poule")
    aid = await world.mail("m2", ALICE, to=[CONTACT, BOB], subject="Aide sociale")
    await world.take(roads, aid)
    kept = [world.case_of(each).participants for each in (roads, aid)]
    assert [len(each) for each in kept] == [2, 2]
    assert not set(kept[0]) & set(kept[1])


async def test_which_case_a_stranger_quoted_is_said_under_the_case_s_own_key_alone(world):
    """Neither on the bus nor in the documents: it may be another sector's."""
    mail = await world.mail("m", ALICE, subject="Nid-de-poule")
    stranger = await world.mail("s", MALLORY, subject="Aide sociale", in_reply_to=["m@courriel.example"])
    await world.take_one_by_one(mail, stranger)
    quoted, case = world.case_of(mail).case_id, world.case_of(stranger)
    assert quoted not in str(case.model_dump())
    assert quoted not in str([event.model_dump() for event in world.published(case)])
    assert await world.links_of(stranger) == (quoted,)
