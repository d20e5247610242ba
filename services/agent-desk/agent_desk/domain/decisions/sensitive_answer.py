"""Whether an answer may go: one of a sensitive sector goes whole, and in parts only to a number that is surely theirs.

Such an answer is never cut short, and the follow page does not show it. One that a single SMS or chat message holds
goes to the number or account that wrote, as any answer does. A longer one fills a telephone with several, so it goes
only where the registry knows, verified, that this number or account is the citizen's and nobody else's. Pure.
"""

from typing import Final

from agent_desk.domain.cases.destination import Destination
from guichet.case.record import CaseRecord
from guichet.channel.lengths import units
from guichet.contracts.channels import Form
from guichet.contracts.inbound import ChannelName
from guichet.follow_pages.page_content import is_sensitive
from guichet.town.texts import ReplyValues
from guichet.town.town import Town

_LINK: Final = "https://" + "x" * 112  # as long as a follow link gets


def may_go(case: CaseRecord, to: Destination | None, text: str, town: Town) -> bool:
    """Say whether an answer may go, whole, to where it goes. to: None where no address is known."""
    if not is_sensitive(case.department, town):
        return True
    channel = to.channel if to is not None else case.channel
    if town.facts[channel].form is not Form.SHORT or fits(case, channel, text, town):
        return True
    return to is not None and to.surely_theirs


def fits(case: CaseRecord, channel: ChannelName, text: str, town: Town) -> bool:
    """Say whether one message of the channel holds the answer in the town's frame."""
    department = town.department_or_fallback(case.department)
    values = ReplyValues(
        town_name=town.name,
        reference=case.reference,
        text=text.strip(),
        department=department,
        follow_url=_LINK,
        privacy_url=_LINK,
        subject="",
    )
    longest = town.facts[channel].longest
    return longest is None or units(town.texts.of(channel, case.procedure).reply_short.render(values)) <= longest
