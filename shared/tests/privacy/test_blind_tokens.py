"""A name is found by its beginning, by whoever has the sector's key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.privacy import blind_tokens
from guichet.privacy.blind_tokens import folded_words, name_tokens, search_tokens

KEY = bytes(32)
OTHER_SECTOR = bytes([1] * 32)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Éloïse D'Hœuvre-Martin", ("eloise", "d", "hoeuvre", "martin")),
        ("STRASSE Straße", ("strasse", "strasse")),
        ("Zoe\u0301", ("zoe",)),
        ("Nguyễn Văn", ("nguyen", "van")),
        ("  ", ()),
    ],
)
def test_words_are_folded(text: str, words: tuple[str, ...]) -> None:
    assert folded_words(text) == words


@given(
    st.text(st.sampled_from("aZ9 _-.'’é É è Î ï ö Ä œ Œ æ ß € « ñ e\u0301 \u00a0 ﬁ İ ‌ я 漢 ²"), max_size=30)
    | st.text(max_size=30)
)
def test_what_is_folded_fast_is_folded_as_every_script(text: str) -> None:
    forms = text.casefold().replace("œ", "oe").replace("æ", "ae")
    assert folded_words(text) == blind_tokens._words_of_any_script(forms)


@pytest.mark.parametrize("typed", ["martin", "Mart", "MARTI", "eloise", "Élo", "martin éloïse"])
def test_a_beginning_finds_the_name(typed: str) -> None:
    stored = name_tokens(KEY, "Éloïse Martin Élo")
    assert search_tokens(KEY, typed) <= stored


@pytest.mark.parametrize("typed", ["mar", "artin", "martine", "dupont"])
def test_what_is_short_or_other_finds_nothing(typed: str) -> None:
    assert not search_tokens(KEY, typed) <= name_tokens(KEY, "Éloïse Martin")


def test_sectors_tokens_cannot_be_joined() -> None:
    assert not name_tokens(KEY, "Éloïse Martin") & name_tokens(OTHER_SECTOR, "Éloïse Martin")
