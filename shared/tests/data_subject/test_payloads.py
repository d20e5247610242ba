"""Whose an unreadable payload is: its sender counts, noted or told by what it says; a mention does not."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.dead_letters import DeadLetterContent
from guichet.contracts.inbound_content import Identifier
from guichet.data_subject.dead_letter_owner import is_from

AMINA = [
    Identifier(kind="email", value="amina@courriel.example"),
    Identifier(kind="phone", value="+33199001234"),
    Identifier(kind="telegram", value="700123"),
]
ENVELOPE = b"X-Original-To: contact@mairie.example\r\nReturn-Path: <%s>\r\n"


def kept(payload: bytes, *senders: Identifier, noted: bool = False) -> DeadLetterContent:
    """A dead letter's content. noted: its host said who sent it, if only that nobody can tell."""
    said = senders if noted or senders else None
    return DeadLetterContent(key=None, value=base64.b64encode(payload), senders=said)


@pytest.mark.parametrize(
    "noted",
    [
        Identifier(kind="email", value="Amina@Courriel.example"),
        Identifier(kind="phone", value="01 99 00 12 34"),
        Identifier(kind="telegram", value="700123"),
    ],
)
def test_the_noted_sender_decides_in_any_written_form(noted: Identifier) -> None:
    pigeon = Identifier(kind="pigeon", value="ring 7")
    assert is_from(kept(b"", pigeon, noted), AMINA)
    assert not is_from(kept(b"", noted), [pigeon])


def test_what_a_payload_says_of_others_counts_no_more_once_its_sender_is_noted() -> None:
    from_amina = b"MessageSid=SM1&From=%2B33199001234&Body=bonjour"
    assert not is_from(kept(from_amina, Identifier(kind="phone", value="+33199005678")), AMINA)
    assert not is_from(kept(from_amina, Identifier(kind="telegram", value="+33199001234")), AMINA), "of another kind"


def test_where_its_channel_could_not_tell_what_it_says_decides() -> None:
    cut_short = b'{"id": "17", "from": {"id": "amina@courriel.example", "name": "Am'
    assert is_from(kept(cut_short, noted=True), AMINA)
    assert not is_from(kept(cut_short, noted=True), [Identifier(kind="email", value="jeanne@courriel.example")])


def test_a_letter_of_before_is_asked_for_any_kind_of_address_that_the_person_has() -> None:
    ring = [Identifier(kind="pigeon", value="ring-7")]
    assert is_from(kept(b'{"sender": "ring-7", "text": "coo"}'), ring)
    assert not is_from(kept(b'{"sender": "ring-8", "text": "ring-7"}'), ring)


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
    assert is_from(kept(payload), AMINA)
    assert not is_from(kept(payload), [])


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
    assert not is_from(kept(payload), AMINA)


def test_an_address_that_is_none_matches_no_other_that_is_none() -> None:
    sender = [Identifier(kind="phone", value="LaPoste")]
    assert not is_from(kept(b"From=12&Body=x"), sender)


@given(st.binary() | st.text().map(str.encode) | st.binary().map(lambda end: ENVELOPE % b"" + b"From: " + end))
def test_no_payload_stops_the_search(payload: bytes) -> None:
    assert not is_from(kept(payload), [])
    is_from(kept(payload), AMINA)
