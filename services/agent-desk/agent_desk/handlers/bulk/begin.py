"""Keep what an agent decided about many cases, so that the desk gives it case by case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.bulk.bulk_form import BulkForm
from agent_desk.domain.bulk.room import has_room
from agent_desk.domain.bulk.selected import Selected
from agent_desk.domain.visitor import Visitor
from guichet.ids import BulkId, derive_id
from guichet.privacy.pseudonyms import keyed_digest
from guichet.store.bulk.acts import KEPT, BulkAct, BulkActs
from guichet.store.bulk.cases import WORDS, BulkCase, BulkCases, row_of
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey


@dataclass(frozen=True)
class BulkStart:
    """Begins bulk acts. digest_key: of the digest that tells two contents of one form apart. clock: aware UTC."""

    acts: BulkActs
    rows: BulkCases
    vault: Vault
    digest_key: bytes
    clock: Callable[[], datetime]

    async def begun(self, visitor: Visitor, form: BulkForm) -> BulkId | None:
        """Return the act that this form has begun already, whatever has become of its cases. Raises TransientError."""
        bulk = self._id(visitor, form)
        return bulk if await self.acts.find(visitor.agent.agent_id, bulk) is not None else None

    async def has_room(self, visitor: Visitor) -> bool:
        """Say whether the visitor may have another one under way. Raises TransientError."""
        return has_room(await self.acts.of_author(visitor.agent.agent_id))

    async def begin(self, visitor: Visitor, form: BulkForm, chosen: Sequence[Selected]) -> BulkId:
        """Keep the act, and return its id: of the same form sent twice it is the same act. Raises TransientError.

        The cases first: an act without them would be over at once. chosen: not empty.
        """
        author, now, bulk = visitor.agent.agent_id, self.clock(), self._id(visitor, form)
        says_something = any(each.words for each in chosen)
        keys = await self.vault.new_keys(len(chosen)) if says_something else [None] * len(chosen)
        await self.rows.insert(
            [
                _row(bulk, number, each, form, key, now)
                for number, (each, key) in enumerate(zip(chosen, keys, strict=True), start=1)
            ]
        )
        act = BulkAct(
            _id=bulk,
            author=author,
            kind=form.kind,
            at=now,
            ends=now + KEPT,
            count=len(chosen),
            to=form.assignee,
            department=form.goes_to,
            awaits_answer=form.awaits_answer,
            unannounced=form.unannounced,
            worked_at=now,
        )
        await self.acts.insert(act)
        return bulk

    def _id(self, visitor: Visitor, form: BulkForm) -> BulkId:
        digest = keyed_digest(self.digest_key, form.content.encode())
        return BulkId(derive_id("bulk", visitor.agent.agent_id, form.once, digest))


def _row(bulk: BulkId, number: int, chosen: Selected, form: BulkForm, key: DataKey | None, now: datetime) -> BulkCase:
    case = chosen.case
    name = row_of(bulk, case.case_id)
    return BulkCase(
        _id=name,
        bulk_id=bulk,
        number=number,
        case_id=case.case_id,
        reference=case.reference,
        ends=now + KEPT,
        shown=form.shown.get(case.reference, case.newest_said),
        answers=chosen.answers,
        words=WORDS.seal(key, name, chosen.words) if key is not None and chosen.words else None,
        despite=chosen.guards,
    )
