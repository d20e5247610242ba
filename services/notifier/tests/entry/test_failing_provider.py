"""Twilio says for an hour that it failed: what it does not have after each try has not left, so nobody need decide."""

import asyncio
from datetime import timedelta

import pytest

from guichet.channel.outgoing.outcomes import Doubtful
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.delivery import DeliveryState
from guichet_testing.builders.channels import FACTS
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_twilio.send.sender import TwilioSender
from guichet_twilio.settings import TwilioSettings
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account

HOUR = timedelta(hours=1)
FAILURES = 12  # more than an hour of them, at the pauses we make


def lane_of(world, sender):
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(seconds=90), settle_after=timedelta(minutes=1), senders=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )


async def try_on(world, lane, case, most, step=timedelta(minutes=1)):
    """Have the lane do all it does in that time, each wait over at once, until the receipt is out of its hands."""
    end = world.now + most
    while world.now < end:
        receipt = await world.receipt_of(case)
        if receipt.state not in {DeliveryState.PENDING, DeliveryState.UNKNOWN} or receipt.undecided_since:
            return receipt
        if await lane.step():
            await asyncio.sleep(0)
            world.now += step
    return await world.receipt_of(case)


@pytest.fixture
async def twilio(providers):
    account = TwilioSettings(
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="un-jeton",
        twilio_api_url=providers.url,
        twilio_number="+33939000000",
        twilio_public_url="https://town.example",
    )

    sender = TwilioSender(account)
    sender.repeats = FACTS["sms"].sending.repeats
    yield sender
    await sender.stop()


async def owed(world):
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    return case


async def test_no_agent_is_asked_what_twilio_itself_has_answered(world, twilio, sandbox: SandboxClient):
    await sandbox.misbehave("twilio-error", count=FAILURES)
    case = await owed(world)
    receipt = await try_on(world, lane_of(world, twilio), case, 6 * HOUR)
    assert receipt.undecided_since is None, "an agent was asked about an SMS that Twilio said it had not sent"
    assert (receipt.state, len(await sandbox.entries(containing="Mairie"))) == (DeliveryState.SENT, 1)


class Fails(Sender):
    """Says each time that it failed, and its list is empty."""

    name, repeats = "twilio", 2

    async def try_send(self, letter):
        return Doubtful("server-error", denied=True)


async def test_a_provider_that_fails_for_days_on_end_is_not_asked_for_ever(world):
    case = await owed(world)
    receipt = await try_on(world, lane_of(world, Fails()), case, timedelta(days=6), timedelta(minutes=15))
    assert (receipt.state, receipt.reason) == (DeliveryState.UNKNOWN, "gave-up")
    assert receipt.undecided_since is not None
