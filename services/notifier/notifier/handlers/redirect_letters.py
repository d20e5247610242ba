"""Where a letter goes that may not leave as it should, for what it costs.

By mail, if it is due by law and surely arrives there; else it waits for a cap, or fails where the town writes to no
such number. It is the same delivery all the time, moved in one write while nothing of it has left: never two letters.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from guichet.ids import MessageId
from guichet.store.cases.store import CaseStore
from guichet.store.deliveries.document import CAP_REACHED, MAIL_INSTEAD, DeliveryDocument, Redirection, is_due_by_law
from guichet.store.deliveries.store import Deliveries
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.town import Town
from guichet.vault.ports import KeyOpener
from notifier.domain.letter_cost import looks_for_another_way, tried_again_at
from notifier.handlers.find_addresses import ProvenAddresses

log = structlog.get_logger()


@dataclass(frozen=True)
class Redirects:
    """announce: has a delivery's new state published. Every method raises TransientError."""

    deliveries: Deliveries
    cases: CaseStore
    messages: MessageStore
    opener: KeyOpener
    town: Town
    announce: Callable[[DeliveryDocument], None]
    clock: Callable[[], datetime]

    async def no_room(self, held: DeliveryDocument) -> None:
        """Let go of a letter that a cap has no room for: by mail where that can be, else until it is tried again."""
        now = self.clock()
        if looks_for_another_way(held, now) and await self.by_mail(held):
            return
        if news := await self.deliveries.wait_for_room(held, now, tried_again_at(now)):
            log.warning("a letter waits: no cap has room", lane=held.lane, outbound_id=held.outbound_id)
            self.announce(news)

    async def by_mail(self, held: DeliveryDocument) -> bool:
        """Have a letter that is due by law go by mail; return whether it does: else it is held as before."""
        may_go = is_due_by_law(held) and not held.mail_refused and held.after is None
        onto = await self._way_by_mail(held) if may_go else None
        moved = await self.deliveries.redirect(held, onto, MAIL_INSTEAD, self.clock()) if onto is not None else None
        if moved is not None:
            log.info("a receipt goes by mail instead", lane=held.lane, outbound_id=held.outbound_id)
            self.announce(moved)
        return moved is not None

    async def go_back(self, held: DeliveryDocument) -> None:
        """Have a letter go where it should have gone at first: the mail whose author was to get it is erased."""
        if not await self._went_back(held):
            await self.deliveries.postpone(held, tried_again_at(self.clock()))

    async def after_refusal(self, held: DeliveryDocument) -> bool:
        """Have a letter that went by mail instead, and was refused there, wait where it should have gone at first;
        return whether it does. Never where an earlier copy of it may have arrived."""
        went_instead = held.instead is not None and held.after is None and not held.copies
        return went_instead and await self._went_back(held, mail_refused=True)

    async def _went_back(self, held: DeliveryDocument, *, mail_refused: bool = False) -> bool:
        answered = (await self.messages.find_many([held.answers])).get(held.answers)
        onto = None if answered is None else self._back_to(answered)
        if onto is None:
            return False
        onto = replace(onto, mail_refused=mail_refused)
        moved = await self.deliveries.redirect(held, onto, CAP_REACHED, self.clock())
        if moved is not None:
            self.announce(moved)
        return moved is not None

    async def _way_by_mail(self, held: DeliveryDocument) -> Redirection | None:
        """Return the way to the citizen's newest proven mailbox in the case's sector; None where there is none."""
        case = (await self.cases.find_many([held.case_id])).get(held.case_id)
        if case is None:
            return None
        addresses = ProvenAddresses(self.messages, self.opener, self.town)
        newest = next(iter(await addresses.mailboxes(case)), None)
        return None if newest is None else self._back_to(newest.message, instead=newest.message.message_id)

    def _back_to(self, message: MessageDocument, instead: MessageId | None = None) -> Redirection | None:
        """Return the way back to a message's sender."""
        facts = self.town.facts[message.channel]
        if facts.lane is None or not message.accounts:
            return None
        return Redirection(message.channel, facts.lane, message.accounts[0], instead)
