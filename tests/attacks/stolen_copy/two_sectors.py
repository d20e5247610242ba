"""People who write to the roads and to social aid by every channel, and everything that then rests of it, in clear.

The people of the sandbox do the same kinds of things, so that what is equal for one person alone stands out. Their
letters are opened once, with the keys, only to tell whose each case is; the search itself uses no key.
"""

import asyncio
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiokafka.record.memory_records import MemoryRecords

from citizen_sandbox.play.entry import Attachment
from guichet_local.stack import LocalStack
from guichet_testing.stolen_copy.copy import databases
from guichet_testing.stolen_copy.opener import CopyOpener, root_keys_in
from guichet_testing.stolen_copy.owners import items_of
from guichet_testing.stolen_copy.sealed_items import Item, items_in_collection
from guichet_testing.town.desk_client import DeskClient
from guichet_testing.town.people import AMINA, NGOC, THOMAS, Person
from guichet_testing.town.portal_form import portal_form
from guichet_testing.town.sandbox_client import SandboxClient
from guichet_testing.town.town import Town
from guichet_testing.until import until
from tests.attacks.stolen_copy.joins import Piece, common_values

ROADS, SOCIAL = "voirie-espace-public", "social"
WITNESS: Final = "maitre.durand@avocats.example"  # in copy of everything
CASES: Final = {ROADS: 4, SOCIAL: 5}  # of one person: the mail that quotes themselves opens one more


WRITERS: Final = (AMINA, THOMAS, NGOC)


@dataclass(frozen=True)
class StolenCopy:
    """Everything that rests, piece by piece. cases: sector → ids of cases, by person; ids: of all that is theirs."""

    pieces: tuple[Piece, ...]
    cases: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of_cases(self, person: Person, sector: str) -> list[Piece]:
        """Return the documents of a person's cases in a sector."""
        wanted = self.cases[person.sandbox][sector]
        return [piece for piece in self.pieces if piece.place == "cases" and piece.at in wanted]

    def without_others(self, person: Person) -> "StolenCopy":
        """Return the same without what names somebody else: a list of several people's cases joins nobody's."""
        others = frozenset().union(*(ids for name, ids in self.ids.items() if name != person.sandbox))
        return replace(self, pieces=tuple(each for each in self.pieces if others.isdisjoint(each.values)))

    def registered(self, person: Person) -> str:
        """Return the registry's one id of somebody whom it knows with all their addresses."""
        [citizen] = [
            each.at for each in self.pieces if each.place == "citizens" and each.at in self.ids[person.sandbox]
        ]
        return citizen

    def common(self) -> set[Hashable]:
        """Return what stands in several people's papers."""
        return common_values(self.owned())

    def owned(self) -> Mapping[str, Sequence[Piece]]:
        """Return what can be told to be one person's alone, by the ids that it names."""
        theirs: dict[str, list[Piece]] = {person: [] for person in self.ids}
        for piece in self.pieces:
            named = [person for person, ids in self.ids.items() if not ids.isdisjoint(piece.values)]
            if len(named) == 1:
                theirs[named[0]].append(piece)
        return theirs


async def writes(person: Person, sandbox: SandboxClient, portal: str) -> None:
    """Have one person write to two sectors by every channel, quote themselves, and send the same file twice."""
    name, photo = person.sandbox, [Attachment(name="preuve.png", media_type="image/png", content=_photo(person))]
    first = f"<premier-{name}@courriel.example>"
    copied = {"cc": [WITNESS], "files": photo}
    await sandbox.send_mail(
        name, f"Trou {name}", "Un trou.", to=["voirie@mairie.example"], headers={"Message-ID": first}, **copied
    )
    await sandbox.wait_for_mail(name, timeout=60)
    quoting = {"In-Reply-To": first, "References": first}
    await sandbox.send_mail(
        sender=person.second,
        subject=f"Re: Trou {name}",
        text="Aussi une aide.",
        to=["ccas@mairie.example"],
        headers=quoting,
        **copied,
    )
    await sandbox.send_mail(name, f"Aide {name}", "Une aide.", to=["ccas@mairie.example"], **copied)
    await sandbox.send_sms(name, "Nid-de-poule devant le 12")
    await sandbox.wait_for_sms(name, timeout=60)
    await sandbox.send_sms(name, "/nouvelle aide sociale svp")
    await sandbox.send_telegram(name, "Nid-de-poule devant le 14")
    await sandbox.wait_for_telegram(name, timeout=60)
    await sandbox.send_telegram(name, "/nouvelle aide sociale svp")
    for subject in ("Nid-de-poule devant le 16", "aide alimentaire"):
        last = (await sandbox.entries(name))[-1].id
        await _fills_in(portal, person, subject)
        # Two receipts that leave in one round are now and then noted in the same millisecond. That is chance, as it is
        # for strangers' receipts of that round, and joins nobody (joins.not_by_chance); here it would look like a way.
        await sandbox.wait_for_mail(name, timeout=60, after=last)


