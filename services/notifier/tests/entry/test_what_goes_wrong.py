"""What docs/what-goes-wrong.md says of each trouble on the way to a citizen, played with the sandbox: R9, R26, R27
(docs/law.md 48, 49, 51)."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from citizen_sandbox.play.entry import Direction
from guichet.channel.envelope import Envelope
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.base import Sealed
from guichet.contracts.case_events import CaseReopened, CaseState
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import SectorCitizenId, derive_id
from guichet.runtime.settings import SmtpSettings
from guichet.town.policies import ChannelPolicy, Templates
from guichet_mail.read.parse import MailReader
from guichet_mail.send.sender import MailSender
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_telegram.send import TelegramSender
from guichet_testing.builders.channels import FACTS
from guichet_testing.doors.sandbox import PUBLIC_URL, TELEGRAM_TOKEN, free_port
from guichet_testing.until import until
from guichet_twilio.read.parse_status import parse_status
from guichet_twilio.send.sender import TwilioSender
from guichet_twilio.settings import TwilioSettings
from guichet_twilio.tile.templates import TEMPLATES
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import Account
from services.notifier.tests.conftest import ADDRESSES, World, event_of
from services.notifier.tests.entry.known_citizens import calls_in, mails

S = DeliveryState
PAGE = Path(__file__).parents[4] / "docs" / "what-goes-wrong.md"
ROWS = [
    (cells[0], cells[1].strip("`"), cells[4])
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and (cells := [each.strip() for each in line.strip("|").split("|")])[0] != "played as"
]
HERS = SectorCitizenId("citizen-1")
OTHER_MAILBOX, NUMBER = "c1@courriel.example", "+33639980101"
A_DAY = timedelta(days=1)
CONTACT = ADDRESSES["email"][2]
READER = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32)


@dataclass
class Stage:
    """The notifier with its real senders, the sandbox behind them, and what the sandbox reports to the town."""

    world: World
    sandbox: Any
    heard: Any
    senders: dict[str, Any]

    async def writes(self, channel, text="Le lampadaire est éteint."):
        """Have a citizen write, who is owed a receipt."""
        case = await self.world.citizen_writes(channel, "case-1", citizen=HERS)
        kind, address, account = ADDRESSES[channel]
        if text == "Stop !":
            content = InboundContent(sender=(Identifier(kind=kind, value=address),), text=text)
            await self.world.receive(case.opened_by, channel, account, content, case.case_id, citizen=HERS)
        await self.world.owe_receipts(self.world.opened(case))

    async def goes_on(self, rounds=4):
        """Have all lanes do what they can, and the reports that come of it be read."""
        for _ in range(rounds):
            for sender in self.senders.values():
                while not await lane_of(self.world, sender).step():
                    pass
            await self.reports_come()
            await self.world.announcer.sweep()
            await self.world.announced()
            self.world.now += timedelta(minutes=2)

    async def reports_come(self):
        """Read what Twilio has told of each message that it took."""
        left = [each for each in self.world.deliveries.everything() if each.state is S.SENT and each.lane == "twilio"]
        for each in left:
            for form in await self._told_of(each.outbound_id):
                report = parse_status(form, each.outbound_id, at=datetime.now(UTC))
                await self.world.handlers.record_report(report)

    async def _told_of(self, outbound_id):
        async with asyncio.timeout(10):
            while True:
                told = [each.form for each in self.heard.requests if f"outbound_id={outbound_id}" in each.path]
                if {each.get("MessageStatus") for each in told} & {"delivered", "undelivered", "failed"}:
                    return told
                await asyncio.sleep(0.01)

    async def mails_come_back(self):
        """Read the reports of mail servers that came, each of them twice."""
        await until(lambda: self.heard.mails, "a mail server has reported")
        for envelope, mail in self.heard.mails:
            for way in ("lmtp", "imap:contact"):
                came = Envelope(envelope.mail_from, tuple(envelope.rcpt_tos), mail, way)
                for report in READER.read(came, datetime.now(UTC)).reports:
                    await self.world.handlers.record_report(report)

    async def for_a_day(self):
        """Have a day pass while something is away."""
        back = self.world.now + A_DAY
        while self.world.now < back:
            for sender in self.senders.values():
                await lane_of(self.world, sender).step()
            self.world.now += timedelta(minutes=90)
        assert not any(each.state in (S.SENT, S.FAILED) for each in self.world.deliveries.everything())

    async def received(self):
        """Return on which channels the citizen has something, by the sandbox."""
        found = await self.sandbox.entries(direction=Direction.RECEIVED)
        return [(each.channel, each.address) for each in found]


def lane_of(world, sender):
    facts = next(each for each in FACTS.values() if each.lane == sender.name)
    return Lane(
        Account(sender, Rate(per_second=1000, burst=1000), world.clock, world.deliveries.taken),
        LaneOptions(hold=timedelta(seconds=90), settle_after=facts.sending.settle_after, senders=1, at_once=1),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
        redirects=world.redirects,
    )


@pytest.fixture
async def stage(world, providers, town_behind, sandbox):
    account = TwilioSettings(
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="un-jeton",
        twilio_api_url=providers.url,
        twilio_number="+33939000000",
        twilio_whatsapp_number="+33939000001",
        twilio_public_url=PUBLIC_URL,
    )
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=providers.smtp_port, smtp_security="none")
    senders = {
        "twilio": TwilioSender(account),
        "mail": MailSender(relay, clock=world.clock),
        "telegram": TelegramSender(TELEGRAM_TOKEN, f"{providers.url}/"),
    }
    for name, each in senders.items():
        each.repeats = next(facts.sending.repeats for facts in FACTS.values() if facts.lane == name)
        await each.start()
    town_behind.forget()
    yield Stage(world, sandbox, town_behind, senders)
    for each in senders.values():
        await each.stop()


Play = Callable[[Stage], Awaitable[None]]
PLAYS: dict[str, tuple[Play, list[tuple[str, str]]]] = {}
"""By the name of a row: what is played, and where the citizen then has something."""


def plays(*received: tuple[str, str]) -> Callable[[Play], Play]:
    def note(play: Play) -> Play:
        PLAYS[play.__name__.replace("_", "-")] = (play, [*received])
        return play

    return note


BY_MAIL, BY_SMS, BY_WHATSAPP = ("mail", OTHER_MAILBOX), ("sms", NUMBER), ("whatsapp", NUMBER)
APPROVED = Templates(**dict(zip(("receipt", "answer", "change", "link"), TEMPLATES, strict=True)))
HER_CHAT, HER_MAILBOX = ("telegram", ADDRESSES["telegram"][1]), ("mail", ADDRESSES["email"][1])


async def strikes(stage, channel, trouble, text="Le lampadaire est éteint."):
    await stage.sandbox.misbehave(trouble)
    await stage.writes(channel, text)
    await stage.goes_on()


async def also_mails(stage):
    await mails(stage.world, "another", OTHER_MAILBOX, HERS)


@plays(BY_MAIL)
async def number_dead(stage):
    await also_mails(stage)
    await strikes(stage, "sms", "twilio-undelivered")


@plays()
async def number_dead_nothing_else(stage):
    await strikes(stage, "sms", "twilio-undelivered")


@plays(BY_MAIL)
async def stopped(stage):
    await also_mails(stage)
    await strikes(stage, "sms", "twilio-unsubscribed")


@plays()
async def stopped_nothing_else(stage):
    await strikes(stage, "sms", "twilio-unsubscribed")


@plays()
async def stop_itself(stage):
    await also_mails(stage)
    await strikes(stage, "sms", "twilio-unsubscribed", "Stop !")


@plays(BY_SMS)
async def sms_away_for_a_day(stage):
    await stage.sandbox.misbehave("twilio-error", count=1000)
    await stage.writes("sms")
    await stage.for_a_day()
    await stage.sandbox.behave()
    await stage.goes_on(12)


@plays(BY_SMS)
async def window_closed(stage):
    await calls_in(stage.world, "her-number", "whatsapp", NUMBER, HERS)
    await stage.writes("whatsapp")  # the sandbox has no message of hers: for it, the window is over
    await stage.goes_on()


async def a_day_later(stage, templates=APPROVED):
    """Have more than WhatsApp's window pass before what is owed can leave."""
    channels = {**stage.world.town.channels, "whatsapp": ChannelPolicy(templates=templates)}
    stage.world.town = replace(stage.world.town, channels=channels)
    stage.world.now += timedelta(hours=25)
    await stage.goes_on()


