"""Of two people on one phone one is erased, on the real MongoDB: nothing of hers is left, all of his is."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.data_subject.erase import WITH_A_DEED, Removal
from guichet.data_subject.finder import PersonFinder, reached_collections
from guichet.data_subject.personal_data import PersonalData
from guichet.law.calendar import paris_date
from guichet.mongo.client import Database
from guichet.privacy.coarse_times import day_of
from guichet.privacy.data_map.entry import Bond
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.documents import MongoDocumentFinder
from guichet.store.messages.document import MessageDocument
from guichet.store.messages.erase import MongoMessageErasing
from guichet.store.registry.erase import MongoCitizenErasing
from guichet.store.registry.identifiers import IdentifierDocument
from guichet.store.setup.schema import whole_data_map
from guichet.store.shared_documents import MongoSharedDocuments
from guichet.vault.erasure_ledger.entry import Noted
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.shared_phone import (
    AMINA,
    AMINA_BEFORE,
    BRUNO,
    EMAIL,
    PHONE,
    REGISTRY_KEY,
    ROADS,
    SECTOR_KEY,
    WELFARE,
    SharedPhone,
    address,
    in_sector,
)
from guichet_testing.real.collections import HOLDING
from guichet_testing.sealing import unseal_attachment, unseal_model
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault


def test_whatever_is_shared_has_a_deed_that_takes_one_share_out() -> None:
    shared = {entry.name for entry in reached_collections(whole_data_map()) if any(b.shared for b in entry.belongs)}
    assert shared <= WITH_A_DEED


class KilledError(Exception):
    """The process died here."""


class Fuse:
    """Wraps parts so that the process dies right after its n-th call to one of them."""

    def __init__(self, calls: int | None) -> None:
        self.left = calls

    def around(self, part: Any) -> Any:
        fuse = self

        class Fused:
            def __getattr__(self, name: str) -> Any:
                async def call(*args: Any) -> Any:
                    answer = await getattr(part, name)(*args)
                    if fuse.left is not None:
                        fuse.left -= 1
                        if fuse.left < 0:
                            raise KilledError
                    return answer

                return call

        return Fused()


class Town:
    """The database of two people on one phone, and an erasure of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vault, self.objects = InMemoryVault(), InMemoryObjects()
        self.people = SharedPhone(database, self.vault, self.objects)

    def finder(self) -> PersonFinder:
        documents = MongoDocumentFinder(self.database)
        return PersonFinder(documents=documents, vault=self.vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)

    def removal(self, fuse: Fuse) -> Removal:
        return Removal(
            finder=self.finder(),
            documents=fuse.around(MongoDocumentFinder(self.database)),
            shared=fuse.around(MongoSharedDocuments(self.database, self.finder().blind_ids)),
            citizens=fuse.around(MongoCitizenErasing(self.database)),
            cases=fuse.around(MongoCaseErasing(self.database)),
            messages=fuse.around(MongoMessageErasing(self.database)),
            vault=fuse.around(self.vault),
            objects=fuse.around(self.objects),
        )

    async def find(self) -> PersonalData:
        return await self.finder().find(AMINA, AMINA_BEFORE)

    async def erase(self, killed_after: int | None = None) -> None:
        """Every step asks anew what is hers, as the resumable steps of gdpr-worker do."""
        removal = self.removal(Fuse(killed_after))
        await removal.divert(AMINA, AMINA_BEFORE)
        await removal.destroy_keys(await self.find())
        await removal.delete(await self.find(), ARRIVED)

    async def everything(self) -> dict[str, dict[str, Any]]:
        names = await self.database.list_collection_names(filter=HOLDING)
        return {name: {each["_id"]: each async for each in self.database[name].find()} for name in names}


@pytest.fixture
async def town(prepared_database: Database) -> Town:
    town = Town(prepared_database)
    await town.people.insert()
    return town


