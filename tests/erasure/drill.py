"""The drill, once from beginning to end; the stories of test_erasure look at what came of it.

Everybody writes; everything on disk is copied; three persons are erased while gdpr-worker is killed at random and the
router is away for a while; the copy is opened before, between the keys' destruction and the rotation, and after; the erased
write again; every topic is read once more from its first record; in the end a backup from before all this is restored.
"""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from citizen_sandbox.play.entry import Direction, Entry
from guichet.contracts.topics import INBOUND_SMS
from guichet.errors import TransientError
from guichet.ids import KeyId
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet_testing.stolen_copy.copy import Contents, copy_of, databases, read_copy
from guichet_testing.stolen_copy.opener import CopyOpener, root_keys_in
from guichet_testing.stolen_copy.owners import items_of
from guichet_testing.stolen_copy.sealed_items import Item, items_in_collection, items_in_records
from guichet_testing.stolen_copy.segments import Record, records_in
from guichet_testing.town.desk_client import DeskClient, password_of
from guichet_testing.town.people import AMINA, NGOC, Person
from guichet_testing.town.rewind import rewind_all
from guichet_testing.until import until
from tests.erasure.cast import ERASED, LATE, an_agent_answers, everybody_writes
from tests.erasure.kill_worker import kill_at
from tests.erasure.searches import keys_of_search_files, living_keys, name_in_files, words_in_search_files
from tests.erasure.town import WORKERS, HeldTown

KILLED_AFTER: Final = (ErasureStep.DIVERTED, ErasureStep.PASSED, ErasureStep.DESTROYED, ErasureStep.DELETED)
THE_TOWN_S_OWN: Final = frozenset({"astreinte@mairie.example", "dpo@mairie.example"})
# Her late mail is filed all the same, as of somebody new, whose name is the same.
GONE: Final = tuple(person for person in ERASED if person is not NGOC)
AGAIN: Final = "Nid-de-poule : me revoilà"


@dataclass
class Openings:
    """What of the first copy opened, with every key file and vault of the time."""

    before: Mapping[Item, bytes] = field(default_factory=dict)
    untouched_vault: Mapping[Item, bytes] = field(default_factory=dict)  # keys destroyed, not rotated: old vault's way
    living_vault: Mapping[Item, bytes] = field(default_factory=dict)  # the same moment, by the living vault alone
    after: Mapping[Item, bytes] = field(default_factory=dict)


@dataclass
class Drill:
    """What was seen. theirs: by the erased person, their items in the copy. kept_*: documents around the replay."""

    town: HeldTown
    desk: DeskClient
    copy: Contents
    openings: Openings
    follow_link: str
    question_link: str
    searched_before: frozenset[str]
    search_keys: frozenset[KeyId]
    searched_after: frozenset[str] = frozenset()
    theirs: dict[str, frozenset[Item]] = field(default_factory=dict)
    citizens: dict[str, str] = field(default_factory=dict)
    ledger: list[ErasureEntry] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    late_mail: int = 0  # the sandbox's number of it
    late_receipt: Entry | None = None
    new_receipt: Entry | None = None
    records_read_again: int = 0
    kept_before: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    kept_after: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    sent_before: list[str] = field(default_factory=list)
    sent_after: list[str] = field(default_factory=list)
    kept_before_again: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # around a source's second list
    kept_after_again: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    restored: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # before any service was started
    restored_opened: Mapping[Item, bytes] = field(default_factory=dict)

    @property
    def erased_items(self) -> frozenset[Item]:
        """Everything of everybody erased."""
        return frozenset().union(*self.theirs.values())

    def living_cases(self) -> list[tuple[dict[str, Any], str]]:
        """Return the cases that are there now, each with its subject."""
        data, vault = databases(self.town.stack.mongodb_admin_uri)
        opened = _open(self.town, [vault], [*items_in_collection("cases", data["cases"])])
        subjects = {item.at: clear.decode() for item, clear in opened.items() if item.name == "subject"}
        return [(case, subjects[case["_id"]]) for case in data["cases"] if case["_id"] in subjects]

    def records(self) -> list[Record]:
        """Return what lies on the topics now."""
        return [*records_in(self.town.stack.folder / "kafka" / "data")]


