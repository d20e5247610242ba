"""The form of a question: whoever holds its link answers once, without an account, and loses no word."""

import re
from datetime import timedelta

import pytest

from guichet.contracts.inbound_content import Remark
from guichet.contracts.questions import AskedField, FieldKind
from guichet.privacy.follow_link import new_question_link, read_question_link
from guichet.store.follow_views.question_page import QuestionState
from guichet_testing.builders.case import ARRIVED

WORDS = "Devant l’école, côté boulangerie."
PHOTO = ("trou.jpg", b"\xff\xd8\xff a photo", "image/jpeg")
ALL_KINDS = (
    AskedField(kind=FieldKind.WORDS, label="Où est le trou ?", required=True),
    AskedField(kind=FieldKind.FILES, label="Une photo", hint="Avec votre téléphone."),
    AskedField(kind=FieldKind.CHOICE, label="Gêne-t-il un passage piéton ?", choices=("Oui", "Non", "Je ne sais pas")),
    AskedField(kind=FieldKind.DAY, label="Depuis quel jour ?"),
    AskedField(kind=FieldKind.LINE, label="Dans quelle rue ?"),
)


async def opened(browser, token: str, **typed: str) -> dict[str, str]:
    """Return what its form sends, filled in so."""
    page = await browser.get(f"/question/{token}")
    mark = re.search(r'name="mark" value="([^"]+)"', page.text)
    assert page.status_code == 200
    assert mark
    return {"mark": mark[1], "word": "", "website": "", **typed}


async def sent(browser, token: str, fields: dict[str, str], **files):
    return await browser.post(f"/question/{token}", data=fields, files=files or {"q99": ("", b"")})


async def test_it_says_what_is_asked_by_whom_and_until_when(browser, counter):
    page = (await browser.get(f"/question/{await counter.ask(*ALL_KINDS)}")).text
    for said in ("2026-7F3K-", "24 décembre 2026", "Voirie", *(each.label for each in ALL_KINDS), "Je ne sais pas"):
        assert said in page
    assert 'accept="image/*,application/pdf"' in page


async def test_an_answer_with_a_photo_is_one_message_that_proves_which_question_it_answers(browser, counter):
    token = await counter.ask(*ALL_KINDS)
    fields = await opened(browser, token, q1=WORDS, q3="Oui", q4="2026-11-02", word="Merci !")
    answer = await sent(browser, token, fields, q2=PHOTO)
    assert (answer.status_code, answer.headers["location"]) == (303, "/reponse-enregistree")
    [event] = counter.received
    said = await counter.open(event)
    assert said.text == (
        f"1. Où est le trou ?\n{WORDS}\n\n2. Une photo\ntrou.jpg\n\n3. Gêne-t-il un passage piéton ?\nOui\n\n"
        "4. Depuis quel jour ?\n2 novembre 2026\n\n5. Dans quelle rue ?\nSans réponse.\n\nUn mot au service\u00a0:\nMerci !"
    )
    assert (said.sender, said.remarks, event.channel) == ((), (Remark.ANSWERS_QUESTION,), "portal")
    assert said.question.outbound_id == "letter of a question"
    assert read_question_link(token).proves(event.message_id, said.question.proof)
    assert [*said.attachment_names.values()] == ["trou.jpg"]


async def test_sent_twice_it_is_one_message_and_another_answer_comes_back_whole(browser, counter):
    token = await counter.ask()
    tabs = [await opened(browser, token, q1=words) for words in (WORDS, "Ailleurs, en fait.")]
    for _ in range(2):
        assert (await sent(browser, token, tabs[0])).status_code == 303
    other = await sent(browser, token, tabs[1])
    assert other.status_code == 409
    for said in ("déjà reçu une réponse", "Ailleurs, en fait.", "rien n’en est perdu"):
        assert said in other.text
    assert len({event.message_id for event in counter.received}) == 1
    assert "déjà reçu une réponse" in (await browser.get(f"/question/{token}")).text


async def test_what_comes_back_goes_on_by_the_form_of_the_town(browser, counter):
    token = await counter.ask(state=QuestionState.REPLACED)
    over = await sent(browser, token, {"q1": WORDS})
    mark = re.search(r'name="mark" value="([^"]+)"', over.text)
    asked = re.search(r'<textarea id="message" name="message"[^>]*>([^<]+)<', over.text)
    form = await browser.post("/", data={"mark": mark[1], "message": asked[1]}, files={"files": ("", b"")})
    assert WORDS in form.text
    assert "Indiquez votre nom." in form.text


@pytest.mark.parametrize(
    ("state", "said", "status"),
    [
        (QuestionState.ANSWERED, "Cette question a déjà reçu une réponse", 200),
        (QuestionState.REPLACED, "ouvrez le lien de son message le plus récent", 200),
        (QuestionState.CLOSED, "Cette question n’attend plus de réponse", 410),
    ],
)
async def test_one_that_takes_no_answer_says_why_and_asks_nothing(browser, counter, state, said, status):
    token = await counter.ask(state=state)
    page = await browser.get(f"/question/{token}")
    assert (page.status_code, said in page.text, "Où est le trou" in page.text) == (status, True, False)
    late = await sent(browser, token, {"q1": WORDS})
    assert (late.status_code in {409, 410}, WORDS in late.text, counter.received) == (True, True, [])