@pytest.mark.real
async def test_what_is_hers_is_found_and_what_may_be_his_is_told_apart(town: Town) -> None:
    found = await town.find()
    assert found.citizens == {AMINA, AMINA_BEFORE}
    assert found.cases == {"amina-roads", "amina-welfare", "amina-judged", "amina-forged"}
    assert found.undecided_cases == {"bruno-perhaps"}
    assert found.messages == {each for each in town.people.words if each.startswith("amina")} | {"bruno-in-hers"}
    assert found.identifiers == {address(EMAIL)}
    assert found.shared_identifiers == {address(PHONE)}
    assert found.objects == {
        *("file-amina-roads", "file-amina-roads-again", "file-amina-in-his", "file-amina-suspended"),
        *("drafted-amina-roads", "drafted-amina-welfare", "drafted-amina-judged", "drafted-amina-forged"),
    }
    documents = (await town.everything())["cases"]
    assert [case.reference for case in found.listed] == [documents[case]["reference"] for case in sorted(found.cases)]
    assert found.counts == {
        "case_history": 8,
        "cases": 4,
        "citizens": 2,
        "commands": 5,
        "deliveries": 1,
        "identifiers": 1,
        "messages": 8,
        "notes": 4,
        "drafts": 4,
        "bulk_cases": 4,
        "read_marks": 4,
        "agent_news": 4,
        "threads": 2,
        "unseen_mail": 1,
        "cases (shared)": 1,
        "identifiers (shared)": 1,
        "threads (shared)": 1,
        "objects": 8,
        "keys": 2 + 1 + 4 * 6 + 8 + 1,
    }


@pytest.mark.real
async def test_one_of_her_ids_is_enough_while_the_registry_knows_the_other(town: Town) -> None:
    assert await town.finder().find(AMINA) == await town.find()


@pytest.mark.real
async def test_after_her_erasure_nothing_leads_to_her_and_nothing_of_hers_opens(town: Town) -> None:
    keys = (await town.find()).keys
    await town.erase()
    await assert_erased(town)
    assert await town.vault.open_keys(keys) == {}
    left = json.dumps(await town.everything(), default=str)
    gone = [AMINA_BEFORE, address(EMAIL), *keys]
    gone += [in_sector(person, sector) for person in (AMINA, AMINA_BEFORE) for sector in (ROADS, WELFARE)]
    assert [each for each in gone if each in left] == []
    assert "SM-amina" not in left


@pytest.mark.real
async def test_what_is_left_of_her_are_tombstones(town: Town) -> None:
    found = await town.find()
    await town.erase()
    left = await town.everything()
    for message in found.messages:
        assert left["messages"][message] == {"_id": message, "erased_at": day_of(ARRIVED)}
    for case in found.cases:
        assert {"state", "erasing", "destroyed_at"} <= left["cases"][case].keys()


@pytest.mark.real
async def test_all_of_his_is_left_as_it_was_and_opens(town: Town) -> None:
    before = await town.everything()
    await town.erase()
    await assert_his(town, before)


@pytest.mark.real
async def test_killed_anywhere_and_done_again_it_ends_complete(town: Town) -> None:
    before = await town.everything()
    for calls in range(100):
        try:
            await town.erase(killed_after=calls)
        except KilledError:
            continue  # the next try goes on from whatever this one left
        break
    assert calls > 8
    await assert_erased(town)
    await assert_his(town, before)


@pytest.mark.real
@pytest.mark.parametrize("calls", range(12))
async def test_killed_at_any_point_of_a_first_try_the_second_one_ends_it(town: Town, calls: int) -> None:
    before = await town.everything()
    with pytest.raises(KilledError):
        await town.erase(killed_after=calls)
    await town.erase()
    await assert_erased(town)
    await assert_his(town, before)


