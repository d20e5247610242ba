"""Open sealed fields in bulk: one question to the vault for a whole page."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from agent_desk.timeline import Words
from guichet.contracts.base import Sealed
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import CaseId, MessageId
from guichet.privacy.sealing import Thing, unseal
from guichet.privacy.vault import KeyOpener
from guichet.store.case_document import CaseDocument
from guichet.store.case_links import FIELD, read_links
from guichet.store.message_document import Direction, MessageDocument, OutboundContent

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class SealedField:
    """A sealed value and what it was sealed for."""

    thing: Thing
    field: str
    sealed: Sealed


async def open_fields(opener: KeyOpener, wanted: Mapping[K, SealedField]) -> dict[K, bytes]:
    """Return what is in the fields; one whose key was destroyed is left out: it is erased.

    Raises TransientError while the vault is away, TamperedError for a value that belongs elsewhere.
    """
    keys = await opener.open_keys({field.sealed.key_id for field in wanted.values()})
    return {
        name: unseal(keys[field.sealed.key_id], field.thing, field.field, field.sealed)
        for name, field in wanted.items()
        if field.sealed.key_id in keys
    }


async def open_words(opener: KeyOpener, messages: Iterable[MessageDocument]) -> dict[MessageId, Words]:
    """Return what messages say, as far as they are not erased."""
    by_id = {message.message_id: message for message in messages}
    opened = await open_fields(
        opener,
        {name: SealedField(Thing("message", name), "content", message.content) for name, message in by_id.items()},
    )
    return {name: _words(by_id[name].direction, content) for name, content in opened.items()}


async def open_subjects(opener: KeyOpener, cases: Iterable[CaseDocument]) -> dict[CaseId, str]:
    """Return the subjects of the cases that have one."""
    wanted = {
        case.case_id: SealedField(Thing("case", case.case_id), "subject", case.subject)
        for case in cases
        if case.subject is not None
    }
    return {case: subject.decode() for case, subject in (await open_fields(opener, wanted)).items()}


async def open_links(opener: KeyOpener, case: CaseDocument) -> tuple[CaseId, ...]:
    """Return the cases that the case's first message quoted."""
    if case.linked_to is None:
        return ()
    wanted = {case.case_id: SealedField(Thing("case", case.case_id), FIELD, case.linked_to)}
    return read_links((await open_fields(opener, wanted)).get(case.case_id, b"[]"))


async def open_reasons(opener: KeyOpener, case: CaseDocument) -> dict[str, str]:
    """Return the reasons in a case's history, by the field they were sealed for."""
    wanted = {
        entry.reason_field: SealedField(Thing("case", case.case_id), entry.reason_field, entry.reason)
        for entry in case.history
        if entry.reason is not None and entry.reason_field is not None
    }
    return {field: reason.decode() for field, reason in (await open_fields(opener, wanted)).items()}


def _words(direction: Direction, content: bytes) -> Words:
    if direction is Direction.INBOUND:
        return InboundContent.model_validate_json(content)
    return OutboundContent.model_validate_json(content)
