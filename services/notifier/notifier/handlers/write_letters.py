"""From intents to letters, a round of them at a time: read what they need, write new receipts' words, keep those."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ParamSpec, TypeVar

from guichet.case.record import CaseRecord
from guichet.channel.outgoing.letter import Letter
from guichet.contracts.base import Sealed
from guichet.contracts.delivery import Purpose
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.ids import MessageId
from guichet.privacy.coarse_times import moments_before
from guichet.store.cases.store import CaseStore
from guichet.store.deliveries.document import LEGAL_RECEIPTS, DeliveryDocument
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.messages.store import MessageStore
from guichet.store.objects import ObjectStore, attachment
from guichet.vault.fields import Keys, living_keys
from guichet.vault.ports import KeyOpener, KeySource
from notifier.domain.changes import quiet_for
from notifier.domain.draft import DraftedLetter, Found, TooManyChangesError, draft, kept, sealed_words
from notifier.domain.finish_letter import finish
from notifier.domain.mail_message import MailWriter
from notifier.domain.outcomes import Gathered
from notifier.domain.unfinished_letter import EnclosedFile, UnfinishedLetter
from notifier.domain.window import after_the_window
from notifier.domain.wording import Wording
from notifier.handlers.find_windows import Windows
from notifier.handlers.limit_receipts import Ceiling, NewChange, NewReceipt

P = ParamSpec("P")
T = TypeVar("T")
Written = Letter | Gathered | Exception
"""The letter of an intent, or that it waits for others, or why there is none (see `notifier.domain.draft.draft`)."""


@dataclass(frozen=True)
class LetterWriter:
    """Writes letters. keys: for receipts. ceiling: past it, a receipt waits for others of its recipient.

    mails: gives letters that go by mail their form. objects: where the files are that answers enclose.
    """

    cases: CaseStore
    messages: MessageStore
    keys: KeySource
    opener: KeyOpener
    wording: Wording
    ceiling: Ceiling
    mails: MailWriter
    objects: ObjectStore
    clock: Callable[[], datetime]

    async def write(self, deliveries: Sequence[DeliveryDocument]) -> list[Written]:
        """Return what was written for each intent, in their order, with the same words at every call.

        New receipts are kept before any letter is returned: agents see them, and another attempt says the same.
        Raises TransientError while the store or the vault is away.
        """
        found = await self.read(deliveries)
        waiting = await self.ceiling.gathered(_new_receipts(deliveries, found))
        leaving = [each for each in deliveries if each.outbound_id not in waiting]
        drafts = {each.outbound_id: tried(self._drafted, each, found) for each in leaving}
        drafts |= await self._too_many(leaving, drafts, found)
        late = await Windows(self.messages, self.opener).over(leaving, found, self.clock())
        new = [
            (each, made.words)
            for each in leaving
            if isinstance(made := drafts[each.outbound_id], DraftedLetter) and made.words is not None
        ]
        keys = found.keys
        written_by_another = await self.keep(new, found)
        if again := [each for each in leaving if each.outbound_id in written_by_another]:
            anew = await self.read(again)
            drafts |= {each.outbound_id: tried(kept, each, anew, self.wording) for each in again}
            keys = {**found.keys, **anew.keys}
        for each in leaving:
            if each.outbound_id in late:
                drafts[each.outbound_id] = tried(_late, each, drafts[each.outbound_id], found, self.wording)
            elif _may_have_left_late(each, found):
                fixed = tried(_late, each, drafts[each.outbound_id], found, self.wording)
                if isinstance(fixed, DraftedLetter) and not fixed.letter.is_late:
                    drafts[each.outbound_id] = fixed
        return [
            waiting.get(each.outbound_id) or await self._finished(drafts[each.outbound_id], keys) for each in deliveries
        ]

    async def _too_many(
        self, leaving: Sequence[DeliveryDocument], drafts: Mapping[MessageId, DraftedLetter | Exception], found: Found
    ) -> dict[MessageId, Exception]:
        """Return the letters about changes that are too many for their case, or their address, with why none leaves."""
        changes = [
            NewChange(
                each.outbound_id,
                each.case_id,
                found.recipient_of(each),
                each.requested_at,
                again=each.after is not None,
            )
            for each in leaving
            if each.purpose is Purpose.CHANGE
            and each.outbound_id not in found.messages
            and isinstance(drafts[each.outbound_id], DraftedLetter)
        ]
        return {each: TooManyChangesError("enough was said today") for each in await self.ceiling.too_many(changes)}

    async def read(self, deliveries: Sequence[DeliveryDocument]) -> Found:
        """Return what the store holds for intents. Raises TransientError."""
        ids = {id_ for each in deliveries for id_ in (each.answers, each.outbound_id, each.instead) if id_ is not None}
        cases, messages = await asyncio.gather(
            self.cases.find_many({each.case_id for each in deliveries}), self.messages.find_many(ids)
        )
        links = (case.link for case in cases.values() if case.link is not None)
        keys = await living_keys(self.opener, [*(message.content for message in messages.values()), *links])
        return Found(cases, messages, keys, self.wording.town.facts)

    async def keep(self, new: Sequence[tuple[DeliveryDocument, OutboundContent]], found: Found) -> frozenset[MessageId]:
        """Keep the words of new receipts; return those that somebody else wrote meanwhile. Raises TransientError."""
        if not new:
            return frozenset()
        keys, moments = await self.keys.new_keys(len(new)), moments_before(self.clock(), len(new))
        return await self.messages.insert_outbound(
            *(
                _kept(delivery, found.cases[delivery.case_id], at, sealed_words(delivery, words, key))
                for (delivery, words), at, key in zip(new, moments, keys, strict=True)
            )
        )

    def _drafted(self, delivery: DeliveryDocument, found: Found) -> DraftedLetter:
        """Return the draft of a letter. Raises as `draft` does, and ThrottledError until its hour has come."""
        if delivery.purpose is Purpose.CHANGE and (pause := quiet_for(self.clock(), self.wording.town)):
            raise ThrottledError("nobody is written to now about what no law sets a day for", retry_after=pause)
        return draft(delivery, found, self.wording)

    def finish(self, letter: UnfinishedLetter) -> Letter | Exception:
        """Return a letter in the form of its channel, or why it has none."""
        return tried(finish, letter, self.mails)

    async def _finished(self, made: DraftedLetter | Exception, keys: Keys) -> Written:
        if isinstance(made, Exception):
            return made
        if not made.letter.files:
            return self.finish(made.letter)
        try:
            files = [await self._read_file(made.letter.outbound_id, each, keys) for each in made.letter.files]
        except Exception as why:  # see tried
            return why
        return self.finish(replace(made.letter, files=tuple(files)))

    async def _read_file(self, message: MessageId, file: EnclosedFile, keys: Keys) -> EnclosedFile:
        """Return a file with what it is. Raises TransientError, PermanentError where it is gone, UnopenableError."""
        box, key = await self.objects.get(file.kept.attachment_id), keys[file.sealed.key_id]
        return replace(file, content=attachment(file.kept.attachment_id).open_box(key, message, box))


def _late(delivery: DeliveryDocument, made: DraftedLetter | Exception, found: Found, wording: Wording) -> DraftedLetter:
    """Return a draft as it is once its channel's window is over. Raises why there is none."""
    if isinstance(made, Exception):
        raise made
    return replace(made, letter=after_the_window(made.letter, delivery, found, wording))


