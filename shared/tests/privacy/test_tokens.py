"""What a citizen holds in hand cannot be forged, and survives the mail servers in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.ids import CaseId, Reference
from guichet.privacy.tokens import (
    make_reference,
    read_reply_address,
    reply_address,
)

KEY = bytes(32)
OTHER_KEY = bytes([1] * 32)
MAILBOX = "contact@mairie.example"

references = st.builds(make_reference, st.text().map(CaseId), st.integers(2000, 2999), st.integers(0, 3))


@given(references)
def test_a_reference_can_be_read_aloud(reference: Reference) -> None:
    assert len(reference) == 13
    year, four, three = reference.split("-")
    assert (len(year), len(four), len(three)) == (4, 4, 3)
    assert not set("ILOU") & set(reference)


def test_a_reference_is_the_cases_own() -> None:
    case = CaseId("case-1")
    assert make_reference(case, 2026) == make_reference(case, 2026)
    assert len({make_reference(case, 2026, attempt) for attempt in range(50)}) == 50
    assert len({make_reference(CaseId(str(case)), 2026) for case in range(2000)}) == 2000


@given(references, st.sampled_from([str.lower, str.upper, str.title, str.swapcase]))
def test_a_signed_address_reads_back_in_any_case(reference: Reference, folded: object) -> None:
    assert callable(folded)
    assert read_reply_address(KEY, f" {folded(reply_address(KEY, reference, MAILBOX))} ") == reference


def test_a_signed_address_is_one_that_mail_servers_take() -> None:
    address = reply_address(KEY, Reference("2026-7F3K-29Q"), "Etat-Civil@mairie.example")
    local, _, domain = address.partition("@")
    assert domain == "mairie.example"
    assert local.startswith("etat-civil+2026-7f3k-29q.")
    assert len(local) <= 64
    assert address == address.lower()


@given(references)
def test_another_towns_signature_is_refused(reference: Reference) -> None:
    assert read_reply_address(OTHER_KEY, reply_address(KEY, reference, MAILBOX)) is None


@given(references, references)
def test_a_signature_holds_for_its_own_reference_alone(mine: Reference, victims: Reference) -> None:
    moved = reply_address(KEY, mine, MAILBOX).replace(mine.lower(), victims.lower())
    assert read_reply_address(KEY, moved) == (mine if mine == victims else None)


@given(references, st.data())
def test_a_forged_character_is_refused(reference: Reference, data: st.DataObject) -> None:
    address = reply_address(KEY, reference, MAILBOX)
    place = address.index(".") + 1 + data.draw(st.integers(0, 15))
    forged = address[:place] + data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567")) + address[place + 1 :]
    assert read_reply_address(KEY, forged) == (reference if forged == address else None)


@given(st.text() | st.emails())
def test_any_other_address_is_none(address: str) -> None:
    assert read_reply_address(KEY, address) is None


@pytest.mark.parametrize("address", ["contact+2026-7F3K-29Q@mairie.example", "contact+2026-7f3k-29q.@mairie.example"])
def test_a_reference_without_signature_is_none(address: str) -> None:
    assert read_reply_address(KEY, address) is None
