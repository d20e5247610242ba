"""Scanned letters, as the agents who take them down see them: added by the stack, looked at, set aside."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.letters.batch_form import BatchForm
from agent_desk.domain.letters.scanned import ScannedLetter, UnreadableScanError
from agent_desk.domain.letters.separate import mark_of
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.letters.read_scans import ReadScans
from agent_desk.handlers.letters.recognise_text import ReadTexts
from guichet.ids import DepartmentId, LetterId, derive_id
from guichet.privacy.pseudonyms import keyed_digest
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.letters import REMINDED_AFTER, SCAN, SHEET, WAITING_AT_MOST, Letter, Letters, LetterSheet, preview
from guichet.vault.fields import open_one
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey

PATIENCE_S: Final = 6.0  # for a letter's text, before its page is shown without


@dataclass(frozen=True)
class Batch:
    """A stack of which letters wait. left: how many; of: of how many. waits_days: for how long; is_late: too long."""

    batch: str
    stamp: str
    department: DepartmentId
    added_at: datetime
    left: int
    of: int
    waits_days: int
    is_late: bool


@dataclass(frozen=True)
class OpenedLetter:
    """A letter that waits, opened. text: what was recognised, of its first page."""

    letter: Letter
    sheet: LetterSheet
    text: str


@dataclass(frozen=True, kw_only=True)
class LetterBox:
    """The letters. key: of digests and of the separator sheets' code. Every method raises TransientError."""

    letters: Letters
    vault: Vault
    scans: ReadScans
    texts: ReadTexts
    audit: AuditTrail
    key: bytes
    clock: Callable[[], datetime]

    @property
    def mark(self) -> str:
        """What the separator sheets' code says."""
        return mark_of(self.key)

    async def add(self, visitor: Visitor, form: BatchForm, files: Sequence[bytes]) -> str:
        """Return the batch's id once all its letters are kept. The same files again, that day, are the same batch.

        form: without errors. Raises UnreadableScanError, also where too many wait for the department by now.
        """
        found = await self.scans.read(files, self.mark, as_one=form.as_one)
        cut = ("as-one",) if form.as_one else ()  # cut otherwise, the same files are another batch
        batch = derive_id("batch", form.department, form.stamp, *cut, *(keyed_digest(self.key, file) for file in files))
        is_new = not await self.letters.of_batch([form.chosen], batch)
        if is_new and await self.letters.count(form.chosen) + len(found) > WAITING_AT_MOST:
            raise UnreadableScanError("too-many-waiting")
        now, agent = self.clock(), visitor.agent.agent_id
        await self.audit.record(AuditEntry(at=now, agent=agent, act=Act.LETTERS_ADDED, thing="batch", things=(batch,)))
        keys = await self.vault.new_keys(len(found))
        for number, (scanned, key) in enumerate(zip(found, keys, strict=True), start=1):
            about = {"batch": batch, "number": number, "of": len(found), "added_by": agent, "added_at": now}
            letter = LetterId(derive_id("scanned-letter", batch, str(number)))
            await self.letters.insert([Letter(_id=letter, **about, **_sealed(scanned, key, form, letter))])
        return batch

    async def waiting(self, visitor: Visitor) -> Sequence[Batch]:
        """Return the batches of which letters wait for the visitor, the oldest first."""
        found: dict[str, list[Letter]] = {}
        for letter in await self.letters.waiting(departments_of(visitor)):
            found.setdefault(letter.batch, []).append(letter)
        now = self.clock()
        return [_batch(each, now) for each in found.values()]

    async def any_late(self, visitor: Visitor) -> bool:
        """Say whether a letter has waited for the visitor for so long that they are reminded."""
        return bool(await self.letters.overdue(departments_of(visitor), self.clock() - REMINDED_AFTER))

    async def of_batch(self, visitor: Visitor, batch: str) -> Sequence[Letter]:
        """Return a batch's letters. Raises NotFoundError."""
        if not (found := await self.letters.of_batch(departments_of(visitor), batch)):
            raise NotFoundError
        return found

    async def open(self, visitor: Visitor, batch: str, number: int, *, filed: bool = False) -> OpenedLetter:
        """Return a letter that is not filed, opened; noted. filed: also one that is.

        Raises NotFoundError, ErasedError, UnopenableError.
        """
        letter = await self._find(visitor, batch, number, filed=filed)
        sheet = await open_one(self.vault, SHEET.on(letter.letter_id, letter.sheet))
        await self._note(visitor, Act.READ, letter)
        text = ""
        if letter.previews:
            text = await self.texts.of(letter.letter_id, await self._preview(letter, 1), PATIENCE_S)
        return OpenedLetter(letter, sheet, text)

    async def read_ahead(self, visitor: Visitor, batch: str, number: int) -> None:
        """Have a letter's text recognised while another one is typed."""
        letter = await self.letters.find(departments_of(visitor), batch, number)
        if letter is not None and letter.previews:
            self.texts.begin(letter.letter_id, await self._preview(letter, 1))

    async def picture(self, visitor: Visitor, batch: str, number: int, page: int) -> bytes:
        """Return a page's picture, a JPEG of our own making; noted. Raises as `open`."""
        letter = await self._find(visitor, batch, number)
        if not 1 <= page <= len(letter.previews):
            raise NotFoundError
        await self._note(visitor, Act.READ, letter)
        return await self._preview(letter, page)

    async def set_aside(self, visitor: Visitor, batch: str, number: int) -> None:
        """Remove what is no letter. Raises NotFoundError."""
        letter = await self._find(visitor, batch, number)
        await self._note(visitor, Act.LETTER_SET_ASIDE, letter)
        await self.letters.set_aside(letter.letter_id, self.clock())
        self.texts.forget(letter.letter_id)

    async def _find(self, visitor: Visitor, batch: str, number: int, *, filed: bool = False) -> Letter:
        letter = await self.letters.find(departments_of(visitor), batch, number)
        if letter is None or (letter.filing is not None and not filed):
            raise NotFoundError
        return letter

    async def _preview(self, letter: Letter, page: int) -> bytes:
        return await open_one(self.vault, preview(page).on(letter.letter_id, letter.previews[page - 1]))

    async def _note(self, visitor: Visitor, act: Act, letter: Letter) -> None:
        agent = visitor.agent.agent_id
        entry = AuditEntry(at=self.clock(), agent=agent, act=act, thing="scanned-letter", things=(letter.letter_id,))
        await self.audit.record(entry)


