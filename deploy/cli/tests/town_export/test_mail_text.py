"""Whatever a citizen wrote, the mail in an export is one message that a mail program reads."""

import email
import email.policy
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from guichet_cli.town_export.mail_text import File, Mail, render

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
anything = st.text(st.characters(), max_size=60)


@settings(max_examples=40)
@given(
    anything, anything, anything, anything, st.lists(anything, max_size=3), st.binary(max_size=60), anything, anything
)
def test_any_words_make_one_message(
    text: str,
    subject: str,
    sender: str,
    name: str,
    references: list[str],
    content: bytes,
    file_name: str,
    content_type: str,
) -> None:
    files = [File(file_name, content_type, content)]
    mail = Mail("m" * 32, AT, text, sender, name, (sender,), subject, name, references, references, files)
    raw = render(mail)
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    message = email.message_from_bytes(raw)
    assert message["X-Guichet-Export"] == "m" * 32
    assert message["Date"] == "Tue, 24 Nov 2026 09:30:00 +0000"
    words, attached = message.get_payload()
    said = words.get_payload(decode=True).decode()
    assert said.split() == text.encode("utf-8", "replace").decode().split()
    assert attached.get_payload(decode=True) == content
    assert render(mail) == raw


def test_accents_and_files_arrive() -> None:
    mail = Mail(
        "a" * 32,
        AT,
        "Bonjour à tous",
        "amina@courriel.example",
        "Amina, « voisine »",
        ("contact@mairie.example",),
        "Érables : " + "très " * 40 + "long",
        files=[File("été.pdf", "application/pdf", b"%PDF"), File("mail.eml", "message/rfc822", b"From: x\r\n\r\n")],
    )
    message = email.message_from_bytes(render(mail), policy=email.policy.default)
    assert message["Subject"].startswith("Érables : très très")
    assert message["From"].addresses[0].display_name == "Amina, « voisine »"
    assert [each.get_filename() for each in message.iter_attachments()] == ["été.pdf", "mail.eml"]
