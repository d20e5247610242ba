"""What a refused webhook left behind is taken in from Twilio's own list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.conformance.world import KEY, World
from guichet.channel.draft import Draft
from guichet.contracts.topics import INBOUND_SMS
from guichet.errors import TransientError
from ingest_sms.catch_up import ListedMessage, as_form, missed
from ingest_sms.catching_up import CatchUp
from ingest_sms.form import read_form
from ingest_sms.handlers import REMEMBERED, SmsHandler
from ingest_sms.parse_sms import IncomingSms, parse_sms

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
GRACE = timedelta(minutes=1)
LISTED = ListedMessage(
    sid="SM1", direction="inbound", sender="+33700990042", recipient="+33700000000", body="Bonjour", created=NOW - GRACE
)
WEBHOOK = urlencode({"MessageSid": "SM1", "From": LISTED.sender, "To": LISTED.recipient, "Body": "Bonjour"}).encode()


async def without_files(incoming: IncomingSms) -> Draft:
    return incoming.draft


class TwilioList:
    def __init__(self, *messages: ListedMessage) -> None:
        self.messages = [*messages]
        self.asked: list[tuple[datetime, tuple[str, ...]]] = []

    async def media(self, sid: str) -> tuple[tuple[str, str], ...]:
        return ((f"/media/{sid}", "image/png"),)

    async def since(self, start: datetime, recipients: tuple[str, ...]) -> list[ListedMessage]:
        self.asked.append((start, recipients))
        return self.messages


def handler_in(world: World) -> SmsHandler:
    return SmsHandler(edge=world.edge, message_id_key=KEY, complete=without_files)


def catch_up(world: World, handler: SmsHandler, listed: TwilioList) -> CatchUp:
    return CatchUp(
        messages=listed,
        handler=handler,
        recipients=("+33700000000",),
        grace=GRACE,
        window=timedelta(days=2),
        now=world.now,
    )


async def test_a_message_that_the_webhook_refused_is_taken_in() -> None:
    world = World()
    handler = handler_in(world)
    world.broker.away = True
    with pytest.raises(TransientError):
        await handler.take(WEBHOOK, read_form(WEBHOOK), NOW)
    world.broker.away = False
    assert await catch_up(world, handler, TwilioList(LISTED)).one_round() == 1
    [event] = world.received(INBOUND_SMS)
    assert event.received_at == LISTED.created  # our outage does not move the legal date


async def test_its_files_are_listed_only_when_it_is_due() -> None:
    world = World()
    seen: list[str] = []

    async def complete(incoming: IncomingSms) -> Draft:
        seen.extend(place.path for place in incoming.media)
        return incoming.draft

    handler = SmsHandler(edge=world.edge, message_id_key=KEY, complete=complete)
    await catch_up(world, handler, TwilioList(replace(LISTED, files=1))).one_round()
    assert seen == ["/media/SM1"]


async def test_both_ways_give_the_message_one_id() -> None:
    world = World()
    await handler_in(world).take(WEBHOOK, read_form(WEBHOOK), NOW)
    await catch_up(world, handler_in(world), TwilioList(LISTED)).one_round()
    first, second = world.received(INBOUND_SMS)
    assert first.message_id == second.message_id


async def test_what_is_safe_is_not_taken_in_again() -> None:
    world = World()
    handler = handler_in(world)
    await handler.take(WEBHOOK, read_form(WEBHOOK), NOW)
    round_of = catch_up(world, handler, TwilioList(LISTED))
    assert (await round_of.one_round(), await round_of.one_round()) == (0, 0)


async def test_the_round_stops_where_something_is_away_and_the_next_one_goes_on() -> None:
    world = World()
    handler, listed = handler_in(world), TwilioList(LISTED, replace(LISTED, sid="SM2"))
    world.broker.away = True
    with pytest.raises(TransientError):
        await catch_up(world, handler, listed).one_round()
    world.broker.away = False
    assert await catch_up(world, handler, listed).one_round() == 2


async def test_the_window_is_asked_for() -> None:
    world, listed = World(), TwilioList()
    await catch_up(world, handler_in(world), listed).one_round()
    assert listed.asked == [(world.time - timedelta(days=2), ("+33700000000",))]


def test_only_what_came_in_and_had_its_time_at_the_webhook_is_due() -> None:
    young = replace(LISTED, sid="SM2", created=NOW)
    ours = replace(LISTED, sid="SM3", direction="outbound-api")
    assert missed([young, ours, LISTED], lambda _: False, before=NOW - GRACE) == [LISTED]
    assert missed([LISTED], lambda sid: sid == "SM1", before=NOW) == []


@given(st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=2))))
def test_the_oldest_comes_first(ages: list[timedelta]) -> None:
    listed = [replace(LISTED, sid=str(place), created=NOW - age) for place, age in enumerate(ages)]
    due = missed(listed, lambda _: False, before=NOW)
    assert [each.created for each in due] == sorted(each.created for each in listed)


def test_a_listed_message_reads_as_the_webhook_s() -> None:
    listed = replace(LISTED, body="é & =", files=1)
    form = as_form(listed, [("/2010-04-01/Accounts/AC/Media/ME1", "image/png")])
    incoming = parse_sms(read_form(form), key=KEY, received_at=NOW)
    assert incoming.draft.content.text == "é & ="
    assert [(each.path, each.content_type) for each in incoming.media] == [
        ("/2010-04-01/Accounts/AC/Media/ME1", "image/png")
    ]


async def test_what_is_remembered_is_bounded() -> None:
    handler = handler_in(World())
    for number in range(REMEMBERED + 2):
        handler._remember(str(number))
    assert not handler.is_safe("1")
    assert handler.is_safe("2")
