"""What mail.yaml says of the town's own mail system is believed of the mail that comes by that way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from guichet.contracts.inbound import DateSource, MessageReceived, Suspicion
from guichet.contracts.topics import INBOUND_EMAIL
from guichet.errors import SettingsError
from guichet_local.machine.ports import free_ports
from guichet_mail.channel import EMAIL
from guichet_mail.mail_file import MailFile
from guichet_mail.receive.open_mail import open_mail
from guichet_mail.settings import MailSettings
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.conformance.opened import lent
from guichet_testing.conformance.world import World

SENDER, CONTACT = "zoe@exemple.test", "contact@mairie.example"
RSPAMD = "lmtp: {preset: postfix-rspamd, authserv_id: mx.mairie.example, spam: verdict}\n"
HOP = "Received: from a (a.example [192.0.2.7]) by mx.mairie.example (Postfix) with ESMTP id A; {}\r\n"
RESULTS = "Authentication-Results: mx.mairie.example; dmarc=pass (policy=none) header.from=exemple.test\r\n"


@pytest.fixture
def world() -> World:
    return World()


@asynccontextmanager
async def opened(world: World, folder: Path, mail_yaml: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    (folder / "mail.yaml").write_text(mail_yaml)
    monkeypatch.setenv("GUICHET_TOWN", str(folder))
    [port] = free_ports(1)
    async with open_mail(MailSettings(lmtp_port=port), replace(lent(EMAIL, world), town=the_example_town())):
        yield port


async def deliver(world: World, port: int, *, spam: str = "") -> MessageReceived:
    """Hand over a mail that the town's server took two days ago, and kept while Guichet was away."""
    taken_at = world.time - timedelta(days=2)
    top = HOP.format(taken_at.strftime("%a, %d %b %Y %H:%M:%S +0000")) + RESULTS
    mail = f"{top}From: {SENDER}\r\nTo: {CONTACT}\r\nMessage-ID: <a@b>\r\n{spam}\r\nBonjour\r\n"
    async with lmtp_source("127.0.0.1", port, sender=SENDER, recipient=CONTACT) as source:
        assert (await source.deliver(mail.encode())).codes == (250,)
    return world.received(INBOUND_EMAIL)[-1]


async def test_a_mail_that_waited_through_an_outage_of_ours_keeps_its_date(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(world, tmp_path, RSPAMD, monkeypatch) as port:
        event = await deliver(world, port)
    assert (event.received_at, event.arrived_at) == (world.time - timedelta(days=2), world.time)
    assert (event.dated_by, event.suspended) == (DateSource.RELAY, None)
    content = await world.content(event)
    assert content.thread is not None
    assert content.thread.authenticated


async def test_what_the_filter_takes_for_spam_waits(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(world, tmp_path, RSPAMD, monkeypatch) as port:
        event = await deliver(world, port, spam="X-Rspamd-Action: add header\r\n")
    assert event.suspended is Suspicion.SPAM


async def test_without_a_word_of_it_nothing_is_believed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(world, tmp_path, "imap: {}\n", monkeypatch) as port:
        event = await deliver(world, port, spam="X-Rspamd-Action: add header\r\n")
    assert (event.received_at, event.dated_by, event.suspended) == (world.time, DateSource.EDGE, None)
    content = await world.content(event)
    assert content.thread is not None
    assert content.thread.authenticated is None


async def test_a_preset_whose_server_has_no_name_opens_nothing_and_says_why(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=r"mail\.yaml: lmtp: preset zimbra needs authserv_id"):
        async with opened(world, tmp_path, "lmtp: {preset: zimbra}\n", monkeypatch):
            pass


async def test_a_demonstration_reads_no_mailbox_and_raises_no_alarm_for_that(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap = "imap: {contact: {host: 127.0.0.1, port: 9, user: contact@mairie.example, since: 2026-12-01}}\n"
    (tmp_path / "mail.yaml").write_text(imap)
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path))
    monkeypatch.delenv("GUICHET_IMAP_CONTACT_PASSWORD", raising=False)
    [port] = free_ports(1)
    opened_for: list[MailFile] = []
    monkeypatch.setattr("guichet_mail.receive.imap.open_imap.open_imap", lambda *said: opened_for.append(said[2]))
    town = replace(the_example_town(), demonstration=True)
    async with open_mail(MailSettings(lmtp_port=port), replace(lent(EMAIL, world), town=town)):
        await deliver(world, port)
    assert opened_for == []
