"""Whose each sealed item of a copy is, told from what it says in clear before anything is destroyed. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from guichet.contracts.dead_letters import DeadLetterContent
from guichet.vault.sealing import Thing
from guichet_testing.stolen_copy.sealed_items import Item


def items_of(
    markers: Collection[str],
    opened: Mapping[Item, bytes],
    messages: Sequence[Mapping[str, Any]],
    drafts: Sequence[Mapping[str, Any]] = (),
    letters: Sequence[Mapping[str, Any]] = (),
) -> frozenset[Item]:
    """Return a person's items: those that name them, and everything of the cases that their messages are in.

    markers: their addresses and names, none of which is also somebody else's. messages, drafts, letters: as stored.
    """
    words = [marker.encode() for marker in markers]
    named = {item.thing for item, clear in opened.items() if any(word in _words(item, clear) for word in words)}
    cases = {each["filed"] for each in messages if Thing("message", each["_id"]) in named and "filed" in each}
    filed = {Thing("message", each["_id"]) for each in messages if each.get("filed") in cases}
    drafted = {Thing("draft", each["_id"]) for each in drafts if each["case_id"] in cases}
    written = {each.thing_id for each in named | filed if each.kind == "message"}
    scanned = {Thing("scanned-letter", each["_id"]) for each in letters if _message_of(each) in written}
    theirs = named | filed | drafted | scanned | {Thing("case", case) for case in cases}
    return frozenset(item for item in opened if item.thing in theirs)


def _message_of(letter: Mapping[str, Any]) -> str | None:
    """Return the message that a letter became; None while nobody has taken it down."""
    filing = letter.get("filing")
    return filing["message_id"] if filing else None


def _words(item: Item, clear: bytes) -> bytes:
    """Return what is to be read in an item: in a dead letter the record's own bytes."""
    return DeadLetterContent.model_validate_json(clear).value if item.thing.kind == "dead-letter" else clear
