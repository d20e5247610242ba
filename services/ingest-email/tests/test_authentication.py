import email
from datetime import UTC, datetime
from email.policy import compat32

import pytest

from guichet.channel.envelope import Envelope
from ingest_email.authentication import dmarc_verdict
from ingest_email.headers import Headers
from ingest_email.parse_mail import MailReader
from ingest_email.town_mailboxes import TownMailboxes

OURS = "mx.mairie.example"


def verdict(*values: str, authserv_id: str | None = OURS) -> bool | None:
    head = "".join(f"Authentication-Results: {value}\n" for value in values)
    return dmarc_verdict(Headers(email.message_from_string(f"{head}\n", policy=compat32)), authserv_id)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"{OURS}; dmarc=pass header.from=exemple.test", True),
        (f"{OURS} 1; spf=pass; dmarc=fail (p=reject; dis=none) header.from=exemple.test", False),
        (f"{OURS.upper()};\n\tspf=pass;\n\tdmarc=PASS", True),
        (f"{OURS}; dmarc=none", None),
        (f"{OURS}; dmarc=temperror", None),
        (f"{OURS}; none", None),
        (f'{OURS}; spf=pass reason="dmarc=pass"', None),
        (f"{OURS}; (dmarc=pass) spf=fail", None),
        ("mx.forger.example; dmarc=pass", None),
        (f"{OURS}.forger.example; dmarc=pass", None),
    ],
)
def test_only_our_own_server_s_word_counts(value: str, expected: bool | None) -> None:
    assert verdict(value) is expected


def test_the_topmost_verdict_counts() -> None:
    assert verdict(f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass") is False


def test_without_a_configured_name_nothing_is_believed() -> None:
    assert verdict(f"{OURS}; dmarc=pass", authserv_id=None) is None


def test_a_pass_does_not_vouch_for_another_address_to_answer_to() -> None:
    head = f"Authentication-Results: {OURS}; dmarc=pass\r\nFrom: a@exemple.test\r\nTo: contact@mairie.example\r\n"
    reader = MailReader(TownMailboxes(["contact@mairie.example"], "contact@mairie.example"), b"k" * 32, OURS)

    def authenticated(more: str) -> bool | None:
        mail = Envelope("a@exemple.test", ("contact@mairie.example",), f"{head}{more}\r\n".encode())
        thread = reader.read(mail, datetime.now(UTC)).content.thread
        return thread.authenticated if thread else None

    assert authenticated("") is True
    assert authenticated("Reply-To: a@exemple.test\r\n") is True
    assert authenticated("Reply-To: victime@exemple.test\r\n") is None
