"""STOP is recognised as a whole message alone: R26 (docs/law.md 49)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.stop_words import is_stop
from guichet_testing.builders.channels import FACTS

WORDS = FACTS["sms"].stop_words
AROUND = st.text(st.characters(categories=["Z", "P"]), max_size=8)


STOPS = (
    *("STOP", "STOP.", "« stop ! »", "stop", " Stop\n", "s t o p", "ＳＴＯＰ", "STOP 🛑"),
    *("ARRET", "ARRÊT", "arrêt !", "ARRE\N{COMBINING CIRCUMFLEX ACCENT}T", "DESABONNER", "DÉSINSCRIRE", "désabonner"),
    *("UNSUBSCRIBE", "END", "QUIT", "STOPALL", "Stop all", "REVOKE", "OPTOUT", "Opt-out", "CANCEL"),
)
REQUESTS = (
    *("Le panneau STOP rue Pasteur est tombé", "STOP aux dépôts sauvages", "Il n’y a plus de STOP", "Arrêt de bus"),
    *("stopper", "arrêté", "", "…", "🛑", "START", "reprendre", "STOP 2", "fin", "STOP" * 20),
)


@pytest.mark.parametrize("text", STOPS)
def test_r26_a_whole_message_that_is_a_word_is_one(text: str):
    assert is_stop(text, WORDS)


@pytest.mark.parametrize("text", REQUESTS)
def test_r26_what_says_more_is_a_request(text: str):
    assert not is_stop(text, WORDS)


@given(st.sampled_from(WORDS), AROUND, AROUND, st.sampled_from(["NFC", "NFD"]), st.sampled_from([str.upper, str.title]))
def test_r26_case_accents_spaces_and_punctuation_change_nothing(word, before, after, form, cased):
    assert is_stop(unicodedata.normalize(form, f"{before}{cased(word)}{after}"), WORDS)


@given(st.sampled_from(WORDS), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_r26_a_word_with_letters_beside_it_is_that_word_no_more(word, more):
    said = f"{word} {more}"
    others = {"".join(each for each in unicodedata.normalize("NFKD", said).casefold() if each.isalnum())}
    assert is_stop(said, WORDS) == bool(others & {*WORDS})


@given(st.text())
def test_r26_a_channel_without_such_words_has_no_such_message(text: str):
    assert not is_stop(text, ())
