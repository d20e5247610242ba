"""By which words a case and its messages are found. Pure."""

from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.search.kept_words import text_words, who_words
from guichet.search.places import TownPlaces, place_words
from guichet.search_files.rows import IndexedCase, IndexedMessage, KnownCase
from guichet.search_files.scope_words import scope_words
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent

Words = InboundContent | OutboundContent


def is_searched(message: MessageDocument) -> bool:
    """Say whether a message is found at all: what a citizen or an agent wrote.

    No copy of a mail that another route brought first, and no receipt, whose words are the town's or the citizen's own.
    """
    if message.copy_of is not None or message.is_held_back:
        return False
    return message.direction is Direction.INBOUND or message.author is not None


def indexed_case(case: CaseRecord) -> IndexedCase:
    """Return what searches need of a case."""
    return IndexedCase(
        case_id=case.case_id,
        reference=case.reference,
        state=case.state,
        department=case.department,
        citizen=case.citizen,
        procedure=case.procedure,
        entered_by=case.entered_by,
    )


def indexed_message(message: MessageDocument, words: Words | None, places: TownPlaces) -> IndexedMessage:
    """Return the words of a message; None: it does not open, and is found by nothing but its case.

    places: what the town's map calls where it is about.
    """
    if words is None:
        return IndexedMessage(message.message_id)
    subject, body = text_words(words.subject or ""), text_words(words.text)
    if not isinstance(words, InboundContent):  # an answer bears the town hall's own address
        return IndexedMessage(message.message_id, subject, body)
    place = tuple(word for name in places.of(words) for word in place_words(name))
    return IndexedMessage(message.message_id, subject, body, who_words(words.display_name, words.sender), place)


def is_as_known(case: IndexedCase, known: KnownCase | None) -> bool:
    """Say whether a file has the case under the rights that it has now: then only what is new is written."""
    return known is not None and known.rights == scope_words(case)
