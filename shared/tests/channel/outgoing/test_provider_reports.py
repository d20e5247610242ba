"""A provider's words in ours, by the facts of an invented channel."""

from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.outcomes import Concluded
from guichet.channel.outgoing.provider_reports import concluded, failure_of
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.delivery import DeliveryState

PIGEON = ChannelFacts.model_validate(
    {
        "name": "pigeon",
        "title": {"fr": "Pigeon", "en": "Pigeon"},
        "icon": "M2 2h12",
        "provider": "loft",
        "statuses": {"flown": "sent", "landed": "delivered", "lost": "failed"},
        "reasons": {"07": "no-such-loft"},
    }
)


@given(st.text(max_size=20))
def test_a_word_that_the_facts_lack_says_nothing(word):
    said = concluded(PIGEON, word, None, "P1")
    assert (said is None) == (word.lower() not in PIGEON.statuses)


def test_a_failure_carries_a_reason_and_a_success_none():
    assert concluded(PIGEON, "Lost", "07", "P1") == Concluded(DeliveryState.FAILED, "no-such-loft", "P1")
    assert concluded(PIGEON, "lost", None, "P1") == Concluded(DeliveryState.FAILED, "undelivered", "P1")
    assert concluded(PIGEON, "landed", "07", "P1") == Concluded(DeliveryState.DELIVERED, None, "P1")


def test_a_code_that_the_facts_lack_keeps_its_number():
    assert failure_of(PIGEON, "12345") == "loft-12345"
