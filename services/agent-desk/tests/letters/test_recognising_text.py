"""What stands on a scanned page is read by Tesseract, where there is one, and proposed; what is none is blank."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from agent_desk.domain.letters.suggested import Suggested, suggested_by
from agent_desk.handlers.letters.recognise_text import (
    NoTextRecognition,
    ReadTexts,
    RecogniseText,
    Tesseract,
    text_recognition,
)
from agent_desk.handlers.letters.recognition_process import CPU_S, FILES, MEMORY_BYTES, environment
from guichet.ids import LetterId
from guichet_testing.real.plugin import do_without
from guichet_testing.real.tesseract import find_tesseract

LINES = (
    "Irene Kowalczyk",
    "17, rue des Tanneurs",
    "Monsieur le Maire",
    "Objet : branche sur le trottoir",
    "Tél. 06 39 98 66 20",
)


def page() -> bytes:
    picture, jpeg = Image.new("L", (1400, 900), 250), io.BytesIO()
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(36)
    for number, line in enumerate(LINES):
        draw.text((120, 120 + 90 * number), line, fill=10, font=font)
    picture.save(jpeg, "JPEG", quality=55)
    return jpeg.getvalue()


async def test_a_page_is_read_in_french_and_what_is_no_picture_is_blank():
    program = find_tesseract()
    if program is None:
        do_without("no Tesseract: deploy/bootstrap.sh ocr")
    tesseract = Tesseract(str(program))
    text = await tesseract.read(page())
    assert suggested_by(text) == Suggested("Irene Kowalczyk", "06 39 98 66 20", "branche sur le trottoir")
    assert await tesseract.read(b"no picture") == ""
    assert await Tesseract("/nowhere/tesseract").read(page()) == ""


async def test_tesseract_may_take_so_much_time_and_memory_and_write_no_file(tmp_path):
    told = tmp_path / "tesseract"
    told.write_text(
        "#!/bin/sh\nulimit -t; ulimit -v; ulimit -f; ulimit -c; ulimit -n; echo ${GUICHET_SESSION_KEY:-none}\n"
    )
    told.chmod(0o755)
    said = (await Tesseract(str(told)).read(b"")).split()
    assert said == [str(CPU_S), str(MEMORY_BYTES // 1024), "0", "0", str(FILES), "none"]


def test_it_is_found_where_the_town_says_with_the_libraries_of_that_place(tmp_path):
    unpacked = tmp_path / "usr" / "bin" / "tesseract"
    unpacked.parent.mkdir(parents=True)
    unpacked.write_text("#!/bin/sh\n")
    unpacked.chmod(0o755)
    assert isinstance(text_recognition(str(unpacked)), Tesseract)
    assert isinstance(text_recognition(str(tmp_path / "tesseract")), NoTextRecognition)
    assert environment(str(unpacked))["TESSDATA_PREFIX"].startswith(str(tmp_path))
    for installed in ("/usr/bin/tesseract", "/usr/local/bin/tesseract"):
        assert {*environment(installed)} == {"OMP_THREAD_LIMIT", "PATH"}, "it knows its own libraries"


async def test_where_nobody_reads_agents_type():
    assert await NoTextRecognition().read(page()) == ""


async def test_a_letter_is_read_once_and_nobody_waits_long():
    class Slow(RecogniseText):
        times = 0

        async def read(self, picture: bytes) -> str:
            Slow.times += 1
            return picture.decode()

    texts, letter = ReadTexts(Slow()), LetterId("one")
    assert [await texts.of(letter, b"words", 5) for _ in range(2)] == ["words", "words"]
    assert Slow.times == 1
    assert await texts.of(LetterId("two"), b"words", 0) == ""


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("\n".join(LINES), Suggested("Irene Kowalczyk", "06 39 98 66 20", "branche sur le trottoir")),
        ("Mme DUPONT Marie\nmarie@courriel.example", Suggested("DUPONT Marie", "marie@courriel.example", "")),
        ("Monsieur le Maire\nBonjour à tous", Suggested()),
        ("", Suggested()),
    ],
)
def test_who_writes_and_about_what_is_proposed_where_the_letter_says_so(text, suggested):
    assert suggested_by(text) == suggested
