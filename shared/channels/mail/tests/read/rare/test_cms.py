"""S/MIME in one piece: signed or encrypted, or made to look so."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.slowness import slowness

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
SIGNED = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
ENVELOPED = bytes.fromhex("06092a864886f70d010703")
LETTER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSign\xc3\xa9"


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x84" + size.to_bytes(4)
    return bytes([tag]) + length + content


def in_pieces(tag: int, *content: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def signed(octets: bytes, algorithms: bytes = b"") -> bytes:
    return der(
        0x30,
        SIGNED + der(0xA0, der(0x30, b"\x02\x01\x01" + der(0x31, algorithms) + der(0x30, DATA + der(0xA0, octets)))),
    )


def signed_in_pieces(octets: bytes) -> bytes:
    encapsulated = in_pieces(0x30, DATA, in_pieces(0xA0, octets))
    return in_pieces(0x30, SIGNED, in_pieces(0xA0, in_pieces(0x30, b"\x02\x01\x01", der(0x31, b""), encapsulated)))


def read(content: bytes, name: str = "smime.p7m") -> Draft:
    head = f"From: a@b.example\r\nContent-Type: application/pkcs7-mime; name={name}\r\n"
    mail = head.encode() + b"Content-Transfer-Encoding: binary\r\n\r\n" + content
    return READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))


@pytest.mark.parametrize(
    "content",
    [
        signed(der(0x04, LETTER)),
        signed(der(0x24, b"".join(der(0x04, bytes([each])) for each in LETTER))),
        signed_in_pieces(der(0x04, LETTER)),
        signed_in_pieces(in_pieces(0x24, der(0x04, LETTER[:30]), der(0x04, LETTER[30:]))),
    ],
    ids=["whole", "bytewise", "indefinite", "in pieces"],
)
def test_what_is_signed_is_read(content: bytes) -> None:
    draft = read(content)
    assert (draft.content.text, draft.content.remarks) == ("Signé", ("signature-unchecked",))
    assert draft.files[0].content_type == "application/pkcs7-mime"


def test_a_signed_document_is_a_file_of_its_own() -> None:
    files = read(signed(der(0x04, b"%PDF-1.4 \x00\xff")), "facture.pdf.p7m").files
    assert [(each.name, each.content_type) for each in files[:2]] == [
        ("facture.pdf.p7m", "application/pkcs7-mime"),
        ("facture.pdf", "application/pdf"),
    ]


def test_what_is_encrypted_is_said_so_and_the_whole_mail_attached() -> None:
    draft = read(der(0x30, ENVELOPED + der(0xA0, b"")))
    assert (draft.content.text, draft.content.remarks) == ("", ("encrypted",))
    assert [each.name for each in draft.files] == ["smime.p7m", "courriel-complet.eml"]


def test_what_is_encrypted_within_what_is_signed_is_said_so() -> None:
    inner = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + der(0x30, ENVELOPED)
    assert set(read(signed(der(0x04, inner))).content.remarks) == {"encrypted", "signature-unchecked"}


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [b"\x30\x80", SIGNED, DATA, b"\xa0\x80", b"\x24\x80", b"\0\0", b"\x04\x01a", b"\x30\x84\xff\xff\xff\xff"]
        )
    ).map(b"".join)
)
@example(b"\x30\x80" * 30_000)
@example(signed_in_pieces(b"\x24\x80" * 400 + b"\0\0" * 400))
@example(b"\x30\xff" + b"\xff" * 200)
@settings(max_examples=400, deadline=None)
def test_anything_that_says_it_is_signed_is_a_message(content: bytes) -> None:
    assert read(content).files


@pytest.mark.parametrize(
    "content",
    [
        b"\x30\x80" * 32_000,
        signed(der(0x04, LETTER), b"\x05\x00" * 30_000),
        signed_in_pieces(in_pieces(0x24, b"\x04\x01a" * 20_000)),
        signed_in_pieces(b"\x24\x80" * 16_000 + b"\0\0" * 16_000),
    ],
    ids=["open", "algorithms", "pieces", "levels"],
)
def test_64_kb_of_elements_take_less_than_a_fifth_of_a_second(content: bytes) -> None:
    def once() -> float:
        begun = time.process_time()
        assert read(content).files
        return time.process_time() - begun

    assert min(once() for _ in range(3)) < 0.2 * slowness()


@pytest.mark.timeout(20)
def test_a_large_file_in_pieces_is_read() -> None:
    pieces = (der(0x04, b"x" * 1000) for _ in range(14_000))
    files = read(signed_in_pieces(in_pieces(0x24, *pieces)), "photo.jpg.p7m").files
    assert len(files[1].content) == 14_000_000
