"""What a town has of what citizens wrote, and what reached them."""

from collections import defaultdict
from typing import Any

from citizen_sandbox.play.entry import Entry
from guichet.clock import SystemClock
from guichet.contracts.base import Sealed
from guichet.runtime.settings import OpeningSettings
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.vault.mongo_vault import open_vault
from guichet_testing.town.store import DATA
from guichet_testing.town.town import Town
from tests.faults.verdicts.reading import DPO, REFERENCE, opening
from tests.rehearsal.ways import Receipt


def cases_of(town: Town) -> list[dict[str, Any]]:
    """Return every case that was not destroyed."""
    return [each for each in town.documents("cases") if each["state"] != "destroyed"]


async def cases_by_address(town: Town) -> dict[str, list[str]]:
    """Return the references of the cases that each address has opened, as the vault opens their first messages."""
    vault = open_vault(OpeningSettings(**opening(town.stack.environment_of("case-router"))), SystemClock().now)
    cases = {each["opened_by"]: each["reference"] for each in cases_of(town)}
    found = town.store[DATA]["messages"].find({"_id": {"$in": [*cases]}})
    sealed = {each["_id"]: Sealed.model_validate(each["content"]) for each in found}
    contents = await INBOUND_CONTENT.open_many(vault, sealed)
    by_address: defaultdict[str, list[str]] = defaultdict(list)
    for message, content in contents.items():
        by_address[content.sender[0].value].append(cases[message])
    return dict(by_address)


def is_receipt(entry: Entry) -> bool:
    """Return whether a citizen reads a reference in it."""
    return bool(REFERENCE.search(f"{entry.subject} {entry.text}")) and entry.address != DPO


def receipt_in(entry: Entry) -> Receipt:
    """Return the receipt that an entry is."""
    found = REFERENCE.search(f"{entry.subject} {entry.text}")
    assert found is not None
    same = entry.provider_id if entry.channel == "mail" else ""
    return Receipt(entry.address, found[0], entry.at, same)
