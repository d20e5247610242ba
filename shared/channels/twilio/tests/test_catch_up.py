"""What a refused webhook left behind is taken in from Twilio's own list."""

from collections.abc import AsyncGenerator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.channel.payload import Payload
from guichet.channel.provider_files import FileLateError
from guichet.contracts.delivery import DeliveryReported, DeliveryState
from guichet.contracts.inbound import DateSource
from guichet.contracts.topics import DELIVERY_REPORTS, INBOUND_SMS
from guichet.errors import TransientError
from guichet.ids import MessageId
from guichet.store.catch_ups import SentMessage
from guichet_testing.conformance.world import World
from guichet_twilio.catch_up import MOST_LATE, OVERLAP, CatchUp, Page, Patience
from guichet_twilio.channel import MESSAGES, REPORTS
from guichet_twilio.read.form import read_form
from guichet_twilio.read.listed_messages import (
    ListedMessage,
    Span,
    as_form,
    as_status_form,
    ended_in,
    received_in,
    untold,
)
from guichet_twilio.read.parse_sms import IncomingSms, parse_sms
from guichet_twilio.read.parse_status import parse_status
from guichet_twilio.sign import sign, signature_of
from guichet_twilio.webhooks import TwilioMessages, TwilioReports
from shared.channels.twilio.tests.account import NAME, NUMBER, SETTINGS, lent, serving

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WHATSAPP = "whatsapp:+33700000001"
PATIENCE = Patience(grace=timedelta(minutes=1), files=timedelta(hours=1), window=timedelta(days=2))
OUTBOUND = MessageId("0" * 32)
LISTED = ListedMessage(
    sid="SM1", direction="inbound", status="received", error_code="", sender="+33700990042", recipient=NUMBER,
    body="Bonjour", created=NOW - PATIENCE.grace, updated=NOW - PATIENCE.grace,
)  # fmt: skip
OURS = replace(
    LISTED, sid="SM0a", direction="outbound-api", status="delivered", sender=NUMBER, recipient="+33700990042"
)
WEBHOOK = urlencode({"MessageSid": "SM1", "From": LISTED.sender, "To": NUMBER, "Body": "Bonjour"}).encode()


class HeldForGood:
    async def keep(self) -> None:
        pass


@dataclass
class TwilioList:
    """What Twilio has, in pages, oldest first. late: sids whose files do not come."""

    pages: list[list[ListedMessage]] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    looked_back: dict[str, datetime] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    async def received_by(self, number: str, since: datetime) -> AsyncGenerator[Page, None]:
        self.looked_back[f"to {number}"] = since
        for page in self.pages:
            yield tuple(each for each in page if each.recipient == number)

    async def sent_from(self, number: str, since: datetime) -> AsyncGenerator[Page, None]:
        self.looked_back[f"from {number}"] = since
        for page in self.pages:
            yield tuple(each for each in page if each.sender == number)

    async def media(self, sid: str) -> tuple[tuple[str, str], ...]:
        return ((f"/media/{sid}", "image/png"),)

    async def complete(self, incoming: IncomingSms, *, patient: bool) -> Draft:
        paths = [place.path or "" for place in incoming.media]
        self.fetched.extend(paths)
        if patient and any(path.rpartition("/")[2] in self.late for path in paths):
            raise FileLateError("status 403")
        return incoming.draft


@dataclass
class Adapter:
    """An adapter in a world of twins."""

    listed: TwilioList
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.catch_ups = self.world.catch_ups
        self.start()

    def start(self) -> None:
        """Forget what a process forgets when it is started again."""
        self.host, signature = lent(self.world), signature_of(SETTINGS)
        self.messages = TwilioMessages(signature, self.host, self.listed.complete)
        self.reported = TwilioReports(signature, self.host)

    async def post(self, form: bytes) -> int:
        """Return the status that Twilio is told when its webhook brings a form."""
        webhook = replace(MESSAGES, open=lambda *_: nullcontext(self.messages))
        headers = sign(SETTINGS, Payload(form, NOW, target=MESSAGES.path))
        async with (
            serving(webhook, self.host) as web,
            httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://inside:1") as client,
        ):
            return (await client.post(MESSAGES.path, content=form, headers=headers)).status_code

    async def round(self) -> int:
        catch_up = CatchUp(
            listed=self.listed,
            messages=self.messages,
            reports=self.reported,
            host=self.host,
            numbers=(NUMBER, WHATSAPP),
            patience=PATIENCE,
        )
        return await catch_up.one_round(HeldForGood())

    async def texts(self) -> list[str]:
        return [(await self.world.content(event)).text for event in self.world.received(INBOUND_SMS)]

    def reports(self) -> list[DeliveryReported]:
        return [cast(DeliveryReported, event) for event in self.world.broker.on(DELIVERY_REPORTS)]


