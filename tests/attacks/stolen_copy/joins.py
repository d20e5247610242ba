"""What joins two things in a pile of data, for somebody who has all of it and no key. Pure.

An attacker lays every document and every record side by side and follows equal values: from the one that is known to the
next that holds the same id, the same HMAC, the same moment. What many people's papers say (a state, a department) leads
nowhere. Ids that the code derives from others without a key are derived here too.
"""

import base64
import binascii
import re
from collections import defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from guichet.contracts.delivery import Purpose
from guichet.ids import derive_id

SPECIFIC_NUMBER: Final = 1000  # smaller ones are counts, versions and generations
SHORTEST_TEXT: Final = 8
_ID = re.compile(r"[0-9a-f]{16,}")
_REFERENCE = re.compile(r"\b20\d\d-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")


@dataclass(frozen=True)
class Piece:
    """One document, record or file. place: its collection, topic or bucket; at: which one there."""

    place: str
    at: str
    content: Any

    @cached_property
    def values(self) -> Mapping[Hashable, str]:
        """Each specific value in it, and at which path it stands."""
        found: dict[Hashable, str] = {}
        for path, leaf in leaves(self.content):
            for value in forms(leaf):
                found.setdefault(value, path)
        return found


@dataclass(frozen=True)
class Step:
    """One value that leads from a piece to another."""

    source: Piece
    value: Hashable
    target: Piece

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Where the value stands: (place, path) in the one and in the other."""
        return (self.source.place, self.source.values[self.value]), (self.target.place, self.target.values[self.value])

    def __str__(self) -> str:
        (one, here), (other, there) = self.ends
        return f"{one}.{here} = {other}.{there} ({str(self.value)[:40]})"


Way = tuple[Step, ...]
"""From one piece to another, step by step."""


def leaves(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is not a container, and every key of a mapping that is an id, with its path."""
    if isinstance(content, Mapping):
        for name, inner in content.items():
            if _ID.fullmatch(str(name)):
                yield path, str(name)
                yield from leaves(inner, path)
            else:
                yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(content, list | tuple | set | frozenset):
        for inner in content:
            yield from leaves(inner, path)
    elif content is not None:
        yield path, content


def forms(leaf: Any) -> Iterator[Hashable]:
    """Yield what of a value can be compared: the same moment, bytes or id are the same however they are written."""
    if isinstance(leaf, bool):
        return
    if isinstance(leaf, datetime):
        yield _moment(leaf)
    elif isinstance(leaf, int | float):
        if abs(leaf) >= SPECIFIC_NUMBER:
            yield leaf
    elif isinstance(leaf, bytes):
        yield from _text_forms(leaf.hex())
    elif len(text := str(leaf)) >= SHORTEST_TEXT:
        yield from _text_forms(text)


def _text_forms(text: str) -> Iterator[Hashable]:
    try:
        yield _moment(datetime.fromisoformat(text))
    except ValueError:
        yield text
    for name in _ID.findall(text):
        yield name
        yield from _derived(name)
    yield from _REFERENCE.findall(text)
    if _BASE64.fullmatch(text) and not _ID.fullmatch(text):
        try:
            yield base64.b64decode(text, validate=True).hex()
        except binascii.Error:
            return


def _derived(name: str) -> Iterator[str]:
    """Yield what the code makes of an id without any key."""
    for kind in ("case", "own-anchor", "citizen"):
        yield derive_id(kind, name)
    for purpose in Purpose:
        yield derive_id("receipt", name, purpose)


def _moment(at: datetime) -> datetime:
    """Return a time as MongoDB keeps it: in whole milliseconds."""
    aware = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)


def common_values(owned: Mapping[str, Collection[Piece]]) -> set[Hashable]:
    """Return values that stand in the papers of several people, and so are nobody's. owned: by person or household."""
    seen: dict[Hashable, str] = {}
    common: set[Hashable] = set()
    for owner, pieces in owned.items():
        for value in {value for piece in pieces for value in piece.values}:
            if seen.setdefault(value, owner) != owner:
                common.add(value)
    return common


def way_between(
    start: Iterable[Piece],
    goal: Collection[Piece],
    pieces: Collection[Piece],
    common: Collection[Hashable],
    excepted: Collection[tuple[str, str]] = (),
) -> Way | None:
    """Return the shortest way from one of the pieces to a goal, by equal values; None when there is none.

    common: values that lead nowhere. excepted: (place, path) whose values are declared to join.
    """
    holding: dict[Hashable, list[Piece]] = defaultdict(list)
    for piece in pieces:
        for value, path in piece.values.items():
            if value not in common and (piece.place, path) not in excepted:
                holding[value].append(piece)
    begun = list(start)
    came: dict[int, Step | None] = {id(piece): None for piece in begun}
    goals, queue = {id(piece) for piece in goal}, deque(begun)
    while queue:
        piece = queue.popleft()
        if id(piece) in goals:
            return _way(piece, came)
        for value, path in piece.values.items():
            if value in common or (piece.place, path) in excepted:
                continue
            for found in holding.pop(value, ()):
                if id(found) not in came:
                    came[id(found)] = Step(piece, value, found)
                    queue.append(found)
    return None


def not_by_chance(ways: Iterable[Way], others: Iterable[Way]) -> list[Way]:
    """Return the ways that tell something: a moment counts where it joins other people's papers at the same places too.

    Of many times in milliseconds two are the same now and then. Whatever writes one time in two places does it for all.
    others: the ways between other people's papers.
    """
    systematic = {frozenset(step.ends) for way in others for step in way if isinstance(step.value, datetime)}
    return [
        way
        for way in ways
        if all(frozenset(step.ends) in systematic for step in way if isinstance(step.value, datetime))
    ]


def _way(piece: Piece, came: Mapping[int, Step | None]) -> Way:
    steps: list[Step] = []
    while (step := came[id(piece)]) is not None:
        steps.append(step)
        piece = step.source
    return tuple(reversed(steps))
