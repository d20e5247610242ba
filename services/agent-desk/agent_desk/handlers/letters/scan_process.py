"""The process that reads uploaded scans: started for one upload, without secrets, within limits, and gone after it.

Started as `python -m agent_desk.handlers.letters.scan_process`. It reads a line of JSON and the files' bytes from its
standard input, and answers with a line of JSON and bytes (scan_wire). What a file makes it do ends with it.
"""

import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps, JpegImagePlugin, PdfImagePlugin, PngImagePlugin, TiffImagePlugin

from agent_desk.domain.letters.scanned import (
    LONGEST_SCAN,
    MOST_PAGES,
    PREVIEWED,
    PREVIEWS_BYTES,
    ScannedLetter,
    UnreadableScanError,
)
from agent_desk.domain.letters.separate import letters_of
from agent_desk.handlers.letters.scan_wire import Asked, to_bytes
from guichet.runtime.limited.confinement import confine
from guichet.runtime.prctl import give_up_privileges, hide_memory

MEMORY_BYTES: Final = 1536 * 1024 * 1024  # of addresses, the libraries' own among them
CPU_S: Final = 120  # a page takes some 100 ms
PREVIEW_PX: Final = (1400, 2000)  # A4 at some 170 dpi: read with the eye, and by Tesseract
MOST_PIXELS: Final = 60_000_000  # of an image: A3 at 400 dpi
QUALITY: Final = 55
_IMAGES: Final = (JpegImagePlugin, PngImagePlugin, TiffImagePlugin, PdfImagePlugin)  # loaded before the limits hold

Page = tuple[pypdfium2.PdfDocument, int]


def main() -> None:
    """Answer one upload."""
    hide_memory()
    give_up_privileges()
    load_what_is_read_later()
    asked, files = Asked.read(sys.stdin.buffer)
    confine(MEMORY_BYTES, CPU_S)
    try:
        answer = to_bytes(letters_in(files, asked.mark, as_one=asked.as_one))
    except UnreadableScanError as error:
        answer = to_bytes(error.why)
    except MemoryError:
        answer = to_bytes("too-much")
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def letters_in(files: Sequence[bytes], mark: str, *, as_one: bool = False) -> list[ScannedLetter]:
    """Return the letters of some files, one after the other. Raises UnreadableScanError."""
    found = [[*_pages(file)] for file in files]
    pages = [*chain(*found)]
    if len(pages) > MOST_PAGES:
        raise UnreadableScanError("too-many-pages")
    pictures = [_picture(document, number) for document, number in pages]
    codes = ([each.text for each in zxingcpp.read_barcodes(picture, formats=_CODES)] for picture in pictures)
    letters = letters_of([[*islice(codes, len(file))] for file in found], mark, as_one=as_one)
    if not letters:
        raise UnreadableScanError("no-letter")
    return [_letter([pages[each] for each in letter], [pictures[each] for each in letter]) for letter in letters]


_CODES: Final = zxingcpp.barcode_formats_from_str("QRCode")


def load_what_is_read_later() -> None:
    """Have the libraries load what they would look for in files at the first need: later there are none."""
    blank = _as_pdf(_png())
    letters_in([blank], "")


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("L", (40, 40)).save(made, "PNG")
    return made.getvalue()


def _pages(file: bytes) -> Iterator[Page]:
    try:
        document = pypdfium2.PdfDocument(file if file.startswith(b"%PDF") else _as_pdf(file))
        count = len(document)
    except pypdfium2.PdfiumError as exc:
        raise UnreadableScanError("unreadable") from exc
    if count > MOST_PAGES:
        raise UnreadableScanError("too-many-pages")
    return ((document, number) for number in range(count))


def _as_pdf(file: bytes) -> bytes:
    """Return an image as a PDF of one page, or of as many as it has."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(file), formats=["JPEG", "PNG", "TIFF"]) as image:
            if image.width * image.height > MOST_PIXELS or getattr(image, "n_frames", 1) > MOST_PAGES:
                raise UnreadableScanError("too-much")
            frames = []
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                frames.append(ImageOps.exif_transpose(image).convert("RGB"))
            pdf = io.BytesIO()
            frames[0].save(pdf, "PDF", save_all=True, append_images=frames[1:], resolution=200)
            return pdf.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise UnreadableScanError("unreadable") from exc


def _picture(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    try:
        page = document[number]
        width, height = page.get_size()
        scale = min(PREVIEW_PX[0] / max(width, 1), PREVIEW_PX[1] / max(height, 1))
        picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
        page.close()
    except pypdfium2.PdfiumError as exc:
        raise UnreadableScanError("unreadable") from exc
    return picture


def _letter(pages: Sequence[Page], pictures: Sequence[Image.Image]) -> ScannedLetter:
    whole = pypdfium2.PdfDocument.new()
    for document, number in pages:
        whole.import_pages(document, [number])
    scan = io.BytesIO()
    whole.save(scan)
    if scan.tell() > LONGEST_SCAN:
        raise UnreadableScanError("long-letter")
    previews, left = list[bytes](), PREVIEWS_BYTES
    for picture in pictures[:PREVIEWED]:
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=QUALITY)
        left -= jpeg.tell()
        if left < 0:
            break
        previews.append(jpeg.getvalue())
    found = scan.getvalue()
    return ScannedLetter(len(pages), found, hashlib.sha256(found).hexdigest(), tuple(previews))


if __name__ == "__main__":
    main()
