"""Every clock says in one sentence which rule it follows, in both languages, with its source."""

import re
from pathlib import Path

import pytest

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.clock import Basis, Clock, ClockKind, ClockState, Follows, Lack
from guichet.law.clocks.delay import Delay, Unit
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.doubts_in_words import doubt_in_words
from guichet.law.clocks.in_words import kind_in_words, state_in_words
from guichet.law.clocks.sentences import sentence_of

LAW = (Path(__file__).parents[4] / "docs" / "law.md").read_text()
OURS = {Follows.QUALIFICATION, Follows.FIRST_ANSWER, Follows.CLOSING}
"""No text of the law says so, and the sentence says that none does."""


@pytest.mark.parametrize("follows", Follows)
@pytest.mark.parametrize("flags", [False, True])
def test_each_rule_is_one_sentence_with_its_source(follows: Follows, flags: bool) -> None:
    rule = Basis(follows, "CRPA L231-1", Delay(45, Unit.DAYS), 5, "Métropole", waits=flags, rolls=flags)
    said = sentence_of(rule)
    for words in (said.fr, said.en):
        assert words.endswith(".")
        assert not re.search(r"\. [A-ZÀ-Ý]|\{|None", words)
        assert follows in OURS or re.search(r"CRPA|RGPD|GDPR", words)
        assert (follows in OURS) == bool(re.search(r", et non de la loi|, and not the law’s", words))
    assert said.fr == with_no_break_spaces(said.fr)
    assert said.fr != said.en


@pytest.mark.parametrize("follows", Follows)
def test_what_a_sentence_cites_is_a_fact_of_docs_law(follows: Follows) -> None:
    said = sentence_of(Basis(follows, "CRPA L231-1", Delay(2), 5, "Métropole", waits=True, rolls=True)).en
    for article in re.findall(r"[LR]\d{3}-\d+(?:-\d+)*|1182/71", said):
        assert article in LAW, article


@pytest.mark.parametrize("kind", ClockKind)
@pytest.mark.parametrize("state", ClockState)
def test_each_kind_and_state_has_its_words(kind: ClockKind, state: ClockState) -> None:
    said = [kind_in_words(kind), state_in_words(Clock(kind, state, Basis(Follows.ARE), None))]
    assert all(words.fr and words.en for words in said)


def test_a_word_agrees_with_its_kind() -> None:
    said = [
        state_in_words(Clock(kind, ClockState.MET, Basis(Follows.ARE), None)).fr
        for kind in (ClockKind.ARE, ClockKind.CLOSING, ClockKind.MISSING_PIECES)
    ]
    assert said == ["respecté", "respectée", "reçues"]


def test_pieces_lack_and_suspend_only_while_they_do() -> None:
    said = {lack: sentence_of(Basis(Follows.PIECES_OF_REJECTION, lack=lack)).fr for lack in Lack}
    assert [lack for lack in Lack if "manquent" in said[lack]] == [Lack.LASTS, Lack.LAPSED]
    assert [lack for lack in Lack if "est suspendu" in said[lack]] == [Lack.LASTS]
    assert [lack for lack in Lack if "instruction" in said[lack]] == [Lack.LASTS, Lack.LAPSED]


def test_what_nobody_read_in_the_law_is_to_be_confirmed() -> None:
    """docs/law.md 16, 21, 23, 33, 61, 62: second-hand or unverified."""
    read = {Follows.AEE, Follows.ARE, Follows.ABUSE, *OURS}
    for follows in {*Follows} - read:
        said = sentence_of(Basis(follows, "CRPA L231-1", Delay(2), to="Métropole"))
        assert "à confirmer" in said.fr, follows
        assert "to be confirmed" in said.en, follows


def test_one_working_day_is_one() -> None:
    assert "en 1 jour ouvré." in sentence_of(Basis(Follows.FIRST_ANSWER, days=1)).fr.replace("\u00a0", " ")


@pytest.mark.parametrize("doubt", Doubt)
def test_each_doubt_has_its_words(doubt: Doubt) -> None:
    said = doubt_in_words(doubt)
    assert said.fr.endswith(".")
    assert said.en.endswith(".")


@pytest.mark.parametrize(
    ("delay", "fr", "en"),
    [
        (Delay(1), "1 mois", "1 month"),
        (Delay(1, Unit.DAYS), "1 jour", "1 day"),
        (Delay(15, Unit.DAYS), "15 jours", "15 days"),
    ],
)
def test_a_delay_is_said_as_one_says_it(delay: Delay, fr: str, en: str) -> None:
    said = sentence_of(Basis(Follows.REJECTION, "X", delay))
    assert f"silence de {fr} " in said.fr
    assert f"of {en} rejects" in said.en
