"""Three people ask to be forgotten: what is left of them, of the others, and for whoever writes again.

One drill on the whole of Guichet, real Kafka and mongod (drill.py); each story looks at one side of it.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import httpx
import pytest

from guichet.contracts.case_events import CaseDestroyed
from guichet.contracts.topics import CASE_EVENTS, PRIVACY_EVENTS
from guichet_testing.stolen_copy.copy import databases
from guichet_testing.stolen_copy.owners import items_of
from guichet_testing.town.desk_client import DeskClient, password_of
from guichet_testing.town.people import AMINA
from tests.attacks.stolen_copy.guesses import ids_in, the_list, verified
from tests.erasure.cast import BIRTH, ERASED, FENCE, FROM_THE_SHARED_PHONE, HOLE, LAMP, LATE, REASON, SAID, STAYING
from tests.erasure.drill import AGAIN, GONE, Drill, play
from tests.erasure.searches import keys_of_search_files, living_keys, name_in_files
from tests.erasure.town import held_town

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
async def drill(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drill]:
    """The drill, played once."""
    folder = tmp_path_factory.mktemp("erasure") / "guichet"
    async with held_town(folder) as town, DeskClient(town.stack.addresses["agent-desk"]) as desk:
        yield await play(town, desk)


async def test_before_her_erasure_everything_of_amina_opens_wherever_it_lies(drill):
    opened, hers = drill.openings.before, drill.theirs[AMINA.sandbox]
    assert set(opened) == set(drill.copy.items)
    places = {item.place for item in hers}
    assert places >= {"citizens", "identifiers", "cases", "messages", "objects", "inbound-email", "inbound-sms"}
    assert places >= {"inbound-social-dlq", "case-commands", "case-events", "inbound-desk", "letters", "drafts"}
    assert REASON.encode() in {opened[item] for item in hers if item.place == "case-events"}
    assert len({item.thing for item in hers if item.place == "messages"}) >= 5  # mail, SMS, two receipts, an answer
    for person in STAYING:
        assert items_of(person.markers, opened, drill.copy.data["messages"]).isdisjoint(drill.erased_items)


async def test_with_her_keys_destroyed_an_old_copy_of_the_vault_still_opens_it_until_the_rotation(drill):
    """Else the rotation would prove nothing."""
    assert set(drill.openings.untouched_vault) == set(drill.copy.items)
    assert drill.erased_items.isdisjoint(drill.openings.living_vault)


async def test_after_the_rotation_no_key_that_exists_opens_anything_of_the_erased_and_all_of_the_others(drill):
    assert set(drill.openings.after) == set(drill.copy.items) - drill.erased_items
    assert all(drill.openings.before[item] == clear for item, clear in drill.openings.after.items())
    for person in STAYING:
        assert items_of(person.markers, drill.openings.after, drill.copy.data["messages"])


async def test_to_agents_and_by_her_link_her_case_does_not_exist(drill):
    assert await drill.desk.case_of(HOLE) is None
    async with httpx.AsyncClient(trust_env=False) as browser:
        for link in (drill.follow_link, drill.question_link):
            assert (await browser.get(link)).status_code == 404


async def test_the_search_files_knew_of_them_and_hold_no_word_of_them_any_more(drill):
    """Nor of what is only marked as deleted: shared/tests/search_files/test_what_the_file_shows.py."""
    erased, staying = ({name_in_files(person) for person in people} for people in (GONE, STAYING))
    assert drill.searched_before >= erased
    assert drill.searched_after.isdisjoint(erased)
    assert drill.searched_before & staying == drill.searched_after & staying != set()


async def test_copies_of_search_files_from_before_open_with_no_key_that_exists(drill):
    current = keys_of_search_files(drill.town)
    assert drill.search_keys
    assert drill.search_keys.isdisjoint(current)
    assert living_keys(drill.town, drill.search_keys) == []
    assert len(living_keys(drill.town, current)) == len(current)


async def test_what_is_left_of_her_are_bare_ids(drill):
    messages = {item.thing.thing_id for item in drill.theirs[AMINA.sandbox] if item.place == "messages"}
    cases = {item.thing.thing_id for item in drill.theirs[AMINA.sandbox] if item.place == "cases"}
    left = {each["_id"]: each for each in (*drill.kept_after["messages"], *drill.kept_after["cases"])}
    assert {frozenset(left[message]) for message in messages} == {frozenset({"_id", "erased_at"})}
    bare = {"_id", "version", "state", "erasing", "destroyed_at"}
    assert {frozenset(left[case]) for case in cases} == {frozenset(bare)}
    citizens = {each["_id"] for each in drill.kept_after["citizens"]}
    assert citizens.isdisjoint(drill.citizens.values())
    for collection in ("abuse_declarations", "notes", "agent_news"):
        assert drill.copy.data[collection]
        assert not drill.kept_after.get(collection)
        assert not drill.restored.get(collection)
    for collection in ("on_call", "agent_mails"):  # of agents: no erasure concerns them
        for kept in (drill.kept_after, drill.restored):
            assert [each["_id"] for each in kept[collection]] == [each["_id"] for each in drill.copy.data[collection]]
    assert [each for each in drill.copy.data["drafts"] if not each["is_over"]]
    assert cases.isdisjoint(each["case_id"] for kept in (drill.kept_after, drill.restored) for each in kept["drafts"])
    [file] = [file["file_id"] for each in drill.copy.data["drafts"] for file in each["files"]]
    assert not (drill.town.stack.folder / "objects" / file).exists()


async def test_of_the_question_that_she_answered_and_of_its_form_nothing_is_left(drill):
    said = {item for item, clear in drill.openings.before.items() if SAID.encode() in clear}
    assert {item.place for item in said} >= {"messages", "inbound-portal"}
    assert said <= drill.theirs[AMINA.sandbox]
    forms = [each["_id"] for each in drill.copy.data["follow_views"] if each.get("is_question")]
    assert forms
    for kept in (databases(drill.town.stack.mongodb_admin_uri)[0], drill.restored):
        assert [each for each in kept["follow_views"] if each["_id"] in forms] == []


async def test_her_letter_goes_and_one_that_nobody_has_read_waits_on(drill):
    waiting, hers = sorted(drill.copy.data["letters"], key=lambda letter: letter["added_at"])
    assert hers["filing"]["message_id"] in {item.thing.thing_id for item in drill.theirs[AMINA.sandbox]}
    for kept in (drill.kept_after, drill.restored):
        assert [letter["_id"] for letter in kept["letters"]] == [waiting["_id"]]
    keys = [letter["sheet"]["key_id"] for letter in (waiting, hers)]
    assert living_keys(drill.town, keys) == keys[:1]


async def test_each_destroyed_case_is_told_of_once_in_order(drill):
    events = defaultdict(dict)
    for record in drill.records():
        if record.topic == CASE_EVENTS.name:
            event = CASE_EVENTS.events.validate_json(record.value)
            events[event.case_id][event.event_id] = event
    destroyed = {item.thing.thing_id for item in drill.erased_items if item.place == "cases"}
    for case, told in events.items():
        last = max(told.values(), key=lambda event: event.version)
        assert sorted(event.version for event in told.values()) == [*range(1, last.version + 1)]
        assert isinstance(last, CaseDestroyed) == (case in destroyed)


async def test_killed_at_random_every_erasure_ends_complete_and_once(drill):
    assert len(drill.kills) == 4, drill.kills
    assert len(drill.ledger) == len(ERASED)
    for entry in drill.ledger:
        assert entry.certificate is not None, (entry.step, drill.kills)
        assert entry.certificate.slip, drill.kills
    told = Counter()
    ids = set()
    for record in drill.records():
        if record.topic == PRIVACY_EVENTS.name:
            event = PRIVACY_EVENTS.events.validate_json(record.value)
            if event.event_id not in ids:
                ids.add(event.event_id)
                told[event.request_id, event.type] += 1
    assert told == {
        (entry.request_id, kind): 1 for entry in drill.ledger for kind in ("PrivacyRequestRecorded", "ErasureCompleted")
    }


async def test_what_a_source_hands_in_again_after_the_erasure_comes_to_nothing(drill):
    """Messages that stay note what was sealed of them a second time; nothing else changes, and no bare id grows."""
    before, after = [
        {name: [{**each, "copies": []} for each in documents] for name, documents in kept.items()}
        for kept in (drill.kept_before_again, drill.kept_after_again)
    ]
    assert after == before
    erased = [each for each in drill.kept_after_again["messages"] if "erased_at" in each]
    assert len(erased) >= 5
    assert {frozenset(each) for each in erased} == {frozenset({"_id", "erased_at"})}


async def test_when_amina_writes_again_she_is_somebody_new_and_gets_her_receipt(drill):
    assert drill.new_receipt is not None
    case = case_of(drill, AGAIN)
    assert case["reference"] in drill.new_receipt.text
    assert case["citizen"] not in {each["citizen"] for each in drill.copy.data["cases"]}
    assert case.get("linked_to") is None
    assert case.get("no_receipt") is None, "what an agent declared of her went with her"


async def test_a_mail_accepted_just_before_the_request_and_filed_after_it_is_not_lost(drill):
    assert drill.late_receipt is not None
    case = case_of(drill, LATE)
    assert case["reference"] in drill.late_receipt.text
    assert case["citizen"] is not None
    assert case["citizen"] not in {each["citizen"] for each in drill.copy.data["cases"]}
    assert await drill.desk.case_of(LATE)


async def test_of_two_people_on_one_phone_erasing_one_leaves_the_other_s_cases_readable(drill):
    status, page = await drill.desk.read(await drill.desk.case_of(FROM_THE_SHARED_PHONE))
    assert status == 200
    assert FROM_THE_SHARED_PHONE in page
    assert "Jeanne Marchand" in page
    assert "Louis Marchand" not in page
    clerk = password_of(drill.town.stack, "paul.mercier")
    async with DeskClient(drill.town.stack.addresses["agent-desk"]) as desk:
        assert await desk.sign_in("paul.mercier", clerk) == 303
        assert await desk.case_of(BIRTH)
        assert await desk.case_of(FENCE) is None


async def test_the_others_notice_nothing(drill):
    path = await drill.desk.case_of(LAMP)
    _, page = await drill.desk.read(path)
    assert "Thomas Lefèvre" in page
    assert "passent mardi" in page


async def test_everything_read_once_more_from_the_first_record_brings_nothing_back_and_sends_nothing(drill):
    assert drill.records_read_again > 20
    assert drill.kept_after == drill.kept_before
    assert drill.sent_after == drill.sent_before


async def test_a_backup_from_before_is_clean_again_before_it_serves_anyone(drill):
    left = {each["_id"]: each for each in (*drill.restored["messages"], *drill.restored["cases"])}
    erased = {item.thing.thing_id for item in drill.erased_items if item.place in ("messages", "cases")}
    assert erased <= left.keys()
    assert not [name for name in erased if {"content", "subject", "citizen"} & left[name].keys()]
    assert {each["_id"] for each in drill.restored["citizens"]}.isdisjoint(drill.citizens.values())
    assert drill.erased_items.isdisjoint(drill.restored_opened)
    markers = [marker.encode() for person in ERASED for marker in person.markers]
    assert not [item for item, clear in drill.restored_opened.items() if any(marker in clear for marker in markers)]
    stayed = {item for item in drill.copy.items if item.place in ("messages", "citizens")} - drill.erased_items
    assert stayed <= set(drill.restored_opened)


async def test_what_came_after_the_backup_is_filed_again_from_the_topics(drill):
    subjects = [words for _, words in drill.living_cases()]
    assert Counter(subjects)[AGAIN] == Counter(subjects)[LATE] == 1
    assert HOLE not in subjects
    assert LAMP in subjects


def case_of(drill: Drill, subject: str) -> dict:
    """Return the case that a mail with this subject opened, told by opening it as it lies there now."""
    found = drill.living_cases()
    [case] = [case for case, words in found if words == subject]
    return case


async def test_an_attacker_with_a_list_of_citizens_confirms_nobody_before_and_after(drill):
    """Their list is the town's own register; their pile: both databases, topics, and what the oplog still tells."""
    before = [drill.copy.data, drill.copy.vault]
    after = [*databases(drill.town.stack.mongodb_admin_uri), drill.town.oplog()]
    for pile in (before, after):
        ids = ids_in([pile, [record.value for record in drill.records()]])
        found = verified(the_list(), ids, pile[0]["identifiers"])
        assert found == set(), f"{len(found)} guesses are confirmed"


async def test_after_the_certificate_neither_ledger_nor_audit_names_who_was_erased(drill):
    data, vault = databases(drill.town.stack.mongodb_admin_uri)
    gone = {*drill.citizens.values(), *(item.thing.thing_id for item in drill.erased_items if item.place == "citizens")}
    assert gone
    assert gone & ids_in(vault["erasures"]) == set()
    assert gone & ids_in(data["audit"]) == set(), "an operator's look names the erased"
