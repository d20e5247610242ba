"""Which mails are one (docs/decisions/0026)."""

import base64
import quopri
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.ids import MessageId
from guichet_mail.read.identity import id_of
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
READER = MailReader(TownMailboxes([CONTACT, VOIRIE], CONTACT), b"k" * 32)
HEAD = {
    "From": "Perrine <perrine@exemple.test>",
    "To": CONTACT,
    "Subject": "Lampadaire",
    "Date": "Mon, 02 Mar 2026 10:30:00 +0100",
    "Message-ID": "<1@exemple.test>",
}


def identity(
    body: bytes = b"Bonjour\r\n", recipient: str = CONTACT, /, top: str = "", **changes: str | None
) -> MessageId:
    fields = {**HEAD, **{name.replace("_", "-"): value for name, value in changes.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    mail = top.encode() + head.encode() + b"\r\n" + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return READER.read(Envelope("perrine@exemple.test", (recipient,), mail), datetime.now(UTC)).message_id


def test_trace_headers_and_recipients_leave_the_id_alone() -> None:
    trace = "Received: from a by b; Mon, 2 Mar 2026\r\nDelivered-To: voirie@mairie.example\r\nX-Spam: 3\r\n"
    assert identity(b"Bonjour\r\n", VOIRIE, top=trace) == identity()


def test_the_transfer_encoding_leaves_the_id_alone() -> None:
    text = "Lampadaire éteint, merci.\n"
    kind = {"Content_Type": "text/plain; charset=utf-8"}
    plain = identity(text.encode(), **kind, Content_Transfer_Encoding="8bit")
    assert identity(base64.encodebytes(text.encode()), **kind, Content_Transfer_Encoding="base64") == plain
    assert identity(quopri.encodestring(text.encode()), **kind, Content_Transfer_Encoding="quoted-printable") == plain
    assert identity(text.replace("\n", "\r\n").encode() + b"\r\n", **kind) == plain


def test_different_mails_under_one_message_id_are_two() -> None:
    assert identity(b"Bonsoir\r\n") != identity()
    assert identity(From="jean@exemple.test") != identity()
    assert identity(Date="Mon, 02 Mar 2026 10:30:01 +0100") != identity()


@pytest.mark.parametrize(
    "forged", ["Reply-To: evil@evil.example", "In-Reply-To: <x@evil.example>", "References: <x@evil.example>"]
)
def test_whoever_sends_a_mail_before_its_author_with_answers_elsewhere_does_not_pass_for_it(forged: str) -> None:
    mail = (
        b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n%b\r\nBonjour\r\n"
    )
    ids = {id_of(mail % each, b"k" * 32) for each in (b"", forged.encode() + b"\r\n")}
    assert len(ids) == 2


def test_the_same_words_under_another_message_id_are_another_mail() -> None:
    assert identity(Message_ID="<2@exemple.test>") != identity()


def test_a_mail_without_message_id_has_one_all_the_same() -> None:
    anonymous = identity(Message_ID=None)
    assert anonymous == identity(Message_ID=None) == identity(Message_ID="  ")
    assert anonymous != identity()
    assert identity(Message_ID=None, Subject="Autre chose") != anonymous


def test_without_date_too_the_trace_tells_mails_apart() -> None:
    nothing = {"Message_ID": None, "Date": None}
    monday, tuesday = "Received: by mx id 1; Mon\r\n", "Received: by mx id 2; Tue\r\n"
    assert identity(**nothing, top=monday) == identity(b"Bonjour\r\n", VOIRIE, top=monday, **nothing)
    assert identity(**nothing, top=monday) != identity(**nothing, top=tuesday)


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_other_attachments_make_another_mail(one: bytes, other: bytes) -> None:
    kind = {"Content_Type": "application/pdf", "Content_Transfer_Encoding": "base64"}
    ids = [identity(base64.encodebytes(content), **kind) for content in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)


HTML_HEAD = b"From: z@b.example\r\nMessage-ID: <1@x>\r\nContent-Type: text/html\r\n"
MAILS = {
    "plain": b"From: z@b.example\r\nMessage-ID: <1@x>\r\n\r\nBonjour\r\n",
    "without an id": b"From: z@b.example\r\nReceived: by mx id 1; Mon\r\nSubject: Trou\r\n\r\nBonjour\r\n",
    "html": HTML_HEAD + b"\r\n<p>Un <b>trou</b>\r\n",
    "crooked": HTML_HEAD + b"\n<p>Un\n<b>trou</b>\n",
    "large": HTML_HEAD + b"\r\n" + b"<p>Un trou\r\n" * 10_000,
}


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS.keys())
def test_a_mail_that_was_read_and_the_same_unread_are_one_message(mail: bytes) -> None:
    envelope = Envelope("z@b.example", (CONTACT,), mail)
    read = READER.read(envelope, datetime.now(UTC))
    unread = READER.salvage(envelope, datetime.now(UTC))
    assert unread.message_id == read.message_id, "a mail that comes again after its reader broke is a second case"


@pytest.mark.parametrize("name", ["html", "crooked", "large"])
def test_what_mail_servers_add_on_top_makes_no_second_mail(name: str) -> None:
    def id_of(mail: bytes) -> MessageId:
        return READER.read(Envelope("z@b.example", (CONTACT,), mail), datetime.now(UTC)).message_id

    mail = MAILS[name]
    assert id_of(b"Received: from a by b; Tue\r\nDelivered-To: voirie@mairie.example\r\n" + mail) == id_of(mail)
    assert id_of(mail + b"\r\n") == id_of(mail)
    assert id_of(mail + b"x") != id_of(mail)


@pytest.mark.parametrize("charset", ["idna", "undefined", "utf\x00"])
def test_a_boundary_in_what_is_no_charset_takes_no_mail_its_id(charset: str) -> None:
    """Without one it could not be filed unread: RFC 2231 lets each parameter name its charset."""
    parts = f"Content-Type: multipart/mixed; boundary*={charset}''abc\r\n\r\n--abc\r\n\r\nx\r\n--abc--\r\n"
    try:
        assert id_of(f"From: a@b.example\r\n{parts}".encode(), b"k" * 32)
    except ValueError as exc:
        pytest.fail(f"a mail of some hundred bytes is a dead letter and no case: {type(exc).__name__}")
