"""How far the sender of a case is vouched for, at the moment that an agent decides about them."""

from agent_desk.domain.cases.abuse import sender_of
from agent_desk.handlers.open_sealed import open_words
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import Proof
from guichet.contracts.channels import KnownChannels
from guichet.store.messages.store import MessageStore
from guichet.vault.ports import KeyOpener


class SenderProofs:
    """Knows how far the senders of cases are vouched for."""

    def __init__(self, *, messages: MessageStore, opener: KeyOpener, channels: KnownChannels) -> None:
        self._messages = messages
        self._opener = opener
        self._channels = channels

    async def proof_of(self, case: CaseRecord) -> Proof:
        """Return it; of one that cannot be read, NONE. Raises TransientError."""
        found = await self._messages.find_many([case.opened_by])
        words = await open_words(self._opener, found.values())
        return sender_of(case, words.values.get(case.opened_by), self._channels[case.channel])[1]
