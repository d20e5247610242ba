"""To which address each message of the town's left. Pure.

An answer leaves for the address that its author chose, else for the sender of the message that it answers; a receipt
for who opened the case. Which message an answer answers is kept nowhere beside it: it is the last one that a person had
written, for an answer whose page showed another address by then is given back (docs/decisions/0027).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from agent_desk.domain.cases.moments import Moment, TownWrote, Words
from guichet.case.record import CaseRecord
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import FROM_PEOPLE
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import MessageId
from guichet.store.deliveries.document import LEGAL_RECEIPTS
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent


def with_addresses(
    moments: Iterable[Moment],
    case: CaseRecord,
    messages: Iterable[MessageDocument],
    words: Mapping[MessageId, Words],
) -> tuple[Moment, ...]:
    """Return a page of the story with where each message left for; None where that cannot be told.

    messages: the page's, and the case's last one. words: of these, and of what opened the case.
    """
    written = sorted((each for each in messages if _is_answered(each)), key=lambda each: each.at)

    def left_for(sent: TownWrote) -> Identifier | None:
        said = words.get(sent.message_id)
        if sent.by_mail_instead or sent.by_another_way:
            return None
        if isinstance(said, OutboundContent) and said.to is not None:
            return said.to
        if sent.purpose in LEGAL_RECEIPTS:
            return _asked_to(words.get(case.opened_by))
        before = [each for each in written if each.at <= sent.at]
        return _asked_to(words.get(before[-1].message_id)) if before and sent.purpose is Purpose.REPLY else None

    return tuple(replace(each, left_for=left_for(each)) if isinstance(each, TownWrote) else each for each in moments)


def _is_answered(message: MessageDocument) -> bool:
    is_a_person_s = message.direction is Direction.INBOUND and message.automatic in FROM_PEOPLE
    return is_a_person_s and message.copy_of is None


def _asked_to(said: Words | None) -> Identifier | None:
    return said.sender[0] if isinstance(said, InboundContent) and said.sender else None