def _may_have_left_late(delivery: DeliveryDocument, found: Found) -> bool:
    """Say whether a letter may have left as a template already, before its recipient opened the window anew: it is
    asked after by that, and would else leave twice."""
    return delivery.unsettled_since is not None and found.channels[delivery.channel].window is not None


def _new_receipts(deliveries: Sequence[DeliveryDocument], found: Found) -> list[NewReceipt]:
    """Return the receipts whose words are not kept yet: no attempt to send one of these was made."""
    new = [each for each in deliveries if _is_counted(each) and each.outbound_id not in found.messages]
    receipts: list[NewReceipt] = []
    for each in new:
        with suppress(PermanentError, TransientError):  # the draft meets it again, and says so
            case, recipient = found.case_of(each), found.recipient_of(each)
            proven = found.goes_to_its_author(each)
            today = each.purpose is Purpose.ARE  # its law's last day may be this one
            new_receipt = NewReceipt(
                each.outbound_id, recipient, each.requested_at, case.received_at, proven, same_day=today
            )
            receipts.append(new_receipt)
    return receipts


def _is_counted(delivery: DeliveryDocument) -> bool:
    """Say whether a letter counts towards its address's ceiling: one in parts would be no line of another's letter, and
    what goes another way was counted as what failed."""
    return delivery.purpose in LEGAL_RECEIPTS and not delivery.in_parts and delivery.after is None


def tried(make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Exception:
    """Return why there is no letter instead of raising it: the others of the round do not suffer from it."""
    try:
        return make(*args, **kwargs)
    except Exception as why:
        return why


def _kept(delivery: DeliveryDocument, case: CaseRecord, at: datetime, content: Sealed) -> MessageDocument:
    return MessageDocument(
        _id=delivery.outbound_id,
        direction=Direction.OUTBOUND,
        channel=delivery.channel,
        accounts=(delivery.account,),
        at=at,
        filed=case.case_id,
        sector=case.sector,
        citizen=case.citizen,
        content=content,
        purpose=delivery.purpose,
    )
