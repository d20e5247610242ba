from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.errors import PermanentError

ADDRESSES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


@given(ADDRESSES, st.lists(ADDRESSES, max_size=3), st.binary(max_size=60))
def test_what_is_kept_of_a_mail_gives_the_mail_back(sender: str, recipients: list[str], content: bytes) -> None:
    envelope = Envelope(sender, tuple(recipients), content)
    assert Envelope.from_bytes(envelope.to_bytes()) == envelope


WAYS = st.sampled_from(["lmtp", "imap:contact", "imap:etat-civil-2"])


@given(WAYS, st.none() | st.datetimes(timezones=st.timezones()), st.binary(max_size=60))
def test_the_way_it_came_and_the_mailboxs_date_are_kept_too(way: str, date: datetime | None, content: bytes) -> None:
    envelope = Envelope("z@exemple.test", ("contact@mairie.example",), content, way=way, internal_date=date)
    read = Envelope.from_bytes(envelope.to_bytes())
    assert (read.way, read.content) == (way, content)
    assert read.internal_date == (date and datetime.fromisoformat(date.isoformat()))


def test_what_was_kept_before_ways_were_told_apart_came_by_lmtp() -> None:
    kept = b"X-Original-To: contact@mairie.example\r\nReturn-Path: <>\r\nX-Guichet-Way: imap:x\r\n\r\nBonjour"
    envelope = Envelope.from_bytes(kept)
    assert (envelope.way, envelope.internal_date) == ("lmtp", None)
    assert envelope.content.startswith(b"X-Guichet-Way: imap:x"), "what a mail says of itself counts for nothing"


def test_a_mail_by_lmtp_is_kept_as_ever() -> None:
    at = datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert Envelope("a@b.example", ("c@d.example",), b"x").to_bytes().startswith(b"X-Original-To")
    assert b"X-Guichet-Internal-Date: 2026-12-01T10:00:00+00:00" in Envelope("", (), b"", internal_date=at).to_bytes()


def test_a_recipient_that_the_mail_names_is_not_one_of_ours() -> None:
    content = b"X-Original-To: elsewhere@exemple.test\r\nReturn-Path: <>\r\n\r\nBonjour"
    kept = Envelope("perrine@exemple.test", ("contact@mairie.example",), content).to_bytes()
    assert Envelope.from_bytes(kept).recipients == ("contact@mairie.example",)


def test_what_is_no_kept_mail_is_told() -> None:
    with pytest.raises(PermanentError, match="no envelope"):
        Envelope.from_bytes(b"From: perrine@exemple.test\r\n\r\nBonjour")
