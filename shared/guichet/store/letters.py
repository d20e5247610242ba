"""Scanned letters that wait for an agent to complete them: what was uploaded and is in no case yet.

One document each, sealed under a data key of its own, so that nothing of a batch is lost by whatever dies. What an
agent typed of one is kept before it is published, and what was kept first stands: so there is one message of each
letter, whoever is killed in between. Once that is accepted the scan lies with it, and goes from here.

Until then no clock takes it: what a citizen wrote is a public archive, and its legal delays run from its stamp. Agents
are reminded of one that waits for long, then operations (docs/decisions/0088).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from guichet.contracts.base import Contract, Sealed
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, DepartmentId, KeyId, LetterId, MessageId, ProcedureId, derive_id
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, Expires, Owner, Phrase, Until, WithIts
from guichet.vault.fields import BYTES, SealedField, json_of

COLLECTION: Final = "letters"
LISTED_AT_MOST: Final = 1000  # letters that wait, of which a page tells
REMINDED_AFTER: Final = timedelta(days=7)  # agents, where they find the stacks
ALARMED_AFTER: Final = timedelta(days=14)  # operations: long before the two months after which silence may decide
WAITING_AT_MOST: Final = 500  # of a department: a month of its post; who uploads more has somebody complete some first


class LetterSheet(Contract):
    """kept_at: where the town keeps the paper; None: nobody said. scan_sha256: of the scan, in hexadecimal."""

    kept_at: str | None = None
    scan_sha256: str


class TypedLetter(Contract):
    """What an agent typed of a letter. received: its stamp, as a day (ISO 8601)."""

    content: InboundContent
    procedure: ProcedureId | None = None
    received: str


SHEET: Final = SealedField(
    "scanned-letter", "sheet", json_of(LetterSheet), holds="where a letter's paper lies, its digest"
)
SCAN: Final = SealedField("scanned-letter", "scan", BYTES, holds="a scanned letter, as PDF")
PREVIEW: Final = SealedField("scanned-letter", "preview", BYTES, holds="a picture of a page of one")
TYPED: Final = SealedField("scanned-letter", "typed", json_of(TypedLetter), holds="what an agent typed of one")

ENDS: Final = Ends(COLLECTION, "set_aside_at", sealed=("sheet",))
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        ENDS.ttl_index(),
        IndexModel([("department", ASCENDING), ("filed_at", ASCENDING), ("added_at", DESCENDING)], name="waiting"),
        IndexModel([("batch", ASCENDING), ("department", ASCENDING), ("number", ASCENDING)], name="in_batch"),
        IndexModel([("filing.at", ASCENDING)], name="begun", partialFilterExpression={"filed_at": None}),
        IndexModel([("filing.message_id", ASCENDING)], name="by_message", sparse=True),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="keep scanned letters until an agent has taken each down",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write letters, people they name, agents",
        retention=(
            Until(
                what=Phrase("the scan and what was typed", "la numérisation et ce qui a été saisi"),
                event=Phrase(
                    "an agent has filed the letter or set it aside", "un agent ait enregistré ou écarté le courrier"
                ),
                by=Executor.FILED,
                because=Phrase(
                    f"a public archive: no clock destroys it; agents are reminded after {REMINDED_AFTER.days} days,"
                    f" operations after {ALARMED_AFTER.days}",
                    f"archive publique : aucun délai ne la détruit ; rappel aux agents après {REMINDED_AFTER.days}"
                    f" jours, à l’exploitation après {ALARMED_AFTER.days}",
                ),
            ),
            Expires(
                what=Phrase("the key of one that was set aside", "la clé d’un courrier écarté"),
                date_field=ENDS.field,
                since=Phrase("the round that follows", "la ronde qui suit"),
            ),
            WithIts(
                what=Phrase("where the paper of a filed letter lies", "le rangement d’un courrier enregistré"),
                owner=Owner.MESSAGE,
            ),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            SHEET.at("sheet"),
            SCAN.at("scan"),
            PREVIEW.at("previews"),
            TYPED.at("filing.typed"),
            PersonalField("added_by", Form.PSEUDONYM, "the agent's id"),
            PersonalField("filing.by", Form.PSEUDONYM, "the agent's id"),
        ),
        belongs=(Belonging(Bond.MESSAGE, "filing.message_id"),),
    ),
)


class Filing(Contract):
    """That an agent has completed a letter. typed: TYPED; None once its message is accepted."""

    message_id: MessageId
    by: AgentId
    at: AwareDatetime
    typed: Sealed | None


class Letter(Contract):
    """A scanned letter. number: its place in the batch, of `of`. stamp: the batch's, as a day (ISO 8601).

    department: whose agents take it down. sheet: SHEET. scan: SCAN, and previews, PREVIEW called by their number, of
    its first pages: none once it is filed, or where they were not asked for. set_aside_at: it was no letter; nothing of
    it is left but its sheet, by which gdpr-worker finds the key that it destroys.
    """

    letter_id: LetterId = Field(alias="_id")
    batch: str
    number: int
    of: int
    department: DepartmentId
    added_by: AgentId
    added_at: AwareDatetime
    stamp: str
    pages: int
    sheet: Sealed
    scan: Sealed | None = None
    previews: tuple[Sealed, ...] = ()
    filing: Filing | None = None
    filed_at: AwareDatetime | None = None
    set_aside_at: AwareDatetime | None = None


def preview(number: int) -> SealedField[bytes]:
    """Return the field of one page's picture, counted from 1."""
    return PREVIEW.called(f"preview:{number}")


