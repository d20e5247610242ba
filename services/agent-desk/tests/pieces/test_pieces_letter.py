"""The letter that asks for pieces says what it does to a delay, and nothing where it does nothing (docs/law.md 23, 61)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.clocks.pieces_letter import Effect, PiecesLetter, effect_of
from agent_desk.domain.clocks.pieces_to_ask import PiecesToAsk, PieceToAsk
from agent_desk.domain.decisions.asked_mark import AskedMark
from guichet.contracts.legal_facts import StatedFact
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import GARLAND, PIECES, SIGN, TERRACE, clocked_town

UNTIL = date(2026, 12, 24)
NOW = ARRIVED + timedelta(days=2)
PLAN, INSURANCE, PHOTO = (
    PieceToAsk("plan", "Plan coté", "arrêté 12, article 3", indispensable=True),
    PieceToAsk("assurance", "Attestation d’assurance", "arrêté 12, article 4"),
    PieceToAsk("photo", "Photographie"),
)


def letter(*pieces, effect=Effect.NONE, own=""):
    return both(*pieces, effect=effect, own=own)[0]


def both(*pieces, effect=Effect.NONE, own=""):
    """Return it in French, and in English."""
    text = PiecesLetter("GU-1", "Terrasse", date(2026, 11, 24), pieces, UNTIL, effect, own).text
    french, english = text.split("\n\nIn English:\n\n")
    return french, english


def case_of(cases, procedure, *facts):
    told = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=procedure)
    return cases["hole"].model_copy(update={"received_at": ARRIVED, "facts": (told, *facts)})


def test_it_names_each_piece_its_text_and_the_day_and_that_work_goes_on():
    text = letter(INSURANCE, PHOTO, effect=Effect.SUSPENDED, own="Merci de votre appel.").replace("\u00a0", " ")
    assert text.startswith(
        "Bonjour,\n\nMerci de votre appel.\n\nNous avons reçu le 24 novembre 2026 votre demande GU-1"
    )
    assert "– Attestation d’assurance (arrêté 12, article 4)\n– Photographie\n" in text
    assert "au plus tard le 24 décembre 2026" in text
    assert "serait rejetée sans réponse de la mairie est suspendu" in text
    assert "la pièce exigée par le texte cité ci-dessus, et au plus tard jusqu’au 24 décembre 2026." in text
    assert text.endswith("En attendant, votre demande continue d’être traitée.")


def test_of_an_acceptance_it_says_that_its_delay_has_not_begun():
    text = letter(PLAN, INSURANCE, effect=Effect.NOT_BEGUN)
    assert "serait acceptée sans réponse de la mairie ne commence que le jour où nous aurons reçu toutes ces" in text
    assert "rejet" not in text
    assert text.endswith(
        "Sans la pièce suivante, indispensable, votre demande ne peut pas être traitée\u00a0: Plan coté."
    )


@pytest.mark.parametrize(
    ("pieces", "effect", "said"),
    [
        ((INSURANCE, PHOTO), Effect.SUSPENDED, ["refused", "what a text cited above requires, and until", "go on"]),
        ((PLAN,), Effect.NOT_BEGUN, ["accepted", "have received this document.", "Without this document, which is"]),
        ((PLAN, INSURANCE), Effect.NOT_BEGUN, ["all these documents.", "Without the document said above to be"]),
        ((PHOTO,), Effect.NONE, ["Please send it by 24 December 2026", "go on dealing"]),
    ],
)
def test_in_english_it_says_the_same(pieces, effect, said):
    french, english = both(*pieces, effect=effect)
    assert [each for each in said if each not in english] == []
    assert ("délai" in french) == ("The time after which" in english) == (effect is not Effect.NONE)


@pytest.mark.parametrize("pieces", [(PHOTO,), (PLAN,), (PLAN, PHOTO)])
def test_without_an_effect_it_says_nothing_of_a_delay(pieces):
    assert "délai" not in letter(*pieces)


@pytest.mark.parametrize(
    ("procedure", "names", "effect"),
    [
        (TERRACE, ["plan"], Effect.SUSPENDED),
        (TERRACE, ["plan", "photo"], Effect.SUSPENDED),
        (TERRACE, ["photo"], Effect.NONE),
        (TERRACE, ["bail"], Effect.NONE),  # its text is to be confirmed
        (GARLAND, ["assurance"], Effect.NOT_BEGUN),
        (SIGN, ["plan"], Effect.NONE),  # what silence means is to be confirmed: nothing is said of it
    ],
)
def test_what_it_does_is_what_the_clocks_say(cases, procedure, names, effect):
    case, town = case_of(cases, procedure), clocked_town()
    pieces = [each for each in PiecesToAsk(case, town, NOW).pieces if each.name in names]
    assert effect_of(case, town, NOW, pieces, UNTIL) is effect


def test_after_a_decision_was_notified_it_suspends_nothing(cases):
    taken = StatedFact(event="decision-taken", at=NOW, decision={"outcome": "refused", "words": "note"})
    notified = StatedFact(event="decision-notified", at=NOW, way="posted")
    case, town = case_of(cases, TERRACE, taken, notified), clocked_town()
    later = NOW + timedelta(days=3)
    assert effect_of(case, town, later, [*PiecesToAsk(case, town, later).pieces], UNTIL) is Effect.NONE


def test_only_a_text_that_is_confirmed_is_cited(cases):
    pieces = {each.name: each for each in PiecesToAsk(case_of(cases, TERRACE), clocked_town(), NOW).pieces}
    assert [*pieces] == [*PIECES]
    assert pieces["plan"].required_by == "arrêté municipal 12, article 3"
    assert pieces["photo"].required_by is pieces["bail"].required_by is None


def test_an_answer_asks_for_what_its_words_say_and_no_more(cases):
    to_ask = PiecesToAsk(case_of(cases, TERRACE), clocked_town(), NOW)
    mark = str(AskedMark(("plan", "photo"), UNTIL))
    words = "\n\nIn English:\n\n".join(both(*to_ask.chosen(mark)))
    asked = to_ask.asked_by(mark, f"{words}\r\n\r\nKarim")
    assert [(each.name, each.required_by) for each in asked.pieces] == [
        ("plan", "arrêté municipal 12, article 3"),
        ("photo", None),
    ]
    assert asked.until == UNTIL
    for gone in ("Plan coté", "article 3", "24 décembre 2026"):
        assert to_ask.wrong(mark, words.replace(gone, "")) == "pieces-unnamed"


@pytest.mark.parametrize(
    "mark",
    ["", "2026-12-24", "2026-12-24 shoe", "2026-11-26 plan", "2026-12-24 plan plan", "2026-12-24  plan", "x plan"],
)
def test_a_forged_mark_asks_for_nothing(cases, mark):
    to_ask = PiecesToAsk(case_of(cases, TERRACE), clocked_town(), NOW)
    assert to_ask.wrong(mark, "Plan coté") == "pieces-changed"
    assert to_ask.asked_by(mark, "Plan coté") is None


def test_what_is_here_is_not_asked_for_again(cases):
    came = StatedFact(event="piece-arrived", at=NOW, piece="plan")
    to_ask = PiecesToAsk(case_of(cases, TERRACE, came), clocked_town(), NOW)
    assert to_ask.wrong(f"{UNTIL} plan", "") == "pieces-changed"


@given(
    st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=30, unique=True), st.dates()
)
def test_a_mark_is_read_as_it_was_written(names, until):
    mark = AskedMark((*names,), until)
    read = AskedMark.read(str(mark))
    assert read in {mark, None}
    assert read == mark or any(name.endswith("-") or "--" in name for name in names)