def adapter_with(*messages: ListedMessage) -> Adapter:
    return Adapter(TwilioList([[*messages]]))


async def test_a_message_that_the_webhook_refused_is_taken_in() -> None:
    adapter = adapter_with(LISTED)
    adapter.world.broker.away = True
    assert await adapter.post(WEBHOOK) == 503
    adapter.world.broker.away = False
    assert await adapter.round() == 0
    [event] = adapter.world.received(INBOUND_SMS)
    assert (event.received_at, event.dated_by) == (LISTED.created, DateSource.PROVIDER)  # whatever our outage
    assert event.arrived_at == NOW


async def test_both_ways_give_the_message_one_id() -> None:
    adapter = adapter_with(LISTED)
    assert await adapter.post(WEBHOOK) == 200
    adapter.start()
    await adapter.round()
    first, second = adapter.world.received(INBOUND_SMS)
    assert first.message_id == second.message_id


async def test_what_is_safe_is_not_taken_in_again() -> None:
    adapter = adapter_with(LISTED)
    assert await adapter.post(WEBHOOK) == 200
    await adapter.round()
    await adapter.round()
    assert len(adapter.world.received(INBOUND_SMS)) == 1


async def test_what_is_filed_or_erased_is_not_taken_in_again_by_whatever_process() -> None:
    adapter = adapter_with(LISTED)
    filed = adapter.messages.message_id(read_form(WEBHOOK))
    assert filed is not None
    adapter.catch_ups.there.add(filed)
    await adapter.round()
    assert adapter.world.received(INBOUND_SMS) == []


async def test_the_round_stops_where_something_is_away_and_the_next_one_goes_on() -> None:
    adapter = adapter_with(LISTED, replace(LISTED, sid="SM2"))
    adapter.world.broker.away = True
    with pytest.raises(TransientError):
        await adapter.round()
    assert adapter.catch_ups.cursors == {}
    adapter.world.broker.away = False
    await adapter.round()
    assert len(adapter.world.received(INBOUND_SMS)) == 2


async def test_the_first_look_goes_as_far_back_as_the_setting_says() -> None:
    adapter = adapter_with()
    await adapter.round()
    assert adapter.listed.looked_back[f"to {NUMBER}"] == NOW - PATIENCE.window - OVERLAP
    assert adapter.listed.looked_back.keys() == {
        f"{way} {each}" for way in ("to", "from") for each in (NUMBER, WHATSAPP)
    }


async def test_what_a_number_got_before_it_was_the_town_s_stays_where_it_is() -> None:
    adapter = adapter_with(replace(LISTED, created=NOW - timedelta(days=30)))
    await adapter.round()
    await adapter.round()
    assert await adapter.texts() == []


async def test_a_clock_that_ran_ahead_for_a_round_hides_nothing_that_comes_once_it_is_set_right() -> None:
    adapter = adapter_with()
    adapter.world.time += timedelta(days=1)
    await adapter.round()
    adapter.world.time -= timedelta(days=1) - timedelta(hours=3)
    refused = replace(LISTED, created=NOW + timedelta(hours=1))
    ended = replace(OURS, updated=NOW + timedelta(hours=1))
    adapter.catch_ups.told[OURS.sid] = SentMessage(OUTBOUND, DeliveryState.SENT)
    adapter.listed.pages = [[refused, ended]]
    await adapter.round()
    assert await adapter.texts() == ["Bonjour"], "a day of messages is never looked at"
    assert [each.outbound_id for each in adapter.reports()] == [OUTBOUND]


@pytest.mark.parametrize("before", [(), (LISTED, OURS)])
async def test_nor_does_it_once_the_right_time_is_past_what_it_had_said(before: tuple[ListedMessage, ...]) -> None:
    adapter = adapter_with(*before)
    adapter.world.time += timedelta(days=1)
    await adapter.round()
    adapter.world.time = NOW + timedelta(hours=25)  # set right at once, and nobody has looked since
    refused = replace(LISTED, sid="SM2", body="Et moi ?", created=NOW + timedelta(hours=1))
    ended = replace(OURS, sid="SM0b", updated=NOW + timedelta(hours=1))
    adapter.catch_ups.told[ended.sid] = SentMessage(OUTBOUND, DeliveryState.SENT)
    adapter.listed.pages = [[*before, refused, ended]]
    adapter.start()
    await adapter.round()
    assert "Et moi ?" in await adapter.texts(), (
        "what came until the time that a wrong clock had said is never looked at"
    )
    assert [each.outbound_id for each in adapter.reports()] == [OUTBOUND]


