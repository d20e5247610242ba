"""A channel's messages are believed on its own topic alone."""

from contextlib import nullcontext
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from case_router.domain.own_topic import require_own_topic
from guichet.contracts.channels import KnownChannels
from guichet.contracts.dead_letters import DEAD_LETTER_EVENTS, DeadLetter, DeadLetterClosed, PayloadGivenUp
from guichet.contracts.golden import event_types
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_COMMANDS, INBOUND, INBOUND_DESK, INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.errors import ForgedError
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.given_up import a_given_up
from guichet_testing.builders.inbound import a_message

THEIRS: Final = {
    name: FACTS["telegram"].model_copy(
        update={"name": name, "provider": name, "answered_on": name, "topic": INBOUND_THIRD_PARTY.name}
    )
    for name in ("pigeon", "kite")
}
KNOWN: Final = KnownChannels({**FACTS, **THEIRS}, of_other_packages=THEIRS)


EXAMPLES: Final = Path(__file__).parents[4] / "shared" / "examples"
SIGNERS: Final = (None, "ingest-pigeon", "ingest-kite", "ingest-social", "ingest-telegram", "agent-desk")


@given(
    st.sampled_from([*KNOWN, "raven"]),
    st.sampled_from(INBOUND),
    st.sampled_from(SIGNERS),
    st.sampled_from([None, "agent-12"]),
)
def test_a_message_comes_on_the_topic_that_its_channels_facts_name_and_on_no_other(channel, topic, signer, by):
    """And on the topic of third parties from the host of its own account alone. What an agent entered, on the desk's:
    also what its author wrote by an electronic channel, within another request."""
    message, facts = a_message(channel=channel, entered_by=by), KNOWN[channel]
    if topic is INBOUND_DESK:
        on_its_own = by is not None and (facts.is_electronic or facts.topic == topic.name)
    else:
        on_its_own = by is None and facts.topic == topic.name
    if on_its_own and (by is not None or channel not in KNOWN.of_other_packages or signer == f"ingest-{channel}"):
        require_own_topic(message, topic, signer, channels=KNOWN)
        return
    with pytest.raises(ForgedError) as refused:
        require_own_topic(message, topic, signer, channels=KNOWN)
    assert refused.value.reason == ("wrong-signature" if on_its_own else "wrong-topic")


ACCOUNTS: Final = sorted({facts.provider for facts in KNOWN.values()} | {"raven"})


@given(st.sampled_from(ACCOUNTS), st.sampled_from(INBOUND), st.sampled_from(SIGNERS))
def test_a_payload_is_given_up_by_the_host_of_its_own_account_where_that_brings_its_messages(account, topic, signer):
    payload, on_its_own = a_given_up(provider=account), account in THEIRS and topic is INBOUND_THIRD_PARTY
    if on_its_own and signer == f"ingest-{account}":
        require_own_topic(payload, topic, signer, channels=KNOWN)
        return
    with pytest.raises(ForgedError) as refused:
        require_own_topic(payload, topic, signer, channels=KNOWN)
    assert refused.value.reason == ("wrong-signature" if on_its_own else "wrong-topic")


@pytest.mark.parametrize("topic", INBOUND, ids=lambda topic: topic.name)
def test_a_host_brings_nothing_on_its_topic_but_messages_and_what_it_gave_up(topic):
    """And who writes on another gives nothing up there: what is no event of a topic is unreadable."""
    carried = {MessageReceived, PayloadGivenUp} if topic is INBOUND_THIRD_PARTY else {MessageReceived}
    assert {*event_types(topic)} == carried
    with nullcontext() if PayloadGivenUp in carried else pytest.raises(ValidationError):
        topic.events.validate_json(a_given_up().model_dump_json())


@pytest.mark.parametrize("event", [DeadLetter, DeadLetterClosed])
def test_a_host_cannot_write_dead_letters_nor_decide_about_one(event):
    text = (EXAMPLES / "dead-letters" / "v1" / f"{event.__name__}.json").read_text()
    assert DEAD_LETTER_EVENTS.validate_json(text)
    with pytest.raises(ValidationError):
        INBOUND_THIRD_PARTY.events.validate_json(text)


@pytest.mark.parametrize(
    ("channel", "topic", "says"),
    [
        ("telegram", INBOUND_THIRD_PARTY, "channel telegram came on inbound-third-party; its own is inbound-social"),
        ("pigeon", INBOUND_SOCIAL, "channel pigeon came on inbound-social; its own is inbound-third-party"),
        ("raven", INBOUND_THIRD_PARTY, "nothing is known of that channel here"),
    ],
)
def test_why_it_is_refused_is_said(channel, topic, says):
    with pytest.raises(ForgedError, match=says):
        require_own_topic(a_message(channel=channel), topic, None, channels=KNOWN)


def test_what_is_no_message_is_not_asked():
    require_own_topic(object(), CASE_COMMANDS, "agent-desk", channels=KNOWN)
