"""What a citizen sees of their case: reference, date, generic state, the town's answers, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from guichet.contracts.case_events import CaseState
from guichet.ids import MessageId, Reference
from guichet.privacy.sealing import Thing, unseal_model
from guichet.privacy.tokens import follow_lookup
from guichet.privacy.vault import KeyOpener
from guichet.store.followed_cases import FollowedCases
from guichet.store.message_document import Direction, MessageDocument, OutboundContent

# What a citizen may see of a state (design 2): reçue, en cours, en attente de votre réponse, close.
GENERIC: Mapping[CaseState, str] = {
    CaseState.RECEIVED: "received",
    CaseState.IN_PROGRESS: "in_progress",
    CaseState.TRANSFERRED: "in_progress",
    CaseState.WAITING_FOR_CITIZEN: "waiting_for_citizen",
    CaseState.CLOSED: "closed",
    CaseState.ARCHIVED: "closed",
    CaseState.DESTROYED: "closed",
}


class MessageFinder(Protocol):
    """Messages by id."""

    async def find_many(self, messages: Iterable[MessageId]) -> dict[MessageId, MessageDocument]:
        """Return those that exist. Raises TransientError."""


@dataclass(frozen=True)
class Answer:
    """The town's words. text: None when they were erased."""

    at: datetime
    text: str | None = field(repr=False)


@dataclass(frozen=True)
class Followed:
    """A case as its citizen sees it. state: one of GENERIC's values."""

    reference: Reference
    received_at: datetime
    state: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Following:
    """Opens follow links. lookup_key: of the HMAC that a case stores instead of its token."""

    cases: FollowedCases
    messages: MessageFinder
    opener: KeyOpener
    lookup_key: bytes

    async def open(self, token: str) -> Followed | None:
        """Return the case of a follow link, or None for a token that nobody was given. Raises TransientError."""
        case = await self.cases.find(follow_lookup(self.lookup_key, token))
        if case is None:
            return None
        messages = await self.messages.find_many(case.answers)
        sent = [messages[answer] for answer in case.answers if answer in messages]
        answers = await self._open([message for message in sent if message.direction is Direction.OUTBOUND])
        return Followed(case.reference, case.received_at, GENERIC[case.state], answers)

    async def _open(self, messages: list[MessageDocument]) -> tuple[Answer, ...]:
        keys = await self.opener.open_keys({message.content.key_id for message in messages})
        return tuple(
            Answer(
                message.at,
                unseal_model(
                    keys[message.content.key_id],
                    Thing("message", message.message_id),
                    "content",
                    message.content,
                    OutboundContent,
                ).text
                if message.content.key_id in keys
                else None,
            )
            for message in messages
        )
