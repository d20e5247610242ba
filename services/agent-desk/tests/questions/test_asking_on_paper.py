"""A question of a letter on paper: it bears an address and a code to photograph, and says how one answers by post."""

import re
from datetime import date

import pypdfium2
import pytest
import zxingcpp

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import SendReply, SnoozeCase
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.questions import AskedField, FieldKind, Question
from guichet.contracts.topics import CASE_COMMANDS
from guichet.documents.typeset import TypesettingProcesses
from guichet.ids import AgentId
from guichet.law.calendar import start_of_day
from guichet.privacy.follow_link import QuestionLink, new_question_link
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.vault.fields import open_one

QUESTION = "Où est le trou ?"
AT_HOME = "Aïcha Le Goff\n22, avenue du Général-de-Gaulle\n99999 Saint-Aubin-des-Prés"


@pytest.fixture
async def spoken(hall):
    """A case that nothing leads back to electronically."""
    return await hall.open_case("spoken", channel="counter", sender=())


def here(case, *further):
    return "/".join((f"/demandes/{case.reference}", *further))


def hidden(page):
    found = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text.partition("<main")[2]))
    return found | dict(re.findall(r'type="checkbox" id="asks" name="(asks)" value="([^"]*)"', page.text))


@pytest.fixture
def ask(karim):
    async def ask(case, where="question", **typed):
        page = await karim.get(here(case, where))
        form = {**hidden(page), "label-1": QUESTION, "required-1": "oui", "until": "2026-12-24", "then": "reponse"}
        return await karim.post(re.search(r'action="([^"]*/question[^"]*)"', page.text)[1], data=form | typed)

    return ask


@pytest.mark.parametrize("where", ["question", "question?par=courrier"])
async def test_it_is_kept_with_its_question_and_the_case_waits(karim, hall, cases, spoken, ask, where):
    case = spoken if where == "question" else cases["hole"]
    page = await ask(case, where)
    assert page.status_code == 200
    assert f'action="{here(case, "courrier")}"' in page.text
    text = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)[1]
    assert "lien ci-dessous" not in text
    assert (await karim.post(here(case, "courrier"), data=hidden(page) | {"text": text})).status_code == 303
    reply, back = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(reply, SendReply)
    assert (reply.goes_by, reply.awaits_answer) == ("letter", True)
    assert isinstance(back, SnoozeCase)
    assert (back.until, back.behind) == (start_of_day(date(2026, 12, 25)), reply.event_id)
    letter = hall.messages.messages[reply.outbound_id]
    said = await open_one(hall.vault, OUTBOUND_CONTENT.on(letter.message_id, letter.content))
    assert [(each.kind, each.label, each.required) for each in said.question.fields] == [
        (FieldKind.WORDS, QUESTION, True)
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": QUESTION}, "ne pose plus chaque question"),
        ({"asks": "question 2026-11-24 words"}, "Aucun formulaire ne peut plus être envoyé"),
    ],
)
async def test_what_would_ask_nothing_comes_back(karim, hall, spoken, ask, more, said):
    page = await ask(spoken)
    form = hidden(page) | {"text": f"1. {QUESTION}"} | more
    again = await karim.post(here(spoken, "courrier"), data=form)
    assert (again.status_code, said in again.text.replace("\u00a0", " ")) == (422, True)
    assert hall.publisher.on(CASE_COMMANDS) == []


@pytest.mark.parametrize("asks", ["", "terrasse 2026-12-24 plan"])
async def test_unticked_or_of_pieces_it_asks_by_no_form(karim, hall, spoken, ask, asks):
    page = await ask(spoken)
    form = hidden(page) | {"text": f"1. {QUESTION}", "asks": asks}
    assert (await karim.post(here(spoken, "courrier"), data=form)).status_code == 303
    [reply] = hall.publisher.on(CASE_COMMANDS)
    assert not reply.awaits_answer


@pytest.fixture
async def asked(hall, spoken):
    """An answer on paper that asks, and its question."""
    question = Question(
        fields=(AskedField(kind=FieldKind.WORDS, label=QUESTION),),
        until=date(2026, 12, 24),
        secret=new_question_link().secret,
    )
    sent = await hall.send(
        spoken, f"Bonjour,\n\n1. {QUESTION}", purpose=Purpose.REPLY, at=spoken.updated_at, author=AgentId("agent-12"),
        question=question,
    )  # fmt: skip
    about = {"case_id": spoken.case_id, "at": spoken.updated_at, "message_id": sent}
    hall.happened(spoken, HistoryEntry(version=8, type="ReplyRequested", by=AgentId("agent-12"), **about))
    withheld = HistoryEntry(
        version=9, type="DeliveryRecorded", state=DeliveryState.WITHHELD, code="not-electronic", **about
    )
    hall.happened(spoken, withheld, deliveries={sent: DeliveryState.WITHHELD})
    return here(spoken, "envois", sent, "lettre"), question


async def test_it_is_printed_with_what_leads_to_its_form_and_how_one_answers_by_post(
    karim, hall, spoken, asked, fields
):
    path, question = asked
    typed = {**fields(await karim.get(path)), "recipient": AT_HOME, "subject": "Votre chaussée"}
    assert (await karim.post(path, data=typed)).status_code == 200
    form = hall.typesetting.last.said["form"]
    address = f"https://portail.example/question/{QuestionLink(question.secret).token}"
    assert (form["address"], form["title"]) == (address, "Pour répondre")
    online, by_post, *in_english = (each.replace("\u00a0", " ") for each in form["lines"])
    assert "si possible d’ici au 24 décembre 2026" in online
    assert "Par courrier" in by_post
    assert spoken.reference in by_post
    assert "24 December 2026" in in_english[0]


async def test_its_code_is_read_by_a_telephone_and_the_letter_by_a_screen_reader(
    karim, hall, asked, fields, verapdf, tmp_path
):
    path, question = asked
    await karim.post(path, data={**fields(await karim.get(path)), "recipient": AT_HOME, "subject": "x"})
    pdf = await TypesettingProcesses().typeset(hall.typesetting.last)
    [page] = pypdfium2.PdfDocument(pdf)
    [code] = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    address = f"https://portail.example/question/{QuestionLink(question.secret).token}"
    assert code.text == address
    assert address in re.sub(r"\s", "", page.get_textpage().get_text_range()), "who has no camera types it"
    (tmp_path / "letter.pdf").write_bytes(pdf)
    for profile in ("2b", "ua1"):
        assert verapdf.broken_clauses([tmp_path / "letter.pdf"], profile) == {"letter.pdf": []}
