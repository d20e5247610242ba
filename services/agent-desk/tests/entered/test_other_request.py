"""Another request within a conversation is entered by hand with what its message says, once, and the first case notes it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.entered.first_form import kept_form, kept_under, kept_words
from agent_desk.domain.entered.other_request import JoinedMessage, draft_of, entered_as, may_be_entered, note_words
from agent_desk.domain.entered.taken_down import TakenDown
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import AddNote
from guichet.contracts.inbound import Automatic, MessageReceived
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.contracts.topics import CASE_COMMANDS, INBOUND_DESK
from guichet.ids import AgentId, MessageId, case_id
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.store.messages.document import INBOUND_CONTENT, Direction, MessageDocument
from guichet.store.notes import WORDS
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.channels import FACTS
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone

NUMBER = phone("+33639981111")
ASKED = "Et comment avoir un acte de naissance ?"
LATER = MessageId("a" * 32)
AT = ARRIVED - timedelta(days=4)
LINK = "C’est une autre demande"


@pytest.fixture
async def talk(hall, cases) -> CaseRecord:
    """A conversation by SMS, whose second message asks for something else."""
    case = await hall.open_case(
        "talk", text="Le lampadaire clignote.", sender=(NUMBER,), channel="sms", minutes=-60 * 24 * 5
    )
    said = InboundContent(sender=(NUMBER,), text=ASKED, conversation="+33639981111", display_name="Amadou")
    await hall.receive(case, said, message_id=LATER, at=AT)
    return case


def page_of(case: CaseRecord, message: str = LATER) -> str:
    return f"/demandes/{case.reference}/messages/{message}/saisie"


def entered(hall: TownHall) -> list[MessageReceived]:
    return [event for event in hall.publisher.on(INBOUND_DESK) if isinstance(event, MessageReceived)]


async def form_of(browser, case: CaseRecord) -> dict[str, str]:
    page = (await browser.get(page_of(case))).text
    return {"form_token": re.search(r'name="form_token" value="([^"]+)"', page)[1], "text": ASKED}


async def store(hall: TownHall, message: MessageReceived, **fields) -> None:
    """Do what the router does with what was entered: the message is there, and its case."""
    own = {"direction": Direction.INBOUND, "at": message.at_our_edge, "filed": case_id(message.message_id)}
    kept = message.model_dump(include={"channel", "accounts", "received_at", "entered_by", "procedure", "content"})
    hall.messages.messages[message.message_id] = MessageDocument(_id=message.message_id, **own, **kept)
    hall.cases.put(a_case(_id=case_id(message.message_id), reference="2026-7F3K-29Q", channel="sms", **fields))


async def said_by(hall: TownHall, message: MessageReceived) -> InboundContent:
    keys = await hall.vault.open_keys([message.content.key_id])
    return INBOUND_CONTENT.open(keys[message.content.key_id], message.message_id, message.content)


async def notes_of(hall: TownHall) -> list[str]:
    """Return what cases' notes say: those that commands add. What was entered first is kept as one that none adds."""
    added = {each.note_id for each in hall.publisher.on(CASE_COMMANDS) if isinstance(each, AddNote)}
    found = [note for name, note in hall.notes.notes.items() if name in added]
    keys = await hall.vault.open_keys([each.words.key_id for each in found])
    return [WORDS.open(keys[each.words.key_id], each.note_id, each.words) for each in found]


async def test_each_message_that_joined_leads_to_its_form_and_the_first_does_not(karim, talk):
    page = (await karim.get(f"/demandes/{talk.reference}")).text
    assert page.count(LINK) == 1
    assert f'href="{page_of(talk)}"' in page


async def test_the_form_has_everything_that_is_taken_over(karim, talk, hall):
    page = (await karim.get(page_of(talk))).text
    for words in (
        f"{ASKED}</textarea>",
        'value="Amadou"',
        "06 39 98 11 11".replace(" ", "\xa0"),
        "SMS",
        "20 novembre 2026",
    ):
        assert words in page
    assert "pièces jointes" not in page
    assert any(LATER in each.things for each in hall.audit.entries if each.act is Act.READ)


async def test_its_files_are_said_to_stay(karim, talk, hall):
    said = InboundContent(sender=(NUMBER,), text="Et ceci ?")
    await hall.receive(talk, said, message_id=LATER, at=AT, files={"photo.jpg": b"\xff\xd8\xff"})
    assert "Ses pièces jointes y restent aussi." in (await karim.get(page_of(talk))).text