class Letters(Protocol):
    """Every method raises TransientError."""

    async def insert(self, letters: Sequence[Letter]) -> None:
        """Keep letters; one that is there stays as it is, unless it was set aside."""

    async def waiting(self, departments: Collection[DepartmentId]) -> Sequence[Letter]:
        """Return letters of these departments that are not filed, the oldest first, without scans."""

    async def count(self, department: DepartmentId) -> int:
        """Return how many of a department are not filed, up to WAITING_AT_MOST."""

    async def overdue(self, departments: Collection[DepartmentId], before: datetime) -> frozenset[DepartmentId]:
        """Return those of these departments for which a letter waits that was added before then."""

    async def of_batch(self, departments: Collection[DepartmentId], batch: str) -> Sequence[Letter]:
        """Return a batch's letters by their number, without scans; none where it is not these departments'."""

    async def find(self, departments: Collection[DepartmentId], batch: str, number: int) -> Letter | None:
        """Return one with its scan; None where there is none of these departments'."""

    async def begin(self, letter: LetterId, filing: Filing) -> Letter | None:
        """Note what an agent typed of a letter, unless somebody has; return it as it stands, None where it is gone."""

    async def begun(self, before: datetime) -> Sequence[Letter]:
        """Return letters that were completed before then and are not known to be accepted, with their scans."""

    async def finish(self, letter: LetterId, at: datetime) -> None:
        """Note that its message is accepted; scan and what was typed go."""

    async def set_aside(self, letter: LetterId, at: datetime) -> None:
        """Remove a letter that is none (a blank page, the same twice), unless somebody has completed it."""


_THERE: Final = {"set_aside_at": None}
_NO_SCAN: Final = {"scan": 0, "previews": 0, "filing.typed": 0}


class MongoLetters(Letters):
    """The letters in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._letters = database[COLLECTION]

    @translate_errors
    async def insert(self, letters: Sequence[Letter]) -> None:
        for letter in letters:  # each has a scan of its own: together they are longer than a command may be
            kept = letter.model_dump(by_alias=True)
            while aside := await self._letters.find_one({"_id": letter.letter_id, "set_aside_at": {"$ne": None}}):
                key = aside["sheet"]["key_id"]
                await insert_new(self._letters, [aside | {"_id": left_of(letter.letter_id, key)}])
                same = {"_id": letter.letter_id, "set_aside_at": {"$ne": None}, "sheet.key_id": key}
                await self._letters.replace_one(same, kept)
            await insert_new(self._letters, [kept])

    @translate_errors
    async def waiting(self, departments: Collection[DepartmentId]) -> Sequence[Letter]:
        query = {"department": {"$in": sorted(departments)}, "filed_at": None, **_THERE}
        found = self._letters.find(query, _NO_SCAN).sort("added_at", ASCENDING).limit(LISTED_AT_MOST)
        return [_read(each) async for each in found]

    @translate_errors
    async def count(self, department: DepartmentId) -> int:
        query = {"department": department, "filed_at": None, **_THERE}
        found = self._letters.find(query, {"_id": 1}).limit(WAITING_AT_MOST)
        return len(await found.to_list(WAITING_AT_MOST))

    @translate_errors
    async def overdue(self, departments: Collection[DepartmentId], before: datetime) -> frozenset[DepartmentId]:
        waits = {"filed_at": None, "added_at": {"$lt": before}, **_THERE}
        found = [await self._letters.find_one({"department": each, **waits}, {"_id": 1}) for each in departments]
        return frozenset(each for each, letter in zip(departments, found, strict=True) if letter is not None)

    @translate_errors
    async def of_batch(self, departments: Collection[DepartmentId], batch: str) -> Sequence[Letter]:
        query = {"batch": batch, "department": {"$in": sorted(departments)}, **_THERE}
        found = [_read(each) async for each in self._letters.find(query, _NO_SCAN)]
        return sorted(found, key=lambda each: each.number)

    @translate_errors
    async def find(self, departments: Collection[DepartmentId], batch: str, number: int) -> Letter | None:
        query = {"batch": batch, "number": number, "department": {"$in": sorted(departments)}, **_THERE}
        found = await self._letters.find_one(query)
        return None if found is None else _read(found)

    @translate_errors
    async def begin(self, letter: LetterId, filing: Filing) -> Letter | None:
        done = {"$set": {"filing": filing.model_dump()}}
        stands = await self._letters.find_one_and_update(
            {"_id": letter, "filing": None, **_THERE}, done, return_document=ReturnDocument.AFTER
        ) or await self._letters.find_one({"_id": letter, **_THERE})
        return None if stands is None else _read(stands)

    @translate_errors
    async def begun(self, before: datetime) -> Sequence[Letter]:
        found = self._letters.find({"filing.at": {"$lt": before}, "filed_at": None}).sort("filing.at", ASCENDING)
        return [_read(each) async for each in found.limit(20)]

    @translate_errors
    async def finish(self, letter: LetterId, at: datetime) -> None:
        gone: dict[str, Any] = {"scan": None, "previews": [], "filing.typed": None, "filed_at": at}
        await self._letters.update_one({"_id": letter, "filing": {"$ne": None}}, {"$set": gone})

    @translate_errors
    async def set_aside(self, letter: LetterId, at: datetime) -> None:
        gone: dict[str, Any] = {"scan": None, "previews": [], "set_aside_at": at}
        await self._letters.update_one({"_id": letter, "filing": None, **_THERE}, {"$set": gone})


def left_of(letter: LetterId, key: KeyId) -> LetterId:
    """Return under which id a letter that was set aside names its key, where the letter is there again under another.

    Kept before that, so that whoever is killed in between leaves a key that is named twice, and destroyed all the same.
    """
    return LetterId(derive_id("set-aside", letter, key))


def _read(document: dict[str, Any]) -> Letter:
    filing = document.get("filing")
    return Letter.model_validate(document | {"filing": filing and {"typed": None, **filing}})
