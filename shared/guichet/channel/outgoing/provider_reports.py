"""A provider's words for what became of a message, in ours, as its channel's facts translate them. Pure."""

from typing import Final

from guichet.channel.outgoing.outcomes import Concluded
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.delivery import DeliveryReported, DeliveryState

WITHOUT_A_CODE: Final = "undelivered"


def parse_report(facts: ChannelFacts, reported: DeliveryReported) -> Concluded | None:
    """Return what a report says, or None for a word that the facts do not know. facts: of the report's channel."""
    return concluded(facts, reported.status, reported.error_code, reported.provider_id)


def concluded(facts: ChannelFacts, status: str, error_code: str | None, provider_id: str) -> Concluded | None:
    """Return what the provider's word for a message's status says, or None for one that the facts do not know."""
    state = facts.statuses.get(status.lower())
    if state is None:
        return None
    return Concluded(state, failure_of(facts, error_code) if state is DeliveryState.FAILED else None, provider_id)


def failure_of(facts: ChannelFacts, error_code: str | None) -> str:
    """Return our reason for a code of the provider's; one that the facts lack keeps its number."""
    return facts.reasons.get(error_code or "", f"{facts.provider}-{error_code}" if error_code else WITHOUT_A_CODE)
