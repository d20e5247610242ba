"""The router stays stopped longer than every retention: nothing is trimmed under it; started again, all is filed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from citizen_sandbox.play.entry import Direction
from gdpr_worker.entry.trim_rounds import trim_once
from guichet.contracts.topics import CASE_EVENTS, DELIVERY_EVENTS, INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL, TOPICS
from guichet.kafka.dead_letters.index import DeadLetterIndex, without_record
from guichet_local.stack import LocalStack
from guichet_testing.town.services import only
from guichet_testing.town.town import town_of
from tests.faults.load.accepted import Accepted
from tests.faults.load.clients import send_all
from tests.faults.load.plan import PlanMaker
from tests.faults.town.town import TownStack
from tests.faults.trouble.first_batch import ROUTER
from tests.faults.trouble.in_flight import Eyes
from tests.faults.trouble.schedule import ADAPTERS
from tests.faults.verdicts import reading, verdicts
from tests.faults.watching import until_quiet

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
NEEDED = (
    *ADAPTERS,
    ROUTER,
    "notifier",
    "gdpr-worker",
    "search-indexer",
    "citizen-sandbox",
)  # every group of case-events
OFF = timedelta(days=45)
PROMPTLY = timedelta(seconds=90)
INBOUND = (INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownStack]:
    settings = {"GUICHET_NOTIFIER_SMS_PER_SECOND": "100"}
    with LocalStack(tmp_path_factory.mktemp("week-off"), services=only(*NEEDED), settings=settings) as stack:
        yield TownStack(stack, processes=1)


def silent(_line: str) -> None:
    """Nobody watches."""


async def test_nothing_is_trimmed_under_a_router_that_is_off_and_all_of_it_is_filed(town: TownStack) -> None:
    before, meanwhile = (PlanMaker(1, town.names, part).make(90) for part in range(2))
    accepted = Accepted()
    async with (
        town_of(town.stack) as seen,
        Eyes(seen) as eyes,
        DeadLetterIndex(town.kafka, TOPICS, kept=without_record) as index,
    ):
        await seen.sandbox.open_chats([*before.chats, *meanwhile.chats])
        await send_all(before, town.doors, accepted)
        assert await until_quiet(eyes, PROMPTLY, silent)

        town.stack.stop(ROUTER)
        await send_all(meanwhile, town.doors, accepted)
        held = {lag.topic_partition: lag for lag in await eyes.offsets.lags(TOPICS) if lag.group == ROUTER}
        waiting = sum(lag.records for lag in held.values())
        assert waiting >= sum(map(len, meanwhile.threads))
        assert all(topic.retention < OFF for topic in TOPICS)

        for off in (OFF, 2 * OFF):
            await trim_once(eyes.offsets, index, datetime.now(UTC) + off)
            begins = await eyes.offsets.begins(list(held))
            assert begins == {place: lag.next_offset for place, lag in held.items()}, "up to the router, not past it"
            assert sum(lag.records for lag in await eyes.offsets.lags(TOPICS) if lag.group == ROUTER) == waiting
        for topic in (*INBOUND, DELIVERY_EVENTS):
            assert await holds(eyes, topic) == sum(lag.records for lag in held.values() if lag.topic == topic.name)
        assert await holds(eyes, CASE_EVENTS) == 0, "who was there has handled it: it is old, and goes"

        town.stack.start(ROUTER)
        assert await until_quiet(eyes, PROMPTLY, silent)
        assert town.stack.supervisor.state_of(ROUTER).runs, "an offset out of range would have stopped it"
        filed, cases = await reading.filed(eyes.database), await reading.cases(eyes.database)
        sent = [each.message_id for plan in (before, meanwhile) for each in plan.sendings if each.message_id]
        threads = before.threads | meanwhile.threads
        receipts = await reading.receipts(eyes.database)
        entries = await seen.sandbox.entries(direction=Direction.RECEIVED)
        copies = reading.copies(entries, await reading.references(eyes.database), datetime.now(UTC))
        for verdict in (
            verdicts.accepted_is_stored(sent, list(filed)),
            verdicts.one_case_per_thread(threads, filed, cases),
            verdicts.each_case_is_answered(receipts, copies, cases),
            verdicts.second_copies_are_excused(copies, {}),
        ):
            assert verdict.holds, verdict


async def holds(eyes: Eyes, *topics: object) -> int:
    """Return how many records these topics hold."""
    places = await eyes.offsets.partitions([topic.name for topic in topics])  # type: ignore[attr-defined]
    begins, ends = await eyes.offsets.begins(places), await eyes.offsets.ends(places)
    return sum(ends[place] - begins[place] for place in places)
