"""An agent asks for pieces by an answer, or by post, and notes that they came."""

import re
from datetime import date, timedelta

import pytest

from guichet.contracts.case_commands import SendReply, StateFact
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import TransientError
from guichet.law.calendar import paris_date, start_of_day
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import TERRACE

CONFIRMED = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=TERRACE)
ASKED_AT = ARRIVED + timedelta(hours=2)
ASKED = StatedFact(
    event="pieces-asked-for", at=ASKED_AT, asked={"pieces": [{"name": "plan"}], "until": date(2026, 12, 24)}
)


@pytest.fixture
def case(hall, cases):
    return put(hall, cases["hole"], CONFIRMED)


def put(hall, case, *facts, **kept):
    now = case.model_copy(update={"received_at": ARRIVED, "facts": facts, **kept})
    hall.cases.put(now)
    return now


def here(case, *further):
    return "/".join((f"/demandes/{case.reference}", *further))


def given_by(hall):
    return hall.publisher.on(CASE_COMMANDS)


def hidden(page, form):
    """The hidden fields of the form that leads somewhere."""
    [found] = re.findall(rf'<form[^>]* action="{form}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    return dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', found)) | dict(
        re.findall(r'type="checkbox" id="asks" name="(asks)" value="([^"]*)"', found)
    )


def plain(page):
    return page.text.replace("\u00a0", " ").replace("&#39;", "'")


@pytest.fixture
def ask(karim, case):
    async def ask(*pieces, then="reponse", **more):
        page = await karim.get(here(case, "pieces"))
        form = {**hidden(page, here(case, "pieces")), "until": "2026-12-24", "own": "Merci <bien>.", **more}
        return await karim.post(here(case, "pieces"), data={**form, "piece": [*pieces], "then": then})

    return ask


@pytest.fixture
def compose(karim, case):
    """Send what stands in the composer, changed."""

    async def compose(to="reponse", **more):
        page = await karim.get(here(case))
        text = page.text.partition('<textarea id="text"')[2].partition(">")[2].partition("</textarea>")[0]
        form = {**hidden(page, here(case, to)), "text": text.replace("&lt;", "<").replace("&gt;", ">"), "signed": "oui"}
        return await karim.post(here(case, to), data={**form, **more})

    return compose


async def test_the_letter_goes_by_the_composer_and_asks_once_it_leaves(hall, case, ask, compose):
    assert (await ask("plan", "photo")).headers["location"] == here(case) + "#text"
    assert (await compose()).status_code == 303
    (reply,) = given_by(hall)
    assert isinstance(reply, SendReply)
    assert reply.states.event is FactKind.PIECES_ASKED_FOR
    assert reply.states.at == reply.occurred_at
    assert [(each.name, each.required_by) for each in reply.states.asked.pieces] == [
        ("plan", "arrêté municipal 12, article 3"),
        ("photo", None),
    ]
    assert reply.states.asked.until == date(2026, 12, 24)


async def test_a_preview_shows_the_letter_and_what_it_does_and_sends_nothing(hall, ask):
    page = await ask("plan", then="apercu")
    assert page.status_code == 200
    text = plain(page)
    assert "– Plan coté (arrêté municipal 12, article 3)" in text
    assert "Merci &lt;bien&gt;." in text
    assert "le délai du rejet est suspendu" in text
    assert "Le traitement peut attendre ce qui est indispensable." in text
    assert given_by(hall) == []
    assert hall.drafts.drafts == {}


async def test_r7_unticked_the_answer_is_a_question_that_moves_no_clock(hall, ask, compose):
    """R7 (docs/law.md 61)."""
    await ask("plan")
    assert (await compose(asks="")).status_code == 303
    (reply,) = given_by(hall)
    assert reply.states is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": "Envoyez le plan."}, "Le texte ne dit plus chaque pièce"),
        ({"asks": "2026-12-24 shoe"}, "Une pièce est déjà là"),
        ({"asks": "2026-11-24 plan"}, "Une pièce est déjà là"),
    ],
)
async def test_what_its_words_do_not_say_does_not_leave_and_the_words_stay(hall, ask, compose, more, words):
    await ask("plan")
    answer = await compose(**more)
    assert answer.status_code == 422
    assert words in plain(answer)
    assert (more.get("text") or "Merci &lt;bien&gt;.") in plain(answer)
    assert given_by(hall) == []


async def test_a_piece_that_came_meanwhile_is_not_asked_for(hall, case, ask, compose):
    await ask("plan")
    page = await compose_late(hall, case, compose)
    assert page.status_code == 422
    assert "Une pièce est déjà là" in plain(page)
    assert given_by(hall) == []


async def compose_late(hall, case, compose):
    came = StatedFact(event="piece-arrived", at=ASKED_AT, piece="plan")
    put(hall, case, CONFIRMED, came)
    return await compose(asks="2026-12-24 plan")


@pytest.mark.parametrize(
    ("pieces", "more", "words"),
    [
        ((), {}, "Choisissez au moins une pièce"),
        (("shoe",), {}, "Choisissez au moins une pièce"),
        (("plan",), {"until": "2026-11-24"}, "Choisissez un jour après celui de la lettre"),
        (("plan",), {"until": "2030-01-01"}, "Choisissez un jour après celui de la lettre"),
        (("plan",), {"until": "demain"}, "Choisissez un jour après celui de la lettre"),
    ],
)
async def test_what_is_wrong_comes_back_with_the_words(hall, ask, pieces, more, words):
    answer = await ask(*pieces, **more)
    assert answer.status_code == 422
    assert words in plain(answer)
    assert "Merci &lt;bien&gt;.</textarea>" in answer.text
    assert hall.drafts.drafts == {}


