"""The SMS sender: the official library against the sandbox's Twilio."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from citizen_sandbox.play.entry import Direction
from guichet.channel.outgoing.letter import Template
from guichet.channel.outgoing.outcomes import Doubtful, Waiting, failed
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.delivery import DeliveryState
from guichet.errors import ThrottledError, TransientError
from guichet_testing.doors.sandbox import free_port
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.until import PATIENCE_S
from guichet_twilio.send.sender import TwilioSender
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.tile.templates import TEMPLATES
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from services.notifier.tests.entry.one_lane import lane_of


def account(url: str, **replaced) -> TwilioSettings:
    values = {
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "un-jeton",
        "twilio_api_url": f"{url}/",
        "twilio_number": "+33939000000",
        "twilio_whatsapp_number": "+33939000001",
        "twilio_public_url": "https://guichet.mairie.example",
    }
    return TwilioSettings(**(values | replaced))


@pytest.fixture
async def sender(providers):
    sender = TwilioSender(account(providers.url))
    await sender.start()
    yield sender
    await sender.stop()


async def test_an_sms_arrives_from_the_number_that_the_citizen_wrote_to(sender, sandbox: SandboxClient, letter_of):
    outcome = await sender.send(letter_of("sms"))
    assert (outcome.state, outcome.provider_id[:2]) == (DeliveryState.SENT, "SM")
    entry = await sandbox.wait_for_sms("amina-benali")
    assert (entry.text, entry.counterpart) == (letter_of().text, "+33939000000")


async def test_whatsapp_goes_from_its_own_number_within_the_window(sender, sandbox, letter_of):
    await sandbox.send_sms("amina-benali", "Bonjour", whatsapp=True)
    outcome = await sender.send(letter_of("whatsapp"))
    assert outcome.state is DeliveryState.SENT
    assert (await sandbox.wait_for_whatsapp("amina-benali")).text == letter_of().text


def templated(letter_of, sid=next(iter(TEMPLATES))):
    link = "https://guichet.mairie.example/suivi/abc"
    return replace(letter_of("whatsapp"), template=Template(sid, ("2026-7F3K-29Q", link)))


async def test_a_template_goes_whenever_it_may_and_says_reference_and_link_alone(sender, sandbox, letter_of):
    letter = templated(letter_of)
    assert (await sender.send(letter)).state is DeliveryState.SENT
    entry = await sandbox.wait_for_whatsapp("amina-benali")
    assert [value in entry.text for value in (*letter.template.values, letter.text)] == [True, True, False]
    assert entry.subject.endswith(letter.template.id)


async def test_a_template_that_the_account_has_not_is_refused(sender, sandbox, letter_of):
    assert await sender.send(templated(letter_of, "HX" + "0" * 32)) == failed("template-refused")


async def test_a_template_whose_answer_was_lost_is_found_by_its_case_and_page(sender, sandbox, letter_of, monkeypatch):
    monkeypatch.setattr(TwilioSender, "patience", timedelta(seconds=1))
    await sandbox.misbehave("twilio-answer-lost")
    letter = templated(letter_of)
    assert isinstance(await sender.send(letter), Doubtful)
    [known] = await sender.settle(letter)
    assert known.state in (DeliveryState.SENT, DeliveryState.DELIVERED)
    other = replace(letter, template=Template(letter.template.id, ("2026-OTHER-1", letter.template.values[1])))
    assert await sender.settle(other) == []


async def test_who_unsubscribed_gets_no_sms_and_the_reason_is_kept(sender, sandbox, letter_of):
    await sandbox.misbehave("twilio-unsubscribed")
    assert await sender.send(letter_of("sms")) == failed("unsubscribed")


@pytest.mark.parametrize(("recipient", "reason"), [("0639980101", "invalid-number"), ("LaPoste", "invalid-number")])
async def test_what_is_no_number_fails(sender, letter_of, recipient, reason):
    assert await sender.send(letter_of("sms", recipient=recipient)) == failed(reason)


async def test_retry_after_is_taken_from_the_answer(sender, sandbox, letter_of):
    await sandbox.misbehave("twilio-throttled", retry_after=9)
    with pytest.raises(ThrottledError) as caught:
        await sender.send(letter_of("sms"))
    assert caught.value.retry_after == timedelta(seconds=9)


async def test_a_server_error_leaves_the_outcome_open(sender, sandbox, letter_of):
    await sandbox.misbehave("twilio-error")
    assert await sender.send(letter_of("sms")) == Doubtful("server-error", denied=True)
    assert await sender.settle(letter_of("sms")) == []


async def test_a_lost_answer_is_found_in_twilios_list(sender, sandbox, letter_of, monkeypatch):
    monkeypatch.setattr(TwilioSender, "patience", timedelta(seconds=1))
    await sandbox.misbehave("twilio-answer-lost")
    assert await sender.send(letter_of("sms")) == Doubtful("timed-out")
    [found] = await sender.settle(letter_of("sms"))
    assert found.state in {DeliveryState.SENT, DeliveryState.DELIVERED}
    assert len(await sandbox.entries(address="+33639980101")) == 1


async def test_all_messages_of_the_same_words_are_told_newest_first(sender, sandbox, letter_of):
    """Whose each is, the notifier knows: another delivery may say the same to the same number."""
    sent = [await sender.send(letter_of("sms")) for _ in range(2)]
    found = await sender.settle(letter_of("sms"))
    assert [each.provider_id for each in found] == [each.provider_id for each in reversed(sent)]


async def test_other_words_are_not_ours(sender, sandbox, letter_of):
    await sender.send(letter_of("sms", text="Autre chose"))
    assert await sender.settle(letter_of("sms")) == []


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(days=2)])
async def test_a_host_whose_clock_is_wrong_sends_no_sms_twice(world, providers, sandbox, ahead):
    """Its own clock says that the attempt began after all that Twilio's list shows."""
    world.now = datetime.now(UTC) + ahead
    case = await world.citizen_writes("sms")
    await world.owe_receipts(world.opened(case))
    sender = TwilioSender(account(providers.url))
    sender.patience = timedelta(seconds=1)
    options = LaneOptions(hold=timedelta(seconds=90), settle_after=timedelta(seconds=60), senders=1)
    lane = Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        options,
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    await sandbox.misbehave("twilio-answer-lost")
    await lane.step()
    assert (await world.receipt_of(case)).state is DeliveryState.UNKNOWN
    world.now += timedelta(seconds=60)
    await lane.step()
    await sender.stop()
    assert len(await sandbox.entries(address="+33639980101")) == 1, "the copy that had left was not found in the list"
    assert (await world.receipt_of(case)).state in {DeliveryState.SENT, DeliveryState.DELIVERED}


