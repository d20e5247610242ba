"""A file is drawn anew by a process of its own: pixels come out of it and nothing else, or a word why not."""

import io
import struct
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent_desk.domain.pictures.picture import LARGE, THUMBNAIL, Picture, UnshownError, picture_kind
from agent_desk.handlers.pictures import drawing_process
from agent_desk.handlers.pictures.draw import DrawingProcesses
from agent_desk.handlers.pictures.drawing_process import drawn
from agent_desk.handlers.pictures.picture_wire import asked_in, asking, from_bytes, to_bytes

POSITION = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)}


def photograph(size=(640, 480)) -> bytes:
    """As a telephone takes it: lying on its side, with the place where it was taken, and a comment."""
    exif, made = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Telephone-zq", POSITION
    Image.new("RGB", size, (180, 60, 40)).save(made, "JPEG", exif=exif, comment=b"Comment-zq")
    return made.getvalue()


def document(pages: int) -> bytes:
    made, sheets = io.BytesIO(), [Image.new("L", (620, 877), 40 * number) for number in range(pages)]
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:])
    return made.getvalue()


def picture(image: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


async def test_a_photograph_is_drawn_upright_without_the_place_where_it_was_taken():
    """In the process that does so, within its limits."""
    taken = photograph()
    assert b"Telephone-zq" in taken
    assert b"Comment-zq" in taken
    small = await DrawingProcesses().draw(taken, 1, THUMBNAIL)
    with Image.open(io.BytesIO(small.jpeg)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (144, 192))
        assert not shown.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & {*shown.info}
    assert b"-zq" not in small.jpeg


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_images_of_other_kinds_are_drawn_and_what_is_transparent_is_white(kind):
    shown = drawn(picture(Image.new("RGBA", (30, 20), (0, 0, 0, 0)), kind), 1, LARGE)
    with Image.open(io.BytesIO(shown.jpeg)) as image:
        assert (image.format, image.size, image.getpixel((5, 5))) == ("JPEG", (30, 20), (255, 255, 255))


def test_each_page_of_a_document_is_a_picture():
    of_three = [drawn(document(3), page, THUMBNAIL) for page in (1, 2, 3)]
    assert [each.pages for each in of_three] == [3, 3, 3]
    assert len({each.jpeg for each in of_three}) == 3
    for page in (0, 4):
        with pytest.raises(UnshownError, match="unreadable"):
            drawn(document(3), page, THUMBNAIL)


def test_a_page_has_its_words_though_no_typeface_is_to_be_had():
    """Of the standard faces, which documents name and do not bring."""
    words = b"BT /F 40 Tf 20 40 Td (Bonjour) Tj ET"
    pdf = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj 5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"trailer<</Root 1 0 R>>" % (len(words), words)
    )
    made = subprocess.run(
        [sys.executable, "-m", drawing_process.__name__],
        input=asking(pdf, 1, (400, 400)),
        capture_output=True,
        check=True,
    )
    with Image.open(io.BytesIO(from_bytes(made.stdout).jpeg)) as shown:
        assert shown.convert("L").getextrema()[0] < 60


@pytest.mark.parametrize(
    "file", [b"", b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"II*\0"]
)
def test_what_is_none_or_broken_is_refused(file):
    with pytest.raises(UnshownError, match="unreadable"):
        drawn(file, 1, THUMBNAIL)


@pytest.mark.parametrize("side", [8_500, 20_000])  # the latter is refused by Pillow itself
def test_an_image_that_grows_when_it_is_opened_is_refused_before_it_is(side):
    bomb = bytearray(picture(Image.new("1", (8, 8)), "PNG"))
    bomb[16:24] = struct.pack(">II", side, side)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    with pytest.raises(UnshownError, match="too-much"):
        drawn(bytes(bomb), 1, THUMBNAIL)


async def test_what_ends_its_process_is_refused(monkeypatch):
    monkeypatch.setattr("agent_desk.handlers.pictures.draw.PROGRAM", "agent_desk.nothing")
    with pytest.raises(UnshownError, match="unreadable"):
        await DrawingProcesses().draw(b"GIF89a", 1, THUMBNAIL)


@given(st.binary(max_size=200))
def test_whatever_the_process_says_is_a_picture_or_a_refusal(answer):
    with pytest.raises(UnshownError):
        from_bytes(answer)


def test_what_crosses_is_what_was_meant():
    line, _, file = asking(b"\n%PDF\n", 3, (256, 192)).partition(b"\n")
    assert (asked_in(line), file) == ((3, (256, 192)), b"\n%PDF\n")
    shown = Picture(b"\xff\xd8\xff\n", 7)
    assert from_bytes(to_bytes(shown)) == shown
    with pytest.raises(UnshownError, match="too-much"):
        from_bytes(to_bytes("too-much"))


@pytest.mark.parametrize(
    ("name", "content_type", "kind"),
    [
        ("photo.JPG", "application/octet-stream", "image"),
        ("sans", "image/png", "image"),
        ("plan.pdf", "application/octet-stream", "document"),
        ("plan", "application/pdf", "document"),
        ("dessin.svg", "image/svg+xml", None),
        ("dessin.svg", "image/png", None),
        ("lettre.docx", "application/octet-stream", None),
        ("photo.jpg", "text/html", None),
        ("a\u202egpj.exe", "image/jpeg", None),
    ],
)
def test_what_is_shown_is_told_by_its_name_and_type_and_nothing_dangerous_is(name, content_type, kind):
    assert picture_kind(name, content_type) == kind
