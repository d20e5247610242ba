"""Twilio's words in ours, as its files translate them."""

import pytest

from guichet.channel.outgoing.provider_reports import concluded, failure_of
from guichet.contracts.delivery import DeliveryState
from guichet_twilio.facts import SMS, WHATSAPP, facts_of
from guichet_twilio.read.listed_messages import ENDED

WORDS = (  # as in Twilio's page on the message resource, without those of inbound messages
    *("queued", "sending", "sent", "failed", "delivered", "undelivered"),
    *("accepted", "scheduled", "read", "canceled"),
)


@pytest.mark.parametrize("facts", [SMS, WHATSAPP], ids=lambda facts: facts.name)
def test_every_outbound_status_of_twilio_is_known_and_no_other_word(facts):
    assert {*facts.statuses} == {*WORDS}


def test_both_channels_of_the_account_are_told_in_the_same_words():
    assert (SMS.statuses, SMS.reasons, SMS.sending) == (WHATSAPP.statuses, WHATSAPP.reasons, WHATSAPP.sending)
    assert (facts_of("sms"), facts_of("whatsapp")) == (SMS, WHATSAPP)


def test_the_words_that_end_a_message_are_those_after_it_has_left():
    assert ENDED == {
        "delivered": DeliveryState.DELIVERED,
        "read": DeliveryState.READ,
        "undelivered": DeliveryState.FAILED,
        "failed": DeliveryState.FAILED,
        "canceled": DeliveryState.FAILED,
    }


def test_a_failure_carries_its_reason():
    assert concluded(SMS, "undelivered", "30003", "SM1").reason == "unreachable"
    assert concluded(WHATSAPP, "failed", "63016", "SM1").reason == "outside-window"
    assert concluded(SMS, "delivered", None, "SM1").reason is None
    assert concluded(SMS, "failed", None, "SM1").state is DeliveryState.FAILED


def test_a_code_that_the_files_lack_keeps_its_number():
    assert failure_of(SMS, "12345") == "twilio-12345"
