"""winmail.dat, as Outlook writes it and as a stranger may."""

import struct
import time
from datetime import UTC, datetime

import pytest
from compressed_rtf import compress
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)
ATT_BODY, ATT_TITLE, ATT_DATA, ATT_REND, ATT_MAPI, ATT_ATTACHMENT, ATT_CODEPAGE = (
    0x800C, 0x8010, 0x800F, 0x9002, 0x9003, 0x9005, 0x9007,
)  # fmt: skip
BODY_HTML, RTF, LONG_NAME, BINARY, UNICODE = 0x1013, 0x1009, 0x3707, 0x0102, 0x001F


def an_object(name: int, data: bytes, *, level: int = 1, kind: int = 6) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    packed = struct.pack("<I", len(values))
    for kind, name, value in values:
        packed += struct.pack("<HHII", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return packed


def a_file(name: str, content: bytes) -> bytes:
    long_name = properties((UNICODE, LONG_NAME, f"{name}\0".encode("utf-16-le")))
    return (
        an_object(ATT_REND, b"\0" * 14, level=2)
        + an_object(ATT_TITLE, b"COURT~1.PDF\0", level=2, kind=1)
        + an_object(ATT_DATA, content, level=2)
        + an_object(ATT_ATTACHMENT, long_name, level=2)
    )


def a_winmail(*objects: bytes) -> bytes:
    return SIGNATURE + an_object(ATT_CODEPAGE, struct.pack("<II", 1252, 0)) + b"".join(objects)


def read(content: bytes, letter: bytes = b"") -> Draft:
    mail = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b0und\r\n\r\n--b0und\r\n"
        b"Content-Type: text/plain\r\n\r\n" + letter + b"\r\n--b0und\r\n"
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    ) + content + b"\r\n--b0und--\r\n"  # fmt: skip
    return READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))


def test_the_files_of_a_winmail_are_files_and_it_stays_one_after_them() -> None:
    files = read(
        a_winmail(a_file("Déclaration 2026.pdf", b"%PDF\0\0"), a_file("photo.jpg", b"\xff\xd8")), b"Voici."
    ).files
    assert [(each.name, each.content_type) for each in files] == [
        ("Déclaration 2026.pdf", "application/pdf"),
        ("photo.jpg", "image/jpeg"),
        ("winmail.dat", "application/ms-tnef"),
    ]
    assert [each.content for each in files[:2]] == [b"%PDF\0\0", b"\xff\xd8"]


HTML = an_object(ATT_MAPI, properties((BINARY, BODY_HTML, "<p>L’été <b>ici</b></p>".encode())))
PACKED_RTF = an_object(ATT_MAPI, properties((BINARY, RTF, compress(rb"{\rtf1\ansi\ansicpg1252 L\'92\'e9t\'e9\par}"))))


@pytest.mark.parametrize(
    ("words", "letter"),
    [
        (an_object(ATT_BODY, "L’été ici\0".encode("cp1252"), kind=7), "L’été ici"),
        (HTML, "L’été ici"),
        (PACKED_RTF, "L’été"),
    ],
    ids=["text", "html", "rtf"],
)
def test_its_words_are_the_letter_of_a_mail_without_one(words: bytes, letter: str) -> None:
    assert read(a_winmail(words)).content.text == letter
    assert read(a_winmail(words), b"Bonjour").content.text == "Bonjour"


def test_a_broken_one_is_said_and_the_whole_mail_attached() -> None:
    draft = read(b"\0" * 40, b"Voici.")
    assert (draft.content.text, draft.content.remarks) == ("Voici.", ("unopened",))
    assert [each.name for each in draft.files] == ["winmail.dat", "courriel-complet.eml"]


def test_words_that_are_broken_cost_no_file() -> None:
    broken = an_object(ATT_MAPI, properties((BINARY, RTF, b"no RTF at all, but long enough")))
    draft = read(a_winmail(broken, a_file("photo.jpg", b"\xff\xd8")))
    assert [each.name for each in draft.files] == ["photo.jpg", "winmail.dat", "courriel-complet.eml"]
    assert draft.content.remarks == ("unopened",)


OBJECTS = st.builds(
    an_object,
    st.sampled_from([ATT_BODY, ATT_TITLE, ATT_DATA, ATT_REND, ATT_MAPI, ATT_ATTACHMENT, ATT_CODEPAGE, 0x9004, 0x8000]),
    st.binary(max_size=40) | st.just(properties((UNICODE, LONG_NAME, b"x\0"))),
    level=st.sampled_from([1, 2]),
    kind=st.integers(0, 8),
)


@given(st.binary(max_size=200) | st.lists(OBJECTS, max_size=8).map(b"".join))
@example(an_object(ATT_DATA, b"x", level=2))
@example(an_object(ATT_MAPI, b"\xff\xff\xff\xff" + b"\x1e\x10\x01\x00" + b"\xff\xff\xff\xff" * 8))
@settings(max_examples=300, deadline=None)
def test_anything_that_says_it_is_a_winmail_is_a_message(content: bytes) -> None:
    draft = read(SIGNATURE + content, b"Voici.")
    assert draft.content.text == "Voici."
    assert "winmail.dat" in [each.name for each in draft.files], "it stays, whatever was found in it"


ENDLESS = {
    "properties": an_object(ATT_MAPI, b"\xff\xff\xff\xff"),
    "values": an_object(ATT_MAPI, struct.pack("<IHHI", 1, 0x1002, 1, 0xFFFFFFFF) + b"\0" * 60_000),
    "recipients": an_object(0x9004, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + b"\0" * 60_000),
    "objects": an_object(ATT_REND, b"", level=1) * 5500,
    "rtf": an_object(ATT_MAPI, properties((BINARY, RTF, compress(b"{\\rtf1" + b"{\\f1\\'e9" * 6000)))),
    "pictures": an_object(ATT_MAPI, properties((BINARY, RTF, compress(b"{\\rtf1" + b"\\pict\\bin1" * 6000)))),
}


@pytest.mark.parametrize("content", ENDLESS.values(), ids=ENDLESS.keys())
def test_64_kb_made_to_keep_us_busy_take_less_than_a_fifth_of_a_second(content: bytes) -> None:
    assert read(a_winmail(a_file("a", b"x"))).files  # what it needs is loaded
    begun = time.process_time()
    assert read(a_winmail(content)).files
    assert time.process_time() - begun < 0.2
