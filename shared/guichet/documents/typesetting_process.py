"""The process that typesets a document: started for one, without secrets, within limits, and gone after it.

Started as `python -m guichet.documents.typesetting_process`. It reads a line of JSON (`typeset.asking`) and pictures
from its standard input, and answers with the PDF, or with nothing. Typst tags the PDF and brings its typeface.
"""

import base64
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import typst
from PIL import Image, JpegImagePlugin

from guichet.documents.missing_signs import boxed, missing_signs, ordinary, text_alone
from guichet.documents.typeset import ARCHIVED_AND_ACCESSIBLE, MAIN
from guichet.runtime.limited.confinement import confine
from guichet.runtime.prctl import give_up_privileges, hide_memory

MEMORY_BYTES: Final = 2048 * 1024 * 1024
CPU_S: Final = 60  # a case of 40 pictures takes 1 s, a letter a twentieth
_JPEG: Final = JpegImagePlugin.JpegImageFile.format
_ROUNDS: Final = 4  # what stands beside a sign that goes may lack a glyph by itself
_FIRST: Final = """#set document(title: "-")
#set text(font: "Libertinus Serif", lang: "fr")
#heading[#json(bytes(sys.inputs.document)).words *-*] #figure(image("0.svg", alt: "-"))"""


def main() -> None:
    """Answer once."""
    hide_memory()
    give_up_privileges()
    press = Press(typst.Fonts(include_system_fonts=False))
    press.load_what_is_read_later()
    header = json.loads(sys.stdin.buffer.readline())
    pictures = [sys.stdin.buffer.read(size) for size in header["pictures"]]
    confine(MEMORY_BYTES, CPU_S)
    made_on = datetime.fromisoformat(header["made_on"]).replace(tzinfo=UTC)
    sheets = Sheets(header["templates"], pictures, made_on, header["standards"])
    sys.stdout.buffer.write(press.typeset(sheets, header["said"]))
    sys.stdout.buffer.flush()


class Sheets:
    """A document but for its words. sizes: of its pictures, in pixels. Raises OSError of what is no JPEG."""

    def __init__(
        self, templates: Mapping[str, str], pictures: Sequence[bytes], made_on: datetime, standards: Sequence[str]
    ) -> None:
        self.files = {name: source.encode() for name, source in templates.items()}
        self.sizes = [_size(jpeg) for jpeg in pictures]
        for number, jpeg in enumerate(pictures):  # Typst takes text for files, so each is in one of SVG
            self.files[f"{number}.svg"] = _as_svg(jpeg, *self.sizes[number])
        self.made_on, self.standards = made_on, list(standards)


@dataclass(frozen=True)
class Press:
    """Typst with its typefaces."""

    fonts: typst.Fonts

    def typeset(self, sheets: Sheets, said: Mapping[str, Any]) -> bytes:
        """Return the PDF, with a box for each sign that no typeface draws. Raises typst.TypstError."""
        said = text_alone(said)
        for _ in range(_ROUNDS):
            try:
                return self._compile(sheets, said)
            except typst.TypstError as exc:
                missing = missing_signs(exc.diagnostic)
                if not missing:
                    raise
                said = boxed(said, missing)
        return self._compile(sheets, ordinary(said))

    def load_what_is_read_later(self) -> None:
        """Have all be loaded, threads begun and a complaint worded, while there still are files."""
        jpeg = io.BytesIO()
        Image.new("L", (8, 8)).save(jpeg, "JPEG")
        sheets = Sheets({MAIN: _FIRST}, [jpeg.getvalue()], datetime(2026, 1, 1, tzinfo=UTC), ARCHIVED_AND_ACCESSIBLE)
        self.typeset(sheets, {"words": "- \N{GRINNING FACE}"})

    def _compile(self, sheets: Sheets, said: Mapping[str, Any]) -> bytes:
        # files by name: its stub does not know of them
        pdf: bytes = typst.compile(  # type: ignore[call-overload]
            sheets.files,
            font_paths=self.fonts,
            sys_inputs={"document": json.dumps(said), "sizes": json.dumps(sheets.sizes)},
            format="pdf",
            pdf_standards=sheets.standards,
            timestamp=sheets.made_on,
        )
        return pdf


def _size(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg), formats=[str(_JPEG)]) as picture:
        return picture.size


def _as_svg(jpeg: bytes, width: int, height: int) -> bytes:
    data = base64.b64encode(jpeg).decode()
    size = f'width="{width}" height="{height}"'
    link = f'xlink:href="data:image/jpeg;base64,{data}"'
    name = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {name} {size}><image {size} {link}/></svg>".encode()


if __name__ == "__main__":
    main()
