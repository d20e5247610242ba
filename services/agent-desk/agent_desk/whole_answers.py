"""Whether an answer may go: one of a sensitive sector goes whole, and in parts only to a number that is surely theirs.

Such an answer is never cut short, and the follow page does not show it. One that a single SMS or chat message holds
goes to the number or account that wrote, as any answer does. A longer one fills a telephone with several, so it goes
only where the registry knows, verified, that this number or account is the citizen's and nobody else's.
"""

from typing import Final

from agent_desk.citizen_card import CitizenDirectory
from agent_desk.opening import open_words
from guichet.channel.lengths import LONGEST, units
from guichet.contracts.inbound import Channel
from guichet.contracts.inbound_content import InboundContent
from guichet.follow_pages.showing import is_sensitive
from guichet.privacy.normalised import normalised_phone
from guichet.privacy.vault import KeyOpener
from guichet.store.case_document import CaseDocument
from guichet.store.messages import MessageStore
from guichet.town.texts import ReplyValues
from guichet.town.town import Town

_LINK: Final = "https://" + "x" * 112  # as long as a follow link gets


class WholeAnswers:
    """Knows the town, and who is behind a case."""

    def __init__(self, *, town: Town, messages: MessageStore, citizens: CitizenDirectory, opener: KeyOpener) -> None:
        self._town = town
        self._messages = messages
        self._citizens = citizens
        self._opener = opener

    async def refuses(self, case: CaseDocument, text: str) -> bool:
        """Say whether an answer may not go on the channel of this case. Raises TransientError."""
        if not is_sensitive(case.department, self._town):
            return False
        found = await self._messages.find_many([case.last_inbound])
        channel = found[case.last_inbound].channel if case.last_inbound in found else case.channel
        if channel not in LONGEST or fits(case, channel, text, self._town):
            return False
        words = (await open_words(self._opener, list(found.values()))).values.get(case.last_inbound)
        return not (isinstance(words, InboundContent) and await self._is_verified(case, words))

    async def _is_verified(self, case: CaseDocument, words: InboundContent) -> bool:
        """Say whether the sender's first identifier, to which the answer goes, is surely the citizen's own."""
        if case.citizen is None or not words.sender:
            return False
        card = (await self._citizens.cards([(case.sector, case.citizen)])).get(case.citizen)
        wanted = words.sender[0]
        return card is not None and any(
            known.verified and not known.shared and known.kind is wanted.kind and _same(known.value, wanted.value)
            for known in card.identifiers
        )


def fits(case: CaseDocument, channel: Channel, text: str, town: Town) -> bool:
    """Say whether one message of the channel holds the answer in the town's frame. Pure."""
    department = town.departments.get(case.department) or town.departments[town.fallback_department]
    values = ReplyValues(
        town_name=town.name,
        reference=case.reference,
        text=text.strip(),
        department=department,
        follow_url=_LINK,
        privacy_url=_LINK,
        subject="",
    )
    return units(town.texts.reply_short.render(values)) <= LONGEST[channel]


def _same(one: str, other: str) -> bool:
    return one == other or (normalised_phone(one) or one) == (normalised_phone(other) or other)
