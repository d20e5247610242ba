"""What our own mail system takes for spam waits for a person, where the town wants that."""

from datetime import UTC, datetime

import pytest

from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.inbound import Suspicion
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.own.own_system import SpamPolicy
from guichet_mail.read.own.own_system_file import OwnSystemFile
from guichet_mail.read.own.spam_verdict import SPAM_HEADERS
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

CONTACT, NOW = "contact@mairie.example", datetime(2026, 12, 1, tzinfo=UTC)
HOP = "Received: from a (a.example [192.0.2.7]) by mx.mairie.example (Postfix) with ESMTP id A; x\r\n"
REFUSED = "Authentication-Results: mx.mairie.example; dmarc=fail header.from=exemple.test\r\n"
SPAM = "X-Spam-Flag: YES\r\n"


def reader(policy: SpamPolicy, preset: str = "postfix") -> MailReader:
    system = OwnSystemFile(preset=preset, authserv_id="mx.mairie.example", spam=policy).system()
    return MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32, {LMTP: system})


def mail(top: str, end: str = "", body: str = "\r\nGagnez\r\n") -> Envelope:
    head = f"{top}From: zoe@exemple.test\r\nTo: {CONTACT}\r\n{end}"
    return Envelope("zoe@exemple.test", (CONTACT,), f"{head}{body}".encode())


@pytest.mark.parametrize(
    ("policy", "top", "expected"),
    [
        ("never", f"{REFUSED}{SPAM}{HOP}", None),
        ("verdict", f"{SPAM}{HOP}", Suspicion.SPAM),
        ("verdict", f"{REFUSED}{SPAM}{HOP}", Suspicion.SPAM_AND_REFUSED),
        ("verdict", f"{REFUSED}{HOP}", None),
        ("verdict", f"{HOP}{SPAM}", None),
        ("verdict", SPAM, None),
        ("verdict", f"X-Spam-Flag: NO\r\n{SPAM}{HOP}", None),
        ("verdict-and-refused", f"{SPAM}{HOP}", None),
        ("verdict-and-refused", f"{REFUSED}{SPAM}{HOP}", Suspicion.SPAM_AND_REFUSED),
        ("verdict-and-refused", f"{SPAM}{HOP}{REFUSED}", None),
    ],
)
def test_a_mail_waits_by_the_town_s_choice(policy: SpamPolicy, top: str, expected: Suspicion | None) -> None:
    assert reader(policy).read(mail(top), NOW).suspended is expected
    assert reader(policy).salvage(mail(top), NOW).suspended is expected


async def test_a_reader_process_says_so_too() -> None:
    reading = reader("verdict")
    async with LimitedReaders(reading) as limited:
        found = await limited.read(mail(f"{SPAM}{HOP}", "Content-Type: text/html\r\n", "\r\n<p>Gagnez\r\n"))
    assert found.suspended is Suspicion.SPAM


@pytest.mark.parametrize("body", ["\r\nGagnez\r\n", ""])
def test_what_stands_at_the_end_of_endless_headers_is_found_and_nothing_above(body: str) -> None:
    """Whoever writes so many would push what our filter wrote out of sight, and has written its like before."""
    spam = mail(HOP, "X-Rspamd-Action: add header\r\n")
    assert reader("verdict", "postfix-rspamd").salvage(spam, NOW).suspended is Suspicion.SPAM
    theirs, ours = "X-Rspamd-Action: no action\r\n", "X-Rspamd-Action: add header\r\n"
    for first, last, expected in ((theirs, ours, Suspicion.SPAM), (ours, theirs, None)):
        endless = mail(HOP, first + "X: y\r\n" * 30_000 + last, body)
        assert reader("verdict", "postfix-rspamd").salvage(endless, NOW).suspended is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("x-spam-flag", "YES", True), ("x-spam-flag", " no ", False), ("x-spam-flag", "maybe", None), ("x-spam-flag", "", None),
        ("x-spam-status", "Yes, score=9.2 required=6.6", True), ("x-spam-status", "No, score=1", False),
        ("x-spam", "Yes", True), ("x-rspamd-action", "add header", True), ("x-rspamd-action", "greylist", False),
        ("x-rspamd-action", "", None), ("x-ovh-spam-status", "SPAM", True), ("x-ovh-spam-status", "OK", False),
        ("x-vr-spamstate", "DCE", False), ("x-vr-spamstate", "", None),
        ("x-ms-exchange-organization-scl", "5", True), ("x-ms-exchange-organization-scl", "-1", False),
        ("x-ms-exchange-organization-scl", "1", False), ("x-ms-exchange-organization-scl", "many", None),
        ("x-forefront-antispam-report", "CIP:192.0.2.1;SCL:5;SFV:SPM;H:a;", True),
        ("x-forefront-antispam-report", "CIP:192.0.2.1;SCL:1;SFV:NSPM;H:a;", False),
        ("x-forefront-antispam-report", "EFV:NLI;", None), ("x-forefront-antispam-report", "H:xSFV:SPM;", None),
    ],
)  # fmt: skip
def test_a_header_says_spam_no_spam_or_nothing(name: str, value: str, expected: bool | None) -> None:
    assert SPAM_HEADERS[name](value) is expected
