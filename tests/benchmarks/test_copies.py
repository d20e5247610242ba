"""The copies that fill a store: unique, linked to each other, and readable as documents."""

import pytest
from pymongo import MongoClient

from guichet.case.record import CaseRecord
from guichet.ids import AnchorId, CaseId, MessageId
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet_bench.copies import MOST, copy_all, prefixes
from guichet_local.mongod.server import MongoServer
from guichet_testing.builders.case import a_case

CASE, MESSAGE, ANCHOR = CaseId("0" * 31 + "a"), MessageId("1" * 32), AnchorId("2" * 32)
CLAIM, SEALING = Claim(case_id=CASE, claimed_by=MESSAGE), ClaimSealing(bytes(32), bytes(32))


@pytest.mark.parametrize("count", [1, 2, 1000, MOST])
def test_beginnings_differ_and_are_spread(count):
    found = prefixes(count)
    assert len(set(found)) == count
    assert {len(each) for each in found} == {3}
    assert found == sorted(found)


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_there_are_only_so_many(count):
    with pytest.raises(ValueError, match="is the most"):
        prefixes(count)


@pytest.mark.real
def test_copies_are_documents_that_belong_together(mongo_server: MongoServer, mongo_database: str):
    source, target = mongo_database, f"{mongo_database}_large"
    case = a_case("x", opened_by=MESSAGE).model_copy(update={"case_id": CASE, "citizen": None})
    with MongoClient(mongo_server.uri, tz_aware=True) as client:
        client[source]["cases"].insert_one(case.model_dump(by_alias=True))
        client[source]["threads"].insert_one({"_id": ANCHOR, "version": 1, "claims": [SEALING.seal(ANCHOR, CLAIM)]})
        done = list(copy_all(client, source, target, 5))
        cases = [CaseRecord.model_validate(each) for each in client[target]["cases"].find()]
        threads = list(client[target]["threads"].find())
    assert done[0] == "cases"
    assert len({each.case_id for each in cases}) == len({each.reference for each in cases}) == 5
    assert len({each["_id"] for each in threads}) == len({each["claims"][0]["of_case"] for each in threads}) == 5
    assert {each.citizen for each in cases} == {None}, "what is no id stays"
