"""Whatever comes, it becomes a message or a PermanentError."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet.contracts.inbound import FILES_AT_MOST
from guichet.errors import PermanentError
from guichet_mail.read.charsets import decode_text
from guichet_mail.read.headers import decode_words
from guichet_mail.read.html import html_to_text
from guichet_mail.read.parse import MOST_FILES, WHOLE_MAIL, MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)

NAMES = (
    b"From To Cc Subject Date Message-ID References Reply-To Sender Content-Type Content-Disposition "
    b"Content-Transfer-Encoding Authentication-Results MIME-Version"
).split()
VALUES = [
    b"=?utf-8?b?w6k=?= =?x?q?=e9?= =?utf-8?b?!?=", b"a@b.example, <", b'"unclosed <x@y>', b"((((((((", b"<<a@b>>", b":;,,;:",
    b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=\"b", b"text/plain; charset=\"x-no", b"text/html",
    b"message/rfc822", b"message/delivery-status", b"multipart/report; boundary=b", b"text/plain; charset=idna",
    b"attachment; filename*0*=utf-8''%e9; filename*1=x", b"attachment; filename*=''", b"inline; filename=\"../../x\"",
    b"base64", b"quoted-printable", b"x-uuencode", b"7bit", b"Mon, 99 Foo 99999 99:99:99 +9999",
    b"Thu, 1 Jan 0001 00:00:00 +2359", b"\xff\xfe\x00", b"\xc3\xa9", b"",
]  # fmt: skip
LINES = st.one_of(
    st.sampled_from([b"--b", b"--b--", b"", b"begin 666 x", b"QUJD", b"=E9=", b"<p>x<script>", b"%%%"]),
    st.binary(max_size=30),
)
HEADERS = st.builds(
    lambda name, value: name + b": " + value, st.sampled_from(NAMES), st.sampled_from(VALUES) | st.binary(max_size=40)
)
MAILS = st.builds(
    lambda *parts: b"\r\n".join(line for part in parts for line in part),
    st.lists(HEADERS, max_size=8), st.just([b""]), st.lists(LINES | HEADERS, max_size=12),
)  # fmt: skip


def read(mail: bytes, return_path: str = "perrine@exemple.test") -> Draft:
    return READER.read(Envelope(return_path, (CONTACT,), mail), datetime.now(UTC))


@given(st.binary(max_size=300) | MAILS)
@settings(max_examples=600, deadline=None)
@example(b"")
@example(b"From: \xff\r\nSubject: \x00\r\n\r\n\x00")
@example(
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary*=idna''abc\r\n\r\n--abc\r\n\r\nx\r\n--abc--\r\n"
)
def test_any_bytes_become_a_message_or_a_permanent_error(mail: bytes) -> None:
    with suppress(PermanentError):
        draft = read(mail)
        assert draft.message_id
        assert "\x00" not in draft.content.model_dump_json()
        draft.content.model_dump_json().encode()


@given(
    st.binary(max_size=200),
    st.none() | st.sampled_from(["utf-7", "idna", "utf-16", "zip", "hz", "é", "\x00"]) | st.text(max_size=12),
)
@settings(max_examples=300)
def test_any_bytes_under_any_charset_are_text(content: bytes, declared: str | None) -> None:
    assert isinstance(decode_text(content, declared), str)


@given(st.text(max_size=200))
def test_any_header_decodes(text: str) -> None:
    assert isinstance(decode_words(text), str)


@given(st.text(st.sampled_from("<>/!-[]&;#xpatbledivscript \n\x00é\"'="), max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_markup_becomes_text(html: str) -> None:
    assert isinstance(html_to_text(html), str)


@pytest.mark.parametrize("transfer_encoding", [b"8bit", b"x-uuencode"])
def test_a_charset_that_python_cannot_name_loses_no_word(transfer_encoding: bytes) -> None:
    head = b"From: a@b.example\r\nContent-Type: text/plain; charset=\x00\r\nContent-Transfer-Encoding: "
    text = read(head + transfer_encoding + b"\r\n\r\nbegin 999 x\r\n\xe9t\xe9\r\n").content.text
    assert "t" in text


def test_scripts_and_styles_are_no_text() -> None:
    html = "<html><head><title>t</title><style>p{}</style></head><script>evil()</script><p>Bonjour</p>"
    assert html_to_text(html) == "Bonjour"


def test_deeply_nested_markup_keeps_its_words() -> None:
    assert "au fond" in html_to_text("<div>" * 5000 + "au fond")


def test_more_files_than_a_record_names_come_as_the_whole_mail() -> None:
    part = b"--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n"
    mail = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 300 + b"--b--\r\n"
    files = read(mail).files
    assert len(files) == MOST_FILES < FILES_AT_MOST  # the edge may add its whole text
    assert (files[-1].name, files[-1].content) == (WHOLE_MAIL, mail)


def test_a_mail_that_nobody_sent_is_told_by_its_reason() -> None:
    with pytest.raises(PermanentError) as refusal:
        read(b"Subject: x\r\n\r\n", return_path="")
    assert refusal.value.reason == "no-sender"


def test_what_lies_too_deep_is_a_file_and_the_whole_mail_another() -> None:
    letter = b"--b%d\r\nContent-Type: text/plain\r\n\r\nen haut\r\n"
    mail = b"From: a@b.example\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n%b--b%d\r\n" % (i, b"" if i else letter % i, i)
        for i in range(3000)
    )
    draft = read(mail)
    assert draft.content.text == "en haut"
    assert [each.content_type for each in draft.files] == ["application/octet-stream", "message/rfc822"]
    assert draft.files[-1].content == mail


def test_parts_without_end_are_told_by_their_reason() -> None:
    with pytest.raises(PermanentError) as refusal:
        read(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 3000)
    assert refusal.value.reason == "unreadable"


def test_a_long_header_is_read_in_reasonable_time() -> None:
    words = b"=?utf-8?q?a?= " * 20_000
    ids = b"<x@y.example> " * 20_000
    mail = b"From: " + b"(" * 50_000 + b"a@b.example\r\nSubject: " + words + b"\r\nReferences: " + ids + b"\r\n\r\n"
    draft = read(mail)
    assert draft.content.thread is not None
    assert len(draft.content.thread.references) == 200


@pytest.mark.timeout(20)  # quadratic, it took minutes
def test_a_row_of_brackets_is_read_in_reasonable_time() -> None:
    assert html_to_text("<!--" + "<" * 1_000_000).startswith("<!--<")


@pytest.mark.timeout(20)  # read, it took a quarter of an hour
def test_a_mail_made_to_keep_us_busy_is_told_by_its_reason() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(300))
    with pytest.raises(PermanentError) as refusal:
        read(b"From: a@b.example\r\n" + nested + b"a\r\n" * 5_000_000)
    assert refusal.value.reason == "unreadable"
