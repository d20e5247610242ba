"""The mail sender against an SMTP server."""

import email
from datetime import UTC, datetime
from email.policy import default

import pytest

from guichet.channel.outgoing.outcomes import Deferred, Doubtful, failed, sent
from guichet.clock import SystemClock
from guichet.contracts.delivery import DeliveryState
from guichet.errors import PermanentError, TransientError
from guichet.runtime.settings import SmtpSettings
from guichet_testing.doors.sandbox import Running, free_port
from guichet_testing.town.sandbox_client import SandboxClient
from notifier.domain.mail_message import MailWriter
from notifier_sender.senders.mail import MailSender

AMINA = "amina.benali@courriel.example"


@pytest.fixture
async def sender(providers: Running, town):
    sender = MailSender(
        SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none"),
        MailWriter(town, b"r" * 32),
        clock=SystemClock().now,
    )
    await sender.start()
    yield sender
    await sender.stop()


async def test_a_mail_arrives_with_its_words_and_headers(sender, sandbox: SandboxClient, letter_of):
    assert await sender.send(letter_of()) == sent()
    entry = await sandbox.wait_for_mail("amina-benali")
    mail = email.message_from_bytes(await sandbox.raw(entry), policy=default)
    assert entry.text.split() == letter_of().text.split()
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Date"] is not None
    assert entry.counterpart.startswith("contact+2026-7f3k-29q.")  # a bounce to it joins the case


async def test_a_mail_is_dated_by_the_clock(providers: Running, sandbox: SandboxClient, letter_of, town):
    next_year = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none")
    await MailSender(relay, MailWriter(town, b"r" * 32), clock=lambda: next_year).send(letter_of())
    entry = await sandbox.wait_for_mail("amina-benali")
    mail = email.message_from_bytes(await sandbox.raw(entry), policy=default)
    assert mail["Date"].datetime == next_year


async def test_connections_are_kept_and_replaced_when_the_relay_closed_them(sender, sandbox, letter_of):
    await sender.send(letter_of())
    [(kept, _)] = sender._idle
    await sender.send(letter_of())
    assert sender._idle[0][0] is kept
    kept.close()
    assert await sender.send(letter_of()) == sent()
    assert sender._idle[0][0] is not kept


async def test_a_mailbox_that_does_not_exist_fails_for_good(sender, sandbox, letter_of):
    await sandbox.misbehave("smtp-refused")
    assert await sender.send(letter_of()) == failed("mailbox-refused")
    assert await sender.send(letter_of()) == sent()


async def test_a_relay_that_says_later_is_tried_later(sender, sandbox, letter_of):
    await sandbox.misbehave("smtp-deferred")
    assert await sender.send(letter_of()) == Deferred("message-refused")


async def test_a_lost_answer_is_doubtful_and_the_next_attempt_bears_the_same_message_id(sender, sandbox, letter_of):
    await sandbox.misbehave("smtp-answer-lost")
    assert await sender.send(letter_of()) == Doubtful("connection-lost")
    assert await sender.send(letter_of()) == sent()
    entries = await sandbox.entries(address=AMINA)
    assert len(entries) == 2
    assert len({entry.provider_id for entry in entries}) == 1


async def test_a_relay_that_is_away_is_no_outcome(town, letter_of):
    with free_port() as listening:
        port = listening.getsockname()[1]
    with pytest.raises(TransientError):
        await MailSender(
            SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"),
            MailWriter(town, b"r" * 32),
            clock=SystemClock().now,
        ).send(letter_of())


async def test_a_relay_that_offers_no_sign_in_is_an_operators_to_mend(providers, town, letter_of):
    relay = SmtpSettings(
        smtp_host="127.0.0.1",
        smtp_port=providers.smtp_port,
        smtp_security="none",
        smtp_username="ville",
        smtp_password="secret",
    )
    with pytest.raises(TransientError):
        await MailSender(relay, MailWriter(town, b"r" * 32), clock=SystemClock().now).send(letter_of())


async def test_an_address_that_is_none_never_reaches_the_relay(sender, letter_of):
    with pytest.raises(PermanentError):
        await sender.send(letter_of(recipient="personne"))


async def test_an_internationalised_address_is_written_to(sender, sandbox, letter_of):
    outcome = await sender.send(letter_of(recipient="zoé@courriel.example"))
    assert outcome.state is DeliveryState.SENT
    assert (await sandbox.wait_for_mail(address="zoé@courriel.example")).text