@pytest.mark.real
@pytest.mark.parametrize("calls", [None, 0, 3, 6, 9])
async def test_a_threat_is_left_whole_and_owes_its_erasure_while_all_else_of_hers_goes(
    town: Town, calls: int | None
) -> None:
    """docs/law.md 68: evidence; its sender stands in its messages, the registry forgets her."""
    threat = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "threatening"})
    await town.database["cases"].update_one({"_id": "amina-roads"}, {"$set": {"facts": [threat.model_dump()]}})
    before, found = await town.everything(), await town.find()
    assert (found.spared.cases, found.cases) == ({"amina-roads"}, {"amina-welfare", "amina-judged", "amina-forged"})
    assert [each.threat_said_on for each in found.spared.listed] == [paris_date(ARRIVED)]
    if calls is not None:
        with pytest.raises(KilledError):
            await town.erase(killed_after=calls)
    await town.erase()
    left, again = await town.everything(), await town.find()
    assert again.is_empty
    assert left["cases"]["amina-roads"] == {**before["cases"]["amina-roads"], "owes_erasure": True}
    assert (AMINA in left["citizens"], address(EMAIL) in left["identifiers"]) == (False, False)
    assert {"destroyed_at" in left["cases"][each] for each in found.cases} == {True}
    evidence = await town.finder().of_cases(found.spared.cases)
    assert (evidence.keys, evidence.objects) == (found.spared.keys, found.spared.objects)
    assert set(await town.vault.open_keys(evidence.keys)) == evidence.keys
    assert evidence.objects <= town.objects.objects.keys()
    for name, ids in evidence.documents.items():
        kept = {each: before[name][each] for each in ids if name != "cases"}
        assert {each: left[name][each] for each in kept} == kept
    assert await words(town, left["messages"]["amina-roads"]) == town.people.words["amina-roads"]


@pytest.mark.real
async def test_a_threat_that_is_withdrawn_before_the_second_pass_has_its_time_all_the_same(town: Town) -> None:
    threat = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "threatening"})
    mine, cases = {"_id": "amina-roads"}, town.database["cases"]
    await cases.update_one(mine, {"$set": {"facts": [threat.model_dump()]}})
    await town.erase()
    withdrawn = StatedFact(event=FactKind.WITHDRAWN, at=ARRIVED, what=threat)
    await cases.update_one(mine, {"$set": {"facts": [threat.model_dump(), withdrawn.model_dump()]}})
    before, found = await town.everything(), await town.find()
    assert (found.is_empty, found.spared.cases) == (True, {"amina-roads"})
    await town.erase()
    assert await town.everything() == before


@pytest.mark.real
@pytest.mark.parametrize("then", ["all", "destroy_keys", "release"])
async def test_a_threat_that_is_set_aside_with_the_rest_is_given_back(town: Town, then: str) -> None:
    """Who said so may have come between the finding and the mark, and an older gdpr-worker set all aside."""
    threat = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "threatening"})
    cases, removal = MongoCaseErasing(town.database), town.removal(Fuse(None))
    await cases.mark_erasing((await town.find()).cases)
    await town.database["cases"].update_one({"_id": "amina-roads"}, {"$set": {"facts": [threat.model_dump()]}})
    if then == "all":
        await town.erase()
    elif then == "destroy_keys":
        await removal.destroy_keys(await town.find())
    else:
        await removal.release(AMINA, AMINA_BEFORE)
    left = (await town.everything())["cases"]
    assert left["amina-roads"]["erasing"] is False
    assert left["amina-roads"].get("owes_erasure", False) is (then != "release")
    assert {left[each]["erasing"] for each in ("amina-welfare", "amina-judged")} == {then != "release"}


@pytest.mark.real
async def test_done_twice_it_changes_nothing_more(town: Town) -> None:
    found = await town.find()
    await town.erase()
    once = await town.everything()
    await town.removal(Fuse(None)).delete(found, ARRIVED + timedelta(days=9))
    await town.erase()
    assert await town.everything() == once


