"""Where an answer goes, and whether the citizen is known there. Pure.

An answer goes to the address that a message asks it to, the case's last one when the page is made: for a mail that is
its Reply-To, which anybody can write (docs/decisions/0019). What the agent saw is what counts (docs/decisions/0027).
Of an erased message the case has the bare id: then it goes to who opened the case.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.domain.cases.moments import Words
from guichet.case.record import CaseRecord
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier, InboundContent
from guichet.ids import MessageId, SectorCitizenId
from guichet.privacy.normal_form import comparable
from guichet.store.messages.document import MessageDocument
from guichet.town import Town
from guichet.town.reachable_numbers import reason_against as reason_against_number


@dataclass(frozen=True)
class Destination:
    """An address as a message gave it, and the channel that the message came on.

    elsewhere: the citizen is not known there, and an agent looks twice. surely_theirs: the registry knows, verified,
    that it is this citizen's and nobody else's.
    """

    message_id: MessageId
    channel: ChannelName
    address: Identifier = field(repr=False)
    elsewhere: bool
    surely_theirs: bool


def answered_message(case: CaseRecord, there: Container[MessageId]) -> MessageId:
    """Return the message whose sender an answer goes to: the last, the opening one where that was erased."""
    return case.answered_at if case.answered_at in there else case.opened_by


def people_of(case: CaseRecord) -> Sequence[SectorCitizenId]:
    """Return whose a case is, or those who share its sender's address: it may be any one's."""
    return [case.citizen] if case.citizen else case.candidates


def is_hidden(case: CaseRecord, card: CitizenCard | None) -> bool:
    """Say whether nothing of the registry may stand beside a case: it is somebody's whom nobody has recognised.

    A stranger's card holds nothing but what came from the same address.
    """
    return case.unverified and not (card is not None and card.is_stranger)


def where_answers_go(
    case: CaseRecord, message: MessageDocument | None, words: Words | None, cards: Collection[CitizenCard]
) -> Destination | None:
    """Return where an answer to a message of the case goes; None where it gives no address, is erased or not there.

    words: of that message. cards: of the case's citizen, or of those who may be.
    """
    if message is None or not isinstance(words, InboundContent) or not words.sender:
        return None
    address = words.sender[0]
    doubtful = is_hidden(case, next(iter(cards), None) if case.citizen else None)
    there = [each for card in cards for each in card.identifiers if is_at(each, address)]
    return Destination(
        message.message_id,
        message.channel,
        address,
        elsewhere=doubtful or not there,
        surely_theirs=case.citizen is not None and any(each.verified and not each.shared for each in there),
    )


def reason_against(answer: Destination | None, channel: ChannelName, town: Town) -> str | None:
    """Return why no answer will leave; None where one may. channel: the case's, where it is not known where it goes.

    Whoever spoke, or wrote on paper, is answered where they left an address that a channel of the town reaches.
    """
    facts = town.facts[answer.channel if answer is not None else channel]
    kind = town.facts.reaching(facts.name).kind
    if not facts.is_electronic and kind is not None and (answer is None or answer.address.kind != kind.name):
        return "no-address"
    return None if answer is None else _refused_number(answer, town)


def _refused_number(answer: Destination, town: Town) -> str | None:
    """Return why no letter goes to the number that an answer would go to; None where one may."""
    facts = town.facts[answer.channel]
    if facts.charged is None or answer.address.kind != PHONE_NUMBER:
        return None
    return reason_against_number(answer.address.value, town.costs_of(facts.provider).countries)


def is_elsewhere(shown: Destination | None, now: Destination | None) -> bool:
    """Say whether an answer would go to another address by now than the one that the agent's page showed."""
    if shown is None or now is None:
        return shown is not now
    return not is_same(shown.address, now.address)


def is_same(one: Identifier, other: Identifier) -> bool:
    """Say whether two addresses are one, as they are written."""
    return (one.kind, comparable(one)) == (other.kind, comparable(other))


def is_at(known: KnownIdentifier, address: Identifier) -> bool:
    """Say whether an address of the registry is the one that a message gave."""
    return (
        not known.tampered
        and known.kind == address.kind
        and comparable(Identifier(kind=known.kind, value=known.value)) == comparable(address)
    )
