"""The process that typesets a case: started for one, without secrets, within limits, and gone after it.

Started as `python -m agent_desk.handlers.case_file.typesetting_process`. It reads a line of JSON (`typeset`) and
pictures from its standard input, and answers with the PDF, or with nothing. Typst writes
a tagged PDF and brings its typeface.
"""

import base64
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typst
from PIL import Image, JpegImagePlugin

from guichet.runtime.limited.confinement import confine
from guichet.runtime.prctl import give_up_privileges, hide_memory

MEMORY_BYTES: Final = 2048 * 1024 * 1024
CPU_S: Final = 60  # a case of 40 pictures takes 1 s
WIDEST_CM, HIGHEST_CM = 16.5, 21.0  # of a picture, on A4
_SOURCE: Final = Path(__file__).with_name("case_file.typ")
_JPEG: Final = JpegImagePlugin.JpegImageFile.format


def main() -> None:
    """Answer once."""
    hide_memory()
    give_up_privileges()
    source, fonts = _SOURCE.read_bytes(), typst.Fonts(include_system_fonts=False)
    _load_what_is_read_later(source, fonts)
    header = json.loads(sys.stdin.buffer.readline())
    pictures = [sys.stdin.buffer.read(size) for size in header["pictures"]]
    confine(MEMORY_BYTES, CPU_S)
    sys.stdout.buffer.write(_typeset(header["document"], pictures, source, fonts))
    sys.stdout.buffer.flush()


def _typeset(document: dict[str, Any], pictures: Sequence[bytes], source: bytes, fonts: typst.Fonts) -> bytes:
    """Return the PDF. Typst takes text for files, so each picture is in one of SVG."""
    files = {"main.typ": source}
    widths = list[float]()
    for number, jpeg in enumerate(pictures):
        with Image.open(io.BytesIO(jpeg), formats=[str(_JPEG)]) as picture:
            width, height = picture.size
        files[f"{number}.svg"] = _as_svg(jpeg, width, height)
        widths.append(width * min(WIDEST_CM / width, HIGHEST_CM / height))
    blocks = [
        {**each, "width": widths[each["number"]]} if each["kind"] == "picture" else each for each in document["blocks"]
    ]
    said = json.dumps({**document, "blocks": blocks})
    # files by name: its stub does not know of them
    pdf: bytes = typst.compile(files, font_paths=fonts, sys_inputs={"document": said}, format="pdf")  # type: ignore[call-overload]
    return pdf


def _load_what_is_read_later(source: bytes, fonts: typst.Fonts) -> None:
    """Have all be loaded, threads begun, while there still are files."""
    jpeg = io.BytesIO()
    Image.new("L", (8, 8)).save(jpeg, "JPEG")
    blocks = [{"kind": "picture", "text": "-", "number": 0}]
    _typeset(
        {"title": "-", "town": "", "language": "fr", "footer": "", "blocks": blocks}, [jpeg.getvalue()], source, fonts
    )


def _as_svg(jpeg: bytes, width: int, height: int) -> bytes:
    data = base64.b64encode(jpeg).decode()
    size = f'width="{width}" height="{height}"'
    link = f'xlink:href="data:image/jpeg;base64,{data}"'
    name = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {name} {size}><image {size} {link}/></svg>".encode()


if __name__ == "__main__":
    main()