async def test_a_week_away_is_looked_back_upon_from_where_the_last_round_ended() -> None:
    adapter = adapter_with(LISTED)
    await adapter.round()
    adapter.world.time += timedelta(days=7)
    adapter.start()
    adapter.listed.pages = [[LISTED], [replace(LISTED, sid="SM2", created=NOW + timedelta(hours=1))]]
    adapter.catch_ups.there |= {event.message_id for event in adapter.world.received(INBOUND_SMS)}
    await adapter.round()
    assert adapter.listed.looked_back[f"to {NUMBER}"] == NOW - PATIENCE.grace - OVERLAP, (
        "only the last days were asked for"
    )
    assert len(adapter.world.received(INBOUND_SMS)) == 2


async def test_what_was_done_of_a_long_list_stays_done() -> None:
    days = [NOW - timedelta(days=1), NOW - timedelta(hours=1)]
    first, second = (replace(LISTED, sid=f"SM{each:%d}", created=each) for each in days)
    adapter = Adapter(TwilioList([[first], [second]]))
    real_advance = adapter.catch_ups.advance

    async def advance_and_break_the_broker(listing: str, until: datetime) -> None:
        await real_advance(listing, until)
        adapter.world.broker.away = True

    adapter.catch_ups.advance = advance_and_break_the_broker  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        await adapter.round()
    assert adapter.catch_ups.cursors == {f"messages to {NUMBER}": days[0]}


async def test_a_file_that_is_late_holds_up_its_own_message_alone() -> None:
    photo = replace(LISTED, sid="SMphoto", files=1, created=NOW - timedelta(minutes=30))
    adapter = adapter_with(photo, LISTED)
    adapter.listed.late.add("SMphoto")
    assert await adapter.round() == 1
    assert await adapter.texts() == ["Bonjour"]
    adapter.listed.late.clear()
    assert await adapter.round() == 0, "the cursor passed over the message that waits"
    assert len(await adapter.texts()) == 2


async def test_a_message_goes_without_its_file_once_it_is_old() -> None:
    photo = replace(LISTED, files=1)
    adapter = adapter_with(photo)
    adapter.listed.late.add(photo.sid)
    adapter.world.time = photo.created + PATIENCE.files - timedelta(seconds=1)
    assert await adapter.round() == 1
    adapter.world.time = photo.created + PATIENCE.files
    assert await adapter.round() == 0
    assert await adapter.texts() == ["Bonjour"]


async def test_many_late_files_do_not_hold_up_the_round() -> None:
    photos = [replace(LISTED, sid=f"SM{place}", files=1) for place in range(3 * MOST_LATE)]
    adapter = adapter_with(*photos, replace(LISTED, sid="last"))
    adapter.listed.late = {each.sid for each in photos}
    assert await adapter.round() == len(photos)
    assert len(adapter.listed.fetched) == MOST_LATE
    assert await adapter.texts() == ["Bonjour"]


async def test_files_that_cannot_even_be_listed_are_named_once_the_message_is_old() -> None:
    adapter = adapter_with(replace(LISTED, files=2, created=NOW - PATIENCE.files))

    async def refuse(_sid: str) -> tuple[tuple[str, str], ...]:
        raise TransientError("status 403")

    adapter.listed.media = refuse  # type: ignore[method-assign]
    await adapter.round()
    assert adapter.listed.fetched == ["", ""]
    assert await adapter.texts() == ["Bonjour"]


async def test_a_lost_callback_is_made_good_with_the_same_id() -> None:
    failed = replace(OURS, status="undelivered", error_code="30003")
    adapter = adapter_with(failed)
    adapter.catch_ups.told[failed.sid] = SentMessage(OUTBOUND, DeliveryState.SENT)
    await adapter.round()
    await adapter.round()
    [report] = adapter.reports()
    callback = {"MessageSid": failed.sid, "MessageStatus": "undelivered", "ErrorCode": "30003", "To": failed.recipient}
    assert report.event_id == parse_status(callback, OUTBOUND, at=NOW).event_id
    assert report.occurred_at == failed.updated