async def test_it_is_entered_by_the_way_its_author_wrote_from_the_day_it_was_received(karim, talk, hall):
    form = {**await form_of(karim, talk), "subject": "Acte de naissance", "procedure": "signalement-voirie"}
    answer = await karim.post(page_of(talk), data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/saisie/faite")
    [message] = entered(hall)
    assert (message.channel, message.accounts, message.entered_by) == ("sms", (talk.account,), "agent-12")
    assert (message.procedure, message.on_the_spot, message.arrived_at) == ("signalement-voirie", False, hall.clock.now)
    assert paris_date(message.received_at) == paris_date(AT)
    said = await said_by(hall, message)
    assert (said.sender, said.conversation, said.text) == ((NUMBER,), "+33639981111", ASKED)
    assert (said.subject, said.asked_in) == ("Acte de naissance", talk.case_id)
    [noted] = [each for each in hall.audit.entries if each.act is Act.ENTERED]
    assert noted.things == (message.message_id,)


async def test_nothing_in_clear_leads_from_one_to_the_other(karim, talk, hall):
    await karim.post(page_of(talk), data=await form_of(karim, talk))
    [message] = entered(hall)
    clear = message.model_dump_json(exclude={"content"})
    for each in (talk.case_id, talk.reference, LATER, NUMBER.value, ASKED):
        assert each not in clear
    assert message.received_at != AT


async def test_the_same_form_twice_is_one_message_and_one_note(karim, talk, hall):
    form = await form_of(karim, talk)
    for _ in range(2):
        assert (await karim.post(page_of(talk), data=form)).status_code == 303
    first, again = entered(hall)
    assert first.message_id == again.message_id
    assert len(await notes_of(hall)) == 1
    assert len({each.event_id for each in hall.publisher.on(CASE_COMMANDS) if isinstance(each, AddNote)}) == 1


@pytest.mark.parametrize(("department", "is_named"), [("voirie", True), ("ccas", False)])
async def test_the_first_case_notes_it_and_names_no_case_of_another_sector(karim, talk, hall, department, is_named):
    form = await form_of(karim, talk)
    await karim.post(page_of(talk), data=form)
    hall.notes.notes.clear()
    place = {"department": department, "sector": hall.town.sector_of(department)}
    await store(hall, entered(hall)[0], **place)
    answer = await karim.post(page_of(talk), data=form)
    assert answer.headers["location"] == ("/demandes/2026-7F3K-29Q" if is_named else "/saisie/faite")
    [note] = await notes_of(hall)
    assert note.startswith("Autre demande ouverte à partir du message reçu le 20 novembre 2026")
    assert ("2026-7F3K-29Q" in note) is is_named


@pytest.mark.parametrize(("department", "is_named"), [("voirie", True), ("ccas", False)])
async def test_what_was_entered_is_not_entered_again_and_leads_to_its_case_who_sees_it(
    karim, talk, hall, department, is_named
):
    form = await form_of(karim, talk)
    await karim.post(page_of(talk), data=form)
    await store(hall, entered(hall)[0], department=department, sector=hall.town.sector_of(department))
    page = (await karim.get(page_of(talk))).text
    assert "a déjà été ouverte" in page
    assert "</form>" not in page.split("<main")[1]
    assert ("2026-7F3K-29Q" in page) is is_named
    again = await karim.post(page_of(talk), data=form | {"text": "Et encore autre chose."})
    assert again.status_code == 409
    assert "Et encore autre chose." in again.text
    assert len(entered(hall)) == 1


async def test_what_a_colleague_entered_stands(karim, talk, hall):
    form = await form_of(karim, talk)
    await karim.post(page_of(talk), data=form)
    await store(hall, entered(hall)[0].model_copy(update={"entered_by": AgentId("agent-13")}))
    assert (await karim.post(page_of(talk), data=form)).status_code == 409


async def test_of_two_before_the_router_comes_who_is_second_gets_their_words_back(karim, sign_in, talk, hall):
    helene, others = await sign_in("helene.vasseur"), "L’acte de naissance de sa fille."
    assert (await karim.post(page_of(talk), data=await form_of(karim, talk))).status_code == 303
    second = await helene.post(page_of(talk), data=await form_of(helene, talk) | {"text": others})
    assert second.status_code == 409
    assert others in second.text
    assert {(each.entered_by, (await said_by(hall, each)).text) for each in entered(hall)} == {("agent-12", ASKED)}


async def test_what_was_begun_while_the_broker_was_away_is_entered_by_who_comes_next(karim, sign_in, talk, hall):
    helene = await sign_in("helene.vasseur")
    theirs = await form_of(helene, talk) | {"text": "L’acte de naissance de sa fille."}
    hall.publisher.away = True
    assert (await karim.post(page_of(talk), data=await form_of(karim, talk))).status_code == 503
    assert (await helene.post(page_of(talk), data=theirs)).status_code == 503
    hall.publisher.away = False
    assert (await helene.post(page_of(talk), data=theirs)).status_code == 409
    [message] = entered(hall)
    assert (message.entered_by, (await said_by(hall, message)).text) == ("agent-12", ASKED)
    assert (await karim.post(page_of(talk), data=await form_of(karim, talk))).status_code == 303


async def test_what_the_router_files_of_somebody_else_meanwhile_stands(karim, talk, hall, monkeypatch):
    """As an older desk handed it over, which kept nothing first."""
    form, publish = await form_of(karim, talk), hall.publisher.publish

    async def publish_second(*publications) -> None:
        await publish(*publications)
        for message in entered(hall):
            await store(hall, message.model_copy(update={"entered_by": AgentId("agent-13")}))

    monkeypatch.setattr(hall.publisher, "publish", publish_second)
    answer = await karim.post(page_of(talk), data=form)
    assert answer.status_code == 409
    assert ASKED in answer.text
    assert not await notes_of(hall)


async def test_what_is_kept_of_it_leads_from_the_first_case_nowhere(karim, talk, hall):
    await karim.post(page_of(talk), data=await form_of(karim, talk))
    [kept] = [note for note in hall.notes.notes.values() if note.note_id == kept_under(hall.messages.messages[LATER])]
    assert (kept.case_id, kept.author) == (talk.case_id, "agent-12")
    clear = kept.model_dump_json(exclude={"words"})
    [message] = entered(hall)
    for each in (message.message_id, case_id(message.message_id), NUMBER.value, ASKED):
        assert each not in clear


async def test_of_a_case_kept_as_evidence_nothing_is_entered(karim, talk, hall):
    """Its author is erased: nothing would find what is opened of their words (docs/decisions/0102)."""
    form = await form_of(karim, talk)
    hall.cases.put(talk.model_copy(update={"owes_erasure": True}))
    assert LINK not in (await karim.get(f"/demandes/{talk.reference}")).text
    assert (await karim.get(page_of(talk))).status_code == 404
    assert (await karim.post(page_of(talk), data=form)).status_code == 404
    assert entered(hall) == []
    assert not hall.notes.notes


async def test_while_the_broker_is_away_the_words_come_back(karim, talk, hall):
    form = await form_of(karim, talk)
    hall.publisher.away = True
    answer = await karim.post(page_of(talk), data=form | {"text": "Un acte, de ma fille."})
    assert answer.status_code == 503
    assert "Un acte, de ma fille.</textarea>" in answer.text
    assert not await notes_of(hall)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"text": " "}, "Écrivez ce que la personne a dit."),
        ({"subject": "x" * 201}, "Ce texte est trop long"),
        ({"procedure": "mariage-royal"}, "Choisissez une démarche de la liste."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_entered(karim, talk, hall, spoilt, words):
    answer = await karim.post(page_of(talk), data=await form_of(karim, talk) | spoilt)
    assert answer.status_code == 422
    assert words in answer.text
    assert entered(hall) == []


async def test_a_note_is_the_word_of_who_may_write_them(karim, talk, hall):
    form = await form_of(karim, talk)
    assert "qui le dira en note" in (await karim.get(page_of(talk))).text
    await _may(hall, CaseAct.READ, CaseAct.ENTER)
    assert "qui le dira en note" not in (await karim.get(page_of(talk))).text
    assert (await karim.post(page_of(talk), data=form)).status_code == 303
    assert len(entered(hall)) == 1
    assert not await notes_of(hall)


@pytest.mark.parametrize(
    ("acts", "detail"), [((CaseAct.READ, CaseAct.ANSWER), "full"), ((CaseAct.READ, CaseAct.ENTER), "synthesis")]
)
async def test_who_does_not_enter_or_see_it_whole_has_neither_link_nor_page(karim, talk, hall, acts, detail):
    form = await form_of(karim, talk)
    await _may(hall, *acts, detail=detail)
    assert LINK not in (await karim.get(f"/demandes/{talk.reference}")).text
    assert (await karim.get(page_of(talk))).status_code == 404
    assert (await karim.post(page_of(talk), data=form)).status_code == 404
    assert entered(hall) == []


async def _may(hall: TownHall, *acts: CaseAct, detail: str = "full") -> None:
    grant = ProfileGrant.model_validate({"acts": acts, "detail": detail})
    profile = Overlay(StaffKind.PROFILE, "agent", Profile(label="Autre", grants=(grant,)))
    await hall.staff.put(entry_of(profile, at=hall.clock.now, by=None), over=None)
    hall.clock.now += OLDEST


async def test_of_another_case_or_of_the_first_message_there_is_no_such_page(karim, talk, hall, cases):
    for address in (page_of(cases["hole"]), page_of(talk, talk.opened_by), page_of(talk, "0" * 32)):
        assert (await karim.get(address)).status_code == 404


# --- pure


def a_message(**fields) -> MessageDocument:
    own = {"_id": LATER, "direction": Direction.INBOUND, "channel": "sms", "accounts": ("+33199001200",), "at": AT}
    return MessageDocument.model_validate(own | {"content": Sealed(key_id="0" * 32, box=b"?")} | fields)


SAID = InboundContent(sender=(NUMBER,), text=ASKED)


@pytest.mark.parametrize(
    ("fields", "said", "channel", "may"),
    [
        ({}, SAID, "sms", True),
        ({}, SAID, "telegram", True),
        ({"automatic": Automatic.RESPONSE_SUPPRESSED}, SAID, "email", True),
        ({"automatic": Automatic.DELIVERY_REPORT}, SAID, "email", False),
        ({"unread": True}, SAID, "email", False),
        ({"copy_of": MessageId("b" * 32)}, SAID, "email", False),
        ({"direction": Direction.OUTBOUND}, SAID, "sms", False),
        ({}, SAID, "phone", False),
        ({}, None, "sms", False),
        ({}, SAID.model_copy(update={"sender": ()}), "sms", False),
    ],
)
def test_what_a_person_wrote_and_is_reached_by_may_be_entered(fields, said, channel, may):
    message, case = a_message(channel=channel, **fields), a_case("talk")
    assert may_be_entered(message, said, case, FACTS[channel]) is may
    assert not may_be_entered(message, said, opened_by_it(case), FACTS[channel])


def opened_by_it(case: CaseRecord) -> CaseRecord:
    return case.model_copy(update={"opened_by": LATER})


DAYS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(DAYS, st.timedeltas(timedelta(0), timedelta(400)))
def test_the_day_is_the_messages_own_and_no_other_moment_is(received_at, since):
    now = received_at + since
    message = a_message(at=received_at, received_at=received_at)
    joined = JoinedMessage(a_case("talk"), message, SAID, MessageId("c" * 32))
    draft = draft_of(joined, TakenDown("0" * 32, text=ASKED), AgentId("agent-12"), now)
    assert paris_date(draft.received_at) == joined.received_on
    assert draft.received_at <= draft.at_our_edge == now
    assert draft.received_at in (now, draft.received_at.replace(microsecond=now.microsecond))


@given(st.text(), st.text(), st.sampled_from(["", "signalement-voirie"]))
def test_what_is_kept_of_a_form_is_read_again_as_it_was(text, name, procedure):
    typed = TakenDown(name=name, subject=name, text=text, place=text, procedure=procedure)
    assert kept_form(kept_words(typed)) == typed


def test_of_a_mails_thread_nothing_is_taken_over_but_who_vouches_for_it():
    thread = MailThread(message_id="m@x.example", references=("a@x.example",), to_addresses=("b",), authenticated=True)
    said = InboundContent(sender=(mail("a@x.example"),), text=ASKED, thread=thread)
    joined = JoinedMessage(a_case("talk"), a_message(channel="email"), said, MessageId("c" * 32))
    content = draft_of(joined, TakenDown("0" * 32, text=ASKED), AgentId("agent-12"), AT).content
    assert content.thread == MailThread(authenticated=True)


def test_each_message_is_entered_under_one_id_that_nobody_computes_without_the_key():
    one, other = a_message(), a_message(_id="d" * 32)
    assert entered_as(b"k" * 32, one) == entered_as(b"k" * 32, one.model_copy(update={"filed": case_id("x")}))
    assert len({entered_as(b"k" * 32, one), entered_as(b"k" * 32, other), entered_as(b"l" * 32, one)}) == 3


def test_a_note_ends_no_line_before_its_colon():
    joined = JoinedMessage(a_case("talk"), a_message(), SAID, MessageId("c" * 32))
    opened = joined.case.model_copy(update={"reference": "2026-7F3K-29Q"})
    assert note_words(joined, opened).endswith("novembre 2026\xa0: 2026-7F3K-29Q.")
    assert "2026-7F3K" not in note_words(replace(joined, case=opened.model_copy(update={"sector": "x"})), opened)
