"""The addresses at which a citizen surely reads, as what they wrote from there proves (docs/decisions/0057, 0107)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from guichet.case.record import CaseRecord
from guichet.contracts.authorship import proves_where_answers_go
from guichet.contracts.channels import ChannelFacts, Form, Voucher
from guichet.contracts.inbound_content import Identifier
from guichet.store.messages.document import INBOUND_CONTENT, MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.town import Town
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener

LOOKED_AT: Final = 20  # a citizen's newest messages; who is not proven in any of them is not


@dataclass(frozen=True)
class ProvenAddress:
    """An address, and the message whose author somebody vouches for, there where answers to it go."""

    message: MessageDocument
    address: Identifier = field(repr=False)


@dataclass(frozen=True)
class ProvenAddresses:
    """Of whose a case surely is, in its sector; of nobody else. Every method raises TransientError."""

    messages: MessageStore
    opener: KeyOpener
    town: Town

    async def mailboxes(self, case: CaseRecord) -> list[ProvenAddress]:
        """Return those that mail authentication vouches for, newest first."""
        mails = [each for each in self.town.facts.values() if each.form is Form.MAIL]
        return await self._proven(case, (each for each in mails if each.vouched_by is Voucher.MAIL_AUTHENTICATION))

    async def numbers(self, case: CaseRecord) -> list[ProvenAddress]:
        """Return those that a provider vouches for, its own numbers and accounts, newest first."""
        known = self.town.facts.values()
        return await self._proven(case, (each for each in known if each.vouched_by is Voucher.PROVIDER))

    async def _proven(self, case: CaseRecord, channels: Iterable[ChannelFacts]) -> list[ProvenAddress]:
        if case.erasing or case.citizen is None or case.unverified:
            return []
        newest = await self.messages.newest_of_citizen(case.citizen, [each.name for each in channels], LOOKED_AT)
        by_a_person = [each for each in newest if each.automatic is None and not each.is_held_back and each.accounts]
        contents = {each.message_id: INBOUND_CONTENT.on(each.message_id, each.content) for each in by_a_person}
        opened = (await open_each(self.opener, contents)).values
        return [
            ProvenAddress(each, content.sender[0])
            for each in by_a_person
            if (content := opened.get(each.message_id)) is not None
            and proves_where_answers_go(content, self.town.facts[each.channel])
        ]
