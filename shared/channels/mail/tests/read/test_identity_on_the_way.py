"""What mail servers do to a mail on its way makes no other mail of it: two ways, two servers, one message."""

import base64
import os
import quopri
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet_mail.read.identity import id_of, id_of_cut
from guichet_mail.read.small import cut_small

KEY = b"k" * 32
HEAD = (
    "From: Perrine <perrine@exemple.test>\r\nTo: contact@mairie.example\r\nSubject: Lampadaire\r\n"
    "Date: Mon, 02 Mar 2026 10:30:00 +0100\r\nMessage-ID: <1@exemple.test>\r\nMIME-Version: 1.0\r\n"
)
PHOTO = base64.encodebytes(bytes(range(256)) * 600).decode().replace("\n", "\r\n")
WORDS = "Le lampadaire de la rue Voltaire est éteint depuis mardi.\r\n"
TEXT_8BIT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
TEXT_QP = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
TEXT_BASE64 = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def with_photo(text_part: str) -> str:
    photo = f"Content-Type: image/jpeg; name=trou.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n{PHOTO}"
    return f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text_part}\r\n--b\r\n{photo}--b--\r\n"


def in_qp(text: str) -> str:
    return quopri.encodestring(text.replace("\r\n", "\n").encode()).decode().replace("\n", "\r\n")


def in_base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")


MAILS = {
    "plain": HEAD + TEXT_8BIT + WORDS,
    "photo": HEAD + with_photo(TEXT_8BIT + WORDS),
    "long": HEAD + TEXT_8BIT + WORDS * 2000,
    "html": HEAD + "Content-Type: text/html\r\n\r\n<p>Un <b>trou</b>\r\n",
    "forwarded": HEAD + "Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n\r\nBonjour\r\n",
    "crooked": HEAD + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsans fin\r\n",
    "without an id": HEAD.replace("Message-ID: <1@exemple.test>\r\n", "") + TEXT_8BIT + WORDS,
}
by_name = pytest.mark.parametrize("name", MAILS)

TRACE_NAMES = st.sampled_from(
    ["Received", "X-MS-Exchange-Organization-SCL", "X-Microsoft-Antispam-Message-Info", "ARC-Seal", "Delivered-To",
     "ARC-Authentication-Results", "DKIM-Signature", "Authentication-Results", "Return-Path", "X-Spam-Status"]
)  # fmt: skip
TRACE_VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@st.composite
def trace_headers(draw: st.DrawFn) -> str:
    """What servers write on top: up to 60 KB, in lines short or long, folded or not."""
    gaps = st.sampled_from([" ", "\r\n\t"])
    fields = draw(st.lists(st.tuples(TRACE_NAMES, gaps, TRACE_VALUES), min_size=1, max_size=8))
    block = "".join(f"{name}:{gap}{value}\r\n" for name, gap, value in fields)
    return block * draw(st.integers(1, 60 * 1024 // len(block)))


@by_name
@given(trace=trace_headers())
@example(trace="X: y\r\n" * 10_000)
@settings(max_examples=25, deadline=None)
def test_trace_headers_make_no_other_mail(name: str, trace: str) -> None:
    mail = MAILS[name]
    assert id_of((trace + mail).encode(), KEY) == id_of(mail.encode(), KEY)


@by_name
@given(tag=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=400))
@settings(max_examples=20, deadline=None)
def test_a_tag_in_the_subject_makes_no_other_mail(name: str, tag: str) -> None:
    mail = MAILS[name]
    tagged = mail.replace("Subject: ", f"Subject: [{tag}] ")
    assert (id_of(tagged.encode(), KEY) == id_of(mail.encode(), KEY)) == ("Message-ID" in mail)


@by_name
def test_line_ends_and_blank_lines_make_no_other_mail(name: str) -> None:
    mail, as_it_came = MAILS[name].encode(), id_of(MAILS[name].encode(), KEY)
    assert id_of(mail.replace(b"\r\n", b"\n"), KEY) == as_it_came
    assert id_of(mail + b"\r\n\r\n", KEY) == as_it_came
    assert id_of(mail.rstrip(), KEY) == as_it_came


@pytest.mark.parametrize("length", [1, 900, 1100, 4000])  # around 64 KiB one encoding of it is below, another above
def test_the_encoding_of_a_text_of_any_length_makes_no_other_mail(length: int) -> None:
    text = WORDS * length
    forms = TEXT_8BIT + text, TEXT_QP + in_qp(text), TEXT_BASE64 + in_base64(text)
    assert len({id_of((HEAD + form).encode(), KEY) for form in forms}) == 1


def test_the_encoding_of_a_letter_beside_a_photo_makes_no_other_mail() -> None:
    forms = TEXT_8BIT + WORDS, TEXT_QP + in_qp(WORDS), TEXT_BASE64 + in_base64(WORDS)
    assert len({id_of((HEAD + with_photo(form)).encode(), KEY) for form in forms}) == 1


def test_another_photo_or_another_word_is_another_mail() -> None:
    mail = MAILS["photo"]
    others = mail, mail.replace("mardi", "jeudi"), mail.replace("trou.jpg", "bord.jpg"), mail.replace("AAECAwQF", "BBECAwQF", 1)  # fmt: skip
    assert len({id_of(each.encode(), KEY) for each in others}) == len(others)


FIXTURES = {path.stem: path.read_bytes() for path in Path(__file__).parents[1].glob("fixtures/*.eml")}


@pytest.mark.parametrize("mail", [each for each in FIXTURES.values() if cut_small(each)])
def test_a_small_mail_has_the_id_that_it_had_among_the_large(mail: bytes) -> None:
    """The two are cut by two functions, and a mail is the one or the other by how it is encoded."""
    assert id_of_cut(None, mail, KEY) == id_of(mail, KEY)


@pytest.mark.parametrize(
    "body",
    [
        base64.encodebytes(os.urandom(14 * 1024 * 1024)).replace(b"\n", b"\r\n"),
        b"=\r\n" * 6_000_000,
        b"--b\n" * 4_000_000,
        b"\r\n--b\r\n\r\n" * 49 + b"x" * 18_000_000,
    ],
    ids=["photo", "soft breaks", "lines", "parts"],
)
@pytest.mark.parametrize("kind", ["base64", "quoted-printable"])
def test_the_largest_mail_is_told_apart_in_half_a_second(body: bytes, kind: str) -> None:
    """It is done where every mail passes."""
    mail = (
        HEAD.encode() + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: " + kind.encode() + b"\r\n\r\n" + body
    )
    begun = time.process_time()
    assert id_of(mail, KEY)
    assert time.process_time() - begun < 0.5