async def _fills_in(portal: str, person: Person, subject: str) -> None:
    fields = {"name": person.name, "email": person.mail, "subject": subject, "message": "Bonjour"}
    async with portal_form(portal) as form:
        assert await form.send(fields) == 303


def _photo(person: Person) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + person.sandbox.encode() * (1000 + len(person.name))


async def an_agent_works(desk: DeskClient, words: Sequence[str]) -> None:
    """Have an agent answer the cases whose row has these words, and declare their senders abusive; then write again."""
    for each in words:
        found = await desk.case_of(each)
        assert found is not None, each
        await desk.send(found, "reponse", text="Nous passons mardi.")
        await desk.send(found, "abus", ground="number", abuse_reason="Trente messages par jour.", sure="oui")
        await desk.attach(found, "plan.pdf", b"%PDF-1.7" + each.encode() * 200, text="Voici le plan.")


async def all_rest(town: Town, writers: Sequence[Person], each: int = sum(CASES.values())) -> None:
    """Return once every case has been opened and everything is handled."""
    await until(lambda: len(_databases(town)[0].get("cases", ())) >= each * len(writers), "every case is opened")
    await until(town.all_is_handled, "everything is handled")
    await asyncio.sleep(1)


def take(town: Town, writers: Sequence[Person] = ()) -> StolenCopy:
    """Take everything. writers: whose is to be told, which only works before they are erased."""
    data, vault = _databases(town)
    pieces = [Piece(name, str(each["_id"]), each) for name, found in (data | vault).items() for each in found]
    pieces += _records(town.stack)
    pieces += _files(town.stack)
    if not writers:
        return StolenCopy(tuple(pieces))
    items = [item for name in ("cases", "messages", "citizens", "identifiers") for item in _items(name, data)]
    opened = CopyOpener([vault], root_keys_in(town.stack.folder)).open(items)
    theirs = {each.sandbox: items_of(each.addresses, opened, data["messages"]) for each in writers}
    sectors = {case["_id"]: case["sector"] for case in data["cases"] if "sector" in case}
    ids = {name: _ids(items) for name, items in theirs.items()}
    return StolenCopy(
        tuple(pieces), _cases(theirs, sectors), {name: found | _citizens(found, data) for name, found in ids.items()}
    )


def _citizens(ids: frozenset[str], data: Mapping[str, Any]) -> frozenset[str]:
    """Return the registry's ids of those who hold these addresses, and the keys of their records."""
    holders = {holder["citizen_id"] for each in data["identifiers"] if each["_id"] in ids for holder in each["holders"]}
    keys = {each["record"]["key_id"] for each in data["citizens"] if each["_id"] in holders}
    return frozenset(holders | keys)


def _items(name: str, data: Mapping[str, Any]) -> list[Item]:
    return [*items_in_collection(name, data.get(name, ()))]


def _cases(
    theirs: Mapping[str, frozenset[Item]], sectors: Mapping[str, str]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    return {
        name: {
            sector: frozenset(item.at for item in items if item.place == "cases" and sectors[item.at] == sector)
            for sector in (ROADS, SOCIAL)
        }
        for name, items in theirs.items()
    }


def _ids(items: frozenset[Item]) -> frozenset[str]:
    return frozenset(name for item in items for name in (item.thing.thing_id, item.key_id))


def _databases(town: Town) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]:
    return databases(town.stack.mongodb_admin_uri)


def _records(stack: LocalStack) -> list[Piece]:
    """Return every record as it lies in the broker's files, with its key and headers."""
    found = []
    for segment in sorted((stack.folder / "kafka" / "data").glob("*-*/*.log")):
        topic, _, partition = segment.parent.name.rpartition("-")
        batches = MemoryRecords(segment.read_bytes())
        while not topic.startswith("__") and batches.has_next():
            for record in batches.next_batch() or ():
                headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
                key = record.key.decode("utf-8", "replace") if record.key else None
                told = {"key": key, "headers": headers, **(json.loads(record.value) if record.value else {})}
                found.append(Piece(topic, f"{partition}/{record.offset}", told))
    return found


def _files(stack: LocalStack) -> list[Piece]:
    objects = stack.folder / "objects"
    return [
        Piece("objects", name, {"name": name, "size_bytes": path.stat().st_size})
        for path in objects.rglob("*")
        if path.is_file() and (name := path.relative_to(objects).as_posix())
    ]