async def calls_by_whatsapp(stage):
    await calls_in(stage.world, "her-number", "whatsapp", NUMBER, HERS)


@plays(BY_WHATSAPP)
async def window_over(stage):
    await stage.writes("whatsapp")
    await a_day_later(stage)


@plays(BY_SMS)
async def template_refused(stage):
    await calls_by_whatsapp(stage)
    await stage.sandbox.misbehave("twilio-template-refused")
    await stage.writes("whatsapp")
    await a_day_later(stage)


@plays(BY_SMS)
async def template_unknown(stage):
    await calls_by_whatsapp(stage)
    await stage.writes("whatsapp")
    await a_day_later(stage, Templates(receipt="HX" + "0" * 32))


@plays(BY_SMS)
async def window_over_no_template(stage):
    await calls_by_whatsapp(stage)
    await stage.writes("whatsapp")
    await a_day_later(stage, Templates())


@plays()
async def window_over_nothing_else(stage):
    await stage.writes("whatsapp")
    await a_day_later(stage, Templates())


async def answers_by_whatsapp(stage):
    case = await stage.world.citizen_writes("whatsapp", "case-1", citizen=HERS)
    answer = await stage.world.agent_answers(case, "Le lampadaire est réparé.", id_=derive_id("answer"))
    await stage.world.handlers.owe_reply(answer)


