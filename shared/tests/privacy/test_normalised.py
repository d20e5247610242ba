"""One person, one written form; two persons, never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound_content import Identifier, IdentifierKind
from guichet.privacy.normal_form import comparable, normalised, normalised_email, normalised_phone, written_form
from guichet_testing.builders.channels import FACTS, KINDS


@pytest.mark.parametrize(
    ("raw", "one_form"),
    [
        ("Zoe.Martin@Mail.Example", "zoe.martin@mail.example"),
        ("  zoe@mail.example\n", "zoe@mail.example"),
        ("zoe@mail.example.", "zoe@mail.example"),
        ("z.o.e+mairie@gmail.com", "z.o.e+mairie@gmail.com"),  # no provider's private rule
        ("contact@mairie-éloi.fr", "contact@xn--mairie-loi-h7a.fr"),
        ("contact@XN--MAIRIE-LOI-H7A.fr", "contact@xn--mairie-loi-h7a.fr"),
        ("ZOÉ@mail.example", "zoé@mail.example"),
        ("zoe\u0301@mail.example", "zoé@mail.example"),
        ('"odd@local"@mail.example', '"odd@local"@mail.example'),
    ],
)
def test_mail_addresses(raw: str, one_form: str) -> None:
    assert normalised_email(raw) == one_form


@pytest.mark.parametrize(
    "raw", ["", "zoe", "@mail.example", "zoe@", "zoe martin@mail.example", "zoe@a..b", "zoe@-x-.fr"]
)
def test_no_mail_address(raw: str) -> None:
    assert normalised_email(raw) is None


@pytest.mark.parametrize(
    ("raw", "one_form"),
    [
        ("06 39 98 12 34", "+33639981234"),  # ARCEP's numbers for fiction
        ("06.39.98.12.34", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("+33 (0)6 39 98 12 34", "+33639981234"),
        ("+32 470 12 34 56", "+32470123456"),
        ("+15005550006", "+15005550006"),
    ],
)
def test_phones(raw: str, one_form: str) -> None:
    assert normalised_phone(raw) == one_form


@pytest.mark.parametrize("raw", ["", "38000", "LaPoste", "+33", "06 39", "+999123456789", "0" * 40])
def test_no_phone(raw: str) -> None:
    assert normalised_phone(raw) is None


@pytest.mark.parametrize(("raw", "one_form"), [(" 42 ", "42"), ("0042", None), ("zoe", None), ("٤٢", None), ("", None)])
def test_an_address_of_a_channels_own_kind_is_written_as_its_pattern_says(raw, one_form) -> None:
    assert written_form(FACTS.kinds["telegram"], raw) == one_form


@given(
    st.sampled_from(KINDS),
    st.text() | st.from_regex(r"[^@\s]{1,8}@[a-zé.-]{1,12}") | st.from_regex(r"\+?[0-9 .]{3,16}"),
)
def test_normalising_twice_changes_nothing(kind: IdentifierKind, raw: str) -> None:
    once = normalised(kind, raw)
    if once is not None:
        assert normalised(kind, once) == once


@given(st.sampled_from(KINDS), st.text(min_size=1))
def test_every_address_can_be_compared(kind: IdentifierKind, raw: str) -> None:
    assert isinstance(comparable(Identifier(kind=kind, value=raw)), str)


def test_what_is_not_valid_is_compared_as_written() -> None:
    assert comparable(Identifier(kind="phone", value=" LaPoste ")) == "laposte"


@given(st.from_regex(r"\+33[0-9]{7,10}", fullmatch=True))
def test_a_french_number_in_e164_is_read_as_the_library_reads_it(raw: str) -> None:
    assert normalised_phone(raw) == normalised_phone(f" {raw}")