@pytest.mark.real
async def test_the_newcomer_at_her_address_keeps_it_under_a_key_of_their_own(town: Town) -> None:
    """The router gave the address to a newcomer after the keys to be destroyed had been found."""
    found = await town.find()
    mine = {"_id": address(EMAIL)}
    newcomer = {"citizen_id": "newcomer", "provenance": "message", "since": ARRIVED}
    old = (await town.everything())["identifiers"][address(EMAIL)]["value"]["key_id"]
    anew = {"value": {"key_id": "fresh", "box": b"-"}, "left_keys": [old]}
    await town.database["identifiers"].update_one(mine, {"$push": {"holders": newcomer}, "$set": anew})
    again = await town.find()
    assert again.identifiers == frozenset()
    assert again.shared_identifiers == {address(EMAIL), address(PHONE)}
    assert old in again.keys
    assert "fresh" not in again.keys
    await town.removal(Fuse(None)).delete(found, ARRIVED)
    left = (await town.everything())["identifiers"][address(EMAIL)]
    assert left["holders"] == [newcomer]
    assert (left["value"], left["left_keys"]) == (anew["value"], [])


@pytest.mark.real
async def test_she_writes_again_while_she_is_diverted_what_was_hers_goes_and_the_newcomers_message_stays(
    town: Town,
) -> None:
    """A message that no case has yet: the router is a moment away from giving her address to a newcomer, or just did."""
    before = await town.find()
    assert before.unfiled == {"amina-unfiled", "amina-suspended"}
    noted = Noted(at=ARRIVED + timedelta(days=1), addresses=(address(EMAIL),), unfiled=tuple(before.unfiled))
    await town.removal(Fuse(None)).divert(AMINA, AMINA_BEFORE)
    await town.people.message("newcomer-unfiled", EMAIL, None, case=None)
    found = await town.finder().find(AMINA, AMINA_BEFORE, noted=noted)
    assert found.messages == before.messages
    newcomer = {"citizen_id": "newcomer", "provenance": "message", "since": ARRIVED}
    await town.database["identifiers"].update_one({"_id": address(EMAIL)}, {"$push": {"holders": newcomer}})
    found = await town.finder().find(AMINA, AMINA_BEFORE, noted=noted)
    assert (found.identifiers, found.addresses) == (frozenset(), {address(EMAIL)})
    assert (found.messages, found.cases) == (before.messages, before.cases)
    removal = town.removal(Fuse(None))
    await removal.destroy_keys(found)
    await removal.delete(found, ARRIVED)
    assert (await town.finder().find(AMINA, AMINA_BEFORE, noted=noted)).is_empty
    left = (await town.everything())["messages"]
    assert left["amina-unfiled"] == {"_id": "amina-unfiled", "erased_at": day_of(ARRIVED)}
    assert await words(town, left["newcomer-unfiled"]) == town.people.words["newcomer-unfiled"]


@pytest.mark.real
async def test_a_case_that_was_filed_late_is_known_by_its_opener_though_a_newcomer_has_the_address(town: Town) -> None:
    """It bears no mark: it was on its way at the diverting."""
    before = await town.find()
    newcomer = {"citizen_id": "newcomer", "provenance": "message", "since": ARRIVED}
    await town.database["identifiers"].update_one({"_id": address(EMAIL)}, {"$push": {"holders": newcomer}})
    noted = Noted(at=ARRIVED, addresses=(address(EMAIL),))
    found = await town.finder().find(AMINA, AMINA_BEFORE, noted=noted)
    assert (found.cases, found.undecided_cases) == (before.cases, before.undecided_cases)


@pytest.mark.real
async def test_an_old_message_that_was_filed_for_a_newcomer_meanwhile_is_theirs(town: Town) -> None:
    noted = Noted(at=ARRIVED, unfiled=tuple((await town.find()).unfiled))
    await town.database["messages"].update_one({"_id": "amina-unfiled"}, {"$set": {"filed": "bruno-roads"}})
    assert "amina-unfiled" not in (await town.finder().find(AMINA, AMINA_BEFORE, noted=noted)).messages


