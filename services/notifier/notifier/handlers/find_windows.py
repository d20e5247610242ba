"""Whether a citizen wrote lately enough to be written to freely, by what the case and its sector have of theirs.

What they wrote in another sector is not looked for (docs/decisions/0014), so a window may be open that is taken for
over; never the reverse, but for a provider's own clock. Nothing is read where the message that is answered says enough.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.errors import ErasedError, PermanentError
from guichet.ids import MessageId
from guichet.privacy.normal_form import comparable
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.messages.document import INBOUND_CONTENT, MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener
from notifier.domain.draft import AddressGoneError, Found
from notifier.domain.window import is_open

LOOKED_AT: Final = 5  # a citizen's newest messages of a channel: they may have more than one number there


@dataclass(frozen=True)
class Windows:
    """Looks for what a citizen wrote last."""

    messages: MessageStore
    opener: KeyOpener

    async def over(self, deliveries: Sequence[DeliveryDocument], found: Found, now: datetime) -> frozenset[MessageId]:
        """Return for which of these the window of their channel is over. Raises TransientError."""
        over: set[MessageId] = set()
        for each in deliveries:
            with suppress(ErasedError, PermanentError, AddressGoneError):  # the draft meets it again, and says so
                if await self._is_over(each, found, now):
                    over.add(each.outbound_id)
        return frozenset(over)

    async def _is_over(self, delivery: DeliveryDocument, found: Found, now: datetime) -> bool:
        window = found.channels[delivery.channel].window
        if window is None:
            return False
        answered = found.message(delivery.answers)
        if answered.channel == delivery.channel and is_open([answered], window, now):
            return False
        lately = [each for each in await self._newest(delivery, found) if is_open([each], window, now)]
        return not await self._is_among_authors(delivery, found, lately)

    async def _newest(self, delivery: DeliveryDocument, found: Found) -> list[MessageDocument]:
        """Return what was written last on a delivery's channel, in its case and by its citizen in that sector."""
        case = found.case_of(delivery)
        of_case = (await self.messages.find_many([case.last_inbound])).values()
        of_citizen = (
            await self.messages.newest_of_citizen(case.citizen, [delivery.channel], LOOKED_AT) if case.citizen else []
        )
        return [each for each in (*of_case, *of_citizen) if each.channel == delivery.channel]

    async def _is_among_authors(
        self, delivery: DeliveryDocument, found: Found, messages: Sequence[MessageDocument]
    ) -> bool:
        """Say whether who is written to wrote one of these: a case may have more than one person."""
        if not messages:
            return False
        recipient = comparable(found.recipient_of(delivery))
        contents = {each.message_id: INBOUND_CONTENT.on(each.message_id, each.content) for each in messages}
        opened = (await open_each(self.opener, contents)).values
        return any(content.sender and comparable(content.sender[0]) == recipient for content in opened.values())
