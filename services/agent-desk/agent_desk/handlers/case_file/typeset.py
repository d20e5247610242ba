"""Have a case typeset by a process of its own: strangers' words and pictures meet a big program there."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Protocol

from agent_desk.domain.case_file.blocks import LONGEST_FILE, Block
from agent_desk.domain.errors import UntypesetError
from guichet.errors import TransientError
from guichet.runtime.limited.ask_process import BrokenProcessError, ask_process

PROGRAM: Final = "agent_desk.handlers.case_file.typesetting_process"
DEADLINE_S: Final = 90.0


@dataclass(frozen=True)
class CaseDocument:
    """footer: at the foot of each page. pictures: JPEGs, which blocks name by their number, counted from 0."""

    title: str = field(repr=False)
    town: str
    language: str
    footer: str
    blocks: Sequence[Block] = field(repr=False)
    pictures: Sequence[bytes] = field(repr=False)


class TypesetCase(Protocol):
    """Typesets cases."""

    async def typeset(self, document: CaseDocument) -> bytes:
        """Return it as PDF. Raises UntypesetError, and TransientError, too where it takes too much."""


class TypesettingProcesses(TypesetCase):
    """Starts a process for each."""

    async def typeset(self, document: CaseDocument) -> bytes:
        said = {
            "title": document.title,
            "town": document.town,
            "language": document.language,
            "footer": document.footer,
            "blocks": [asdict(each) for each in document.blocks],
        }
        header = json.dumps({"document": said, "pictures": [len(each) for each in document.pictures]}).encode()
        asked = b"".join((header, b"\n", *document.pictures))
        try:
            pdf = await ask_process(PROGRAM, asked, deadline_s=DEADLINE_S, longest=LONGEST_FILE)
        except BrokenProcessError as exc:
            if exc.was_too_much:  # a busy machine's fault, perhaps
                raise TransientError("a case took too much to be typeset") from exc
            raise UntypesetError from exc
        if not pdf.startswith(b"%PDF-"):
            raise UntypesetError
        return pdf
