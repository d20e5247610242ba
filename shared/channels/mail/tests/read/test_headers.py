"""Reading addresses: the short way must say what Python's long one says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet_mail.read import headers
from guichet_mail.read.headers import Mailbox, _read_crooked_mailboxes, _read_mailboxes, decode_words

PIECES = st.sampled_from(
    ["<", ">", "@", ".", "a", "zoé", "M.", '"', "\\", " ", "  ", "=?utf-8?q?Zo=C3=A9?=", "b.example", ",", ";", ":",
     "(x)", "\t", "\r", "\xa0", "\u2028", "\x00", "[", "]", "<a@b.example>", "a@b.example"]
)  # fmt: skip
ANYTHING = st.lists(PIECES, max_size=6).map("".join)
WORDS = st.text(st.sampled_from("ab ._=?-+&'é"), max_size=6)
VALUES = st.one_of(
    ANYTHING,
    st.builds("{}@{}".format, WORDS, WORDS),
    st.builds("{} <{}@{}>".format, ANYTHING | WORDS, WORDS, WORDS),
    st.builds('"{}" <{}@{}>'.format, ANYTHING, WORDS, WORDS),
)


@given(VALUES)
@settings(max_examples=2000, deadline=None)
def test_addresses_are_read_as_python_reads_them(value: str) -> None:
    assert _read_mailboxes(value) == _read_crooked_mailboxes(value)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("zoe.petit+x@exemple.test", ""),
        ("Zoé M. Petit <zoe.petit+x@exemple.test>", "Zoé M. Petit"),
        ('"Petit, Zoé" <zoe.petit+x@exemple.test>', "Petit, Zoé"),
        ("=?utf-8?q?Zo=C3=A9?= <zoe.petit+x@exemple.test>", "Zoé"),
    ],
)
def test_an_ordinary_address_is_read_the_short_way(value: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "getaddresses", None)
    assert _read_mailboxes(value) == [Mailbox(name, "zoe.petit+x@exemple.test")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?=C3=A9t=C3=A9?=", "été"),
        ("=?utf-8?B?w6k=?= =?utf-8?B?dMOp?=", "été"),
        ("=?utf-8?Q?=C3?=\t=?utf-8?Q?=A9t=C3=A9?=", "été"),
        ("=?utf-8?Q?Quand=3F?= demain", "Quand? demain"),
        ("=?utf-8?Q?Quand passez-vous ? =C3=80 midi ?=", "Quand passez-vous ? À midi "),
        ("=?utf-8?Q?Quand ??=", "Quand ?"),
        ("=?utf-8?B?w6l0w6k?=", "été"),
        ("=?iso-8859-1*fr?Q?l=92=E9t=E9?=", "l’été"),
        ("=?utf-8?Q?sans fin", "=?utf-8?Q?sans fin"),
        ("l\x92été", "l\x92été"),
    ],
)
def test_encoded_words_are_read_as_they_are_written(written: str, read: str) -> None:
    assert decode_words(written) == read


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("zoe@exemple.test <zoe@exemple.test>", "zoe@exemple.test"),
        ("maire@mairie.example <zoe@exemple.test>", "maire@mairie.example"),
        ("[Voisins] Zoé <zoe@exemple.test>", "[Voisins] Zoé"),
        ("Zoé, M. <zoe@exemple.test>", None),
    ],
)
def test_an_address_within_a_name_is_no_second_author(value: str, name: str | None) -> None:
    found = _read_mailboxes(value)
    assert found[-1].address == "zoe@exemple.test"
    assert [each.name for each in found] == [name] or name is None
