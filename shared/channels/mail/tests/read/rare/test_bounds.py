"""What comes wrapped is opened so deep and so often, and nothing of it is lost where that ends."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet_mail.read.contents import DEEPEST, MOST_OPENED
from guichet_mail.read.parse import MOST_FILES, WHOLE_MAIL, MailReader
from guichet_mail.read.small import cut_small
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT = "contact@mairie.example"
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"


def read(mail: bytes) -> Draft:
    return READER.read(Envelope("a@b.example", (CONTACT,), mail), datetime.now(UTC))


RARE = ("forwarded", "smime", "pgp", "outlook_winmail", "outlook_cancelled", "google", "pasted")


@pytest.mark.parametrize(
    "fixture", sorted(Path(__file__).parents[2].glob("fixtures/*.eml")), ids=lambda path: path.stem
)
def test_what_is_to_be_opened_is_read_in_a_process_with_limits(fixture: Path) -> None:
    small = cut_small(fixture.read_bytes())
    assert not (fixture.stem.startswith(RARE) and small and small.is_plain())


def within(mail: bytes, times: int) -> bytes:
    for _ in range(times):
        mail = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + mail
    return mail


def test_mails_within_mails_are_opened_so_deep() -> None:
    draft = read(within(HEAD + b"\r\nau fond", DEEPEST))
    assert draft.content.text.count("Courriel joint") == DEEPEST
    assert (draft.content.text.endswith("au fond"), draft.content.remarks) == (True, ())


def test_what_lies_deeper_is_a_file_and_the_whole_mail_another() -> None:
    draft = read(within(HEAD + b"\r\nau fond", DEEPEST + 1))
    assert "au fond" not in draft.content.text
    assert draft.content.remarks == ("unopened",)
    assert draft.files[-1].name == WHOLE_MAIL


def test_so_many_are_opened_and_the_others_are_files() -> None:
    part = b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nmot %d\r\n"
    parts = b"".join(part % each for each in range(40))
    draft = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n")
    assert draft.content.text.count("mot") == MOST_OPENED
    assert draft.content.remarks == ("unopened",)
    assert [each.content_type for each in draft.files] == ["message/rfc822"] * 41


def test_files_of_files_are_no_more_than_a_record_names() -> None:
    file = b"--c\r\nContent-Type: application/pdf\r\n\r\nx\r\n"
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n" + file * 60 + b"--c--\r\n"
    part = b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n" + inner
    draft = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 3 + b"--b--\r\n")
    assert (len(draft.files), draft.files[-1].name) == (MOST_FILES, WHOLE_MAIL)
    assert draft.content.remarks == ("cut-short",)


def test_what_a_report_is_about_is_no_letter_of_its_sender() -> None:
    mail = (
        b"From: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nNon remis\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: nous\r\n\r\nNos mots\r\n--b--\r\n"
    )
    assert read(mail).content.text == "Non remis"


def test_a_subject_without_end_is_said() -> None:
    draft = read(b"From: a@b.example\r\nSubject: " + b"x" * 2000 + b"\r\n\r\nBonjour")
    assert (draft.content.remarks, draft.files[-1].name) == (("cut-short",), WHOLE_MAIL)


@pytest.mark.parametrize(
    "letter",
    [
        b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 1800,
        b"-----BEGIN PGP MESSAGE-----\n" * 2200,
        b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" + b"- " * 30_000 + b"\n-----BEGIN PGP SIGNATURE-----\n" * 100,
    ],
)
def test_armour_without_end_is_the_senders_own_words(letter: bytes) -> None:
    begun = time.process_time()
    draft = read(b"From: a@b.example\r\n\r\n" + letter)
    assert draft.content.text.startswith("-----BEGIN PGP")
    assert time.process_time() - begun < 0.2
