"""Messages in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from guichet.contracts.inbound import ChannelName
from guichet.errors import TransientError
from guichet.ids import CaseId, MessageId, SectorCitizenId
from guichet.privacy.coarse_times import day_of
from guichet.store.messages.document import Copy, Direction, MessageDocument
from guichet.store.messages.erase import MessageErasing
from guichet.store.messages.store import Filing, MessageStore


class InMemoryMessageStore(MessageStore, MessageErasing):
    """Twin of MongoMessageStore and MongoMessageErasing. bare: what is left of erased ones. away: nothing answers."""

    def __init__(self) -> None:
        self.messages: dict[MessageId, MessageDocument] = {}
        self.bare: dict[MessageId, datetime] = {}
        self.away = False

    async def insert_causes(self, messages: Sequence[MessageDocument]) -> frozenset[MessageId]:
        self.answer()
        return frozenset(message.message_id for message in messages if not self._insert(message))

    async def insert_outbound(self, *messages: MessageDocument) -> frozenset[MessageId]:
        return await self.insert_causes(messages)

    async def find_many(self, messages: Iterable[MessageId]) -> dict[MessageId, MessageDocument]:
        self.answer()
        return {message: self.messages[message] for message in messages if message in self.messages}

    async def erased(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
        self.answer()
        return frozenset(message for message in messages if message in self.bare)

    async def of_case(self, case: CaseId) -> list[MessageDocument]:
        self.answer()
        filed = [message for message in self.messages.values() if message.filed == case]
        return sorted(filed, key=lambda message: (message.at, message.message_id))

    async def page_of_case(self, case: CaseId, until: datetime | None, skip: int, limit: int) -> list[MessageDocument]:
        found = [each for each in await self.of_case(case) if until is None or each.at <= until]
        return sorted(found, key=lambda each: (each.at, each.message_id), reverse=True)[skip : skip + limit]

    async def newest_of_citizen(
        self, citizen: SectorCitizenId, channels: Iterable[ChannelName], limit: int
    ) -> list[MessageDocument]:
        self.answer()
        wanted = {*channels}
        inbound = [each for each in self.messages.values() if each.direction is Direction.INBOUND]
        theirs = [each for each in inbound if each.citizen == citizen and each.channel in wanted]
        return sorted(theirs, key=lambda each: (each.at, each.message_id), reverse=True)[:limit]

    async def mark_filed(self, filings: Sequence[Filing]) -> None:
        self.answer()
        for filing in filings:
            message = self.messages.get(filing.message_id)
            owner = {} if message is None or message.sector else {"sector": filing.sector, "citizen": filing.citizen}
            about = {"copy_of": filing.copy_of, "mail_head": filing.mail_head}
            self._change(filing.message_id, {"filed": filing.case_id, **owner, **about})

    async def hand_over(self, filings: Sequence[Filing]) -> None:
        self.answer()
        for filing in filings:
            self._change(filing.message_id, {"sector": filing.sector, "citizen": filing.citizen})

    async def add_accounts(self, accounts: Mapping[MessageId, Sequence[str]]) -> None:
        self.answer()
        for message_id, added in accounts.items():
            if message_id in self.messages:
                known = self.messages[message_id].accounts
                new = tuple(account for account in added if account not in known)
                self._change(message_id, {"accounts": known + new})

    async def add_copies(self, copies: Mapping[MessageId, Sequence[Copy]]) -> None:
        self.answer()
        for message_id, added in copies.items():
            if message_id in self.messages:
                known = self.messages[message_id].copies
                self._change(message_id, {"copies": tuple(dict.fromkeys((*known, *added)))})

    async def erase(self, messages: Iterable[MessageId], at: datetime) -> None:
        self.answer()
        wanted = [*messages]
        heads = [each.mail_head for each in (await self.find_many(wanted)).values() if each.mail_head is not None]
        for message in (*heads, *wanted):
            self.messages.pop(message, None)
            self.bare.setdefault(message, day_of(at))

    def _insert(self, message: MessageDocument) -> bool:
        if message.message_id in self.bare:
            return False
        return self.messages.setdefault(message.message_id, message) is message

    def _change(self, message: MessageId, fields: dict[str, object]) -> None:
        if message in self.messages:
            self.messages[message] = self.messages[message].model_copy(update=fields)

    def answer(self) -> None:
        """Raise TransientError while the store is away."""
        if self.away:
            raise TransientError("the messages are away")
