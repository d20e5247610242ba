"""A case's file is handed over to the authority it was passed on to: sealed, noted, stored nowhere."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from agent_desk.domain.cases.moments import CitizenWrote, File, Moment, TownWrote
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.errors import NotFoundError, WithheldError
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.case_file.case_document import CaseDocument
from agent_desk.handlers.case_file.gather_case import CaseFiles, GatheredCase
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.transfer.sealed_archive import MOST_BYTES, Enclosed, SealedArchive, sealed_archive
from agent_desk.handlers.work.add_note import add_note
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import StatedFact
from guichet.errors import PermanentError, TransientError, UnopenableError
from guichet.law.calendar import paris_date
from guichet.store.notes import Notes
from guichet.town.town import Town

FORMAT: Final = "guichet-transfer/1"


class TooMuchError(Exception):
    """A case's files are more than one archive holds."""


@dataclass(frozen=True)
class HandOver:
    """Makes archives, one at a time: each lies in memory with its files."""

    files: CaseFiles
    cases: ScopedCases
    notes: Notes
    ports: DecisionPorts
    town: Town
    one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def make(
        self,
        visitor: Visitor,
        case: CaseRecord,
        passed_on: StatedFact,
        describe: Callable[[GatheredCase], CaseDocument],
        passphrase: str,
    ) -> SealedArchive:
        """Return the archive of a case that was passed on. No internal note is in it, nor what agents said by a step.

        Raises TooMuchError; what CaseFiles.make does, too where another archive is being made.
        """
        if self.one.locked():
            raise TransientError("another case is being made into an archive")
        async with self.one:
            return await self._made(visitor, case, passed_on, describe, passphrase)

    async def _made(
        self,
        visitor: Visitor,
        case: CaseRecord,
        passed_on: StatedFact,
        describe: Callable[[GatheredCase], CaseDocument],
        passphrase: str,
    ) -> SealedArchive:
        document, gathered = await self.files.made(visitor, case.reference, describe, with_notes=False)
        named = [*_files_in(gathered.story)]
        if sum(file.size_bytes for _, file in named) > MOST_BYTES:
            raise TooMuchError
        enclosed, left_out = list[Enclosed](), list[dict[str, Any]]()
        for moment, file in named:
            said = {"from": moment.kind, "at": moment.at.isoformat()}
            opened = await self._opened(visitor, case, file)
            if isinstance(opened, bytes):
                enclosed.append(Enclosed(file.name, opened, said))
            else:
                left_out.append({"name": file.name, "why": opened, **said})
        about = {**self._about(case, passed_on), "left_out": left_out, "older_messages_left_out": gathered.is_cut}
        return await asyncio.to_thread(sealed_archive, document, enclosed, about, passphrase)

    async def note(self, visitor: Visitor, case: CaseRecord, typed: FormInput) -> None:
        """Note for colleagues that it was made. typed: the note. Raises TransientError."""
        await add_note(visitor, case, typed, notes=self.notes, ports=self.ports)

    async def _opened(self, visitor: Visitor, case: CaseRecord, file: File) -> bytes | str:
        """Return a file's content, or why it is left out, as a code."""
        try:
            return (await self.cases.read_file(visitor, case.reference, file.message_id, file.number)).content
        except WithheldError:
            return "withheld-by-antivirus"
        except NotFoundError:
            return "erased"
        except (UnopenableError, PermanentError):
            return "altered"

    def _about(self, case: CaseRecord, passed_on: StatedFact) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "from": self.town.name,
            "reference": case.reference,
            "received_on": paris_date(case.received_at).isoformat(),
            "transferred_to": passed_on.to,
            "transferred_on": paris_date(passed_on.at).isoformat(),
            "made_at": self.ports.clock().isoformat(),
        }


def _files_in(story: Sequence[Moment]) -> chain[tuple[CitizenWrote | TownWrote, File]]:
    wrote = (each for each in story if isinstance(each, CitizenWrote | TownWrote))
    return chain.from_iterable(((each, file) for file in each.files) for each in wrote)
