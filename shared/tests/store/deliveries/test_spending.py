"""One suite for what letters cost, on the twin and on the real MongoDB."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from guichet.mongo.client import connect
from guichet.mongo.ended import MongoEnded
from guichet.runtime.settings import MongoSettings
from guichet.store.deliveries.spending import (
    COLLECTION,
    ENDS,
    INDEXES,
    KEPT_FOR,
    Caps,
    Charge,
    MongoSpending,
    Period,
    Spending,
    Spent,
    Sum,
)
from guichet_testing.twins.store.deliveries.spending import InMemorySpending

DAY = date(2026, 5, 30)
NEXT, NEXT_MONTH = DAY + timedelta(days=1), DAY + timedelta(days=2)
CAPS = Caps(day=100, month=250)


def a_charge(amount: int = 40, day: date = DAY, account: str = "pigeons", units: int = 2) -> Charge:
    return Charge(account, day, amount, units)


class SpendingSuite:
    async def test_so_much_passes_and_no_more(self, spending: Spending):
        assert [await spending.count(a_charge(), CAPS) for _ in range(3)] == [None, None, Period.DAY]
        assert await spending.count(a_charge(20), CAPS) is None, "what still fits is sent"
        assert await spending.spent("pigeons", DAY) == Spent(Sum(100, 6), Sum(100, 6))

    async def test_a_day_ends_and_its_month_goes_on(self, spending: Spending):
        for day, amount in ((DAY, 100), (NEXT, 100)):
            assert await spending.count(a_charge(amount, day), CAPS) is None
        assert await spending.count(a_charge(60, date(2026, 5, 29)), CAPS) is Period.MONTH
        assert await spending.count(a_charge(60, NEXT_MONTH), CAPS) is None
        assert await spending.spent("pigeons", NEXT) == Spent(Sum(100, 2), Sum(200, 4))

    async def test_accounts_count_for_themselves(self, spending: Spending):
        await spending.count(a_charge(100), CAPS)
        assert await spending.count(a_charge(100, account="ravens"), CAPS) is None

    async def test_without_a_cap_all_is_counted(self, spending: Spending):
        for _ in range(3):
            assert await spending.count(a_charge(1000), Caps()) is None
        assert (await spending.spent("pigeons", DAY)).month == Sum(3000, 6)

    async def test_a_letter_dearer_than_the_cap_never_passes(self, spending: Spending):
        assert await spending.count(a_charge(101), CAPS) is Period.DAY
        assert await spending.count(a_charge(251), CAPS) is Period.MONTH
        assert await spending.spent("pigeons", DAY) == Spent()

    async def test_a_cap_of_nothing_lets_pass_what_costs_nothing(self, spending: Spending):
        assert await spending.count(a_charge(0), Caps(day=0)) is None
        assert await spending.count(a_charge(1), Caps(day=0)) is Period.DAY

    async def test_what_is_given_back_has_room_again(self, spending: Spending):
        await spending.count(a_charge(100), CAPS)
        await spending.give_back(a_charge(100))
        assert await spending.spent("pigeons", DAY) == Spent()
        assert await spending.count(a_charge(100), CAPS) is None

    async def test_a_lower_cap_counts_at_once_and_a_higher_one(self, spending: Spending):
        await spending.count(a_charge(), CAPS)
        assert await spending.count(a_charge(), Caps(day=50)) is Period.DAY
        assert await spending.count(a_charge(), Caps(day=500)) is None

    async def test_many_who_count_at_once_spend_no_more(self, spending: Spending):
        told = await asyncio.gather(*(spending.count(a_charge(30), CAPS) for _ in range(40)))
        assert told.count(None) == 3
        assert (await spending.spent("pigeons", DAY)).day == Sum(90, 6)


class TestInMemorySpending(SpendingSuite):
    @pytest.fixture
    def spending(self) -> Spending:
        return InMemorySpending()


@pytest.mark.real
class TestMongoSpending(SpendingSuite):
    @pytest.fixture
    async def database(self, mongo_server, mongo_database):
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await database[COLLECTION].create_indexes(INDEXES[COLLECTION])
        return database

    @pytest.fixture
    def spending(self, database) -> Spending:
        return MongoSpending(database)

    async def test_it_grows_with_months_not_with_letters_and_ends_by_itself(self, spending, database):
        for _ in range(30):
            await spending.count(a_charge(1), Caps())
        await spending.count(a_charge(1, NEXT), Caps())
        [document] = await database[COLLECTION].find({"_id": "pigeons 2026-05"}).to_list(None)
        assert document["days"] == {"30": {"amount": 30, "units": 60}, "31": {"amount": 1, "units": 2}}
        over = datetime(2026, 5, 1, tzinfo=UTC) + KEPT_FOR + timedelta(seconds=1)
        assert await MongoEnded(database, [ENDS]).remove(over) == {COLLECTION: 1}
