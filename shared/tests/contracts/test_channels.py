"""What the product knows of each channel: none is left out without a word."""

from guichet.contracts.channels import FACTS, Form
from guichet.contracts.inbound import Channel

BY_VOICE_OR_PAPER = {Channel.PHONE, Channel.LETTER, Channel.COUNTER}


def test_a_channel_is_electronic_unless_it_is_by_voice_or_on_paper():
    assert {channel for channel in Channel if not FACTS[channel].is_electronic} == BY_VOICE_OR_PAPER


def test_what_can_be_answered_has_all_that_an_answer_needs():
    for channel, facts in FACTS.items():
        if facts.is_electronic:
            assert facts.kind is not None, channel
            assert facts.lane, channel
            assert FACTS[facts.answered_on].answered_on is facts.answered_on, (
                f"{channel} is answered on another's channel"
            )


def test_short_messages_alone_have_a_limit():
    assert {facts.form for facts in FACTS.values() if facts.longest is not None} == {Form.SHORT}
    assert all(facts.longest for facts in FACTS.values() if facts.form is Form.SHORT)
