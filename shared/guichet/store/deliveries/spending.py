"""What letters cost, by provider account, day and month, and no more than the town's caps (docs/decisions/0057).

A document is one account in one month: {_id: "ACCOUNT 2026-11", account, month, amount, units, days, ends_at}, where
days holds the same sums by day: {"27": {amount, units}}. So one conditional write keeps both caps, whoever races and
whatever is killed. Amounts are whole millionths of the account's currency. Nobody is in it, and it grows with months.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, DataMapEntry, Erasure
from guichet.privacy.data_map.retention import Expires, Phrase, days

COLLECTION = "spending"
ENDS = Ends(COLLECTION, "ends_at")
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: [ENDS.ttl_index()]}
KEPT_FOR: Final = timedelta(days=800)  # from the month's beginning: two years of bills can be compared
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="spend no more on letters than the town allows, and say how much it was",
        legal_basis=PUBLIC_TASK,
        whose="nobody: sums of the town's own accounts, by day",
        retention=(
            Expires(
                date_field=ENDS.field,
                since=Phrase("the beginning of the month", "le début du mois"),
                period=days(KEPT_FOR.days),
                because=Phrase("two years can be compared", "deux années se comparent"),
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,
    ),
)


class Period(StrEnum):
    """What a cap is for, by the calendar of Paris."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Charge:
    """What one letter costs. amount: millionths; units: as the channel's facts count them. day: in Paris."""

    account: str
    day: date
    amount: int
    units: int


@dataclass(frozen=True)
class Caps:
    """In millionths; None: none."""

    day: int | None = None
    month: int | None = None


@dataclass(frozen=True)
class Sum:
    """So much in a period."""

    amount: int = 0
    units: int = 0


@dataclass(frozen=True)
class Spent:
    """What an account has spent on a day, and in its month."""

    day: Sum = Sum()
    month: Sum = Sum()


class Spending(Protocol):
    """The counts. Every method raises TransientError while the store is away."""

    async def count(self, charge: Charge, caps: Caps) -> Period | None:
        """Count a letter that is about to leave; or say which cap has no room for it, and count nothing."""

    async def give_back(self, charge: Charge) -> None:
        """Take back what was counted of a letter that surely did not leave."""

    async def spent(self, account: str, day: date) -> Spent:
        """Return what an account has spent on a day and in its month."""


class MongoSpending(Spending):
    """The counts in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._spending = database[COLLECTION]

    @translate_errors
    async def count(self, charge: Charge, caps: Caps) -> Period | None:
        if impossible := over(Spent(), charge, caps):  # an upsert would make the month's document for it
            return impossible
        for _ in range(2):  # a second look: another process may have made the month's document in this moment
            try:
                await self._spending.update_one(_with_room(charge, caps), _adding(charge), upsert=True)
            except DuplicateKeyError:
                continue
            return None
        return over(await self.spent(charge.account, charge.day), charge, caps) or Period.DAY

    @translate_errors
    async def give_back(self, charge: Charge) -> None:
        taken = {name: -by for name, by in _adding(charge)["$inc"].items()}
        await self._spending.update_one({"_id": _name(charge.account, charge.day)}, {"$inc": taken})

    @translate_errors
    async def spent(self, account: str, day: date) -> Spent:
        found = await self._spending.find_one({"_id": _name(account, day)})
        if found is None:
            return Spent()
        return Spent(_sum(found.get("days", {}).get(_day(day), {})), _sum(found))


def over(spent: Spent, charge: Charge, caps: Caps) -> Period | None:
    """Return which cap has no room for a letter beside what is spent: the month's, which lasts longer, first. Pure."""
    if caps.month is not None and spent.month.amount + charge.amount > caps.month:
        return Period.MONTH
    if caps.day is not None and spent.day.amount + charge.amount > caps.day:
        return Period.DAY
    return None


def _with_room(charge: Charge, caps: Caps) -> dict[str, Any]:
    """What is not there is no more than anything: `$not` matches it, `$lte` would not."""
    room: dict[str, Any] = {"_id": _name(charge.account, charge.day)}
    if caps.month is not None:
        room["amount"] = {"$not": {"$gt": caps.month - charge.amount}}
    if caps.day is not None:
        room[f"days.{_day(charge.day)}.amount"] = {"$not": {"$gt": caps.day - charge.amount}}
    return room


def _adding(charge: Charge) -> dict[str, Any]:
    month, day = charge.day.replace(day=1), f"days.{_day(charge.day)}"
    sums = {"amount": charge.amount, "units": charge.units}
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    return {
        "$inc": {**sums, **{f"{day}.{name}": by for name, by in sums.items()}},
        "$setOnInsert": {"account": charge.account, "month": f"{month:%Y-%m}", "ends_at": begins + KEPT_FOR},
    }


def _name(account: str, day: date) -> str:
    return f"{account} {day:%Y-%m}"


def _day(day: date) -> str:
    return f"{day:%d}"


def _sum(found: dict[str, Any]) -> Sum:
    return Sum(amount=int(found.get("amount", 0)), units=int(found.get("units", 0)))
