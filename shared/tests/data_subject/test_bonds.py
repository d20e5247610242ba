"""Whose a document is, on any registry: what goes is this person's alone, and nothing of theirs is left out."""

from collections.abc import Collection
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guichet.data_subject.bonds import walk
from guichet.data_subject.finder import PersonFinder, reached_collections
from guichet.data_subject.personal_data import PersonalData
from guichet.ids import CaseId, CitizenId, SectorId
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.setup.schema import whole_data_map
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.documents import InMemoryDocumentFinder
from guichet_testing.twins.vault import InMemoryVault

KEY = bytes(32)
PEOPLE = ("p", "q", "r")
SECTORS = ("voirie", "social")

people = st.sampled_from(PEOPLE)
groups = st.sets(people, min_size=1)


@st.composite
def towns(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Addresses with holders, cases with a citizen or candidates, messages filed in them by anybody."""
    cases = []
    for number in range(draw(st.integers(0, 6))):
        sector, citizen = draw(st.sampled_from(SECTORS)), draw(st.none() | people)
        candidates = [] if citizen else sorted(draw(groups))
        cases.append(a_case(f"c{number}", sector, citizen, candidates, is_threat=draw(st.booleans())))
    messages = [
        a_message(f"m{number}", draw(st.sampled_from(cases)), draw(st.none() | people))
        for number in range(draw(st.integers(0, 8)) if cases else 0)
    ]
    addresses = [
        {
            "_id": f"i{number}",
            "holders": [{"citizen_id": each} for each in sorted(draw(groups))],
            "value": {"key_id": f"key-i{number}"},
            "left_keys": draw(st.sampled_from([[], [f"left-i{number}"]])),
        }
        for number in range(draw(st.integers(0, 4)))
    ]
    history = [
        {"_id": f"{case['_id']}.{version}", "case_id": case["_id"], **said}
        for case in cases
        for version, said in enumerate(({}, {"reason": {"key_id": f"reason-{case['_id']}"}}), start=1)
    ]
    return {"cases": cases, "case_history": history, "messages": messages, "identifiers": addresses}


def own(person: str, sector: str) -> str:
    return sector_citizen_id(KEY, SectorId(sector), CitizenId(person))


def a_case(name: str, sector: str, citizen: str | None, candidates: list[str], *, is_threat: bool) -> dict[str, Any]:
    threat = {"event": "qualified", "at": ARRIVED, "nature": "threatening"}
    return {
        "_id": name,
        "people": {citizen, *candidates} - {None},  # not a field of cases: what the test goes by
        "facts": [threat] if is_threat else [],
        "reference": f"2026-0000-00{name[-1]}",
        "department": sector,
        "state": "closed",
        "received_at": ARRIVED,
        "sector": sector,
        "citizen": own(citizen, sector) if citizen else None,
        "candidates": [own(each, sector) for each in candidates],
        "subject": {"key_id": f"key-{name}"},
        "outbox": [{"event": {"reason": {"key_id": f"outbox-{name}"}}}],
        "opened_by": f"opener-{name}",
    }


def a_message(name: str, case: dict[str, Any], citizen: str | None) -> dict[str, Any]:
    return {
        "_id": name,
        "direction": "inbound",
        "people": {citizen},
        "filed": case["_id"],
        "citizen": own(citizen, case["sector"]) if citizen else None,
        "content": {"key_id": f"key-{name}"},
        "attachments": [{"attachment_id": f"file-{name}"}],
    }


@given(towns())
async def test_all_that_is_a_persons_alone_goes_and_all_that_is_anothers_stays(town: dict[str, Any]) -> None:
    found = await found_in(town)

    hers = {case["_id"] for case in town["cases"] if case["people"] == {"p"}}
    spared = {case["_id"] for case in town["cases"] if case["_id"] in hers and case["facts"]}
    cases, filed = hers - spared, {each["_id"]: each["filed"] for each in town["messages"]}
    theirs = {each["_id"] for each in town["messages"] if each["filed"] in cases or each["people"] == {"p"}}
    messages = {each for each in theirs if filed[each] not in spared}
    held = {each["_id"]: {holder["citizen_id"] for holder in each["holders"]} for each in town["identifiers"]}
    addresses = {address for address, holders in held.items() if holders == {"p"}}
    left = {key for each in town["identifiers"] if "p" in held[each["_id"]] for key in each["left_keys"]}
    assert found.cases == cases
    assert found.undecided_cases == {case["_id"] for case in town["cases"] if "p" in case["people"]} - hers
    assert found.messages == messages
    history = {each["_id"] for each in town["case_history"] if each["case_id"] in cases}
    assert found.documents.get("case_history", frozenset()) == history
    assert found.identifiers == addresses
    assert found.shared_identifiers == {address for address, holders in held.items() if "p" in holders} - addresses
    assert found.objects == {f"file-{message}" for message in messages}
    of_cases = {f"{kind}-{case}" for case in cases for kind in ("key", "reason", "outbox")}
    assert found.keys == of_cases | {f"key-{each}" for each in messages | addresses} | left
    assert (found.spared.cases, found.spared.messages) == (spared, {each for each in filed if filed[each] in spared})
    assert {each.reference for each in found.spared.listed} == {f"2026-0000-00{each[-1]}" for each in spared}


@given(towns())
async def test_what_is_spared_as_evidence_is_all_that_would_go_otherwise(town: dict[str, Any]) -> None:
    """docs/law.md 68: nothing of it goes before, and nothing is forgotten."""
    found = await found_in(town)
    otherwise = await found_in({**town, "cases": [{**each, "facts": []} for each in town["cases"]]})
    later = await found_in(town, found.spared.cases) if found.spared.cases else PersonalData()
    for name in {*found.documents, *later.documents, *otherwise.documents}:
        now, then = found.documents.get(name, frozenset()), later.documents.get(name, frozenset())
        assert not now & then
        assert now | then == otherwise.documents.get(name, frozenset())
    assert (found.keys & later.keys, found.keys | later.keys) == (frozenset(), otherwise.keys)
    assert (found.objects & later.objects, found.objects | later.objects) == (frozenset(), otherwise.objects)
    assert (found.spared.keys, found.spared.objects) == (later.keys, later.objects)


async def found_in(town: dict[str, Any], cases: Collection[CaseId] = ()) -> PersonalData:
    documents = InMemoryDocumentFinder()
    for collection, there in town.items():
        documents.add(collection, *there)
    finder = PersonFinder(documents=documents, vault=InMemoryVault(), registry_key=KEY, sector_key=KEY)
    return await (finder.of_cases(cases) if cases else finder.find(CitizenId("p")))


async def test_a_collection_is_walked_as_soon_as_it_is_declared() -> None:
    survey = DataMapEntry(
        place="collection",
        name="surveys",
        purpose="ask one question",
        legal_basis=PUBLIC_TASK,
        whose="citizens",
        retention=(),
        on_erasure=Erasure.DELETED,
        fields=(PersonalField("answer", Form.SEALED, "the citizen's words"),),
        belongs=(Belonging(Bond.CASE, "case"),),
        files=("recording",),
    )
    documents = InMemoryDocumentFinder()
    documents.add("cases", {"_id": "c1", "citizen": "s1"})
    documents.add("surveys", {"_id": "q", "case": "c1", "answer": {"key_id": "k"}, "recording": "file"}, {"_id": "r"})
    trail = await walk(
        (survey, *reached_collections(whole_data_map())), {Bond.SECTOR_CITIZEN: {"s1"}}, documents, BlindIds(KEY)
    )
    assert trail.whole["surveys"] == {"q"}
    assert (trail.keys, trail.objects) == ({"k"}, {"file"})