async def play(town: HeldTown, desk: DeskClient) -> Drill:
    """Play the whole drill."""
    receipt = await everybody_writes(town)
    assert await desk.sign_in("karim.haddad", password_of(town.stack, "karim.haddad")) == 303
    question = await an_agent_answers(town, desk)
    await until(town.all_is_handled, "everything is handled")
    town.tell_agents()
    backup, copied = town.stack.folder.parent / "backup", town.stack.folder.parent / "copy"
    await town.guichet("backup", "data", str(backup))
    copy = read_copy(copy_of(town.stack, copied))
    link = next(link for link in receipt.links if "/suivi/" in link)
    searched, search_keys = await words_in_search_files(town), keys_of_search_files(town)
    drill = Drill(
        town, desk, copy, Openings(before=_open(town, [copy.vault], copy.items)), link, question, searched, search_keys
    )
    drill.theirs = {
        each.sandbox: items_of(each.markers, drill.openings.before, copy.data["messages"], letters=copy.data["letters"])
        for each in ERASED
    }
    drill.citizens = {each.sandbox: _registry_id(drill, each) for each in ERASED}
    requests = await _erase_and_kill(drill)
    living = _living_vault(town)
    drill.openings.untouched_vault = _open(town, [copy.vault], copy.items)
    drill.openings.living_vault = _open(town, [living], copy.items)
    town.hold.unlink()
    await until(lambda: _finished(town, requests), "every certificate is written")
    drill.openings.after = _open(town, [copy.vault, _living_vault(town)], copy.items)
    drill.ledger = town.ledger(requests)
    await until(lambda: _left_the_search_files(drill), "what was erased has left the search files")
    drill.searched_after = await words_in_search_files(town)
    await _hand_in_again(drill)
    await _write_again(drill)
    await _read_everything_again(drill)
    await _restore(drill, backup)
    return drill


async def _left_the_search_files(drill: Drill) -> bool:
    """Files get another key, without these words, soon after the rotation, and gdpr-worker destroys the former one."""
    with suppress(TransientError):
        words = await words_in_search_files(drill.town)
        gone = words.isdisjoint(name_in_files(person) for person in GONE)
        return gone and not living_keys(drill.town, drill.search_keys)
    return False


async def _erase_and_kill(drill: Drill) -> Sequence[str]:
    """Ask for the erasures, one mail still on its way; return once only the rotation is missing."""
    town, chance = drill.town, random.Random()
    town.stack.stop("case-router")
    sent = await town.sandbox.send_mail(NGOC.sandbox, LATE, "J’oubliais quelque chose.")
    assert sent.state == "accepted"
    drill.late_mail = sent.id
    requests = [await town.ask_for_erasure(drill.citizens[person.sandbox], nth) for nth, person in enumerate(ERASED, 1)]
    for step in KILLED_AFTER:
        drill.kills.append(await kill_at(town, requests, step, chance))
        if step is ErasureStep.DIVERTED:
            await until(lambda: _reached(town, requests, ErasureStep.DIVERTED), "all are diverted")
            town.stack.start("case-router")
    await until(lambda: _reached(town, requests, ErasureStep.CHECKED), "only the rotation is missing")
    return requests