@plays(BY_WHATSAPP)
async def answer_window_over(stage):
    await answers_by_whatsapp(stage)
    await a_day_later(stage)


@plays()
async def answer_window_over_no_template(stage):
    await calls_by_whatsapp(stage)
    await answers_by_whatsapp(stage)
    await a_day_later(stage, Templates())


@plays(BY_SMS)
async def change_window_over_no_template(stage):
    await calls_by_whatsapp(stage)
    case = await stage.world.citizen_writes("whatsapp", "case-1", citizen=HERS, state=CaseState.IN_PROGRESS)
    reopened = CaseReopened(**event_of(case, 3), by="lea", reason=Sealed(key_id="k", box=b"why"))
    await stage.world.handlers.owe_change(reopened)
    stage.world.now += timedelta(days=3)  # past the holiday
    await a_day_later(stage, Templates())
    assert await stage.received() == [], "nobody is written to at night"
    stage.world.now += timedelta(hours=8)
    await stage.goes_on()


@plays(BY_MAIL)
async def bot_blocked(stage):
    await also_mails(stage)
    await strikes(stage, "telegram", "telegram-blocked")


@plays()
async def bot_blocked_nothing_else(stage):
    await strikes(stage, "telegram", "telegram-blocked")


@plays(HER_CHAT)
async def telegram_away_for_a_day(stage):
    await stage.sandbox.misbehave("telegram-error", count=1000)
    await stage.writes("telegram")
    await stage.for_a_day()
    await stage.sandbox.behave()
    await stage.goes_on(12)


@plays(BY_MAIL)
async def mailbox_gone(stage):
    await also_mails(stage)
    await strikes(stage, "email", "smtp-refused")


@plays(BY_SMS)
async def mailbox_gone_a_phone_known(stage):
    await calls_in(stage.world, "her-number", "sms", NUMBER, HERS)
    await strikes(stage, "email", "smtp-refused")


@plays()
async def mailbox_gone_nothing_else(stage):
    await strikes(stage, "email", "smtp-refused")


async def comes_back(stage, trouble):
    await stage.sandbox.misbehave(trouble)
    await stage.writes("email")
    await stage.goes_on(1)
    assert [each.state for each in stage.world.deliveries.everything()] == [S.SENT], "it was taken"
    await stage.mails_come_back()
    await stage.goes_on()


@plays(BY_MAIL)
async def taken_then_bounced(stage):
    await also_mails(stage)
    await comes_back(stage, "smtp-bounced")


@plays(BY_SMS)
async def taken_then_given_up(stage):
    await calls_in(stage.world, "her-number", "sms", NUMBER, HERS)
    await comes_back(stage, "smtp-given-up")


@plays()
async def taken_then_bounced_nothing_else(stage):
    await comes_back(stage, "smtp-bounced")


@plays(HER_MAILBOX)
async def box_full_for_a_day(stage):
    await stage.sandbox.misbehave("smtp-deferred", count=1000)
    await stage.writes("email")
    await stage.for_a_day()
    await stage.sandbox.behave()
    await stage.goes_on(12)


@plays(HER_MAILBOX)
async def relay_away_for_a_day(stage):
    there, listening = stage.senders["mail"], free_port()
    nowhere = listening.getsockname()[1]
    listening.close()
    relay = SmtpSettings(smtp_host="127.0.0.1", smtp_port=nowhere, smtp_security="none")
    stage.senders["mail"] = MailSender(relay, clock=stage.world.clock)
    await stage.writes("email")
    await stage.for_a_day()
    stage.senders["mail"] = there
    await stage.goes_on(12)


def test_every_row_is_played_and_every_play_has_a_row():
    assert [name for name, *_ in ROWS] == [*PLAYS]


@pytest.mark.parametrize(("name", "channel", "agent_reads"), ROWS, ids=[name for name, *_ in ROWS])
async def test_r9_r26_r27_it_is_as_the_page_says(stage, name, channel, agent_reads):
    play, received = PLAYS[name]
    await play(stage)
    assert await stage.received() == received, "no lost letter, and none twice"
    went = stage.world.deliveries.everything()
    assert went[0].channel == channel
    failed = [FACTS[each.channel].failures[each.reason].fr for each in went if each.state is S.FAILED]
    assert failed == re.findall("« ((?!Envoi|envoi|Volontairement).*?) »", agent_reads)
    told = await stage.world.announced()
    is_marked = any(each.state is S.FAILED and not each.goes_another_way for each in told)
    assert is_marked == ("envoi en échec" in agent_reads)
    assert any(each.state is S.WITHHELD for each in went) == ("Volontairement non envoyé" in agent_reads)
