"""A sender as a process: what it is given, who may start it twice, and what a kill in mid-attempt leaves."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.wire.lane_socket import socket_path
from guichet.channel.outgoing.wire.remote_sender import RemoteSender
from guichet.contracts.delivery import DeliveryState
from guichet_testing.forks.popen import fork, run
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S, until
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

S = DeliveryState
SETTLE_AFTER = timedelta(seconds=60)


class Senders:
    """Processes of senders, each with its account's variables and nothing else."""

    def __init__(self, folder, providers):
        self.folder = folder
        self.variables = {
            "mail": {
                "GUICHET_SMTP_HOST": "127.0.0.1",
                "GUICHET_SMTP_PORT": str(providers.smtp_port),
                "GUICHET_SMTP_SECURITY": "none",
            },
            "twilio": {
                "GUICHET_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
                "GUICHET_TWILIO_AUTH_TOKEN": "un-jeton",
                "GUICHET_TWILIO_API_URL": providers.url,
                "GUICHET_TWILIO_NUMBER": "+33939000000",
                "GUICHET_TWILIO_PUBLIC_URL": "https://guichet.mairie.example",
            },
        }
        self.processes = []

    def environment(self, lane):
        own = {"GUICHET_LANE": lane, "GUICHET_SENDER_SOCKETS": str(self.folder), "GUICHET_LOG_LEVEL": "info"}
        return {"PATH": os.environ["PATH"], **own, **self.variables.get(lane, {})}

    async def start(self, lane):
        process = fork("notifier_sender", environment=self.environment(lane))
        self.processes.append(process)
        await until(lambda: process.poll() is not None or self.listens(lane), "it listens")
        assert process.poll() is None
        return process

    def listens(self, lane):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(os.fspath(socket_path(self.folder, lane))) == 0

    def refused(self, environment):
        """Return what a process says that ends by itself, and its status."""
        ended = run("notifier_sender", [], environment=environment)
        return ended.returncode, ended.stderr


@pytest.fixture
async def senders(tmp_path, providers):
    senders = Senders(tmp_path / "s", providers)
    yield senders
    for each in senders.processes:
        each.kill()
        each.wait()


def lane_of(world, senders, lane):
    remote = RemoteSender(lane, socket_path(senders.folder, lane), 2)
    return Lane(
        Account(remote, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(minutes=3), settle_after=SETTLE_AFTER, senders=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


async def owed(world, channel):
    case = await world.citizen_writes(channel)
    await world.owe_receipts(world.opened(case))
    return case


async def test_a_receipt_goes_by_mail_through_the_sender(world, senders, sandbox: SandboxClient):
    process = await senders.start("mail")
    case, lane = await owed(world, "email"), lane_of(world, senders, "mail")
    await lane.step()
    await sandbox.wait_for_mail("amina-benali", containing=case.reference)
    assert (await world.receipt_of(case)).state is S.SENT
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, PATIENCE_S) == 0
    assert not socket_path(senders.folder, "mail").exists()


async def test_a_kill_of_the_sender_in_mid_attempt_leaves_a_doubt_that_is_settled(world, senders, sandbox):
    process = await senders.start("twilio")
    case, lane = await owed(world, "sms"), lane_of(world, senders, "twilio")
    await sandbox.misbehave("twilio-answer-lost")
    stepping = asyncio.create_task(lane.step())
    await sandbox.wait_for_sms("amina-benali", containing=case.reference)
    process.kill()
    process.wait()
    await stepping
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.reason, receipt.copies) == (S.UNKNOWN, "connection-lost", 1)
    world.now += SETTLE_AFTER
    await lane.step()
    assert (await world.receipt_of(case)).state is S.UNKNOWN, "nobody could be asked"
    await senders.start("twilio")
    world.now += timedelta(hours=1)
    await lane.step()
    assert (await world.receipt_of(case)).state in {S.SENT, S.DELIVERED}
    assert len(await sandbox.entries("amina-benali", containing=case.reference)) == 1, "it was sent again"


async def test_a_sender_that_is_away_costs_no_copy(world, senders):
    case = await owed(world, "email")
    await lane_of(world, senders, "mail").step()
    receipt = await world.receipt_of(case)
    assert (receipt.state, receipt.copies, receipt.unsettled_since) == (S.PENDING, 0, None)


async def test_a_second_sender_of_an_account_says_so_and_ends(senders):
    await senders.start("mail")
    status, said = await asyncio.to_thread(senders.refused, senders.environment("mail"))
    assert status == 78
    assert "sender-mail cannot start:\nanother process sends for mail already" in said


@pytest.mark.parametrize(
    ("lane", "missing", "said"),
    [
        ("twilio", "GUICHET_TWILIO_NUMBER", "GUICHET_TWILIO_NUMBER is not set"),
        ("mail", "GUICHET_SMTP_HOST", "GUICHET_SMTP_HOST is not set"),
        ("mail", "GUICHET_SENDER_SOCKETS", "GUICHET_SENDER_SOCKETS is not set"),
        ("mail", "GUICHET_LANE", "GUICHET_LANE is not set"),
        ("pigeon", "", "which nobody sends for"),
    ],
)
async def test_what_a_sender_lacks_is_named(senders, lane, missing, said):
    environment = {name: value for name, value in senders.environment(lane).items() if name != missing}
    status, complained = await asyncio.to_thread(senders.refused, environment)
    assert status == 78
    assert said in complained


def test_who_sends_on_telegram_loads_nothing_that_opens_and_knows_the_bot_s_variables_alone():
    said = "from guichet_telegram.channel import TELEGRAM; print(*TELEGRAM.sending_settings.model_fields)"
    loaded = f"import sys, notifier_sender.app; {said}; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    variables, modules = (line.split() for line in output.splitlines())
    never = ("guichet.vault", "guichet.store", "guichet.kafka", "guichet.mongo", "guichet.data_subject", "notifier.")
    libraries = ("motor", "pymongo", "aiokafka", "faust", "twilio", "aiosmtplib")
    assert variables == ["telegram_token", "telegram_api_url"]
    assert [each for each in modules if each.startswith(never) or each.partition(".")[0] in libraries] == []


def test_a_sender_loads_neither_what_opens_nor_another_providers_library():
    opened = "guichet_mail.channel.MAIL.outbound.open(SmtpSettings(smtp_host='127.0.0.1'))"
    loaded = f"import sys, notifier_sender.app, guichet_mail.channel; from guichet.runtime.settings import SmtpSettings; {opened}; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    never = ("guichet.vault", "guichet.store", "guichet.kafka", "guichet.mongo", "guichet.data_subject", "notifier.")
    libraries = ("motor", "pymongo", "aiokafka", "faust", "twilio", "telegram", "aiosmtpd", "lxml")
    assert [each for each in modules if each.startswith(never) or each.partition(".")[0] in libraries] == []
