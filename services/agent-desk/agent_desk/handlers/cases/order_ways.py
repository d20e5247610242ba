"""Put first, of a citizen's other addresses, the one from which they wrote last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent_desk.domain.cases.other_ways import OtherAddress, is_to_order, last_written_first, written_from
from agent_desk.domain.cases.story import is_of
from agent_desk.handlers.open_sealed import open_words
from guichet.case.record import CaseRecord
from guichet.ids import MessageId
from guichet.store.messages.document import Direction, MessageDocument
from guichet.store.messages.store import MessageStore
from guichet.town.town import Town
from guichet.vault.ports import KeyOpener

_LOOKED_AT: Final = 20  # messages of the case, the newest, and as many cases beside it: of each the last one


@dataclass(frozen=True)
class OrderedWays:
    """read: the messages that were opened for it, as the audit trail names them."""

    ways: tuple[OtherAddress, ...]
    read: tuple[MessageId, ...] = ()


async def order_ways(
    ways: tuple[OtherAddress, ...],
    case: CaseRecord,
    beside: Sequence[CaseRecord],
    *,
    messages: MessageStore,
    opener: KeyOpener,
    town: Town,
) -> OrderedWays:
    """Return them, whichever page of the case's story is shown. Raises TransientError.

    beside: cases of the same citizen that the reader sees whole, newest first. Nothing is opened where no order is to
    be found.
    """
    if not is_to_order(ways, town):
        return OrderedWays(ways)
    theirs = await _last_of(case, beside[:_LOOKED_AT], messages)
    words = await open_words(opener, theirs)
    written = written_from(theirs, words.values, town.facts)
    return OrderedWays(last_written_first(ways, written, town), tuple(each.message_id for each in theirs))


async def _last_of(case: CaseRecord, beside: Sequence[CaseRecord], messages: MessageStore) -> list[MessageDocument]:
    """Return what citizens wrote last in these cases, and lies there still."""
    newest = await messages.page_of_case(case.case_id, None, 0, _LOOKED_AT)
    there = [each for each in newest if each.direction is Direction.INBOUND]
    last = {each.last_inbound: each for each in (case, *beside)}
    found = await messages.find_many(last.keys() - {each.message_id for each in there})
    return [*there, *(each for name, each in found.items() if is_of(each, last[name]))]
