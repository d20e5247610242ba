"""Which mail gets no automatic answer."""

import email
from email.policy import compat32

import pytest

from guichet.contracts.inbound import Automatic
from guichet_mail.read.headers import Headers
from guichet_mail.read.machine import Arrival, judge_automatic

OWN_ID = "0f0c6d31a5f24c5d9b1c2d3e4f5a6b7c"

MACHINES = [
    ("Auto-Submitted: auto-replied", Automatic.AUTO_SUBMITTED),
    ('Auto-Submitted: auto-generated; owner-email="x"', Automatic.AUTO_SUBMITTED),
    ("auto-submitted: AUTO-NOTIFIED", Automatic.AUTO_SUBMITTED),
    ("X-Autoreply: yes", Automatic.AUTO_SUBMITTED),
    ("List-Id: <a.b>", Automatic.MAILING_LIST),
    ("List-Unsubscribe: <https://a.example/u>", Automatic.MAILING_LIST),
    ("Precedence: bulk", Automatic.BULK_PRECEDENCE),
    ("Precedence: Junk", Automatic.BULK_PRECEDENCE),
    ("Precedence: list", Automatic.BULK_PRECEDENCE),
    ("X-Auto-Response-Suppress: All", Automatic.RESPONSE_SUPPRESSED),
    ("X-Auto-Response-Suppress: DR, OOF, AutoReply", Automatic.RESPONSE_SUPPRESSED),
    (f"Message-ID: <{OWN_ID}@mairie.example>", Automatic.OWN_MESSAGE),
    ("X-Guichet-Message: 1", Automatic.OWN_MESSAGE),
    ("Return-Path: <>", Automatic.NULL_RETURN_PATH),
    ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", Automatic.DELIVERY_REPORT),
    ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", Automatic.DELIVERY_REPORT),
]
PEOPLE = [
    "Subject: bonjour",
    "Auto-Submitted: no",
    "Auto-Submitted: no (a person wrote this)",
    "Precedence: first-class",
    "X-Auto-Response-Suppress: None",
    f"Message-ID: <{OWN_ID}@ailleurs.example>",
    "Message-ID: <court@mairie.example>",
    f"In-Reply-To: <{OWN_ID}@mairie.example>",
    "X-Listen: x",
]


def judged(header: str, return_path: str = "perrine@exemple.test") -> Automatic | None:
    mail = email.message_from_string(f"{header}\n\nBonjour", policy=compat32)
    return judge_automatic(Arrival(Headers.of(mail), return_path, mail.get_content_type(), "mairie.example"))


@pytest.mark.parametrize(("header", "reason"), MACHINES)
def test_a_machine_is_known_by(header: str, reason: Automatic) -> None:
    assert judged(header) is reason


@pytest.mark.parametrize("header", PEOPLE)
def test_a_person_is_not_taken_for_a_machine(header: str) -> None:
    assert judged(header) is None


@pytest.mark.parametrize("null", ["", "<>"])
def test_a_null_return_path_is_a_machine(null: str) -> None:
    assert judged("Subject: bonjour", return_path=null) is Automatic.NULL_RETURN_PATH