@pytest.mark.real
async def test_what_a_refused_erasure_set_aside_is_hers_again_and_answered(town: Town) -> None:
    before = await town.everything()
    removal = town.removal(Fuse(None))
    for _ in range(2):
        await removal.divert(AMINA, AMINA_BEFORE)
    assert (await town.everything())["cases"]["amina-roads"]["erasing"]
    for calls in range(3):  # also killed between cases and citizens
        with suppress(KilledError):
            await town.removal(Fuse(calls)).release(AMINA, AMINA_BEFORE)
    assert await town.everything() == before


async def assert_erased(town: Town) -> None:
    found = await town.find()
    assert found.is_empty, found
    assert set(town.objects.objects) == {
        *("file-bruno-roads", "file-bruno-roads-again", "drafted-bruno-roads", "drafted-bruno-perhaps"),
    }
    assert set((await town.everything())["citizens"]) == {BRUNO}


async def assert_his(town: Town, before: dict[str, dict[str, Any]]) -> None:
    """His documents are the ones from before, but for her share in them; every word of his opens."""
    left = await town.everything()
    assert left["citizens"][BRUNO] == before["citizens"][BRUNO]
    his = [name for name in before["messages"] if name.startswith("bruno") and name != "bruno-in-hers"]
    for name in his:
        assert left["messages"][name] == before["messages"][name]
        assert await words(town, left["messages"][name]) == town.people.words[name]
    for name in ("bruno-roads", "bruno-perhaps"):
        assert {**left["cases"][name], "candidates": []} == {**before["cases"][name], "candidates": []}
        await subject(town, CaseRecord.model_validate(left["cases"][name]))
    assert left["cases"]["bruno-perhaps"]["candidates"] == [in_sector(BRUNO)]
    assert set(left["threads"]) == {"both", "bruno"}
    blind = town.finder().blind_ids.blind(Bond.CASE, "bruno-roads")
    assert [claim["of_case"] for claim in left["threads"]["both"]["claims"]] == [blind]
    assert left["unseen_mail"] == {name: before["unseen_mail"][name] for name in ("bruno-suspended",)}
    assert "command-bruno-suspended" in left["commands"]
    assert left["deliveries"]["answer-to-bruno-roads"] == before["deliveries"]["answer-to-bruno-roads"]
    assert left["deliveries"]["answer-to-amina-in-his"]["state"] == "sent"
    await his_phone(town, IdentifierDocument.model_validate(left["identifiers"][address(PHONE)]))
    await his_file(town, MessageDocument.model_validate(left["messages"]["bruno-roads"]))


async def words(town: Town, message: dict[str, Any]) -> str:
    document = MessageDocument.model_validate(message)
    keys = await town.vault.open_keys([document.content.key_id])
    thing = Thing("message", document.message_id)
    return unseal_model(keys[document.content.key_id], thing, "content", document.content, InboundContent).text


async def subject(town: Town, case: CaseRecord) -> None:
    sealed = case.subject
    assert sealed is not None
    keys = await town.vault.open_keys([sealed.key_id])
    assert unseal(keys[sealed.key_id], Thing("case", case.case_id), "subject", sealed) == case.case_id.encode()


async def his_phone(town: Town, phone: IdentifierDocument) -> None:
    assert [holder.citizen_id for holder in phone.holders] == [BRUNO]
    assert not phone.shared
    keys = await town.vault.open_keys([phone.value.key_id])
    thing = Thing("identifier", phone.identifier_id)
    assert unseal(keys[phone.value.key_id], thing, "value", phone.value) == PHONE.value.encode()


async def his_file(town: Town, message: MessageDocument) -> None:
    keys = await town.vault.open_keys([message.content.key_id])
    key, box = keys[message.content.key_id], await town.objects.get("file-bruno-roads")
    assert unseal_attachment(key, message.message_id, "file-bruno-roads", box) == b"his pothole"
