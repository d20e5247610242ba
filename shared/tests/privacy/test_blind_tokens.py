"""A name is found by its beginning, by whoever has the sector's key."""

import pytest

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


@pytest.mark.parametrize("typed", ["martin", "Mart", "MARTI", "eloise", "Élo", "martin éloïse"])
def test_a_beginning_finds_the_name(typed: str) -> None:
    stored = name_tokens(KEY, "Éloïse Martin Élo")
    assert search_tokens(KEY, typed) <= stored


@pytest.mark.parametrize("typed", ["mar", "artin", "martine", "dupont"])
def test_what_is_short_or_other_finds_nothing(typed: str) -> None:
    assert not search_tokens(KEY, typed) <= name_tokens(KEY, "Éloïse Martin")


def test_sectors_tokens_cannot_be_joined() -> None:
    assert not name_tokens(KEY, "Éloïse Martin") & name_tokens(OTHER_SECTOR, "Éloïse Martin")
