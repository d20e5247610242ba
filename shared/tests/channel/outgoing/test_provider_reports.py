"""Twilio's words in ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.provider_reports import TWILIO_STATES, parse_twilio, twilio_reason
from guichet.contracts.delivery import DeliveryState

WORDS = (  # as in Twilio's page on the message resource, without those of inbound messages
    *("queued", "sending", "sent", "failed", "delivered", "undelivered"),
    *("accepted", "scheduled", "read", "canceled"),
)


@pytest.mark.parametrize("word", WORDS)
def test_every_outbound_status_of_twilio_is_known(word):
    assert parse_twilio(word, None, "SM1") is not None


def test_the_table_knows_no_other_word():
    assert {*TWILIO_STATES} == {*WORDS}


@given(st.text(max_size=20))
def test_any_other_word_says_nothing(word):
    said = parse_twilio(word, None, "SM1")
    assert (said is None) == (word.lower() not in TWILIO_STATES)


def test_a_failure_carries_a_reason_and_a_success_none():
    assert parse_twilio("undelivered", "30003", "SM1").reason == "unreachable"
    assert parse_twilio("failed", "63016", "SM1").reason == "outside-window"
    assert parse_twilio("delivered", None, "SM1").reason is None
    assert parse_twilio("failed", None, "SM1").state is DeliveryState.FAILED


def test_a_code_that_the_table_lacks_keeps_its_number():
    assert twilio_reason("12345") == "twilio-12345"
