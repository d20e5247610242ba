"""Where an answer goes, and whether the citizen is known there. Pure, but for `Destinations`, which reads.

An answer goes to the address that the last message asks it to: for a mail that is its Reply-To, which anybody can write
(docs/decisions/0019).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from agent_desk.citizen_card import CitizenCard, CitizenDirectory, KnownIdentifier
from agent_desk.opening import open_words
from agent_desk.timeline import Words
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.privacy.normalised import comparable
from guichet.privacy.vault import KeyOpener
from guichet.store.case_document import CaseDocument
from guichet.store.messages import MessageStore


@dataclass(frozen=True)
class Destination:
    """An address as its message gave it. elsewhere: the citizen is not known there, and an agent looks twice."""

    address: Identifier = field(repr=False)
    elsewhere: bool


def is_hidden(case: CaseDocument, card: CitizenCard | None) -> bool:
    """Say whether nothing of the registry may stand beside a case: it is somebody's whom nobody has recognised.

    A stranger's card holds nothing but what came from the same address.
    """
    return case.unverified and not (card is not None and card.is_stranger)


def where_answers_go(case: CaseDocument, words: Words | None, cards: Collection[CitizenCard]) -> Destination | None:
    """Return where the answer to a case goes; None where its last message gives no address, or is erased.

    words: of the last message. cards: of the case's citizen, or of those who may be.
    """
    if not isinstance(words, InboundContent) or not words.sender:
        return None
    address = words.sender[0]
    doubtful = is_hidden(case, next(iter(cards), None) if case.citizen else None)
    known = any(is_at(each, address) for card in cards for each in card.identifiers)
    return Destination(address, elsewhere=doubtful or not known)


def is_at(known: KnownIdentifier, address: Identifier) -> bool:
    """Say whether an address of the registry is the one that a message gave."""
    return (
        not known.tampered
        and known.kind is address.kind
        and comparable(Identifier(kind=known.kind, value=known.value)) == comparable(address)
    )


class Destinations:
    """Finds where the answer to a case goes, at the moment that it is sent."""

    def __init__(self, *, messages: MessageStore, citizens: CitizenDirectory, opener: KeyOpener) -> None:
        self._messages = messages
        self._citizens = citizens
        self._opener = opener

    async def of(self, case: CaseDocument) -> Destination | None:
        """See where_answers_go. Raises TransientError."""
        found = await self._messages.find_many([case.last_inbound])
        words = (await open_words(self._opener, found.values())).values.get(case.last_inbound)
        people = [case.citizen] if case.citizen else case.candidates
        cards = await self._citizens.cards([(case.sector, citizen) for citizen in people])
        return where_answers_go(case, words, cards.values())
