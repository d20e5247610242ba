"""Open sealed fields in bulk: one question to the vault for a whole page."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from agent_desk.domain.cases.timeline import Words
from agent_desk.domain.opened_fields import Opened
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.contracts.inbound_content import InboundContent
from guichet.errors import UnopenableError
from guichet.ids import CaseId, MessageId
from guichet.store.abuse_declarations import NO_RECEIPT_FIELD, NoReceipt
from guichet.store.cases.links import FIELD, read_links
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import Thing, unseal

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class SealedField:
    """A sealed value and what it was sealed for."""

    thing: Thing
    field: str
    sealed: Sealed


async def open_fields(opener: KeyOpener, wanted: Mapping[K, SealedField]) -> Opened[K, bytes]:
    """Return what is in the fields. One that does not open says so, and takes no other with it.

    Raises TransientError while the vault is away.
    """
    keys = await opener.open_keys({field.sealed.key_id for field in wanted.values()})
    values, tampered = dict[K, bytes](), set[K]()
    for name, field in wanted.items():
        if field.sealed.key_id not in keys:
            continue
        try:
            values[name] = unseal(keys[field.sealed.key_id], field.thing, field.field, field.sealed)
        except UnopenableError:
            tampered.add(name)
    return Opened(values, frozenset(tampered))


async def open_words(opener: KeyOpener, messages: Iterable[MessageDocument]) -> Opened[MessageId, Words]:
    """Return what messages say."""
    by_id = {message.message_id: message for message in messages}
    opened = await open_fields(
        opener,
        {name: SealedField(Thing("message", name), "content", message.content) for name, message in by_id.items()},
    )
    words = {name: _words(by_id[name].direction, content) for name, content in opened.values.items()}
    return Opened(words, opened.tampered)


async def open_subjects(opener: KeyOpener, cases: Iterable[CaseRecord]) -> Opened[CaseId, str]:
    """Return the subjects of the cases that have one."""
    wanted = {
        case.case_id: SealedField(Thing("case", case.case_id), "subject", case.subject)
        for case in cases
        if case.subject is not None
    }
    return _read(await open_fields(opener, wanted), bytes.decode)


async def open_links(opener: KeyOpener, case: CaseRecord) -> Opened[CaseId, tuple[CaseId, ...]]:
    """Return the cases that the case's first message quoted, under the case itself."""
    if case.linked_to is None:
        return Opened({})
    wanted = {case.case_id: SealedField(Thing("case", case.case_id), FIELD, case.linked_to)}
    return _read(await open_fields(opener, wanted), read_links)


async def open_no_receipts(opener: KeyOpener, cases: Iterable[CaseRecord]) -> Opened[CaseId, NoReceipt]:
    """Return why cases had no receipt; left out is who had one."""
    wanted = {
        case.case_id: SealedField(Thing("case", case.case_id), NO_RECEIPT_FIELD, case.no_receipt)
        for case in cases
        if case.no_receipt is not None
    }
    if not wanted:
        return Opened({})
    return _read(await open_fields(opener, wanted), NoReceipt.model_validate_json)


async def open_reasons(opener: KeyOpener, entries: Iterable[HistoryEntry]) -> Opened[str, str]:
    """Return the reasons in entries of a case's history, by the field they were sealed for."""
    wanted = {
        entry.reason_field: SealedField(Thing("case", entry.case_id), entry.reason_field, entry.reason)
        for entry in entries
        if entry.reason is not None and entry.reason_field is not None
    }
    return _read(await open_fields(opener, wanted), bytes.decode)


def _read(opened: Opened[K, bytes], read: Callable[[bytes], V]) -> Opened[K, V]:
    return Opened({name: read(value) for name, value in opened.values.items()}, opened.tampered)


def _words(direction: Direction, content: bytes) -> Words:
    if direction is Direction.INBOUND:
        return InboundContent.model_validate_json(content)
    return OutboundContent.model_validate_json(content)
