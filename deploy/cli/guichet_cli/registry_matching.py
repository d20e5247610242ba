"""Which citizen of the registry a line of the file is about, and what it changes. Pure.

Someone is known again by one of their addresses together with their name: a family shares a phone, namesakes share a
name. Who has only written so far (provisional) and bears that name, or none, becomes the registered citizen and keeps
their id, so that their cases stay theirs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from guichet.ids import CitizenId, IdentifierId, derive_id
from guichet.privacy.blind_tokens import folded_words
from guichet.store.citizens import CitizenRecord, CitizenState
from guichet.store.identifiers import Holder
from guichet_cli.registry_file import Row


@dataclass(frozen=True)
class Person:
    """A citizen in clear, in memory only."""

    citizen_id: CitizenId
    state: CitizenState
    record: CitizenRecord
    formerly: tuple[CitizenId, ...] = ()


@dataclass
class Register:
    """The part of the registry that a file touches: who is reached where, and who they are. entered: the file's."""

    holders: dict[IdentifierId, tuple[Holder, ...]] = field(default_factory=dict)
    people: dict[CitizenId, Person] = field(default_factory=dict)
    entered: set[CitizenId] = field(default_factory=set)

    def enter(self, row: Row, identifiers: Sequence[IdentifierId], now: datetime) -> None:
        """Enter one line. identifiers: of the row's addresses, in order."""
        known = self._known(row, identifiers)
        chosen = known[0] if known else Person(_new_id(row, identifiers), CitizenState.REGISTERED, CitizenRecord())
        absorbed = [each.citizen_id for each in known[1:] if each.state is CitizenState.PROVISIONAL]
        person = Person(
            chosen.citizen_id,
            CitizenState.REGISTERED,
            _completed(chosen.record, row.record),
            tuple(dict.fromkeys((*chosen.formerly, *absorbed))),
        )
        self.people[person.citizen_id] = person
        self.entered.add(person.citizen_id)
        for identifier in identifiers:
            self._hold(identifier, person.citizen_id, {*absorbed}, row, now)

    def _known(self, row: Row, identifiers: Iterable[IdentifierId]) -> list[Person]:
        """Return those at these addresses who are the row's citizen, the registered before the provisional."""
        here = dict.fromkeys(holder.citizen_id for each in identifiers for holder in self.holders.get(each, ()))
        same = [person for citizen in here if (person := self.people.get(citizen)) and _is_same(person, row.record)]
        return sorted(same, key=lambda person: person.state is not CitizenState.REGISTERED)

    def _hold(
        self, identifier: IdentifierId, citizen: CitizenId, absorbed: set[CitizenId], row: Row, now: datetime
    ) -> None:
        before = self.holders.get(identifier, ())
        mine = next((holder for holder in before if holder.citizen_id == citizen), None)
        since, verified = (mine.since, mine.verified or row.verified) if mine else (now, row.verified)
        entry = Holder(citizen_id=citizen, provenance=row.provenance, verified=verified, since=since)
        others = tuple(each for each in before if each.citizen_id not in {citizen, *absorbed})
        place = before.index(mine) if mine else len(others)
        self.holders[identifier] = (*others[:place], entry, *others[place:])


def _is_same(person: Person, record: CitizenRecord) -> bool:
    if person.state is CitizenState.ERASING:
        return False
    names = set(folded_words(person.record.full_name)), set(folded_words(record.full_name))
    if person.state is CitizenState.PROVISIONAL and not names[0]:
        return True
    years = {person.record.birth_year, record.birth_year} - {None}
    return names[0] == names[1] and len(years) < 2


def _completed(known: CitizenRecord, told: CitizenRecord) -> CitizenRecord:
    """What the file leaves blank stays as it is known."""
    return known.model_copy(update={key: value for key, value in told.model_dump().items() if value is not None})


def _new_id(row: Row, identifiers: Iterable[IdentifierId]) -> CitizenId:
    """The same for the same line: an import that was killed half-way finds its own traces."""
    year = str(row.record.birth_year or "")
    return CitizenId(derive_id("registered-citizen", *sorted(identifiers), *folded_words(row.record.full_name), year))
