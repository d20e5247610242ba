"""From intents to letters, a round of them at a time: read what they need, write new receipts' words, keep those."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec

from guichet.ids import MessageId
from guichet.privacy.sealing import DataKey
from guichet.privacy.vault import KeyOpener, KeySource
from guichet.store.case_document import CaseDocument
from guichet.store.cases import CaseStore
from guichet.store.delivery_document import DeliveryDocument
from guichet.store.message_document import Direction, MessageDocument, OutboundContent
from guichet.store.messages import MessageStore
from notifier.drafting import Draft, Found, draft, kept, sealed_words
from notifier.letter import Letter
from notifier.wording import Wording

P = ParamSpec("P")
Written = Letter | Exception
"""The letter of an intent, or why there is none (see `notifier.drafting.draft`)."""


@dataclass(frozen=True)
class LetterWriter:
    """Writes letters. keys: for receipts."""

    cases: CaseStore
    messages: MessageStore
    keys: KeySource
    opener: KeyOpener
    wording: Wording
    clock: Callable[[], datetime]

    async def write(self, deliveries: Sequence[DeliveryDocument]) -> list[Written]:
        """Return what was written for each intent, in their order, with the same words at every call.

        New receipts are kept before any letter is returned: agents see them, and another attempt says the same.
        Raises TransientError while the store or the vault is away.
        """
        found = await self._read(deliveries)
        drafts = {each.outbound_id: _tried(draft, each, found, self.wording) for each in deliveries}
        written_by_another = await self._keep(deliveries, drafts, found)
        if again := [each for each in deliveries if each.outbound_id in written_by_another]:
            found = await self._read(again)
            drafts |= {each.outbound_id: _tried(kept, each, found) for each in again}
        return [_letter(drafts[each.outbound_id]) for each in deliveries]

    async def _read(self, deliveries: Sequence[DeliveryDocument]) -> Found:
        ids = {id_ for each in deliveries for id_ in (each.answers, each.outbound_id)}
        cases, messages = await asyncio.gather(
            self.cases.find_many({each.case_id for each in deliveries}), self.messages.find_many(ids)
        )
        sealed = [message.content for message in messages.values()]
        keys = await self.opener.open_keys(
            [*(each.key_id for each in sealed), *(case.link.key_id for case in cases.values() if case.link)]
        )
        return Found(cases, messages, keys)

    async def _keep(
        self, deliveries: Sequence[DeliveryDocument], drafts: dict[MessageId, Draft | Exception], found: Found
    ) -> frozenset[MessageId]:
        """Keep the words of new receipts; return those that somebody else wrote meanwhile."""
        new = [
            (each, made.words)
            for each in deliveries
            if isinstance(made := drafts[each.outbound_id], Draft) and made.words is not None
        ]
        if not new:
            return frozenset()
        keys = await self.keys.new_keys(len(new))
        return await self.messages.insert_outbound(
            *(
                self._receipt(delivery, found.cases[delivery.case_id], words, key)
                for (delivery, words), key in zip(new, keys, strict=True)
            )
        )

    def _receipt(
        self, delivery: DeliveryDocument, case: CaseDocument, words: OutboundContent, key: DataKey
    ) -> MessageDocument:
        return MessageDocument(
            _id=delivery.outbound_id,
            direction=Direction.OUTBOUND,
            channel=delivery.channel,
            accounts=(delivery.account,),
            at=self.clock(),
            filed=case.case_id,
            sector=case.sector,
            citizen=case.citizen,
            content=sealed_words(delivery, words, key),
            purpose=delivery.purpose,
        )


def _tried(make: Callable[P, Draft], *args: P.args, **kwargs: P.kwargs) -> Draft | Exception:
    """Return why there is no letter instead of raising it: the others of the round do not suffer from it."""
    try:
        return make(*args, **kwargs)
    except Exception as why:
        return why


def _letter(made: Draft | Exception) -> Written:
    return made.letter if isinstance(made, Draft) else made
