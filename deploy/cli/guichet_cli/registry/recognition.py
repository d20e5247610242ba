"""Which citizen of the registry a line of the file is about, and what it changes. Pure.

Someone is known again by one of their addresses together with their name: a family shares a phone, namesakes share a
name. Who has only written so far (provisional) and bears that name, or none, becomes the registered citizen and keeps
their id, so that their cases stay theirs.

Ids of citizens are random: nobody computes one from what they know of a person. So an import that was killed half-way
is known by its traces: holders of addresses, put there by an import, whom the registry does not know.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from guichet.ids import CitizenId, IdentifierId, random_id
from guichet.privacy.blind_tokens import folded_words
from guichet.privacy.coarse_times import month_of
from guichet.store.registry.citizens import CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder
from guichet_cli.registry.file import IMPORTED, Row


@dataclass(frozen=True)
class Person:
    """A citizen in clear, in memory only."""

    citizen_id: CitizenId
    state: CitizenState
    record: CitizenRecord
    formerly: tuple[CitizenId, ...] = ()


def _new_citizen() -> CitizenId:
    return CitizenId(random_id())


@dataclass
class RegistryPlan:
    """The part of the registry that a file touches: who is reached where, and who they are.

    missing: holders whom the registry does not know; those of an import are its traces. entered: the file's citizens.
    """

    holders: dict[IdentifierId, tuple[Holder, ...]] = field(default_factory=dict)
    people: dict[CitizenId, Person] = field(default_factory=dict)
    missing: frozenset[CitizenId] = frozenset()
    new_id: Callable[[], CitizenId] = _new_citizen
    entered: set[CitizenId] = field(default_factory=set)

    def enter(self, rows: Sequence[tuple[Row, Sequence[IdentifierId]]], now: datetime) -> None:
        """Enter lines, each with the identifiers of its addresses; what is left of traces goes into whose they are."""
        citizens = [self._enter(row, identifiers, now) for row, identifiers in rows]
        for citizen, (_, identifiers) in zip(citizens, rows, strict=True):
            self._absorb(citizen, self._traces(identifiers), identifiers)

    def _enter(self, row: Row, identifiers: Sequence[IdentifierId], now: datetime) -> CitizenId:
        known = self._known(row, identifiers)
        chosen = known[0] if known else Person(self._own_trace(identifiers), CitizenState.REGISTERED, CitizenRecord())
        self.people[chosen.citizen_id] = replace(
            chosen, state=CitizenState.REGISTERED, record=_completed(chosen.record, row.record)
        )
        self.entered.add(chosen.citizen_id)
        provisional = [each.citizen_id for each in known[1:] if each.state is CitizenState.PROVISIONAL]
        self._absorb(chosen.citizen_id, provisional, identifiers)
        for identifier in identifiers:
            self._hold(identifier, chosen.citizen_id, row, now)
        return chosen.citizen_id

    def _known(self, row: Row, identifiers: Iterable[IdentifierId]) -> list[Person]:
        """Return those at these addresses who are the row's citizen, the registered before the provisional."""
        here = dict.fromkeys(holder.citizen_id for each in identifiers for holder in self.holders.get(each, ()))
        same = [person for citizen in here if (person := self.people.get(citizen)) and _is_same(person, row.record)]
        return sorted(same, key=lambda person: person.state is not CitizenState.REGISTERED)

    def _own_trace(self, identifiers: Sequence[IdentifierId]) -> CitizenId:
        """Return whom an import that was killed has put at most of a line's addresses; a new id if there is nobody."""
        return next(iter(self._traces(identifiers)), None) or self.new_id()

    def _traces(self, identifiers: Collection[IdentifierId]) -> list[CitizenId]:
        """Return the traces at these addresses, most often found first; none of a line that has other addresses."""
        addresses = self._addresses_of_traces(identifiers)
        theirs = [citizen for citizen, held in addresses.items() if held <= {*identifiers}]
        return sorted(theirs, key=lambda citizen: -len(addresses[citizen]))

    def _addresses_of_traces(self, identifiers: Iterable[IdentifierId]) -> dict[CitizenId, set[IdentifierId]]:
        here = (holder for each in identifiers for holder in self.holders.get(each, ()) if self._is_trace(holder))
        return {holder.citizen_id: self._held_by(holder.citizen_id) for holder in here}

    def _held_by(self, citizen: CitizenId) -> set[IdentifierId]:
        return {each for each, holders in self.holders.items() if citizen in {holder.citizen_id for holder in holders}}

    def _is_trace(self, holder: Holder) -> bool:
        """Not of the router: it writes a citizen right behind their address, and may be about to."""
        is_nobody = holder.citizen_id in self.missing and holder.citizen_id not in self.people
        return is_nobody and holder.provenance.startswith(IMPORTED)

    def _absorb(self, citizen: CitizenId, others: Sequence[CitizenId], identifiers: Iterable[IdentifierId]) -> None:
        """Take others out of these addresses; whatever is filed under them is this citizen's."""
        if not others:
            return
        person = self.people[citizen]
        self.people[citizen] = replace(person, formerly=tuple(dict.fromkeys((*person.formerly, *others))))
        for identifier in identifiers:
            before = self.holders.get(identifier, ())
            self.holders[identifier] = tuple(each for each in before if each.citizen_id not in others)

    def _hold(self, identifier: IdentifierId, citizen: CitizenId, row: Row, now: datetime) -> None:
        before = self.holders.get(identifier, ())
        mine = next((holder for holder in before if holder.citizen_id == citizen), None)
        known = mine or Holder(citizen_id=citizen, provenance=row.provenance, since=month_of(now))
        given = {"provenance": row.provenance, "verified": known.verified or row.verified}
        entry = known.model_copy(update=given)
        others = tuple(each for each in before if each.citizen_id != citizen)
        position = before.index(mine) if mine else len(others)
        self.holders[identifier] = (*others[:position], entry, *others[position:])


def _is_same(person: Person, record: CitizenRecord) -> bool:
    if person.state is CitizenState.ERASING:
        return False
    names = set(folded_words(person.record.full_name)), set(folded_words(record.full_name))
    if person.state is CitizenState.PROVISIONAL and not names[0]:
        return True
    years = {person.record.birth_year, record.birth_year} - {None}
    return names[0] == names[1] and len(years) < 2


def _completed(known: CitizenRecord, given: CitizenRecord) -> CitizenRecord:
    """What the file leaves blank stays as it is known."""
    return known.model_copy(update={key: value for key, value in given.model_dump().items() if value is not None})
