"""The process that draws a file: started for one page of it, without secrets, within limits, and gone after it.

Started as `python -m agent_desk.handlers.pictures.drawing_process`; what crosses: picture_wire. The pixels are drawn
anew, so that nothing that rode along (EXIF with its position, comments, profiles, scripts) is in what is shown.
"""

import io
import sys
from typing import Final

import pypdfium2
from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from agent_desk.domain.pictures.picture import Picture, UnshownError
from agent_desk.handlers.pictures.picture_wire import asked_in, to_bytes
from guichet.runtime.limited.confinement import confine
from guichet.runtime.prctl import give_up_privileges, hide_memory

MEMORY_BYTES: Final = 768 * 1024 * 1024
CPU_S: Final = 10  # a photograph takes 0.2 s, a page of a plan up to 2 s
MOST_PIXELS: Final = 64_000_000  # of an image
QUALITY: Final = 80
_PLUGINS: Final = (  # loaded before the limits hold
    GifImagePlugin.GifImageFile,
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
)
_FORMATS: Final = tuple(each.format for each in _PLUGINS)
_PAPER: Final = (255, 255, 255)
_ORIENTATION: Final = 0x0112  # of EXIF, TIFF 6.0
_ON_ITS_SIDE: Final = (5, 6, 7, 8)

Box = tuple[int, int]


def main() -> None:
    """Answer once."""
    hide_memory()
    give_up_privileges()
    load_what_is_read_later()
    (page, box), file = asked_in(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    confine(MEMORY_BYTES, CPU_S)
    try:
        answer = to_bytes(drawn(file, page, box))
    except UnshownError as error:
        answer = to_bytes(error.why)
    except MemoryError:
        answer = to_bytes("too-much")
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def drawn(file: bytes, page: int, box: Box) -> Picture:
    """Return a page, counted from 1, as large as fits into a box of pixels. Raises UnshownError."""
    picture, pages = _page_of(file, page, box) if file.startswith(b"%PDF") else (_image(file, box), 1)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY)
    return Picture(jpeg.getvalue(), pages)


def load_what_is_read_later() -> None:
    """Have the libraries load what they would look for in files at the first need: later there are none."""
    pdf = io.BytesIO()
    _on_paper(Image.new("RGBA", (8, 8))).save(pdf, "PDF")
    drawn(pdf.getvalue(), 1, (8, 8))


def _image(file: bytes, box: Box) -> Image.Image:
    try:
        with Image.open(io.BytesIO(file), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnshownError("too-much")
            lies = image.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
            image.thumbnail(box[::-1] if lies else box)
            return _on_paper(ImageOps.exif_transpose(image))
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as exc:  # a warning, where warnings are errors
        raise UnshownError("too-much") from exc
    except (OSError, ValueError, SyntaxError, EOFError) as exc:
        raise UnshownError("unreadable") from exc


def _on_paper(image: Image.Image) -> Image.Image:
    """Return the pixels alone, without what the file said beside them; what is transparent is white."""
    paper, painted = Image.new("RGB", image.size, _PAPER), image.convert("RGBA")
    paper.paste(painted, mask=painted.getchannel("A"))
    return paper


def _page_of(file: bytes, page: int, box: Box) -> tuple[Image.Image, int]:
    try:
        document = pypdfium2.PdfDocument(file)
        pages = len(document)
        if not 1 <= page <= pages:
            raise UnshownError("unreadable")
        shown = document[page - 1]
        width, height = shown.get_size()
        scale = min(box[0] / max(width, 1), box[1] / max(height, 1))
        return _on_paper(shown.render(scale=scale).to_pil()), pages
    except (pypdfium2.PdfiumError, ValueError) as exc:
        raise UnshownError("unreadable") from exc


if __name__ == "__main__":
    main()
