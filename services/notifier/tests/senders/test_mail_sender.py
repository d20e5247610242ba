"""The mail sender against an SMTP server."""

import asyncio
import email
from datetime import UTC, datetime
from email.policy import default
from email.utils import format_datetime

import pytest
from aiosmtplib.email import flatten_message
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.outcomes import Deferred, Doubtful, failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.clock import SystemClock
from guichet.contracts.delivery import DeliveryState
from guichet.errors import TransientError
from guichet.ids import MessageId, Reference
from guichet.runtime.settings import SmtpSettings
from guichet.store.agents.news import NewsKind
from guichet_mail.send.sender import MailSender, dated
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.sandbox import Running, free_port
from guichet_testing.town.sandbox_client import SandboxClient
from notifier.domain.agent_letter import MailContent, agent_letter
from notifier.domain.breaker import FAILURES_TO_OPEN
from notifier.domain.mail_message import MailWriter
from notifier.handlers.account import Account

AMINA = "amina.benali@courriel.example"
MAILS = MailWriter(the_example_town(), b"r" * 32)


def to_an_agent():
    content = MailContent(AMINA, "fr", [(NewsKind.GIVEN, Reference("2026-7F3K-29Q"))])
    return agent_letter(
        MessageId("0f9e8d7c6b5a49382716051423324150"), content, the_example_town(), "https://desk", "email"
    )


@pytest.fixture
async def sender(providers: Running):
    sender = MailSender(
        SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none"),
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


async def test_a_mail_to_an_agent_leaves_with_the_null_return_path(sender, sandbox: SandboxClient):
    assert await sender.send(to_an_agent()) == sent()
    entry = await sandbox.wait_for_mail("amina-benali")
    assert entry.counterpart == "<>", "a bounce or an absence notice has nowhere to go"


async def test_a_mail_is_dated_by_the_clock(providers: Running, sandbox: SandboxClient, letter_of):
    next_year = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none")
    await MailSender(relay, clock=lambda: next_year).send(letter_of())
    entry = await sandbox.wait_for_mail("amina-benali")
    mail = email.message_from_bytes(await sandbox.raw(entry), policy=default)
    assert mail["Date"].datetime == next_year


WORDS = st.text(max_size=60)
INSTANTS = st.integers(10**9, 2 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))


@pytest.mark.parametrize("recipient", [AMINA, "zoé@courriel.example"])
@given(subject=WORDS, text=st.text(max_size=300), at=INSTANTS)
def test_what_leaves_is_what_aiosmtplib_makes_of_the_mail_and_its_date(
    letter_of, unfinished_letter_of, recipient, subject, text, at
):
    said = {"recipient": recipient, "subject": subject, "text": text}
    whole = MAILS.write(unfinished_letter_of(**said))
    whole["Date"] = format_datetime(at.astimezone())
    expected = flatten_message(whole, utf8=not recipient.isascii())
    assert dated(letter_of(**said).mail.message, at) == expected


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


async def test_r8_a_lost_answer_is_doubtful_and_the_next_attempt_bears_the_same_message_id(sender, sandbox, letter_of):
    """docs/law.md 8."""
    await sandbox.misbehave("smtp-answer-lost")
    assert await sender.send(letter_of()) == Doubtful("connection-lost")
    assert await sender.send(letter_of()) == sent()
    entries = await sandbox.entries(address=AMINA)
    assert len(entries) == 2
    assert len({entry.provider_id for entry in entries}) == 1


async def test_a_relay_that_is_away_is_no_outcome(letter_of):
    with free_port() as listening:
        port = listening.getsockname()[1]
    with pytest.raises(TransientError):
        await MailSender(
            SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"),
            clock=SystemClock().now,
        ).send(letter_of())


async def test_a_relay_that_offers_no_sign_in_is_an_operators_to_mend(providers, letter_of):
    relay = SmtpSettings(
        smtp_host="127.0.0.1",
        smtp_port=providers.smtp_port,
        smtp_security="none",
        smtp_username="ville",
        smtp_password="secret",
    )
    with pytest.raises(TransientError):
        await MailSender(relay, clock=SystemClock().now).send(letter_of())


async def test_a_letter_of_another_form_is_no_mail(sender, letter_of):
    with pytest.raises(ValueError, match="no mail"):
        await sender.send(letter_of("sms"))


async def test_an_internationalised_address_is_written_to(sender, sandbox, letter_of):
    outcome = await sender.send(letter_of(recipient="zoé@courriel.example"))
    assert outcome.state is DeliveryState.SENT
    assert (await sandbox.wait_for_mail(address="zoé@courriel.example")).text


@pytest.mark.parametrize(
    ("recipient", "extensions", "options"),
    [
        (AMINA, ("8BITMIME", "SMTPUTF8"), {"BODY=8BITMIME"}),
        (AMINA, (), set()),
        ("zoé@courriel.example", ("8BITMIME", "SMTPUTF8"), {"BODY=8BITMIME", "SMTPUTF8"}),
        ("zoé@courriel.example", ("8BITMIME",), None),
    ],
)
async def test_the_relay_is_told_what_a_mail_needs(letter_of, recipient, extensions, options):
    """options: of MAIL; None: this relay cannot take the address, and the mail never leaves."""
    asked = []

    async def answer(reader, writer):
        writer.write(b"220 relay.example\r\n")
        while line := (await reader.readline()).decode().strip():
            asked.append(line)
            if line.startswith("EHLO"):
                offered = ("relay.example", *extensions)
                writer.write(
                    "".join(f"250{' ' if each == offered[-1] else '-'}{each}\r\n" for each in offered).encode()
                )
            elif line == "DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"250 ok\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        sender = MailSender(relay, clock=SystemClock().now)
        outcome = await sender.send(letter_of(recipient=recipient))
        await sender.stop()
    mails = [line for line in asked if line.startswith("MAIL FROM")]
    if options is None:
        assert (outcome, mails) == (failed("address-not-supported"), [])
    else:
        assert outcome == sent()
        assert [{*line.split()[1:]} - {line.split()[1]} for line in mails] == [options]


@pytest.mark.parametrize(
    ("code", "outcome"), [(550, failed("null-path-refused")), (450, Deferred("null-path-refused"))]
)
async def test_a_relay_that_refuses_the_null_return_path_keeps_no_citizens_mail(letter_of, code, outcome):
    async def answer(reader, writer):
        writer.write(b"220 relay.example\r\n")
        while line := (await reader.readline()).decode().strip():
            if line.startswith("MAIL FROM:<>"):
                writer.write(f"{code} no null path\r\n".encode())
            elif line == "DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"250 ok\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        sender = MailSender(
            SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"), clock=SystemClock().now
        )
        account = Account(sender, Rate(per_second=1000, burst=1000), SystemClock().now, None)
        for _ in range(FAILURES_TO_OPEN):
            assert await account.send_once(to_an_agent(), may_begin) == outcome
        assert not account.is_left_alone
        assert await account.send_once(letter_of(), may_begin) == sent()
        await sender.stop()


async def test_a_relay_that_is_closing_says_nothing_of_the_null_return_path():
    async def answer(reader, writer):
        writer.write(b"220 relay.example\r\n")
        while line := (await reader.readline()).decode().strip():
            writer.write(b"421 closing\r\n" if line.startswith("MAIL") else b"250 ok\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        with pytest.raises(TransientError):
            await MailSender(relay, clock=SystemClock().now).send(to_an_agent())


async def may_begin():
    return True
