"""Who is behind a case, as the declarations of abuse know them: read for commands and for new cases, and written."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from case_router.domain.arrival import Arrival, Opened
from case_router.domain.commands.abuse import Sender
from case_router.domain.keys import RouterKeys
from case_router.handlers.open_messages import MessageReader
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import proof_of
from guichet.ids import CaseId, MessageId, SectorId
from guichet.privacy.normal_form import one_mailbox
from guichet.privacy.pseudonyms import abuse_sender_id
from guichet.store.abuse_declarations import AbuseDeclaration, AbuseDeclarations, NoReceipt
from guichet.store.cases.fields import REASON
from guichet.store.messages.store import MessageStore
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener


class ApplyDeclarations:
    """The declarations, as the router uses them. Every method raises TransientError."""

    def __init__(
        self,
        *,
        declarations: AbuseDeclarations,
        messages: MessageStore,
        reader: MessageReader,
        opener: KeyOpener,
        keys: RouterKeys,
    ) -> None:
        self._declarations = declarations
        self._messages = messages
        self._reader = reader
        self._opener = opener
        self._key = keys.sector

    async def senders_of(
        self, judged: Collection[tuple[CaseRecord, SectorId]]
    ) -> dict[tuple[CaseId, SectorId], Sender]:
        """Return who opened these cases, as a sector knows them: the one that judges, which may have lost the case.

        Left out is whom the channel did not name, or who was erased.
        """
        openings = await self._messages.find_many({case.opened_by for case, _ in judged})
        opened = {each.message.message_id: each for each in await self._reader.open_others(openings.values())}
        senders = {
            (case.case_id, sector): sender
            for case, sector in judged
            if case.opened_by in opened and (sender := self._sender(sector, opened[case.opened_by])) is not None
        }
        found = await self._declarations.find_many(each.sender_id for each in senders.values())
        return {key: replace(each, declaration=found.get(each.sender_id)) for key, each in senders.items()}

    async def write(self, declarations: Collection[AbuseDeclaration]) -> bool:
        """Write what was decided; return whether nobody else decided about one of these senders meanwhile."""
        next_versions = [each.model_copy(update={"version": each.version + 1}) for each in declarations]
        return not declarations or await self._declarations.write(next_versions)

    async def no_receipts(
        self, new: Collection[CaseRecord], arrivals: Mapping[MessageId, Arrival]
    ) -> dict[CaseId, NoReceipt]:
        """Return for which new cases no receipt is owed, and why. One whose declaring case is erased stands no more."""
        senders = {
            case.case_id: sender
            for case in new
            if (sender := self._sender(case.sector, arrivals[case.opened_by].opened)) is not None
        }
        if not senders:
            return {}
        found = await self._declarations.find_many({each.sender_id for each in senders.values()})
        standing = {
            case.case_id: found[sender.sender_id]
            for case in new
            if (sender := senders.get(case.case_id)) is not None
            and sender.sender_id in found
            and _is_concerned(found[sender.sender_id], sender, arrivals[case.opened_by].at)
        }
        sealed = {
            case: REASON.called(each.reason_field).on(each.case_id, each.reason) for case, each in standing.items()
        }
        reasons = await open_each(self._opener, sealed)
        return {
            case.case_id: _no_receipt(case.sector, standing[case.case_id], reasons.values.get(case.case_id, ""))
            for case in new
            if case.case_id in reasons.values
            or case.case_id in reasons.tampered  # which takes nothing from the decision
        }

    def _sender(self, sector: SectorId, opened: Opened) -> Sender | None:
        author = opened.author
        if author is None:
            return None
        sender_id = abuse_sender_id(self._key, sector, author.kind, one_mailbox(author))
        return Sender(sender_id, proof_of(opened.content, opened.facts))


def _is_concerned(declaration: AbuseDeclaration, sender: Sender, arrived_at: datetime) -> bool:
    """By the arrival here, as an agent's decision is by the click: a date of receipt may lie before either."""
    return declaration.stands(arrived_at) and sender.proof <= declaration.covers


def _no_receipt(sector: SectorId, declaration: AbuseDeclaration, reason: str) -> NoReceipt:
    return NoReceipt(
        sector=sector,
        by=declaration.by,
        ground=declaration.ground,
        declared_at=declaration.declared_at,
        until=declaration.until,
        reason=reason,
    )
