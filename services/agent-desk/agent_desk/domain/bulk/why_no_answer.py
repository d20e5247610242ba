"""Why one answer to many does not go to a case: whatever a single form would ask its author about is left out. Pure."""

from collections.abc import Container

from agent_desk.domain.cases.answer_addresses import Sending
from agent_desk.domain.cases.destination import is_elsewhere, reason_against
from agent_desk.domain.composer.variables import unfilled
from agent_desk.domain.decisions.sensitive_answer import may_go
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.town.town import Town


def why_no_answer(
    case: CaseRecord, sending: Sending, words: str, town: Town, carried: Container[ChannelName]
) -> str | None:
    """Return why; None where it may go. words: with their signature; blank: nothing is written yet.

    carried: the channels that the town has.
    """
    to = sending.shown
    if is_elsewhere(to, sending.now):
        return "address-changed"
    if reason := reason_against(to, case.channel, town):
        return reason
    if (way := town.facts.reaching(case.channel).answered_on) and way not in carried:
        return "channel-closed"
    if to is not None and to.elsewhere:
        return "elsewhere"
    if unfilled(words):
        return "variable-unfilled"
    return None if may_go(case, to, words, town) else "number-unverified"
