"""Whose an unreadable payload is: its sender counts, a mention does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound_content import Identifier
from guichet.data_subject.dead_letter_owner import is_from

AMINA = [
    Identifier(kind="email", value="amina@courriel.example"),
    Identifier(kind="phone", value="+33199001234"),
    Identifier(kind="telegram", value="700123"),
]
ENVELOPE = b"X-Original-To: contact@mairie.example\r\nReturn-Path: <%s>\r\n"


@pytest.mark.parametrize(
    "payload",
    [
        ENVELOPE % b"Amina@Courriel.example" + b"Subject: x\r\n\r\n\xff",
        ENVELOPE % b"" + b"From: Amina <amina@courriel.example>\r\n\r\nx",
        b"MessageSid=SM1&From=%2B33199001234&Body=bonjour",
        b"From=whatsapp%3A%2B33199001234&Body=%",
        b'{"update_id":7,"message":{"from":{"id":700123,"first_name":"Am',
        b'{"form": {"email": "amina@courriel.example", ',
    ],
)
def test_a_payload_is_its_senders(payload: bytes) -> None:
    assert is_from(payload, AMINA)
    assert not is_from(payload, [])


@pytest.mark.parametrize(
    "payload",
    [
        ENVELOPE % b"bruno@courriel.example" + b"From: bruno@courriel.example\r\n\r\namina@courriel.example",
        b"From=%2B33199005678&Body=Call+me+on+%2B33199001234",
        b'{"message":{"from":{"id":9},"text":"ask \\"email\\": \\"amina@courriel.example\\", she knows"}}',
        b'{"update_id":1700123,"message":{"from":{"id":7001234}}}',
        b"",
    ],
)
def test_a_mention_makes_nothing_theirs(payload: bytes) -> None:
    assert not is_from(payload, AMINA)


def test_an_address_that_is_none_matches_no_other_that_is_none() -> None:
    sender = [Identifier(kind="phone", value="LaPoste")]
    assert not is_from(b"From=12&Body=x", sender)


@given(st.binary() | st.text().map(str.encode) | st.binary().map(lambda end: ENVELOPE % b"" + b"From: " + end))
def test_no_payload_stops_the_search(payload: bytes) -> None:
    assert not is_from(payload, [])
    is_from(payload, AMINA)