def departments_of(visitor: Visitor) -> Collection[DepartmentId]:
    """Return for which departments the visitor takes letters down: of which they see every case whole, and enter.

    A letter may be about anything: who sees some of a department alone, or nothing before a reason, opens none of its
    mail.
    """
    return visitor.scope.with_act(CaseAct.ENTER).whole_departments


def _sealed(scanned: ScannedLetter, key: DataKey, form: BatchForm, letter: LetterId) -> dict[str, Any]:
    """Return what is kept of a letter, by the names of a Letter's fields."""
    sheet = LetterSheet(kept_at=form.kept_at or None, scan_sha256=scanned.sha256)
    pictures = enumerate(scanned.previews, start=1)
    return {
        "department": form.chosen,
        "stamp": form.day.isoformat(),
        "pages": scanned.pages,
        "sheet": SHEET.seal(key, letter, sheet),
        "scan": SCAN.seal(key, letter, scanned.scan),
        "previews": tuple(preview(number).seal(key, letter, picture) for number, picture in pictures),
    }


def _batch(letters: Sequence[Letter], now: datetime) -> Batch:
    first = letters[0]
    waits = now - first.added_at
    return Batch(
        first.batch,
        first.stamp,
        first.department,
        first.added_at,
        len(letters),
        first.of,
        waits_days=waits.days,
        is_late=waits >= REMINDED_AFTER,
    )
