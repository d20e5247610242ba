"""No value that rests anywhere joins a person's case in one sector with theirs in another, before and after an erasure.

On the whole of Guichet, real Kafka and mongod, with everything that rests in hand and no key (two_sectors, joining).
What may join is declared in the data map, each with its reason, and read from there.
"""

from collections.abc import AsyncIterator, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from guichet.store.setup.schema import whole_data_map
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.people import AMINA, THOMAS, Person
from guichet_testing.town.town import ERASES_SOON, Town, town_in
from guichet_testing.until import until
from tests.attacks.stolen_copy.joins import Step, Way, not_by_chance, way_between
from tests.attacks.stolen_copy.name_list import digests_of
from tests.attacks.stolen_copy.two_sectors import (
    CASES,
    ROADS,
    SOCIAL,
    WITNESS,
    WRITERS,
    StolenCopy,
    all_rest,
    an_agent_works,
    take,
    writes,
)

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

WAYS_SHOWN = 40
ERASED = (AMINA, THOMAS)  # on one day
WHILE_IT_LEAVES = {"leaving.files.size_bytes"}  # of an answer: in a copy none is on its way


@dataclass(frozen=True)
class StolenCopies:
    """Copies that an attacker stole: before anybody is erased, and once Amina and Thomas are."""

    before: StolenCopy
    after: StolenCopy


@pytest.fixture(scope="module")
async def stolen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StolenCopies]:
    """Both copies, taken once."""
    async with town_in(tmp_path_factory.mktemp("sectors") / "guichet", settings=ERASES_SOON) as town:
        for writer in WRITERS:
            await writes(writer, town.sandbox, town.stack.addresses["citizen-portal"])
        await all_rest(town, WRITERS)
        for agent, word in (("karim.haddad", "Trou"), ("fatou.diallo", "Aide")):
            async with signed_in(town.stack, agent) as desk:
                await an_agent_works(desk, [f"{word} {writer.sandbox}" for writer in WRITERS])
        await all_rest(town, WRITERS)
        before = take(town, WRITERS)
        await _erase(town, before, ERASED)
        yield StolenCopies(before, take(town))


async def _erase(town: Town, copy: StolenCopy, writers: Sequence[Person]) -> None:
    citizens = [copy.registered(writer) for writer in writers]
    asked = [await town.ask_for_erasure(citizen, nth) for nth, citizen in enumerate(citizens, 1)]
    await until(lambda: [entry.finished for entry in town.ledger(asked)] == [True] * len(asked), "they are erased")
    await until(town.all_is_handled, "everything is handled")


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.sandbox)
async def test_before_an_erasure_nothing_joins_a_persons_cases_of_two_sectors(stolen, writer):
    copy = stolen.before
    found = {each: ways(copy, each, copy.common()) for each in WRITERS}
    assert not lines_of(found, writer), "\n".join(lines_of(found, writer))


@pytest.mark.parametrize("writer", ERASED, ids=lambda writer: writer.sandbox)
async def test_after_an_erasure_nothing_joins_what_is_left_of_a_persons_cases(stolen, writer):
    """Even for whoever kept which tombstones they are."""
    copy = replace(stolen.after, cases=stolen.before.cases, ids=stolen.before.ids)
    found = {each: ways(copy, each, stolen.before.common() | copy.common()) for each in ERASED}
    assert not lines_of(found, writer), "\n".join(lines_of(found, writer))


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_no_digest_of_a_name_an_address_or_a_telephone_lies_anywhere(stolen, moment):
    listed = digests_of([word for writer in WRITERS for word in writer.known_as] + [WITNESS])
    found = {
        f"{piece.place}.{path} is {listed[value]}"
        for piece in getattr(stolen, moment).pieces
        for value, path in piece.values.items()
        if value in listed
    }
    assert not found


async def test_every_declared_join_is_there_with_its_reason(stolen):
    """A declaration that nothing needs any more is struck."""
    standing = {path for piece in stolen.before.pieces for path in piece.values.values()}
    assert all(joins_declared().values())
    assert {path for _, path in joins_declared()} - WHILE_IT_LEAVES <= standing


def ways(copy: StolenCopy, writer: Person, common: Collection[Hashable]) -> list[Way]:
    """Return every way that somebody without a key finds between a person's cases, each first step of it once."""
    roads, social = copy.of_cases(writer, ROADS), copy.of_cases(writer, SOCIAL)
    assert {ROADS: len(roads), SOCIAL: len(social)} == CASES, "tombstones stay"
    found: list[Way] = []
    excepted, pieces = set(joins_declared()), copy.without_others(writer).pieces
    while len(found) < WAYS_SHOWN and (way := way_between(roads, social, pieces, common, excepted)):
        found.append(way)
        excepted |= _taken_away(way)
    return found


def lines_of(found: Mapping[Person, Sequence[Way]], writer: Person) -> list[str]:
    """Return in words what joins this person's cases and is no chance."""
    others = [way for other, each in found.items() if other != writer for way in each]
    return [" → ".join(map(str, way)) for way in not_by_chance(found[writer], others)]


def _taken_away(way: Sequence[Step]) -> set[tuple[str, str]]:
    """Return the one end of a way that, mended, ends it: what leads out of the documents of the case itself."""
    return {end for step in way for end in step.ends if end[1] not in ("_id", "case_id", "message_id", "filed")}


def joins_declared() -> dict[tuple[str, str], str]:
    """Return the exceptions of the data map: (place, path) → reason."""
    return {(entry.name, join.path): join.reason for entry in whole_data_map() for join in entry.joins}