async def test_a_late_answer_comes_back_whatever_was_typed_for_a_day(browser, counter):
    token = await counter.ask(*ALL_KINDS, state=QuestionState.REPLACED)
    late = await sent(browser, token, {"q1": WORDS, "q4": "hier"})
    assert (late.status_code, WORDS in late.text, "hier" in late.text) == (409, True, True)


async def test_a_link_that_ended_or_was_given_to_nobody_asks_nothing(browser, counter):
    ended = await counter.ask(expires_at=ARRIVED)
    counter.clock.at = ARRIVED + timedelta(seconds=1)
    assert (await browser.get(f"/question/{ended}")).status_code == 410
    followed = await counter.follow_case("Bonjour.")
    for nobody in (new_question_link().token, followed, "short"):
        for found in (await browser.get(f"/question/{nobody}"), await sent(browser, nobody, {"q1": WORDS})):
            assert found.status_code == 404
    assert (await browser.get(f"/suivi/{await counter.ask(name='another')}")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "files", "name", "said"),
    [
        ({"q1": " "}, {}, "q1", "Répondez à cette question."),
        ({"q1": WORDS, "q3": "Peut-être"}, {}, "q3", "Choisissez une des réponses proposées."),
        ({"q1": WORDS, "q4": "2026-02-30"}, {}, "q4", "Cette date n’existe pas."),
        ({"q1": WORDS, "q5": "x" * 501}, {}, "q5", "Ce texte est trop long"),
        ({"q1": WORDS}, {"q2": ("virus.exe", b"MZ")}, "q2", "ni une photo ni un PDF"),
        ({"q1": WORDS}, {"q2": ("plan.svg", b"<svg onload='alert(1)'/>")}, "q2", "ni une photo ni un PDF"),
        ({"q1": WORDS}, {"q2": ("photo.jpg", b"x" * (8 * 1024 * 1024 + 1))}, "q2", "dépasse 8 Mio"),
        ({"q1": WORDS, "website": "spam"}, {}, "website", "Laissez cette case vide."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_no_word_is_lost(browser, counter, typed, files, name, said):
    token = await counter.ask(*ALL_KINDS)
    page = await sent(browser, token, await opened(browser, token, **typed), **files)
    assert page.status_code == 422
    [beside] = re.findall(rf'<span class="wrong" id="{name}-wrong">([^<]+)</span>', page.text)
    assert said in beside
    place = f"Question\u00a0{name[1:]}\u00a0: " if name.startswith("q") else ""
    assert re.search(rf'href="#{name}">{place}', page.text.replace("Question ", "Question\u00a0"))
    assert typed["q1"] in page.text
    assert counter.received == []


async def test_a_form_of_nothing_but_optional_fields_wants_one_of_them(browser, counter):
    token = await counter.ask(AskedField(kind=FieldKind.FILES, label="Plan"), name="plan")
    empty = await sent(browser, token, await opened(browser, token))
    assert "Répondez à une question au moins" in empty.text
    assert (await sent(browser, token, await opened(browser, token, word="Je ne l’ai pas."))).status_code == 303


async def test_while_the_broker_is_away_the_answer_comes_back_and_is_taken_later(browser, counter):
    token = await counter.ask()
    fields = await opened(browser, token, q1=WORDS)
    counter.publisher.away = True
    page = await sent(browser, token, fields)
    assert (page.status_code, WORDS in page.text) == (503, True)
    counter.publisher.away = False
    assert (await sent(browser, token, fields | {"q1": "Autrement dit."})).status_code == 303


async def test_a_form_that_is_not_ours_is_asked_for_again_with_its_words(browser, counter):
    token = await counter.ask()
    page = await sent(browser, token, {"q1": WORDS, "mark": "forged"})
    assert (page.status_code, WORDS in page.text, counter.received) == (409, True, [])


async def test_it_is_read_in_english_too(browser, counter):
    page = (await browser.get(f"/question/{await counter.ask()}?langue=en")).text
    assert "The town hall asks you a question" in page


async def test_links_are_remembered_for_a_bounded_number(browser, counter, monkeypatch):
    monkeypatch.setattr("citizen_portal.handlers.answer_question.REMEMBERED", 1)
    tokens = [await counter.ask(name=name) for name in ("one", "two")]
    for token in tokens:
        assert (await sent(browser, token, await opened(browser, token, q1=WORDS))).status_code == 303
    pages = [(await browser.get(f"/question/{token}")).text for token in tokens]
    assert ["déjà reçu une réponse" in page for page in pages] == [False, True]
