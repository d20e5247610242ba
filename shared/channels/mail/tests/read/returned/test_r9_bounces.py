"""R9: what a report says of a letter of ours, and what proves nothing of it (docs/law.md 51)."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.channel.outgoing.provider_reports import failure_of
from guichet.contracts.delivery import DeliveryState
from guichet_mail.channel import EMAIL
from guichet_mail.read.parse import MailReader, Reading
from guichet_mail.read.returned.outcome import DETAILS, Outcome, known_code
from guichet_mail.town_mailboxes import TownMailboxes
from shared.channels.mail.tests.read.returned.bounces import (
    CITIZEN,
    CONTACT,
    LETTER,
    OUTBOUND,
    OWN_ID,
    POSTFIX,
    postfix,
    qmail,
    wire,
)

READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)
BARE_HEAD = LETTER.partition("\n\n")[0] + "\n"
WITHOUT_TO = LETTER.replace(f"To: {CITIZEN}\n", "")
OF_SOMEBODY_ELSE = LETTER.replace(OWN_ID, "<a1@exemple.test>")
READ_RECEIPT = wire(
    POSTFIX.replace("delivery-status", "disposition-notification").format(
        fields=f"Final-Recipient: rfc822;{CITIZEN}\nOriginal-Message-ID: {OWN_ID}\nDisposition: manual-action; displayed",
        returned_type="text/rfc822-headers",
        returned=BARE_HEAD,
    )
)


def understood(mail: bytes) -> Reading:
    return READER.understand(Envelope("", (CONTACT,), mail))


def failed(code: str | None) -> Outcome:
    return Outcome(outbound_id=OUTBOUND, action="failed", code=code)


SAID: Final = [
    (postfix(), failed("5.1.1")),
    (postfix(status="5.2.2"), failed("5.2.2")),
    (postfix(status="5.1.1 (bad address)"), failed("5.1.1")),
    (postfix(action="Failed", status="5.7.1"), failed("5.7.1")),
    (postfix(status="5.7.509"), failed("5.7.0")),
    (postfix(status="5.99.1"), failed("5.0.0")),
    (postfix(status="5.0.0", diagnostic="smtp; 552 5.2.2 Over quota"), failed("5.2.2")),
    (postfix(status="5.0.0", diagnostic="smtp; 421 4.7.0 later, from 5.1.1.2"), failed("5.0.0")),
    (postfix(final="zoe@ailleurs.test", original=CITIZEN), failed("5.1.1")),
    (postfix(final=CITIZEN.upper()), failed("5.1.1")),
    (postfix(returned_type="text/rfc822-headers", letter=BARE_HEAD), failed("5.1.1")),
    (postfix(letter=WITHOUT_TO), failed("5.1.1")),
    (postfix().replace(b"Message-ID: <1@", f"In-Reply-To: {OWN_ID}\r\nMessage-ID: <1@".encode()), failed("5.1.1")),
    (postfix(status="4.2.2", diagnostic="smtp; 452 4.2.2 Over quota"), failed("5.2.2")),  # given up after days
    (postfix(status="4.0.0", diagnostic="smtp; 452 4.2.2 Over quota"), failed("5.2.2")),
    (postfix(status="4.4.1"), failed("5.4.1")),
    (postfix(status="4.4.7"), failed("5.4.7")),
    (postfix(status="4.1.1"), failed("5.4.7")),  # nobody said that there is no such address
    (postfix(status="4.0.0"), failed("5.4.7")),
    (postfix(action="delivered", status="2.0.0"), Outcome(outbound_id=OUTBOUND, action="delivered")),
    (qmail(), failed("5.1.1")),
    (qmail().replace(b"From: MAILER-DAEMON@mx.exemple.test", b"Sender: MAILER-DAEMON@mx.test"), failed("5.1.1")),
]
UNSAID: Final = [
    postfix(action="delayed", status="4.4.7"),
    postfix(action="delayed", status="5.1.1"),
    postfix(action="failed", status="2.0.0"),
    postfix(action="relayed", status="2.0.0"),
    postfix(action="expanded", status="2.0.0"),
    postfix(final="facteur@ailleurs.test"),  # a further hop of somebody who forwards their mail
    postfix(letter=OF_SOMEBODY_ELSE),
    postfix(letter=LETTER.replace("mairie.example>\n\n", "autre.example>\n\n")),
    postfix(letter=OF_SOMEBODY_ELSE.replace("<a1@exemple.test>", OWN_ID, 1)),  # ours in References alone
    qmail(letter=OF_SOMEBODY_ELSE),
    qmail(citizen="autre@ailleurs.test"),
    READ_RECEIPT,
    wire(f"From: {CITIZEN}\nSubject: Re: x\nIn-Reply-To: {OWN_ID}\n\nMerci, 5.1.1"),
]


@pytest.mark.parametrize(("mail", "outcome"), SAID, ids=[f"{place}" for place in range(len(SAID))])
def test_r9_a_report_says_what_became_of_a_letter_of_ours(mail: bytes, outcome: Outcome) -> None:
    assert understood(mail).outcome == outcome


def test_r9_a_report_that_answers_names_the_letter_where_nothing_of_it_came_back() -> None:
    mail = postfix(returned_type="text/plain", letter="").replace(
        b"Subject:", f"In-Reply-To: {OWN_ID}\r\nSubject:".encode()
    )
    assert understood(mail).outcome == failed("5.1.1")


@pytest.mark.parametrize("mail", UNSAID, ids=[f"{place}" for place in range(len(UNSAID))])
def test_r9_what_is_late_read_or_about_another_marks_nothing(mail: bytes) -> None:
    assert understood(mail).outcome is None


def test_a_report_is_filed_like_any_other_message() -> None:
    reading = understood(qmail())
    assert (reading.automatic, "User unknown" in reading.content.text) == ("delivery-report", True)


def test_each_code_leads_to_words_in_both_languages() -> None:
    codes = {known_code(f"5.{subject}.{detail}") for subject in range(10) for detail in range(40)}
    assert {f"5.{each}" for each in DETAILS} < codes
    for code in (*codes, None):
        words = EMAIL.facts.failures[failure_of(EMAIL.facts, code)]
        assert words.fr.startswith("le courriel est revenu")
        assert words.en.startswith("the mail came back")
    assert EMAIL.facts.statuses == {"failed": DeliveryState.FAILED, "delivered": DeliveryState.DELIVERED}


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["failed", "Failed", "delayed", "delivered", "relayed", "expanded"]),
    st.sampled_from("245"),
    st.integers(0, 9),
    st.integers(0, 600),
)
def test_r9_failed_is_final_whatever_the_class_and_nothing_else_is(
    action: str, of_class: str, subject: int, detail: int
) -> None:
    """RFC 3464, 2.3.3: of what failed no further attempt is made (docs/law.md 51)."""
    outcome = understood(postfix(action=action, status=f"{of_class}.{subject}.{detail}")).outcome
    is_failure = action.lower() == "failed" and of_class != "2"
    assert (outcome is not None and outcome.action == "failed") is is_failure
    if is_failure and outcome is not None:
        assert outcome.code is not None
        assert outcome.code in EMAIL.facts.reasons


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=40))
def test_whatever_stands_in_its_fields_a_report_is_read(action: str, status: str, final: str) -> None:
    outcome = understood(postfix(action=action, status=status, final=final)).outcome
    assert outcome is None or outcome.outbound_id == OUTBOUND
