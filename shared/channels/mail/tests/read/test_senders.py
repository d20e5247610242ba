"""Whose a mail is that nobody can read."""

from guichet.channel.envelope import Envelope
from guichet_mail.read.senders import named_senders


def told(mail: bytes, return_path: str = "") -> list[str]:
    return [each.value for each in named_senders(Envelope(return_path, ("contact@mairie.example",), mail))]


def test_envelope_from_and_sender_are_told_once_each() -> None:
    mail = b"From: Zo\xc3\xa9 <zoe@exemple.test>\r\nSender: <secretariat@exemple.test>\r\n\r\nDe: paul@exemple.test"
    assert told(mail, "zoe@exemple.test") == ["zoe@exemple.test", "secretariat@exemple.test"]


def test_who_is_only_mentioned_is_nobody_s_sender() -> None:
    assert (
        told(b"Reply-To: a@exemple.test\r\nTo: b@exemple.test\r\nSubject: c@exemple.test\r\n\r\nd@exemple.test") == []
    )


def test_a_mail_that_is_no_mail_names_nobody() -> None:
    assert told(bytes(range(256)) * 40) == []
