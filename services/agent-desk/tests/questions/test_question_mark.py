"""A question and its words cannot part: the mark says how something is asked, the letter what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.questions.question_letter import QuestionLetter
from agent_desk.domain.questions.question_mark import QUESTIONS_AT_MOST, QuestionMark, numbered
from guichet.contracts.questions import Asked, AskedField, FieldKind

DAY = date(2026, 12, 24)
LINES = st.lists(
    st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=40), min_size=1, max_size=QUESTIONS_AT_MOST
)


@given(st.dates(), st.lists(st.sampled_from(FieldKind), min_size=1, max_size=QUESTIONS_AT_MOST), st.data())
def test_a_mark_is_read_as_it_was_written(until, kinds, data):
    required = data.draw(st.frozensets(st.integers(0, len(kinds) - 1)))
    mark = QuestionMark(until, tuple(kinds), required)
    assert QuestionMark.read(str(mark)) == mark


@given(LINES, st.text(max_size=60))
def test_what_a_letter_asks_is_read_out_of_its_words(lines, own):
    letter = QuestionLetter("2026-7F3K-29Q", lines, DAY, own)
    mark = QuestionMark(DAY, (FieldKind.WORDS,) * len(lines))
    asked = mark.asked(f"{letter.text}\n\nLéa Martin\nVoirie")
    assert asked is not None
    assert [each.label for each in asked.fields] == lines


@pytest.mark.parametrize(
    "text",
    ["", "2026-12-24 plan", "question", "question 2026-12-24", "question 2026-13-24 words", "question 2026-12-24 x"],
)
def test_what_no_page_of_ours_has_written_is_no_mark(text):
    assert QuestionMark.read(text) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("1. a\n2. b", ["a", "b"]),
        ("1. x\n\nBonjour\n1. a\n2. b\nMerci", ["a", "b"]),
        ("1. a\n\n2. b", []),
        ("2. a\n3. b", []),
        ("1. a\n2. b\n3. c", []),
    ],
)
def test_numbers_stand_one_below_the_other_and_are_as_many_as_are_asked(words, found):
    assert [*numbered(words, 2)] == found


def test_a_choice_without_choices_is_none():
    mark = QuestionMark(DAY, (FieldKind.CHOICE,))
    assert mark.asked("1. Gêne-t-il ?") is None
    assert mark.asked("1. Gêne-t-il ? (Oui / Non)").fields[0].choices == ("Oui", "Non")


def test_of_what_left_with_a_form_the_mark_is_found_again():
    words = QuestionLetter("2026-7F3K-29Q", ["Où ?", "Le jour ? (Lundi / Mardi)"], DAY).text
    mark = QuestionMark(DAY, (FieldKind.LINE, FieldKind.CHOICE), frozenset({1}))
    assert QuestionMark.of(mark.asked(words), words) == mark


def test_a_letter_about_pieces_asks_no_question():
    asked = Asked(fields=(AskedField(kind=FieldKind.FILES, label="Plan", hint="CU R431-4"),), until=DAY)
    assert QuestionMark.of(asked, "Merci d’envoyer :\n1. Plan (CU R431-4)") is None
    assert QuestionMark.of(asked, "Merci d’envoyer :\n1. Plan") is None
