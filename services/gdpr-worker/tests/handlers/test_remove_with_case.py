"""What lives with a case goes once it is destroyed, and only then: every place that the data map says so of."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from gdpr_worker.handlers.remove_with_case import remove_with_case
from guichet.data_subject.finder import PersonFinder
from guichet.data_subject.personal_data import PersonalData
from guichet.errors import TransientError
from guichet.ids import CaseId
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Belonging, Bond, DataMapEntry
from guichet.privacy.data_map.retention import Owner, WithIts
from guichet.store.setup.schema import whole_data_map
from guichet_testing.builders.shared_phone import REGISTRY_KEY, SECTOR_KEY
from guichet_testing.twins.store.documents import InMemoryDocumentFinder
from guichet_testing.twins.vault import InMemoryVault

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
CASE, OTHER = CaseId("case-1"), CaseId("case-2")
TOMBSTONE: Final = {"_id": CASE, "erasing": True, "destroyed_at": NOW}
WITH_A_CASE: Final = [
    entry
    for entry in whole_data_map()
    if any(isinstance(rule, WithIts) and rule.owner is Owner.CASE for rule in entry.retention)
]


class Removed:
    """Stands in for the removal: takes documents out of the store, or dies before it."""

    def __init__(self, documents: InMemoryDocumentFinder) -> None:
        self.documents, self.keys, self.objects = documents, set[str](), set[str]()
        self.dies = False

    async def destroy_keys(self, personal_data: PersonalData) -> None:
        self.keys |= personal_data.keys
        if self.dies:
            raise TransientError("away between keys and documents")

    async def delete(self, personal_data: PersonalData, at: datetime) -> None:
        assert at == NOW
        self.objects |= personal_data.objects
        for places in (personal_data.documents, personal_data.partly):
            for name, ids in places.items():
                if name != "cases":
                    await self.documents.delete(name, ids)


class Town:
    def __init__(self) -> None:
        self.documents = InMemoryDocumentFinder()
        self.removal = Removed(self.documents)
        self.finder = PersonFinder(
            documents=self.documents, vault=InMemoryVault(), registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY
        )

    async def remove(self, *cases: CaseId) -> None:
        removal: Any = self.removal
        await remove_with_case(cases, finder=self.finder, removal=removal, clock=lambda: NOW)

    def left(self, collection: str) -> set[str]:
        return set(self.documents.documents[collection])


def holding(case: CaseId, bond: Belonging) -> dict[str, Any]:
    """Return a document that holds a case where the data map says it does."""
    [there] = BlindIds(REGISTRY_KEY).each(Bond.CASE, {case}) if bond.blind else [case]
    document: Any = there
    for name in reversed(bond.path.split(".")):
        document = {name: document}
    return {"_id": f"of-{case}", **document}


@pytest.mark.parametrize("entry", WITH_A_CASE, ids=lambda entry: entry.name)
async def test_each_place_that_lives_with_its_case_is_emptied_of_a_destroyed_one_alone(entry: DataMapEntry) -> None:
    town = Town()
    [bond] = [each for each in entry.belongs if each.bond is Bond.CASE]
    town.documents.add("cases", TOMBSTONE, {"_id": OTHER})
    town.documents.add(entry.name, holding(CASE, bond), holding(OTHER, bond))
    await town.remove(CASE, OTHER)
    assert town.left(entry.name) == {f"of-{OTHER}"}
    assert town.left("cases") == {CASE, OTHER}, "its tombstone stays"


def test_proof_of_delivery_lives_with_its_case() -> None:
    assert {"deliveries", "messages", "case_history"} <= {entry.name for entry in WITH_A_CASE}


def a_message() -> dict[str, Any]:
    attachments = [{"attachment_id": "file-1"}]
    return {"_id": "m1", "filed": CASE, "content": {"key_id": "k1", "box": b"-"}, "attachments": attachments}


async def test_keys_and_files_of_its_messages_go_with_them() -> None:
    town = Town()
    town.documents.add("cases", TOMBSTONE)
    town.documents.add("messages", a_message())
    await town.remove(CASE)
    assert (town.removal.keys, town.removal.objects, town.left("messages")) == ({"k1"}, {"file-1"}, set())


async def test_an_event_about_a_living_or_an_unknown_case_removes_nothing() -> None:
    """Nobody signs case events: what the store says decides."""
    town = Town()
    town.documents.add("cases", {"_id": CASE, "erasing": True})
    town.documents.add("messages", a_message())
    await town.remove(CASE, OTHER)
    assert (town.removal.keys, town.left("messages")) == (set(), {"m1"})


async def test_killed_between_keys_and_documents_the_event_comes_again_and_ends_it() -> None:
    town = Town()
    town.documents.add("cases", TOMBSTONE)
    town.documents.add("messages", a_message())
    town.removal.dies = True
    with pytest.raises(TransientError):
        await town.remove(CASE)
    town.removal.dies = False
    for _ in range(2):
        await town.remove(CASE)
    assert (town.removal.keys, town.left("messages")) == ({"k1"}, set())