async def test_what_stood_in_the_draft_stays_below_the_letter(karim, hall, case, ask, fields):
    page = await karim.get(here(case))
    await karim.post(here(case, "brouillon"), data={**fields(page), "text": "Bien reçu."})
    assert (await ask("plan")).status_code == 303
    page = await karim.get(here(case))
    assert "Bien reçu.</textarea>" in page.text
    assert "Plan coté" in page.text.partition('<textarea id="text"')[2].partition("</textarea>")[0]


async def test_a_letter_that_was_posted_is_noted_of_its_day(hall, case, ask):
    put(hall, case, CONFIRMED, received_at=ARRIVED - timedelta(days=4))
    answer = await ask("plan", then="courrier", on="2026-11-22")
    assert answer.status_code == 303
    (stated,) = given_by(hall)
    assert isinstance(stated, StateFact)
    assert stated.fact.at == start_of_day(date(2026, 11, 22))
    assert [each.name for each in stated.fact.asked.pieces] == ["plan"]


@pytest.mark.parametrize("on", ["", "2026-11-01", "2031-01-01"])
async def test_a_letter_was_posted_since_receipt(hall, ask, on):
    answer = await ask("plan", then="courrier", on=on)
    assert answer.status_code == 422
    assert "Choisissez un jour, de la réception" in plain(answer)
    assert given_by(hall) == []


async def test_refused_by_the_router_the_form_keeps_what_was_typed(hall, ask):
    hall.publisher.refuses = "unknown-piece"
    answer = await ask("plan", then="courrier", on=paris_date(hall.clock()).isoformat())
    assert answer.status_code == 409
    assert "cette démarche ne demande pas, ou plus, cette pièce" in plain(answer)
    assert "Merci &lt;bien&gt;.</textarea>" in answer.text


async def test_while_the_store_is_away_the_form_keeps_what_was_typed(hall, ask, monkeypatch):
    async def away(*_):
        raise TransientError("away")

    monkeypatch.setattr(hall.drafts, "put", away)
    answer = await ask("plan")
    assert answer.status_code == 503
    assert "Merci &lt;bien&gt;.</textarea>" in answer.text


async def test_a_piece_is_noted_as_received_after_the_letter_of_its_day(karim, hall, case):
    put(hall, case, CONFIRMED, ASKED)
    page = await karim.get(here(case, "pieces"))
    assert 'name="on" value="2026-11-24"' in page.text, "the day of the citizen's last message"
    form = hidden(page, here(case, "pieces/recue"))
    assert form["piece"] == "plan"
    answer = await karim.post(here(case, "pieces/recue"), data={**form, "on": "2026-11-24"})
    assert answer.status_code == 303
    (stated,) = given_by(hall)
    assert stated.fact == StatedFact(event="piece-arrived", at=ASKED_AT, piece="plan")


@pytest.mark.parametrize(
    ("more", "words"),
    [({"piece": "photo"}, "n’est plus attendue"), ({"on": "2026-01-01"}, "Choisissez un jour, de la réception")],
)
async def test_what_was_not_asked_for_or_came_before_is_not_noted(karim, hall, case, more, words):
    put(hall, case, CONFIRMED, ASKED)
    page = await karim.get(here(case, "pieces"))
    form = {**hidden(page, here(case, "pieces/recue")), "on": "2026-11-24", **more}
    answer = await karim.post(here(case, "pieces/recue"), data=form)
    assert answer.status_code == 422
    assert words in plain(answer)
    assert given_by(hall) == []


async def test_what_is_here_is_said_and_not_offered(karim, hall, case):
    put(hall, case, CONFIRMED, ASKED, StatedFact(event="piece-arrived", at=ASKED_AT, piece="plan"))
    page = await karim.get(here(case, "pieces"))
    assert "déjà reçue" in page.text
    assert 'name="piece" value="plan"' not in page.text


async def test_what_nobody_confirmed_is_given_back_with_what_it_asks_for(karim, hall, case, ask, compose):
    await ask("plan")
    hall.publisher.is_away = True
    led = (await compose()).headers["location"]
    hall.clock.now += timedelta(minutes=11)
    page = await karim.get(here(case, "saisie"), params={"suite": led.partition("suite=")[2]})
    assert "Plan coté" in page.text.partition('<textarea id="text"')[2].partition("</textarea>")[0]
    assert 'name="asks" value="2026-12-24 plan" checked' in page.text, "sent again, the delay would not wait as it says"


async def test_at_the_counter_the_letter_is_printed_and_its_day_noted(karim, sign_in, hall):
    heard = {"channel": "counter", "entered_by": "agent-21", "called": "Irène Kessler"}
    case = put(hall, await hall.open_case("market", subject="Une terrasse", citizen=None, **heard), CONFIRMED)
    page = await (await sign_in("writes-unsigned")).get(here(case, "pieces"))
    assert "imprimez et postez la lettre de l’aperçu" in page.text
    assert "/courrier" not in page.text, "an answer on paper is for who may send it alone"
    page = await karim.get(here(case, "pieces"))
    assert "imprimez-la, postez-la" in page.text
    assert f'href="{here(case, "courrier")}"' in page.text
    assert 'value="reponse"' not in page.text
    form = {**hidden(page, here(case, "pieces")), "piece": "plan", "until": "2026-12-24", "on": "2026-11-24"}
    seen = await karim.post(here(case, "pieces"), data={**form, "then": "apercu"})
    assert "– Plan coté (arrêté municipal 12, article 3)" in seen.text
    assert (await karim.post(here(case, "pieces"), data={**form, "then": "courrier"})).status_code == 303
    (stated,) = given_by(hall)
    assert stated.fact.asked.until == date(2026, 12, 24)
