"""Writes a town into an archive: kind by kind, a part at a time, all of it as it stood at one moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from guichet.batches import batched
from guichet.case.history import HistoryEntry, with_uncopied
from guichet.case.record import CaseRecord
from guichet.contracts.base import Contract
from guichet.errors import PermanentError, UnopenableError
from guichet.ids import SectorId
from guichet.mongo.snapshot import Snapshot
from guichet.store.draft import Draft
from guichet.store.messages.document import MessageDocument
from guichet.store.objects import ObjectStore, attachment, draft_file, is_object_key
from guichet.store.registry.citizens import CitizenDocument
from guichet.town.town import Town
from guichet.vault.fields import Keys, SealedField, living_keys
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey
from guichet_cli.town_export.archive import Archive
from guichet_cli.town_export.at_rest import AtRest, sector_ids
from guichet_cli.town_export.draft_files import files_of, key_of, named_files
from guichet_cli.town_export.kind import Kind
from guichet_cli.town_export.kinds import CASES, DRAFTS, JOURNAL, KINDS, RECEIVED, SENT
from guichet_cli.town_export.mail_text import File, render
from guichet_cli.town_export.mails import MailContent, Mails
from guichet_cli.town_export.manifest import End, Unopened

DRAFT_FILES: Final = "draft-files"
A_PART: Final = 200  # documents: a few MB of what citizens wrote
Beat = Callable[[str, int], Awaitable[None]]


@dataclass
class Walk:
    """One export. Raises TransientError, PermanentError."""

    snapshot: Snapshot
    keys: KeyOpener = field(repr=False)
    objects: ObjectStore
    at_rest: AtRest
    town: Town
    sector_key: bytes = field(repr=False)
    archive: Archive
    beat: Beat
    counts: Counter[str] = field(default_factory=Counter)
    _parts: Counter[str] = field(default_factory=Counter)
    _sectors: set[SectorId] = field(default_factory=set)
    _unopened: list[Unopened] = field(default_factory=list)
    _unfiled: int = 0
    _unpublished: int = 0

    async def run(self) -> End:
        """Write every kind; return what was written."""
        of_cases = await self.snapshot.distinct(CASES.collection, "sector")  # also of before the town's files changed
        self._sectors = {*self.town.sectors, *filter(None, of_cases)}
        for kind in KINDS:
            if kind is not JOURNAL:  # it stands beside its cases
                async for batch in self.snapshot.batches(kind.collection, kind.query, A_PART):
                    await self._part(kind, [self.at_rest.model(kind, each) for each in batch])
        return End(
            counts=dict(self.counts),
            unopened=tuple(self._unopened),
            unfiled=self._unfiled,
            unpublished=self._unpublished,
        )

    async def _part(self, kind: Kind, stored: Sequence[Contract]) -> None:
        keys = await living_keys(self.keys, (sealed for each in stored for sealed in kind.sealed_in(each)))
        lines = [self._line(kind, each, keys) for each in stored]
        await self._write_lines(kind, [line for line in lines if line is not None])
        if kind is CASES:
            await self._journal([each for each in stored if isinstance(each, CaseRecord)])
        if kind is DRAFTS:
            for each, line in zip(stored, lines, strict=True):
                if isinstance(each, Draft) and line is not None:
                    await self._draft_files(each, line, keys)
        if kind in {RECEIVED, SENT}:
            both = zip(stored, lines, strict=True)
            await self._messages(
                [(each, line) for each, line in both if isinstance(each, MessageDocument) and line], keys
            )

    def _line(self, kind: Kind, stored: Contract, keys: Keys) -> Contract | None:
        more: dict[str, Any] = {}
        if isinstance(stored, CitizenDocument):
            more["sector_ids"] = sector_ids(self.sector_key, self._sectors, stored)
        if isinstance(stored, Draft):
            more["files"] = tuple(named_files(stored, keys))
        opened = kind.opened(stored, keys, **more)
        if opened.unopened:
            self._unopened.append(Unopened(kind=kind.name, name=_name_of(stored), fields=opened.unopened))
        return opened.line

    async def _write_lines(self, kind: Kind, lines: Sequence[Contract]) -> None:
        if not lines:
            return
        self._parts[kind.name] += 1
        content = b"".join(line.model_dump_json().encode() + b"\n" for line in lines)
        await self._write(f"{kind.name}/{self._parts[kind.name]:06}.jsonl", content)
        self.counts[kind.name] += len(lines)
        await self.beat("lines", len(lines))

    async def _journal(self, cases: Sequence[CaseRecord]) -> None:
        found = await self.snapshot.of(JOURNAL.collection, "case_id", [case.case_id for case in cases])
        copied: dict[str, list[HistoryEntry]] = {case.case_id: [] for case in cases}
        for entry in map(HistoryEntry.model_validate, found):
            copied[entry.case_id].append(entry)
        whole = [entry for case in cases for entry in with_uncopied(copied[case.case_id], case.outbox)]
        self._unpublished += sum(bool(case.outbox) for case in cases)
        for some in batched(whole, A_PART * 10):
            await self._part(JOURNAL, some)

    async def _messages(self, messages: Sequence[tuple[MessageDocument, Contract]], keys: Keys) -> None:
        mails = Mails(self.snapshot, self.keys, self.town)
        to = await mails.answered([message for message, _ in messages])
        for message, line in messages:
            self._unfiled += message.filed is None and message.suspended is None
            content: MailContent = line.content  # type: ignore[attr-defined]  # the line of a message
            files = await self._files(message, content, keys)
            mail = mails.mail(message, content, files, to.get(message.message_id))
            if mail is not None:
                await self._write(f"mails/{message.message_id}.eml", render(mail))
                self.counts["mails"] += 1

    async def _files(self, message: MessageDocument, content: MailContent, keys: Keys) -> list[File]:
        """Write a message's files as they are, and return them."""
        names = getattr(content, "attachment_names", {})
        written = []
        for each in message.attachments:
            of, key = attachment(each.attachment_id), keys.get(message.content.key_id)
            whole = await self._file(of, each.attachment_id, message.message_id, key)
            if whole is None:
                self._unopened.append(Unopened(kind="files", name=message.message_id, fields=(each.attachment_id,)))
                continue
            await self._write(f"files/{message.message_id}/{each.attachment_id}", whole)
            self.counts["files"] += 1
            written.append(File(names.get(each.attachment_id, ""), each.content_type, whole))
        return written

    async def _draft_files(self, draft: Draft, line: Contract, keys: Keys) -> None:
        """Write what goes with an answer that has not left."""
        named = {each.file_id for each in line.files}  # type: ignore[attr-defined]  # the line of a draft
        for name in (each.file_id for each in files_of(draft)):
            key = key_of(draft, keys) if name in named else None
            whole = await self._file(draft_file(name), name, draft.draft_id, key)
            if whole is None:
                self._unopened.append(Unopened(kind=DRAFT_FILES, name=draft.draft_id, fields=(name,)))
                continue
            await self._write(f"{DRAFT_FILES}/{draft.draft_id}/{name}", whole)
            self.counts[DRAFT_FILES] += 1

    async def _file(self, of: SealedField[bytes], name: str, thing: str, key: DataKey | None) -> bytes | None:
        """None: it is not there, or does not open."""
        if key is None or not is_object_key(name):
            return None
        try:
            return of.open_box(key, thing, await self.objects.get(name))
        except UnopenableError:
            return None
        except PermanentError as exc:
            if exc.reason != "no-such-object":
                raise
            return None

    async def _write(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self.archive.add, name, content)


def _name_of(stored: Contract) -> str:
    """Return a document's id, or that of the case whose step it is."""
    named = next((name for name, info in type(stored).model_fields.items() if info.alias == "_id"), "case_id")
    return str(getattr(stored, named))
