"""A bounce is filed, and what it says of our letter goes to the notifier, from a process with limits."""

from datetime import UTC, datetime
from functools import partial

from guichet.channel.envelope import Envelope
from guichet.contracts.delivery import DeliveryReported
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_EMAIL
from guichet_mail.read.limited_readers.readers import LimitedReaders
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.read.small import cut_small
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.conformance.world import KEY, World
from shared.channels.mail.tests.read.returned.bounces import CONTACT, OUTBOUND, TOWN, postfix, qmail

MAILBOXES = TownMailboxes([CONTACT], CONTACT)
READER = MailReader(MAILBOXES, KEY)


async def test_r9_a_bounce_is_filed_and_reported_and_the_same_one_twice_is_one_report() -> None:
    world = World()
    async with LimitedReaders(READER) as limited:
        accept = AcceptMail(world.lend("mail", INBOUND_EMAIL), partial(read_mail, READER, limited), READER.salvage)
        for mail in (postfix(), postfix(), qmail(), postfix(action="delayed", status="4.4.7")):
            await accept.mail(Envelope("", (CONTACT,), mail))
    filed = world.received(INBOUND_EMAIL)
    reports = [each for each in world.broker.on(DELIVERY_REPORTS) if isinstance(each, DeliveryReported)]
    assert {each.automatic for each in filed} == {"delivery-report"}
    assert len(filed) == 4
    said = {(each.outbound_id, each.channel, each.status, each.error_code, each.provider_id) for each in reports}
    assert said == {(OUTBOUND, "email", "failed", "5.1.1", f"{OUTBOUND}@{TOWN}")}
    assert (len(reports), len({each.event_id for each in reports})) == (3, 2)


async def test_a_bounce_in_plain_text_is_read_in_a_process_with_limits() -> None:
    small = cut_small(qmail())
    assert small is not None
    assert READER.understand_plain(small, Envelope("", (CONTACT,), qmail())) is None
    async with LimitedReaders(READER) as limited:
        apart = await limited.read(Envelope("", (CONTACT,), qmail()))
    assert apart == READER.understand(Envelope("", (CONTACT,), qmail()))
    assert apart.outcome is not None


def test_of_a_bounce_that_waits_for_a_person_nothing_is_reported() -> None:
    reader = MailReader(MAILBOXES, KEY, {"lmtp": OwnSystem(authserv_id="mx")})
    envelope = Envelope("", (CONTACT,), postfix())
    reading = reader.understand(envelope)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert len(reader.named(reading, envelope, "m1", at).reports) == 1
    suspended = reading.__class__(**{**vars(reading), "suspended": "spam"})
    assert reader.named(suspended, envelope, "m1", at).reports == ()
