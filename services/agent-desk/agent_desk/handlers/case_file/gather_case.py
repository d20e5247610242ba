"""Gather a case for one document: its story, page by page, and pictures of its files. Noted before it is given."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Final

from agent_desk.domain.case_file.blocks import MOST_MOMENTS
from agent_desk.domain.cases.case_view import CaseView
from agent_desk.domain.cases.moments import CitizenWrote, Moment, Noted, Step, TownWrote
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.case_file.case_document import CaseDocument
from agent_desk.handlers.case_file.draw_files import FileKey, ShownFile, draw_files
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.pictures.view_pictures import PictureViewer
from guichet.case.record import CaseRecord
from guichet.documents.typeset import Typesetter
from guichet.errors import TransientError
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail

_LINK: Final = re.compile(r"/(suivi|question)/[\w-]+")
_INSTEAD: Final = {"suivi": "/[lien de suivi de l’usager]", "question": "/[lien vers la question]"}


@dataclass(frozen=True)
class GatheredCase:
    """story: oldest first. is_cut: there is more of it. files: of which something is shown or said.

    left_out: whether there are some of which nothing is shown.
    """

    view: CaseView
    story: Sequence[Moment] = field(repr=False)
    is_cut: bool
    files: Mapping[FileKey, ShownFile]
    pictures: Sequence[bytes] = field(repr=False)
    left_out: bool


@dataclass(frozen=True)
class CaseFiles:
    """Makes documents, one at a time: each lies in memory with its pictures."""

    cases: ScopedCases
    viewer: PictureViewer
    typesetting: Typesetter
    audit: AuditTrail
    clock: Callable[[], datetime]
    one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def make(
        self, visitor: Visitor, reference: str, describe: Callable[[GatheredCase], CaseDocument], *, with_notes: bool
    ) -> bytes:
        """Return a case as PDF; see `made`."""
        return (await self.made(visitor, reference, describe, with_notes=with_notes))[0]

    async def made(
        self, visitor: Visitor, reference: str, describe: Callable[[GatheredCase], CaseDocument], *, with_notes: bool
    ) -> tuple[bytes, GatheredCase]:
        """Return a case as PDF, and what it was made of.

        describe: words what was gathered. with_notes: with what colleagues said to each other.
        Raises what ScopedCases.find_whole does, for who may read and export; UntypesetError; TransientError, too where
        one is being made.
        """
        case = await self.cases.find_whole(visitor, reference, CaseAct.READ, CaseAct.EXPORT)
        if self.one.locked():
            raise TransientError("another case is being made into a document")
        async with self.one:
            things = (case.case_id,)
            await self.audit.record(
                AuditEntry(
                    at=self.clock(), agent=visitor.agent.agent_id, act=Act.CASE_EXPORTED, thing="case", things=things
                )
            )
            gathered = await self._gather(visitor, case, with_notes=with_notes)
            return await self.typesetting.typeset(describe(gathered).typescript()), gathered

    async def _gather(self, visitor: Visitor, case: CaseRecord, *, with_notes: bool) -> GatheredCase:
        newest = view = await self.cases.read_case(visitor, case)
        pages = [view.story]
        while view.older is not None and sum(map(len, pages)) < MOST_MOMENTS:
            view = await self.cases.read_case(visitor, case, view.older)
            pages.append(view.story)
        whole = list(chain.from_iterable(reversed(pages)))
        story = [each for each in whole if with_notes or not isinstance(each, Noted)]
        if not with_notes:
            story = [_without_words(each) for each in story]
        story = [_without_link(each) for each in story]
        files = [file for each in story if isinstance(each, CitizenWrote | TownWrote) for file in each.files]
        to_draw = [file for file in files if file.kind is not None]
        drawn = await draw_files(self.viewer, visitor, case.reference, to_draw)
        is_cut, left_out = view.older is not None, drawn.shown < len(files)
        return GatheredCase(newest, story, is_cut, drawn.files, drawn.pictures, left_out)


def _without_words(moment: Moment) -> Moment:
    """Return a moment without what its agent said to colleagues by it: with a handover, or why they did it."""
    if isinstance(moment, Step):
        return replace(moment, reason=None, reason_tampered=False)
    return moment


def _without_link(moment: Moment) -> Moment:
    """Return a moment without the link that leads whoever has it to the citizen's page: a receipt holds it.

    A citizen who answers by e-mail may quote it.
    """
    if isinstance(moment, CitizenWrote | TownWrote) and moment.text is not None:
        return replace(moment, text=_LINK.sub(lambda found: _INSTEAD[found[1]], moment.text))
    return moment