async def test_two_notifiers_keep_the_accounts_rate_by_the_providers_own_clock(world, providers, sandbox, monkeypatch):
    """Each of its own would need half the time, and no part of it is left unused."""
    monkeypatch.setattr(world, "clock", lambda: datetime.now(UTC))
    world.receipts_a_day = 1000
    for nth in range(16):
        await world.owe_receipts(world.opened(await world.citizen_writes("sms", f"case-{nth}")))
    senders = [TwilioSender(account(providers.url)) for _ in range(2)]
    lanes = [
        lane_of(world, sender, Rate(per_second=10, burst=2), share=lambda part=part: part)
        for sender, part in zip(senders, (1 / 3, 2 / 3), strict=True)
    ]
    begun = datetime.now(UTC)
    running = [asyncio.create_task(lane.run()) for lane in lanes]
    async with asyncio.timeout(PATIENCE_S):
        while len(arrived := await sandbox.entries(direction=Direction.RECEIVED)) < 16:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for each in senders:
        await each.stop()
    took = (max(entry.at for entry in arrived) - begun).total_seconds()
    assert took >= (16 - 3) / 10, "a burst of 2, one for whose part is small, then ten a second"
    assert len(await sandbox.entries(direction=Direction.RECEIVED)) == 16


async def test_a_message_found_undelivered_is_a_failure(sender, sandbox, letter_of, monkeypatch):
    await sandbox.misbehave("twilio-undelivered")
    outcome = await sender.send(letter_of("sms"))
    assert outcome.state is DeliveryState.SENT
    async with asyncio.timeout(PATIENCE_S):
        while (found := await sender.settle(letter_of("sms")))[0].state is not DeliveryState.FAILED:
            pass
    assert found[0].reason == "unreachable"


async def test_a_wrong_token_or_number_is_an_operators_to_mend(providers, letter_of):
    for wrong in ({"twilio_auth_token": "faux"}, {"twilio_number": "+33939999999"}):
        sender = TwilioSender(account(providers.url, **wrong))
        with pytest.raises(TransientError):
            await sender.send(letter_of("sms", account="inconnu"))
        await sender.stop()


async def test_twilio_out_of_reach_is_no_outcome(letter_of):
    with free_port() as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    sender = TwilioSender(account(url))
    with pytest.raises(TransientError):
        await sender.send(letter_of("sms"))
    with pytest.raises(TransientError):
        await sender.settle(letter_of("sms"))
    await sender.stop()


def test_the_token_is_in_no_repr():
    assert "un-jeton" not in repr(account("http://x"))
    assert Waiting("x").after is None


async def test_a_proxys_page_in_another_charset_is_an_open_outcome_and_no_bug(letter_of):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        page = "Passerelle indisponible, réessayez".encode("latin-1")
        head = (
            f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
        )
        writer.write(head.encode() + page)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        sender = TwilioSender(account(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        assert await sender.send(letter_of("sms")) in {Doubtful("server-error"), Doubtful("unreadable-answer")}
        await sender.stop()
