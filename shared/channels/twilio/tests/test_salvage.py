"""An accepted SMS that cannot be read is told by its numbers, and comes along as it came."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.errors import PermanentError
from guichet_twilio.read.form import read_form
from guichet_twilio.read.parse_sms import ORIGINAL, parse_sms, salvage_sms
from shared.channels.twilio.tests.account import NAME

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CAPTURED = Path(__file__).with_name("fixtures").joinpath("sms.form").read_bytes()


def salvaged(body: bytes, at: datetime = NOW) -> Draft:
    return salvage_sms(body, read_form(body), name=NAME, arrived_at=at)


def test_who_wrote_to_which_number_is_told_and_what_came_is_a_file() -> None:
    draft = salvaged(CAPTURED)
    assert (draft.channel, draft.accounts, draft.received_at) == ("sms", ("+33700000000",), NOW)
    assert [each.value for each in draft.content.sender] == ["+33700990042"]
    assert draft.content.text == ""
    assert [(each.name, each.content_type, each.content) for each in draft.files] == [
        (ORIGINAL, "text/plain", CAPTURED)
    ]


def test_a_message_that_was_read_and_the_same_unread_are_one() -> None:
    read = parse_sms(read_form(CAPTURED), name=NAME, arrived_at=NOW).draft
    assert salvaged(CAPTURED, NOW + timedelta(days=1)).message_id == read.message_id
    assert salvaged(CAPTURED).sender_key_value == read.sender_key_value


def test_a_message_without_an_id_is_taken_in_twice_rather_than_lost() -> None:
    unnamed = CAPTURED.replace(b"MessageSid=", b"Other=")
    first, later = salvaged(unnamed), salvaged(unnamed, NOW + timedelta(seconds=1))
    assert first.message_id != later.message_id
    assert salvaged(unnamed).message_id == first.message_id
    assert salvaged(unnamed + b"&x=1").message_id != first.message_id


def test_whatsapp_stays_whatsapp() -> None:
    draft = salvaged(b"From=whatsapp%3A%2B33700990042&To=whatsapp%3A%2B33700000000&MessageSid=SM1")
    assert (draft.channel, draft.accounts) == ("whatsapp", ("+33700000000",))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"To=%2B33700000000&MessageSid=SM1", "unreadable"),
        (b"From=%2B33700990042&MessageSid=SM1", "unreadable"),
        (b"From=messenger%3A1&To=%2B33700000000", "unknown-channel"),
    ],
)
def test_what_nobody_sent_to_nobody_is_put_aside(body: bytes, reason: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        salvaged(body)
    assert refusal.value.reason == reason


@given(st.binary(max_size=200), st.text(max_size=30), st.text(max_size=30))
def test_any_form_is_salvaged_or_a_permanent_error(body: bytes, sender: str, account: str) -> None:
    with suppress(PermanentError):
        assert salvage_sms(body, {"From": sender, "To": account}, name=NAME, arrived_at=NOW).message_id
