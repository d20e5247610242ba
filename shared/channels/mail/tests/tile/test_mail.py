"""Mail both ways: handed to the town by LMTP, taken from it by SMTP with aiosmtplib."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citizen_sandbox.play.entry import ANSWER_LOST, Attachment, State
from guichet_mail.tile.letter import read_mail, reply_subject
from guichet_mail.tile.lmtp import Answer, LmtpServer, _stuffed
from guichet_mail.tile.results import Proof
from guichet_testing.doors.sandbox import Running, Town
from guichet_testing.town.sandbox_client import NothingCameError, SandboxClient
from guichet_testing.until import until

RECEIPT = """From: Mairie <contact@mairie.example>
To: Amina Benali <amina.benali@courriel.example>
Reply-To: contact+2026-7F3K-29Q.jeton@mairie.example
Message-ID: <recu-1@mairie.example>
References: <question-1@courriel.example>
Subject: Votre demande
Content-Type: text/plain; charset=utf-8

Référence 2026-7F3K-29Q, suivi : http://127.0.0.1:8001/suivi/abc.
"""


async def send(sandbox: Running, mail: str = RECEIPT, to: str = "amina.benali@courriel.example") -> Any:
    return await sandbox.take_mail(mail.encode(), to)


def received(town: Town, place: int = 0) -> EmailMessage:
    return message_from_bytes(town.mails[place][1], policy=default)


async def test_a_mail_of_the_town_is_shown_taken_apart(sandbox: Running, citizens: SandboxClient) -> None:
    await send(sandbox)
    arrived = await citizens.wait_for_mail("amina-benali")
    assert (arrived.subject, arrived.provider_id) == ("Votre demande", "<recu-1@mairie.example>")
    assert arrived.header("Reply-To") == "contact+2026-7F3K-29Q.jeton@mairie.example"
    assert "Référence 2026-7F3K-29Q" in arrived.text
    assert arrived.links == ["http://127.0.0.1:8001/suivi/abc"]
    assert await citizens.raw(arrived) == RECEIPT.replace("\n", "\r\n").encode()


async def test_every_address_there_is_can_be_written_to(sandbox: Running, citizens: SandboxClient) -> None:
    await send(sandbox, to="Astreinte@Mairie.example")
    assert (await citizens.wait_for_mail(address="astreinte@mairie.example")).subject == "Votre demande"


async def test_a_citizens_mail_is_handed_over_with_its_file(citizens: SandboxClient, town: Town) -> None:
    bill = Attachment(name="facture d’eau.pdf", media_type="application/pdf", content=b"%PDF-1.4")
    sent = await citizens.send_mail("ngoc-anh-tran", "Une fuite", "Bonjour,\n.\nMerci", files=[bill])
    assert sent.state is State.ACCEPTED
    envelope, _ = town.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ngoc.anh.tran@courriel.example", ["contact@mairie.example"])
    mail = received(town)
    assert mail["From"] == "Ngọc Ánh Trần <ngoc.anh.tran@courriel.example>"
    assert mail["Message-ID"] == sent.provider_id
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Bonjour,", ".", "Merci"]
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("facture d’eau.pdf", b"%PDF-1.4")


async def test_a_reply_goes_to_reply_to_and_threads(sandbox: Running, citizens: SandboxClient, town: Town) -> None:
    await send(sandbox)
    receipt = await citizens.wait_for_mail("amina-benali")
    await citizens.send_mail("amina-benali", text="Merci !", reply_to=receipt)
    mail = received(town)
    assert mail["To"] == "contact+2026-7F3K-29Q.jeton@mairie.example"
    assert mail["In-Reply-To"] == "<recu-1@mairie.example>"
    assert mail["References"] == "<question-1@courriel.example> <recu-1@mairie.example>"
    assert mail["Subject"] == "Re: Votre demande"


async def test_headers_can_be_set_at_will(citizens: SandboxClient, town: Town) -> None:
    headers = {"Auto-Submitted": "auto-replied", "Message-ID": "<le-mien@ailleurs.example>"}
    await citizens.send_mail(
        sender="robot@ailleurs.example", to=["voirie@mairie.example"], subject="Absence", headers=headers
    )
    assert received(town)["Auto-Submitted"] == "auto-replied"
    assert received(town).get_all("Message-ID") == ["<le-mien@ailleurs.example>"]


async def test_any_bytes_can_be_sent(citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_raw_mail(b"\x00\xff pas un mail\n", "", ["contact@mairie.example"])
    assert sent.state is State.ACCEPTED
    envelope, content = town.mails[0]
    assert envelope.mail_from in ("", None, "<>")
    assert content.endswith(b"\x00\xff pas un mail\r\n")


async def test_a_temporary_refusal_is_tried_again(citizens: SandboxClient, town: Town) -> None:
    town.mail_answers.extend(["451 4.3.0 broker away"] * 2)
    sent = await citizens.send_mail("amina-benali", "Bonjour", "texte")
    assert (sent.state, sent.answer) == (State.WAITING, "contact@mairie.example: 451 4.3.0 broker away")
    sent = await citizens.answered(sent)
    assert (sent.state, sent.attempts, len(town.mails)) == (State.ACCEPTED, 3, 1)


async def test_a_final_refusal_is_not_tried_again(citizens: SandboxClient, town: Town) -> None:
    sent = await citizens.send_mail("amina-benali", "Bonjour", "texte", to=["personne@mairie.example"])
    assert (sent.state, sent.attempts) == (State.REFUSED, 1)
    assert "550 5.1.1" in sent.answer


async def test_each_recipient_has_its_own_answer(citizens: SandboxClient, town: Town) -> None:
    both = ["contact@mairie.example", "voirie@mairie.example"]
    town.mail_answers.append("250 2.0.0 ok\r\n451 4.3.0 later")
    sent = await citizens.answered(await citizens.send_mail("amina-benali", "Deux", "texte", to=both))
    assert (sent.state, sent.attempts) == (State.ACCEPTED, 2)
    assert [envelope.rcpt_tos for envelope, _ in town.mails] == [["voirie@mairie.example"]]


async def test_a_mail_is_doubled_on_demand_with_another_trace(citizens: SandboxClient, town: Town) -> None:
    await citizens.misbehave("mail-doubled")
    await citizens.send_mail("amina-benali", "Deux fois", "texte")
    first, second = received(town), received(town, 1)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Received"] != second["Received"]


@pytest.mark.parametrize(
    ("proof", "stamped"),
    [
        (Proof.PASS, ["mx.mairie.example; dmarc=pass header.from=courriel.example"]),
        (Proof.FAIL, ["mx.mairie.example; dmarc=fail header.from=courriel.example"]),
        (Proof.UNSAID, []),
    ],
)
async def test_the_town_s_server_writes_what_it_finds_of_the_sender_on_top(
    citizens: SandboxClient, town: Town, proof: Proof, stamped: list[str]
) -> None:
    forged = {"Authentication-Results": "mx.mairie.example; dmarc=pass"}
    await citizens.send_mail("amina-benali", "Bonjour", "texte", headers=forged, proof=proof)
    assert received(town).get_all("Authentication-Results", [])[:-1] == stamped


async def test_a_citizen_s_mail_is_authentic_unless_asked_and_any_bytes_are_not(
    citizens: SandboxClient, town: Town
) -> None:
    await citizens.send_mail("amina-benali", "Bonjour", "texte")
    await citizens.send_raw_mail(b"From: a@b.example\r\n\r\n.", "a@b.example", ["contact@mairie.example"])
    assert "dmarc=pass" in received(town)["Authentication-Results"]
    assert received(town, 1)["Authentication-Results"] is None


async def test_a_town_that_is_away_is_tried_again() -> None:
    answers = await LmtpServer("127.0.0.1", 1).deliver(b"", "a@b.example", ["contact@mairie.example"])
    assert answers["contact@mairie.example"].code == 421


async def test_smtp_misbehaves_on_demand(sandbox: Running, citizens: SandboxClient) -> None:
    await citizens.misbehave("smtp-deferred")
    with pytest.raises(aiosmtplib.SMTPDataError) as deferred:
        await send(sandbox)
    await citizens.misbehave("smtp-refused")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(sandbox)
    assert deferred.value.code == 451
    assert await citizens.entries("amina-benali") == []
    await citizens.misbehave("smtp-answer-lost")
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(sandbox)
    await send(sandbox)
    assert [each.answer for each in await citizens.entries("amina-benali")] == [ANSWER_LOST, ""]


@pytest.mark.parametrize(("trouble", "status"), [("smtp-bounced", "5.1.1"), ("smtp-given-up", "4.2.2")])
async def test_a_mail_that_is_taken_may_come_back(
    sandbox: Running, citizens: SandboxClient, town: Town, trouble: str, status: str
) -> None:
    await citizens.misbehave(trouble)
    await send(sandbox)
    await until(lambda: len(town.mails) == 1, "its report has come")
    assert await citizens.entries("amina-benali") == []
    [(envelope, report)] = town.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("<>", ["contact@mairie.example"])
    assert received(town).get_content_type() == "multipart/report"
    said = ("Final-Recipient: rfc822; amina.benali@courriel.example", "Action: failed", f"Status: {status}")
    for line in (*said, "Message-ID: <recu-1@mairie.example>"):
        assert f"\r\n{line}\r\n".encode() in report
    await send(sandbox)
    assert (await citizens.wait_for_mail("amina-benali")).subject == "Votre demande"


async def test_waiting_in_vain_says_what_came_instead(sandbox: Running, citizens: SandboxClient) -> None:
    await send(sandbox)
    with pytest.raises(NothingCameError, match="mail received arrived"):
        await citizens.wait_for_mail("amina-benali", timeout=0.2, containing="autre chose")


async def test_waiting_ends_when_the_mail_comes(sandbox: Running, citizens: SandboxClient) -> None:
    waiting = asyncio.create_task(citizens.wait_for_mail("amina-benali", timeout=10))
    await asyncio.sleep(0.1)
    await send(sandbox)
    first = await waiting
    with pytest.raises(NothingCameError):
        await citizens.wait_for_mail("amina-benali", timeout=0.1, after=first.id)


HEADERS = ["From", "To", "Subject", "Message-ID", "Content-Type", "Content-Disposition", "Date", "Reply-To"]
VALUES = st.text(st.sampled_from('<>[]()@;:,."=?* é\\abc/'), max_size=30)


@given(st.lists(st.tuples(st.sampled_from(HEADERS), VALUES)), st.binary())
def test_any_bytes_are_a_mail(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    read_mail(head.encode() + b"\r\n" + body)
    read_mail(body)


@given(st.binary())
def test_stuffing_is_undone_by_taking_one_dot_off(raw: bytes) -> None:
    lines = _stuffed(raw).split(b"\r\n")
    assert b"." not in lines
    undone = b"\n".join(line.removeprefix(b".") for line in lines)
    assert undone == raw.replace(b"\r\n", b"\n").removesuffix(b"\n") + b"\n"


def test_subjects_do_not_pile_up() -> None:
    assert reply_subject(reply_subject("Un trou")) == "Re: Un trou"


def test_answers_of_a_mail_server() -> None:
    assert [Answer(code, "").is_final for code in (250, 451, 550)] == [True, False, True]
