"""The citizen registry's persons. Their ids stay in the registry: cases hold a sector's own id only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel, UpdateOne

from guichet.contracts.base import Contract, Sealed
from guichet.ids import CitizenId
from guichet.mongo.bulk import find_all, insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Phrase, Until
from guichet.vault.fields import SealedField, json_of


class CitizenRecord(Contract):
    """Who someone is, in memory only. display_name: as their first proven message gave it."""

    given_name: str | None = None
    family_name: str | None = None
    display_name: str | None = None
    birth_year: int | None = None
    address: str | None = None

    @property
    def full_name(self) -> str:
        """The name to compare and show; blank when none is known."""
        return " ".join(filter(None, (self.given_name, self.family_name))) or self.display_name or ""


RECORD: Final = SealedField("citizen", "record", json_of(CitizenRecord), holds="names, year of birth, postal address")

COLLECTION = "citizens"
INDEXES: dict[str, list[IndexModel]] = {COLLECTION: []}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="know a citizen again, whatever channel they use",
        legal_basis=PUBLIC_TASK,
        whose="citizens known to the town",
        retention=(
            Until(
                event=Phrase("no case of theirs is kept any more", "aucun de leurs dossiers ne soit plus conservé"),
                by=Executor.NOBODY_YET,
            ),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            RECORD.at("record"),
            PersonalField("formerly", Form.PSEUDONYM, "registry ids this person had before they were registered"),
        ),
        belongs=(Belonging(Bond.CITIZEN, "_id"),),
        documents=Bond.CITIZEN,
    ),
)

_ASKED_AT_ONCE = 5_000  # between two of these others have their turn


class CitizenState(StrEnum):
    """What the registry knows of someone."""

    PROVISIONAL = "provisional"  # wrote once; nobody has checked who they are
    REGISTERED = "registered"
    ERASING = "erasing"  # their addresses file under a new citizen from now on


class CitizenDocument(Contract):
    """A citizen. `record`: see RECORD.

    before_erasing: the state to go back to if the erasure is refused.
    """

    citizen_id: CitizenId = Field(alias="_id")
    state: CitizenState
    record: Sealed
    formerly: tuple[CitizenId, ...] = ()
    since: AwareDatetime
    before_erasing: CitizenState | None = None


@dataclass(frozen=True)
class NewRecord:
    """A record to put in the place of the one that was read."""

    citizen: CitizenDocument
    record: Sealed


class CitizenStore(Protocol):
    """Citizens. Every method raises TransientError."""

    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        """Return those that exist."""

    async def known_as(self, is_meant: Callable[[CitizenId], bool]) -> dict[CitizenId, CitizenId]:
        """Return who bears an id that is meant, or once bore it: that id → their present one. Asks about every id."""

    async def insert_new(self, citizens: Sequence[CitizenDocument]) -> None:
        """Insert those that are not there yet; one that is there stays as it is."""

    async def replace(self, citizens: Sequence[CitizenDocument]) -> None:
        """Write records anew (rectified, registered)."""

    async def replace_records(self, changes: Iterable[NewRecord]) -> None:
        """Put each record in place of the one that was read; where that is there no more, somebody knew better."""


class MongoCitizenStore(CitizenStore):
    """The citizens in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._citizens = database[COLLECTION]

    @translate_errors
    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        found = await find_all(self._citizens, {"_id": {"$in": [*citizens]}})
        return {document["_id"]: CitizenDocument.model_validate(document) for document in found}

    @translate_errors
    async def known_as(self, is_meant: Callable[[CitizenId], bool]) -> dict[CitizenId, CitizenId]:
        everybody = self._citizens.find({}, {"formerly": 1}, batch_size=_ASKED_AT_ONCE)
        return {
            name: found["_id"]
            async for found in everybody
            for name in (found["_id"], *found.get("formerly", ()))
            if is_meant(name)
        }

    @translate_errors
    async def insert_new(self, citizens: Sequence[CitizenDocument]) -> None:
        await insert_new(self._citizens, [citizen.model_dump(by_alias=True) for citizen in citizens])

    @translate_errors
    async def replace(self, citizens: Sequence[CitizenDocument]) -> None:
        updates = [
            UpdateOne({"_id": citizen.citizen_id}, {"$set": citizen.model_dump(exclude={"citizen_id"})})
            for citizen in citizens
        ]
        if updates:
            await self._citizens.bulk_write(updates, ordered=False)

    @translate_errors
    async def replace_records(self, changes: Iterable[NewRecord]) -> None:
        await self._citizens.bulk_write([_if_unchanged(each) for each in changes], ordered=False)


def _if_unchanged(change: NewRecord) -> UpdateOne:
    before = change.citizen
    as_read = {"_id": before.citizen_id, "state": before.state, "record.box": before.record.box}
    return UpdateOne(as_read, {"$set": {"record": change.record.model_dump()}})