async def _hand_in_again(drill: Drill) -> None:
    """Let Twilio tell of all that it still lists once more: of what was erased too, which is sealed under new keys."""
    town, old = drill.town, {item.at for item in drill.copy.items if item.place == INBOUND_SMS.name}
    gone = {item.thing for item in drill.erased_items if item.place == INBOUND_SMS.name}

    def brought() -> list[Item]:
        items = items_in_records(record for record in drill.records() if record.topic == INBOUND_SMS.name)
        return [item for item in items if item.thing in gone and item.at not in old]

    await until(town.all_is_handled, "everything is handled")
    drill.kept_before_again = town.kept()
    for entry in await town.sandbox.entries(channel="sms", direction=Direction.SENT):
        assert await town.sandbox.send_again(entry) == "HTTP 200"
    await until(lambda: bool(brought()), "what was erased comes again")
    await until(town.all_is_handled, "it is left out")
    drill.kept_after_again = town.kept()


async def _write_again(drill: Drill) -> None:
    town = drill.town
    drill.late_receipt = await town.sandbox.wait_for_mail(NGOC.sandbox, after=drill.late_mail)
    last = max(each.id for each in await town.sandbox.entries(AMINA.sandbox))
    await town.sandbox.send_mail(AMINA.sandbox, AGAIN, "Bonjour, c’est encore moi.")
    drill.new_receipt = await town.sandbox.wait_for_mail(AMINA.sandbox, after=last)


async def _read_everything_again(drill: Drill) -> None:
    town = drill.town
    await until(town.all_has_left, "all that the town owes has left")
    await until(town.all_is_handled, "everything is handled")
    await until(lambda: not any("outbox" in each for each in _tombstones(town)), "destroyed cases are told of")
    drill.kept_before, drill.sent_before = town.kept(), await _sent(town)
    await town.stop(*WORKERS)
    drill.records_read_again = await rewind_all(town.kafka)
    await town.start(*WORKERS)
    await until(town.all_is_handled, "everything is handled again")
    drill.kept_after, drill.sent_after = town.kept(), await _sent(town)


async def _restore(drill: Drill, backup: Path) -> None:
    """Put the backup back with every service stopped, look at it, then start them all."""
    town = drill.town
    await town.stop(*town.services)
    await town.guichet("restore", "data", str(backup), "--replace", "--yes")
    drill.restored, vault = databases(town.stack.mongodb_admin_uri)
    items = [item for name, documents in drill.restored.items() for item in items_in_collection(name, documents)]
    drill.restored_opened = _open(town, [drill.copy.vault, vault], items)
    await town.start(*town.services)
    await until(town.all_is_handled, "everything that came since the backup is handled")
    assert (
        await drill.desk.sign_in("karim.haddad", password_of(town.stack, "karim.haddad")) == 303
    )  # no backup holds sessions


def _open(town: HeldTown, vaults: Sequence[Any], items: Sequence[Item]) -> Mapping[Item, bytes]:
    return CopyOpener(vaults, root_keys_in(town.stack.folder)).open(items)


def _living_vault(town: HeldTown) -> Any:
    return databases(town.stack.mongodb_admin_uri)[1]


def _registry_id(drill: Drill, person: Person) -> str:
    [citizen] = {item.at for item in drill.theirs[person.sandbox] if item.place == "citizens"}
    return citizen


def _finished(town: HeldTown, requests: Sequence[str]) -> bool:
    return [entry.finished for entry in town.ledger(requests)] == [True] * len(requests)


def _reached(town: HeldTown, requests: Sequence[str], step: ErasureStep) -> bool:
    return [step.value in entry.reached for entry in town.ledger(requests)] == [True] * len(requests)


def _tombstones(town: HeldTown) -> list[dict[str, Any]]:
    return [case for case in town.kept()["cases"] if "destroyed_at" in case]


async def _sent(town: HeldTown) -> list[str]:
    """Return what the town sent to citizens; an alarm about a worker that was stopped for the drill is none of it."""
    sent = await town.sandbox.entries(direction=Direction.RECEIVED)
    return [
        f"{each.id} {each.channel} to {each.address}: {each.subject}"
        for each in sent
        if each.address not in THE_TOWN_S_OWN
    ]
