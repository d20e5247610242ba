"""What a mailbox's headers still tell of the envelope."""

from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import MIB
from guichet_mail.read.identity import id_of
from guichet_mail.receive.imap.envelope import envelope_of, with_whole_line_ends

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
FROM = "From: Zoé <zoe@exemple.test>\r\n"


def envelope(head: str) -> tuple[str, tuple[str, ...]]:
    found = envelope_of("contact", (CONTACT, VOIRIE), f"{head}\r\nBonjour\r\n".encode(), AT)
    assert (found.way, found.internal_date) == ("imap:contact", AT)
    return found.return_path, found.recipients


@pytest.mark.parametrize(
    ("head", "recipients"),
    [
        (f"To: {VOIRIE}\r\n", (VOIRIE,)),
        (f"Delivered-To: {VOIRIE}\r\nTo: Mairie <Contact@Mairie.example>\r\n", (VOIRIE, CONTACT)),
        (f"To: quelquun@exemple.test\r\nCc: {VOIRIE}, autre@exemple.test\r\n", (VOIRIE,)),
        ("X-Original-To: contact+2026-7f3k-29q@mairie.example\r\n", (CONTACT,)),
        ("To: undisclosed-recipients:;\r\n", (CONTACT,)),
        ("To: etat-civil@mairie.example\r\n", (CONTACT,)),
        ("", (CONTACT,)),
    ],
)
def test_the_mail_chooses_among_the_addresses_of_its_mailbox(head: str, recipients: tuple[str, ...]) -> None:
    assert envelope(FROM + head)[1] == recipients


@pytest.mark.parametrize(
    ("head", "return_path"),
    [
        ("Return-Path: <retour@exemple.test>\r\n", "retour@exemple.test"),
        ("Return-Path: retour@exemple.test\r\n", "retour@exemple.test"),
        ("Return-Path: <>\r\n", ""),
        ("Return-Path: <retour@exemple.test>\r\nReturn-Path: <>\r\n", "retour@exemple.test"),
        ("", "zoe@exemple.test"),
    ],
)
def test_the_topmost_return_path_is_the_sender_of_the_envelope(head: str, return_path: str) -> None:
    assert envelope(head + FROM)[0] == return_path


def test_a_mail_of_nobody_has_no_sender() -> None:
    assert envelope("Subject: x\r\n")[0] == ""


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"From: a@b.example"])).map(b"".join))
def test_every_line_ends_as_smtp_carries_it_and_nothing_else_changes(content: bytes) -> None:
    whole = with_whole_line_ends(content)
    assert whole.count(b"\n") == whole.count(b"\r\n")
    assert whole.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")


HEAD = st.sampled_from(
    [b"To: ", b"Cc: ", b"Delivered-To: ", b"Return-Path: ", b"From: ", b"<", b">", b"<>", b"contact@mairie.example",
     b"\r\n", b" ", b"\t", b'"', b"(", b",", b"=?utf-8?q?", b"\x00", b"\xff", b"@", b";", b":"]
)  # fmt: skip


@given(st.lists(HEAD, max_size=30).map(b"".join) | st.binary())
def test_any_bytes_have_an_envelope_to_this_mailbox(content: bytes) -> None:
    found = envelope_of("contact", (CONTACT, VOIRIE), content, None)
    assert set(found.recipients) <= {CONTACT, VOIRIE}
    assert found.recipients
    assert Envelope.from_bytes(found.to_bytes()) == found


def test_a_mail_of_bare_lines_is_the_one_that_came_by_lmtp() -> None:
    mail = f"{FROM}Message-ID: <1@exemple.test>\r\n\r\nUn trou\r\ndans la rue\r\n".encode()
    bare = envelope_of("contact", (CONTACT,), mail.replace(b"\r\n", b"\n"), AT).content
    assert bare == mail
    assert id_of(bare, b"k" * 32) == id_of(mail, b"k" * 32)


def test_a_full_mail_of_line_ends_takes_no_time() -> None:
    """It is done where LMTP and every other mailbox wait; a search for each took half a minute."""
    began = perf_counter()
    with_whole_line_ends(b"\n" * 24 * MIB)
    assert perf_counter() - began < 5
