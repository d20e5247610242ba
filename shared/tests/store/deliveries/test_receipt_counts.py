"""One suite for the counts of receipts, on the twin and on the real MongoDB."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from guichet.mongo.client import connect
from guichet.mongo.ended import MongoEnded
from guichet.mongo.lease import TakenError
from guichet.runtime.settings import MongoSettings
from guichet.store.deliveries.receipt_counts import (
    COLLECTION,
    ENDS,
    INDEXES,
    Counted,
    MongoReceiptCounts,
    ReceiptCounts,
)
from guichet_testing.twins.store.deliveries.receipt_counts import InMemoryReceiptCounts

ENDS_AT = datetime.now(UTC) + timedelta(days=3)
CEILING = 3


def receipts(*numbers: int, to: str = "hmac-of-amina-today") -> list[Counted]:
    return [Counted(to, f"hmac-of-receipt-{number}") for number in numbers]


class ReceiptCountsSuite:
    async def test_so_many_pass_and_the_rest_do_not(self, counts: ReceiptCounts):
        assert await counts.past(receipts(1, 2), CEILING, ENDS_AT) == frozenset()
        assert await counts.past(receipts(3, 4, 5), CEILING, ENDS_AT) == {1, 2}
        assert await counts.past(receipts(6), CEILING, ENDS_AT) == {0}

    async def test_one_that_is_counted_again_is_one_and_passes(self, counts: ReceiptCounts):
        for _ in range(2):
            assert await counts.past(receipts(1, 2, 3), CEILING, ENDS_AT) == frozenset()
        assert await counts.past(receipts(4, 1), CEILING, ENDS_AT) == {0}

    async def test_others_and_other_days_count_for_themselves(self, counts: ReceiptCounts):
        await counts.past(receipts(1, 2, 3), CEILING, ENDS_AT)
        mixed = [*receipts(4), *receipts(5, to="hmac-of-amina-tomorrow"), *receipts(6, to="hmac-of-thomas-today")]
        assert await counts.past(mixed, CEILING, ENDS_AT) == {0}

    async def test_a_lower_ceiling_counts_at_once(self, counts: ReceiptCounts):
        await counts.past(receipts(1, 2), CEILING, ENDS_AT)
        assert await counts.past(receipts(3), 1, ENDS_AT) == {0}

    async def test_nothing_to_count_is_no_error(self, counts: ReceiptCounts):
        assert await counts.past([], CEILING, ENDS_AT) == frozenset()

    async def test_many_who_count_at_once_let_no_more_pass(self, counts: ReceiptCounts):
        past = await asyncio.gather(
            *(counts.past(receipts(2 * nth, 2 * nth + 1), CEILING, ENDS_AT) for nth in range(20))
        )
        assert 40 - sum(map(len, past)) == CEILING

    async def test_one_at_a_time_sends_what_was_gathered(self, counts: ReceiptCounts):
        async with counts.gathering("mail") as held:
            await held.keep()
            with pytest.raises(TakenError):
                async with counts.gathering("mail"):
                    pass
        async with counts.gathering("mail"):
            pass

    async def test_no_lane_waits_for_another(self, counts: ReceiptCounts):
        async with counts.gathering("pigeon") as slow, counts.gathering("mail") as held:
            await held.keep()
            await slow.keep()


class TestInMemoryReceiptCounts(ReceiptCountsSuite):
    @pytest.fixture
    def counts(self) -> ReceiptCounts:
        return InMemoryReceiptCounts()


@pytest.mark.real
class TestMongoReceiptCounts(ReceiptCountsSuite):
    @pytest.fixture
    async def database(self, mongo_server, mongo_database):
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database[COLLECTION].create_indexes(INDEXES[COLLECTION])
        return database

    @pytest.fixture
    def counts(self, database) -> ReceiptCounts:
        return MongoReceiptCounts(database)

    async def test_a_day_holds_no_more_than_the_ceiling_and_goes_by_itself(self, counts, database):
        await counts.past(receipts(*range(50)), CEILING, ENDS_AT)
        [document] = await database[COLLECTION].find({"_id": "hmac-of-amina-today"}).to_list(None)
        assert len(document["receipts"]) == CEILING
        assert abs(document["ends_at"] - ENDS_AT) < timedelta(milliseconds=2)
        assert await MongoEnded(database, [ENDS]).remove(ENDS_AT + timedelta(seconds=1)) == {COLLECTION: 1}
