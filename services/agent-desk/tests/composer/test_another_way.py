"""An answer that failed is sent by another way, and one may be chosen before: to addresses of the citizen's alone."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.domain.cases.destination import Destination
from agent_desk.domain.cases.other_ways import OtherAddress, other_ways
from agent_desk.domain.cases.story import StoryCursor
from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.decisions.decision import Sheet
from agent_desk.domain.questions.question_letter import QuestionLetter
from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import SendReply
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.contracts.questions import AskedField, FieldKind, Question
from guichet.contracts.topics import CASE_COMMANDS
from guichet.french.phone_numbers import spaced_number
from guichet.ids import MessageId
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.vault.fields import open_one
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.filled_hall import mail, phone

PHONE, MAIL, OTHER = "+33639982222", "lea.martin@courriel.example", "famille@courriel.example"
AT_WORK = "a.martin@travail.example"
SHOWN = spaced_number(PHONE)
UNTIL = date(2026, 12, 24)
TEXT = "Réparé cette nuit."


@pytest.fixture
async def lea(hall, cases):
    return await hall.register("Léa Martin", phone(PHONE), mail(MAIL))


@pytest.fixture
async def texted(hall, lea):
    """Léa's text message, whose answer failed."""
    case = await hall.open_case("texted", citizen=lea, sender=(phone(PHONE),), channel="sms")
    answer = await hall.send(case, TEXT, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-34")
    return failed(hall, case, answer)


async def mailed(hall, name, citizen, *sender, proof=True, minutes=0):
    """Open a case by a mail. sender: its Reply-To, where it has one, and its From. proof: what is said of the From."""
    thread = MailThread(authenticated=proof)
    addresses = tuple(map(mail, sender))
    return await hall.open_case(name, citizen=citizen, sender=addresses, thread=thread, minutes=minutes)


def failed(hall, case, answer, state="failed", **kept):
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": answer}
    asked = HistoryEntry(version=2, type="ReplyRequested", by="agent-34", **about)
    told = HistoryEntry(version=3, type="DeliveryRecorded", state=state, **about)
    unsent = (answer,) if state == "failed" else ()
    return hall.happened(case, asked, told, deliveries={answer: state}, unsent=unsent, **kept)


def ways_in(page: str) -> dict[str, str]:
    """Return the ways that a page offers, by the address that each leads to."""
    found = re.findall(r'name="way" value="(\w*)"[^>]*>.*?class="identifier">([^<]*)<', page)
    return {address: way for way, address in found}


def chosen_in(page: str) -> str:
    return re.search(r'name="way" value="(\w*)" checked', page)[1]


def assert_nothing_is_chosen(page: str, gone: str) -> None:
    """Check that a form whose way is gone goes by no other until one is chosen."""
    assert not re.search(r'type="radio"[^>]* name="way"[^>]* checked', page), "it goes where nobody chose"
    assert f'<input type="hidden" name="way" value="{gone}">' in page
    assert "choisissez de nouveau" in page


async def leave(browser, case, fields, **more):
    page = await browser.get(f"/demandes/{case.reference}")
    form = {**fields(page), "text": TEXT, **more}
    return await browser.post(f"/demandes/{case.reference}/reponse", data=form)


async def sent(hall) -> tuple[SendReply, str | None]:
    """Return the one command that was given, and where its words say that they go."""
    [command] = {each.event_id: each for each in hall.publisher.on(CASE_COMMANDS)}.values()
    words = hall.messages.messages[command.outbound_id]
    content = await open_one(hall.vault, OUTBOUND_CONTENT.on(command.outbound_id, words.content))
    assert words.channel == (command.goes_by or "sms")
    return command, content.to.value if content.to is not None else None


async def test_beside_what_failed_a_button_puts_its_words_and_the_mail_into_the_composer(karim, hall, texted, fields):
    page = (await karim.get(f"/demandes/{texted.reference}")).text
    assert chosen_in(page) == "", "an answer goes another way than it came by itself"
    [answer] = texted.unsent
    assert re.search(rf'<button name="reprise" value="{answer}">Envoyer par courriel</button>', page)
    page = (await karim.get(f"/demandes/{texted.reference}?reprise={answer}")).text
    way = ways_in(page)[MAIL]
    assert chosen_in(page) == way
    assert re.search(rf"<textarea id=\"text\"[^>]*>{TEXT}</textarea>", page)
    assert f'name="instead_of" value="{answer}"' in page
    given = await leave(karim, texted, fields, way=way, instead_of=answer)
    assert given.headers["location"] == f"/demandes/{texted.reference}?fait=reponse"
    command, to = await sent(hall)
    assert (command.goes_by, command.instead_of, to) == ("email", answer, MAIL)
    assert MAIL not in command.model_dump_json(), "an address on the bus"


async def test_what_was_taken_names_its_way_and_gives_way_to_its_failure(karim, hall, lea):
    case = await hall.open_case("told", citizen=lea, sender=(phone(PHONE),), channel="sms")
    answer = await hall.send(case, TEXT, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-34")
    case = failed(hall, case, answer, state="sent")
    here = f"/demandes/{case.reference}"
    page = (await karim.get(f"{here}?fait=reponse")).text
    assert "Envoi par\xa0: SMS." in page
    assert "n’est pas arrivée" not in page
    about = {"case_id": case.case_id, "at": ARRIVED, "message_id": answer}
    told = HistoryEntry(version=4, type="DeliveryRecorded", state="failed", code="unsubscribed", **about)
    hall.happened(case, told, deliveries={answer: "failed"}, unsent=(answer,))
    for page in ((await karim.get(f"{here}?fait=reponse")).text, (await karim.get(f"{here}/fil")).text):
        beside_the_form = page.partition('id="nouveau"')[2]
        assert "La réponse n’est pas arrivée (SMS)." in beside_the_form
        assert f'href="#envoi-{answer}"' in beside_the_form
        assert f'id="envoi-{answer}"' in page
    offered = (await karim.get(here)).text.partition('id="par"')[2].partition("</fieldset>")[0]
    assert re.findall(r'identifier">([^<]+)</strong> <span class="failed">([^<]+)<', offered) == [
        ("06\xa039\xa098\xa022\xa022", "dernier envoi en échec\xa0: l’usager a répondu STOP")
    ]


async def test_a_failure_stands_beside_the_address_that_it_left_for_alone(karim, hall, texted):
    said = InboundContent(sender=(mail(MAIL),), text="Par courriel, alors.", thread=MailThread(authenticated=True))
    later, at = MessageId("by-mail-then"), ARRIVED + timedelta(minutes=10)
    await hall.receive(texted, said, message_id=later, at=at, channel="email")
    hall.happened(texted, last_inbound=later)
    offered = (
        (await karim.get(f"/demandes/{texted.reference}")).text.partition('id="par"')[2].partition("</fieldset>")[0]
    )
    marked = re.findall(r'identifier">([^<]+)</strong>( <span class="failed">)?', offered)
    assert [(address, bool(failure)) for address, failure in marked] == [(MAIL, False), (SHOWN, True)]


@pytest.mark.parametrize("wrote_from", [MAIL, AT_WORK])
async def test_the_address_that_they_wrote_from_last_comes_first_whatever_it_is_called(
    karim, hall, lea, texted, wrote_from
):
    await hall.hold(mail(AT_WORK), lea)
    for minutes, sender in enumerate((AT_WORK, MAIL, wrote_from)):
        await mailed(hall, f"mailed-{minutes}", lea, sender, minutes=minutes)
    page = (await karim.get(f"/demandes/{texted.reference}?reprise={texted.unsent[0]}")).text
    assert chosen_in(page) == ways_in(page)[wrote_from]


@pytest.mark.parametrize("later", ["by Reply-To alone", "with no proof", "disowned", "filed elsewhere meanwhile"])
async def test_what_nobody_vouches_for_or_lies_elsewhere_brings_no_address_to_the_front(
    karim, hall, lea, texted, later
):
    await hall.hold(mail(AT_WORK), lea)
    first = await mailed(hall, "from work", lea, AT_WORK)
    authors = (MAIL, OTHER) if later == "by Reply-To alone" else (MAIL,)
    proof = {"with no proof": None, "disowned": False}.get(later, True)
    case = await mailed(hall, "later", lea, *authors, proof=proof, minutes=1)
    if later == "filed elsewhere meanwhile":
        message = hall.messages.messages[case.opened_by]
        moved = message.model_copy(update={"filed": (await hall.open_case("another", "ccas")).case_id})
        hall.messages.messages[case.opened_by] = moved
    page = (await karim.get(f"/demandes/{texted.reference}?reprise={texted.unsent[0]}")).text
    assert chosen_in(page) == ways_in(page)[AT_WORK]
    read = hall.audit.entries[-1].things
    assert first.opened_by in read, "its words were opened, and nobody learns it"
    assert (case.opened_by in read) is (later != "filed elsewhere meanwhile")


async def test_the_order_is_the_same_on_each_page_of_the_story(karim, hall, lea, texted):
    await hall.hold(mail(AT_WORK), lea)
    _, *before = ways_in((await karim.get(f"/demandes/{texted.reference}")).text)
    content = InboundContent(sender=(mail(before[-1]),), text="Bonjour.", thread=MailThread(authenticated=True))
    at = ARRIVED + timedelta(minutes=10)
    await hall.receive(texted, content, message_id=MessageId("written-here"), at=at, channel="email")
    for page in ("", f"?avant={StoryCursor(ARRIVED + timedelta(minutes=1))}"):
        _, *ways = ways_in((await karim.get(f"/demandes/{texted.reference}{page}")).text)
        assert ways == before[::-1], page or "the newest"


async def test_nothing_of_other_cases_is_opened_where_no_proven_address_is_to_be_put_before_another(
    karim, hall, lea, texted
):
    await hall.hold(mail(OTHER), lea, verified=False)
    other = await mailed(hall, "from home", lea, MAIL)
    assert MAIL in ways_in((await karim.get(f"/demandes/{texted.reference}")).text)
    assert other.opened_by not in hall.audit.entries[-1].things


def test_where_they_wrote_from_none_the_one_that_is_known_since_last_comes_first():
    case = a_case(citizen="someone")
    known = [
        KnownIdentifier(kind="email", value=f"{name}@courriel.example", verified=True, since=ARRIVED - timedelta(days))
        for name, days in (("a", 9), ("b", 1), ("c", 5))
    ]
    card = CitizenCard(name=None, identifiers=tuple(known))
    ways = other_ways(case, card, None, case.last_inbound, the_example_town(), str)
    assert [each.to.address.value[0] for each in ways] == ["b", "c", "a"]


async def test_what_was_typed_stays_below_the_words_of_what_failed_and_they_come_once(karim, hall, texted, fields):
    page = await karim.get(f"/demandes/{texted.reference}")
    kept = {**fields(page), "text": "Et bonne journée."}
    await karim.post(f"/demandes/{texted.reference}/brouillon", data=kept)
    again = f"/demandes/{texted.reference}?reprise={texted.unsent[0]}"
    page = await karim.get(again)
    both = f"{TEXT}\n\nEt bonne journée."
    assert f">{both}</textarea>" in page.text
    kept = {**fields(page), "text": both, "way": ways_in(page.text)[MAIL]}
    await karim.post(f"/demandes/{texted.reference}/brouillon", data=kept)
    assert f">{both}</textarea>" in (await karim.get(again)).text
    page = (await karim.get(f"/demandes/{texted.reference}")).text
    assert chosen_in(page) == ways_in(page)[MAIL], "a draft forgets which way it was to go"


async def test_nothing_is_offered_where_nothing_is_known_or_nothing_failed(karim, hall, lea, cases):
    stranger = await hall.register("Zoé", phone("+33639983333"))
    case = await hall.open_case("zoe", citizen=stranger, sender=(phone("+33639983333"),), channel="sms")
    answer = await hall.send(case, TEXT, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-34")
    page = (await karim.get(f"/demandes/{failed(hall, case, answer).reference}")).text
    assert 'name="reprise"' not in page
    assert 'name="way"' not in page
    assert "Destinataire\xa0:" in page
    case = await hall.open_case("arrived", citizen=lea, sender=(phone(PHONE),), channel="sms")
    answer = await hall.send(case, TEXT, purpose=Purpose.REPLY, at=ARRIVED + timedelta(minutes=5), author="agent-34")
    case = failed(hall, case, answer, state="delivered")
    for address in ("", f"?reprise={answer}", "?reprise=nothing"):
        page = (await karim.get(f"/demandes/{case.reference}{address}")).text
        assert 'name="reprise"' not in page
        assert TEXT not in re.search(r"<textarea id=\"text\".*?</textarea>", page, re.DOTALL)[0]


@pytest.mark.parametrize("known", ["shared", "unproven", "unverified case"])
async def test_no_way_leads_to_an_address_that_is_not_surely_the_citizen_s(karim, hall, cases, known):
    lea = await hall.register("Léa Martin", phone(PHONE))
    await hall.hold(mail(OTHER), lea, verified=known != "unproven")
    if known == "shared":
        await hall.register("Luc Martin", mail(OTHER))
    case = await hall.open_case(
        "texted", citizen=lea, sender=(phone(PHONE),), channel="sms", unverified=known == "unverified case"
    )
    assert 'name="way"' not in (await karim.get(f"/demandes/{case.reference}")).text


async def test_what_answers_a_third_person_goes_to_nobody_s_other_address(karim, hall, lea, fields):
    case = await hall.open_case("guardian", citizen=lea, sender=(mail("tutrice@courriel.example"),))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert 'type="radio" id="par' not in page
    mine = await hall.open_case("mine", citizen=lea, sender=(mail(MAIL),))
    way = ways_in((await karim.get(f"/demandes/{mine.reference}")).text)[SHOWN]
    assert (await leave(karim, case, fields, way=way)).status_code == 422


async def test_a_mail_may_be_answered_by_text_without_anything_having_failed(karim, hall, lea, fields):
    case = await hall.open_case("mailed", citizen=lea, sender=(mail(MAIL),))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert [*ways_in(page)] == [MAIL, SHOWN]
    await leave(karim, case, fields, way=ways_in(page)[SHOWN])
    command, to = await sent(hall)
    assert (command.goes_by, command.instead_of, to) == ("sms", None, PHONE)


@pytest.mark.parametrize("what", ["another case's", "gone meanwhile", "arrived meanwhile", "made up for", "forged"])
async def test_what_does_not_hold_any_more_gives_the_words_back(karim, hall, lea, texted, fields, what):
    page, more = (await karim.get(f"/demandes/{texted.reference}")).text, {"instead_of": texted.unsent[0]}
    way = ways_in(page)[MAIL]
    if what == "another case's":
        other = await hall.open_case("other", citizen=lea, sender=(phone(PHONE),), channel="sms")
        way = ways_in((await karim.get(f"/demandes/{other.reference}")).text)[MAIL]
    elif what == "gone meanwhile":
        hall.registry.identifiers[:] = [each for each in hall.registry.identifiers if each.kind == "phone"]
    elif what == "arrived meanwhile":
        hall.cases.put(texted.model_copy(update={"deliveries": {texted.unsent[0]: "delivered"}, "unsent": ()}))
    elif what == "made up for":
        hall.cases.put(texted.model_copy(update={"unsent": ()}))
    else:
        more = {"instead_of": "made-up"}
    is_failed_no_more = what in {"arrived meanwhile", "made up for", "forged"}
    given = await leave(karim, texted, fields, way=way, **more)
    assert given.status_code == 422
    assert ("est arrivé, repart" if is_failed_no_more else "choisissez de nouveau") in given.text
    assert f">{TEXT}</textarea>" in given.text
    assert hall.publisher.on(CASE_COMMANDS) == []
    if is_failed_no_more:
        assert chosen_in(given.text) == way
        assert 'name="instead_of" value=""' in given.text, "sent again it never leaves"
    else:
        assert_nothing_is_chosen(given.text, way)


@pytest.mark.parametrize("others", [True, False], ids=["another is left", "none is left"])
async def test_a_draft_whose_way_is_gone_leaves_by_none_until_one_is_chosen(karim, hall, lea, texted, fields, others):
    page = await karim.get(f"/demandes/{texted.reference}")
    way = ways_in(page.text)[MAIL]
    await karim.post(f"/demandes/{texted.reference}/brouillon", data={**fields(page), "text": TEXT, "way": way})
    hall.registry.identifiers[:] = [each for each in hall.registry.identifiers if each.kind == "phone"]
    if others:
        await hall.hold(mail(OTHER), lea, verified=True)
    assert_nothing_is_chosen((await karim.get(f"/demandes/{texted.reference}")).text, way)
    given = await leave(karim, texted, fields, way=way)
    assert given.status_code == 422
    assert_nothing_is_chosen(given.text, way)
    await leave(karim, texted, fields, way=[way, ""])
    command, to = await sent(hall)
    assert (command.goes_by, to) == (None, None)


async def test_a_draft_of_before_a_colleague_s_answer_does_not_leave_as_it_is(karim, hall, texted, fields):
    [answer] = texted.unsent
    page = await karim.get(f"/demandes/{texted.reference}?reprise={answer}")
    kept = {**fields(page), "text": TEXT, "way": ways_in(page.text)[MAIL], "instead_of": answer}
    await karim.post(f"/demandes/{texted.reference}/brouillon", data=kept)
    hall.cases.put(texted.model_copy(update={"unsent": ()}))
    page = (await karim.get(f"/demandes/{texted.reference}")).text
    assert f'name="instead_of" value="{answer}"' in page
    given = await leave(karim, texted, fields, way=chosen_in(page), instead_of=answer)
    assert "est arrivé, repart" in given.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_what_went_to_a_chosen_address_says_so_in_the_story(karim, hall, texted, fields):
    page = (await karim.get(f"/demandes/{texted.reference}")).text
    await leave(karim, texted, fields, way=ways_in(page)[MAIL])
    command, _ = await sent(hall)
    about = {"case_id": texted.case_id, "at": ARRIVED, "message_id": MessageId(command.outbound_id)}
    hall.happened(texted, HistoryEntry(version=4, type="ReplyRequested", by="agent-12", **about), unsent=())
    page = (await karim.get(f"/demandes/{texted.reference}")).text
    assert f'À l’adresse choisie\xa0: <span class="identifier">{MAIL}</span>' in page
    assert 'name="reprise"' not in page, "what was made up for is offered once more"
    assert 'class="delivery delivery-failed"' in page, "the one that failed is not failed any more"


def test_what_an_answer_says_tells_its_parts_apart_and_leaves_none_out():
    to = Destination(MessageId("m"), "email", mail(MAIL), elsewhere=False, surely_theirs=True)
    answer = Answer(Sheet("once", None), TEXT, MessageId("m"))
    parts = {"attached": "a", "way": OtherAddress("a", to), "instead_of": MessageId("a")}
    assert len({replace(answer, **{name: each}).said for name, each in parts.items()} | {answer.said}) == 4


async def test_where_the_usual_way_is_refused_the_signature_is_of_the_one_that_is_ticked(karim, hall, cases):
    dear = phone("+33899123456")
    lea = await hall.register("Léa Martin", dear, mail(MAIL))
    case = await hall.open_case("dear", citizen=lea, sender=(dear,), channel="sms")
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert chosen_in(page) == ways_in(page)[MAIL]
    signature = re.search(r'id="signature">([^<]*)<', page)[1]
    department = the_example_town().departments["voirie"]
    assert department.name in signature
    assert department.postal_address not in signature, "a mail says it around the answer"


async def test_the_preview_is_that_of_the_way_that_is_chosen(karim, texted, fields):
    page = await karim.get(f"/demandes/{texted.reference}")
    form = {**fields(page), "text": TEXT, "signed": "oui"}
    by_text = (await karim.post(f"/demandes/{texted.reference}/apercu", data=form)).text
    by_mail = (
        await karim.post(f"/demandes/{texted.reference}/apercu", data={**form, "way": ways_in(page.text)[MAIL]})
    ).text
    assert "fait suite à votre message (SMS)" in by_mail
    assert "fait suite à votre message" not in by_text


async def test_what_it_asked_by_a_form_it_asks_again_by_the_other_way(hall, lea, karim):
    case = await hall.open_case("asked", citizen=lea, sender=(phone(PHONE),), channel="sms")
    words = QuestionLetter(case.reference, ["Où est le trou ?"], UNTIL).text
    fields = (AskedField(kind=FieldKind.WORDS, label="Où est le trou ?", required=True),)
    question = Question(fields=fields, until=UNTIL, secret=b"s" * 24)
    about = {"purpose": Purpose.REPLY, "at": ARRIVED + timedelta(minutes=5), "author": "agent-34"}
    answer = await hall.send(case, words, question=question, **about)
    failed(hall, case, answer)
    page = (await karim.get(f"/demandes/{case.reference}?reprise={answer}")).text
    assert 'name="asks" value="question 2026-12-24 words!" checked' in page
