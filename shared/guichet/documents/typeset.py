"""Have a document typeset by a process of its own: strangers' words and pictures meet a big program there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from guichet.errors import PermanentError, TransientError
from guichet.runtime.limited.ask_process import BrokenProcessError, ask_process

PROGRAM: Final = "guichet.documents.typesetting_process"
DEADLINE_S: Final = 90.0
LONGEST: Final = 48 * 1024 * 1024  # bytes, typeset
MAIN: Final = "main.typ"


class UntypesetError(PermanentError):
    """Something in a document ends the process that typesets it: it would again."""

    def __init__(self) -> None:
        super().__init__("a document cannot be typeset", reason="untypeset")


class Standard(StrEnum):
    """What a PDF keeps to."""

    ARCHIVE = "a-2b"
    ACCESSIBLE = "ua-1"


ARCHIVED_AND_ACCESSIBLE: Final = (Standard.ARCHIVE, Standard.ACCESSIBLE)


@dataclass(frozen=True)
class Typescript:
    """What is typeset. templates: by name, ours, in Typst; MAIN is the document.

    said: what it says, as JSON knows it (`sys.inputs.document`), in which no word is markup.
    made_on: the day in Paris that the PDF says it is of, which is the day for templates, too.
    pictures: JPEGs, which templates name `0.svg`, `1.svg` …; `sys.inputs.sizes` has their width and height in pixels.
    Equal ones become equal bytes, by one version of Typst.
    """

    templates: Mapping[str, str] = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)
    made_on: date
    pictures: Sequence[bytes] = field(default=(), repr=False)
    standards: Sequence[Standard] = (Standard.ARCHIVE,)


class Typesetter(Protocol):
    """Makes PDFs."""

    async def typeset(self, typescript: Typescript) -> bytes:
        """Return it as PDF/A-2b. Raises UntypesetError, and TransientError, too where it takes too much."""


class TypesettingProcesses(Typesetter):
    """Starts a process for each."""

    async def typeset(self, typescript: Typescript) -> bytes:
        try:
            pdf = await ask_process(PROGRAM, asking(typescript), deadline_s=DEADLINE_S, longest=LONGEST)
        except BrokenProcessError as exc:
            if exc.was_too_much:  # a busy machine's fault, perhaps
                raise TransientError("a document took too much to be typeset") from exc
            raise UntypesetError from exc
        if not pdf.startswith(b"%PDF-"):
            raise UntypesetError
        return pdf


def asking(typescript: Typescript) -> bytes:
    """Return what the process reads: a line of JSON, then the pictures."""
    header = {
        "templates": dict(typescript.templates),
        "said": dict(typescript.said),
        "made_on": typescript.made_on.isoformat(),
        "standards": list(typescript.standards),
        "pictures": [len(each) for each in typescript.pictures],
    }
    line = json.dumps(header, ensure_ascii=False).encode(errors="replace")  # half a surrogate pair is no sign
    return b"".join((line, b"\n", *typescript.pictures))


def template(name: str) -> str:
    """Return a template of this folder."""
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")