async def test_so_is_one_on_a_message_that_was_sent_before_the_last_round() -> None:
    adapter = adapter_with(replace(OURS, status="sent"))
    adapter.catch_ups.told[OURS.sid] = SentMessage(OUTBOUND, DeliveryState.SENT)
    await adapter.round()
    assert adapter.reports() == []
    adapter.world.time += timedelta(hours=5)
    adapter.listed.pages = [[replace(OURS, updated=NOW + timedelta(hours=4))]]
    await adapter.round()
    assert [report.status for report in adapter.reports()] == ["delivered"]
    assert adapter.listed.looked_back[f"from {NUMBER}"] < OURS.created


@pytest.mark.parametrize("known", [DeliveryState.DELIVERED, DeliveryState.READ])
async def test_what_the_town_knows_already_is_not_reported_again(known: DeliveryState) -> None:
    adapter = adapter_with(OURS)
    adapter.catch_ups.told[OURS.sid] = SentMessage(OUTBOUND, known)
    await adapter.round()
    assert adapter.reports() == []


async def test_a_message_that_the_town_did_not_send_is_nobody_s() -> None:
    adapter = adapter_with(OURS)
    await adapter.round()
    assert adapter.reports() == []


def test_only_what_came_in_and_had_its_time_at_the_webhook_is_due() -> None:
    span = Span(NOW - timedelta(hours=1), NOW - PATIENCE.grace)
    young, old = (replace(LISTED, sid=sid, created=at) for sid, at in (("SM2", NOW), ("SM3", NOW - timedelta(days=1))))
    assert received_in([young, OURS, old, LISTED], span) == [LISTED]
    assert ended_in([LISTED, OURS, replace(OURS, status="sent"), replace(OURS, updated=NOW)], span) == [OURS]


def test_a_failure_that_arrived_after_all_is_told() -> None:
    sent = {OURS.sid: SentMessage(OUTBOUND, DeliveryState.FAILED)}
    assert [message for message, _ in untold([OURS], sent)] == [OURS]
    assert read_form(as_status_form(OURS)) == {
        "MessageSid": OURS.sid,
        "MessageStatus": "delivered",
        "To": OURS.recipient,
    }


@given(st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=2))))
def test_the_oldest_comes_first(ages: list[timedelta]) -> None:
    listed = [replace(LISTED, sid=str(place), created=NOW - age) for place, age in enumerate(ages)]
    due = received_in(listed, Span(NOW - timedelta(days=3), NOW))
    assert [each.created for each in due] == sorted(each.created for each in listed)


def test_a_listed_message_reads_as_the_webhook_s() -> None:
    listed = replace(LISTED, body="é & =", files=1)
    form = as_form(listed, [("/2010-04-01/Accounts/AC/Media/ME1", "image/png")])
    incoming = parse_sms(read_form(form), name=NAME, arrived_at=NOW)
    assert incoming.draft.content.text == "é & ="
    assert [(each.path, each.content_type) for each in incoming.media] == [
        ("/2010-04-01/Accounts/AC/Media/ME1", "image/png")
    ]


async def test_what_the_webhook_could_not_read_is_not_put_aside_once_more() -> None:
    """One whose sender cannot be told is safe as a dead letter, and the list names it too."""
    nameless = replace(LISTED, sender="")
    adapter = adapter_with(nameless)
    assert await adapter.post(as_form(nameless)) == 200
    await adapter.round()
    assert len(adapter.world.dead_letters) == 1
    adapter.start()
    await adapter.round()
    await adapter.round()
    assert len(adapter.world.dead_letters) == 2, "once for each process that does not know of it"


async def test_a_callback_that_came_is_not_looked_for_in_the_list() -> None:
    adapter = adapter_with(OURS)
    adapter.catch_ups.told[OURS.sid] = SentMessage(OUTBOUND, DeliveryState.SENT)
    target = f"{REPORTS.path}?outbound_id={OUTBOUND}"
    await adapter.reported.take(Payload(as_status_form(OURS), NOW, target=target))
    await adapter.round()
    assert len(adapter.reports()) == 1


async def test_whose_a_listed_message_is_stays_known_where_nobody_can_read_it() -> None:
    adapter = adapter_with(replace(LISTED, sid=" "))
    await adapter.round()
    [event] = adapter.world.received(INBOUND_SMS)
    assert event.unread
    adapter = adapter_with(replace(LISTED, sender="messenger:+33700990042"))
    await adapter.round()
    [origin] = adapter.world.origins
    assert origin is not None
    assert origin.target == MESSAGES.path, "where it is handed in again"
    assert [each.value for each in origin.senders or ()] == ["+33700990042"]
