"""An agent asks by a form: the letter goes by the composer, and the case waits until the day after the last one."""

import re
from datetime import date

import pytest

from guichet.contracts.case_commands import SendReply, SnoozeCase
from guichet.contracts.questions import FieldKind
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import TransientError
from guichet.law.calendar import start_of_day
from guichet.store.messages.document import OUTBOUND_CONTENT
from guichet.vault.fields import open_one

MARK = "question 2026-12-24 words! files"


@pytest.fixture
def case(cases):
    return cases["hole"]


def here(case, *further):
    return "/".join((f"/demandes/{case.reference}", *further))


def given_by(hall):
    return hall.publisher.on(CASE_COMMANDS)


def hidden(page, form):
    """The hidden fields of the form that leads somewhere, and what it asks."""
    [found] = re.findall(rf'<form[^>]* action="{form}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    return dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', found)) | dict(
        re.findall(r'type="checkbox" id="asks" name="(asks)" value="([^"]*)"', found)
    )


@pytest.fixture
def ask(karim, case):
    async def ask(then="reponse", **typed):
        page = await karim.get(here(case, "question"))
        asks = {"label-1": "Où est le trou ?", "required-1": "oui", "label-2": "Une photo", "kind-2": "files"}
        form = {**hidden(page, here(case, "question")), "until": "2026-12-24", "own": "Merci <bien>.", **asks, **typed}
        return await karim.post(here(case, "question"), data={**form, "then": then})

    return ask


@pytest.fixture
def compose(karim, case):
    """Send what stands in the composer, changed."""

    async def compose(**more):
        page = await karim.get(here(case))
        text = page.text.partition('<textarea id="text"')[2].partition(">")[2].partition("</textarea>")[0]
        form = {**hidden(page, here(case, "reponse")), "text": text.replace("&lt;", "<").replace("&gt;", ">")}
        return await karim.post(here(case, "reponse"), data={**form, "signed": "oui", **more})

    return compose


async def question_of(hall, reply):
    letter = hall.messages.messages[reply.outbound_id]
    return (await open_one(hall.vault, OUTBOUND_CONTENT.on(letter.message_id, letter.content))).question


async def test_it_leaves_with_its_question_and_the_case_waits(hall, case, ask, compose):
    assert (await ask()).headers["location"] == here(case) + "#text"
    assert (await compose()).status_code == 303
    reply, back = given_by(hall)
    assert isinstance(reply, SendReply)
    assert (reply.awaits_answer, reply.states) == (True, None)
    assert isinstance(back, SnoozeCase)
    assert (back.until, back.behind) == (start_of_day(date(2026, 12, 25)), reply.event_id)
    question = await question_of(hall, reply)
    assert [(each.kind, each.label, each.required) for each in question.fields] == [
        (FieldKind.WORDS, "Où est le trou ?", True),
        (FieldKind.FILES, "Une photo", False),
    ]
    assert (question.until, len(question.secret)) == (date(2026, 12, 24), 24)


async def test_no_word_of_it_lies_beside_the_sealed_draft(hall, ask):
    await ask()
    (draft,) = hall.drafts.drafts.values()
    assert draft.asks == MARK


async def test_a_preview_shows_the_letter_and_sends_nothing(hall, ask):
    page = await ask(then="apercu")
    for said in ("1. Où est le trou ?\n2. Une photo", "Merci &lt;bien&gt;.", "24 décembre 2026", "In English:"):
        assert said in page.text
    assert (given_by(hall), hall.drafts.drafts) == ([], {})


async def test_unticked_it_is_an_answer_like_any_other(hall, ask, compose):
    await ask()
    assert (await compose(asks="")).status_code == 303
    (reply,) = given_by(hall)
    assert (reply.awaits_answer, await question_of(hall, reply)) == (False, None)


async def test_choices_stand_in_the_letter_and_in_the_form(hall, ask, compose):
    await ask(**{"label-1": "Gêne-t-il ?", "kind-1": "choice", "choices-1": "Oui\nNon\nJe ne sais pas", "label-2": ""})
    assert (await compose()).status_code == 303
    question = await question_of(hall, given_by(hall)[0])
    assert [(each.label, each.choices) for each in question.fields] == [
        ("Gêne-t-il ?", ("Oui", "Non", "Je ne sais pas"))
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": "Où est le trou ?"}, "ne pose plus chaque question"),
        ({"asks": "question 2026-11-24 words files"}, "le jour donné pour répondre est passé"),
        ({"then": "close"}, "une demande close n’attend pas de réponse"),
    ],
)
async def test_what_would_ask_nothing_does_not_leave(hall, ask, compose, more, code):
    await ask()
    page = await compose(**more)
    assert (page.status_code, code in page.text.replace("\u00a0", " "), given_by(hall)) == (422, True, [])


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label-1": " ", "label-2": ""}, "label-1"),
        ({"label-1": "x" * 501}, "label-1"),
        ({"label-1": "Quoi ?", "kind-1": "nonsense"}, "label-1"),
        ({"label-1": "Quoi ?", "kind-1": "choice", "choices-1": "Oui"}, "choices-1"),
        ({"label-1": "Quoi ?", "kind-1": "choice", "choices-1": "Oui (a)\nNon"}, "choices-1"),
        ({"until": "2026-11-01"}, "until"),
        ({"own": "x" * 5_001}, "own"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(hall, ask, typed, field):
    page = await ask(**typed)
    assert page.status_code == 422
    assert f'id="{field}-wrong"' in page.text
    assert hall.drafts.drafts == {}


async def test_while_the_store_is_away_everything_comes_back(hall, ask, monkeypatch):
    async def away(*_):
        raise TransientError("away")

    monkeypatch.setattr(hall.drafts, "put", away)
    page = await ask()
    assert (page.status_code, "Où est le trou ?" in page.text) == (503, True)
