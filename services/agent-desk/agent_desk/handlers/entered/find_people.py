"""Find whom an agent may have before them, while they type: people of cases that the agent sees whole.

Nobody is looked for in the registry itself: search files lead to cases of the agent's scope, and these to their people,
sector by sector. Where nobody has recognised who wrote (docs/decisions/0019), no one is proposed; what an agent took
down of somebody is proposed as it was taken down.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.domain.entered.people import KnownCase, Person, WhoSpeaks, proposed, queries_for
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_subjects, open_words
from agent_desk.handlers.search.search_cases import searched
from agent_desk.handlers.search.search_files import SearchFilesPort
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import TransientError
from guichet.ids import CaseId, Reference, SectorCitizenId, SectorId
from guichet.privacy.normal_form import comparable
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Scope
from guichet.search.words import words_of
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.reader import CaseReader
from guichet.store.messages.store import MessageStore
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()

HITS: Final = 20  # cases of a sector, the newest: whoever is not among them is found by a letter more


@dataclass(frozen=True)
class FoundPeople:
    """is_away: a sector could not be searched for now, so somebody may be missing."""

    people: tuple[Person, ...] = ()
    is_away: bool = False


@dataclass(frozen=True, kw_only=True)
class FindPeople:
    """Every method raises TransientError where the store is away; away search files raise nothing."""

    files: SearchFilesPort
    cases: CaseReader
    messages: MessageStore
    citizens: CitizenDirectory
    opener: KeyOpener
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def find(self, visitor: Visitor, who: WhoSpeaks) -> FoundPeople:
        """Return whom to propose for what was typed. Noted: who looked, and which cases led to somebody."""
        scope = searched(visitor)
        found, is_away = await self._found(scope, who)
        people = proposed((await self._people(visitor, await self.cases.find_many(scope, found))).values(), who)
        await self._note(visitor, people)
        return FoundPeople(people, is_away)

    async def chosen(self, visitor: Visitor, reference: str) -> Person | None:
        """Return the person of a case with all their cases that the visitor sees; None where there is none for them."""
        scope = searched(visitor)
        case = await self.cases.find_by_reference(scope, Reference(reference))
        if case is None:
            return None
        beside = await self.cases.of_citizen(scope, case.citizen) if case.citizen is not None else ()
        people = await self._people(visitor, {each.case_id: each for each in (case, *beside)}.values())
        person = next((each for each in people.values() if _has(each, case.reference)), None)
        if person is not None and case.citizen is None and person.addresses:
            person = await self._with_what_else_was_taken_down(visitor, person)
        await self._note(visitor, () if person is None else (person,))
        return person

    async def _with_what_else_was_taken_down(self, visitor: Visitor, person: Person) -> Person:
        """The registry does not know them: other cases are theirs by the same name and address."""
        scope = searched(visitor)
        who = WhoSpeaks(person.name, person.reached_at(WhoSpeaks()))
        found, _ = await self._found(scope, who)
        people = await self._people(visitor, await self.cases.find_many(scope, found))
        same = (each for each in people.values() if any(_has(each, case.reference) for case in person.cases))
        return next(same, person)

    async def _found(self, scope: Scope, who: WhoSpeaks) -> tuple[set[CaseId], bool]:
        """Return the cases by which search files know who was typed, and whether one could not be asked."""
        found, is_away = set[CaseId](), False
        for sector in sorted(frozenset[SectorId]().union(*(grant.sectors for grant in scope.grants))):
            for query in queries_for(who):
                try:
                    hits = await self.files.find(sector, query, scope, limit=HITS)
                except TransientError as exc:
                    log.warning("a search file cannot be read for now", sector=sector, error=str(exc))
                    hits = None
                is_away = is_away or hits is None
                found |= {hit.case_id for hit in hits.hits} if hits else set()
        return found, is_away

    async def _people(self, visitor: Visitor, cases: Iterable[CaseRecord]) -> Mapping[Hashable, Person]:
        """Return the people of these cases, the newest case first."""
        newest = sorted(cases, key=lambda case: (case.received_at, case.case_id), reverse=True)
        known = {(case.sector, case.citizen) for case in newest if case.citizen is not None}
        cards = await self.citizens.cards(known) if known else {}
        taken_down = await self._taken_down(newest)
        subjects = await open_subjects(self.opener, newest)
        grouped = dict[Hashable, _Somebody]()
        for case in newest:
            somebody = _somebody(case, cards, taken_down.get(case.case_id))
            if somebody is not None:
                grouped.setdefault(somebody.key, somebody).cases.append(case)
        return {
            key: Person(
                name=each.name,
                addresses=each.addresses,
                place=each.place,
                cases=tuple(_known(case, subjects.values, visitor) for case in each.cases),
            )
            for key, each in grouped.items()
        }

    async def _taken_down(self, cases: Sequence[CaseRecord]) -> Mapping[CaseId, InboundContent]:
        """Return what agents took down, of the cases that began so."""
        heard = {case.opened_by: case.case_id for case in cases if case.entered_by is not None}
        words = await open_words(self.opener, (await self.messages.find_many(heard)).values()) if heard else None
        said = words.values if words is not None else {}
        return {heard[name]: each for name, each in said.items() if isinstance(each, InboundContent)}

    async def _note(self, visitor: Visitor, people: Iterable[Person]) -> None:
        """Who looked, and the cases of whom was shown; never for what."""
        shown = tuple(case.case_id for person in people for case in person.cases)
        await self.audit.record(
            AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=Act.SEARCHED, thing="case", things=shown)
        )


@dataclass
class _Somebody:
    key: Hashable
    name: str
    addresses: tuple[Identifier, ...]
    place: str
    cases: list[CaseRecord] = field(default_factory=list)


def _somebody(
    case: CaseRecord, cards: Mapping[SectorCitizenId, CitizenCard], taken_down: InboundContent | None
) -> _Somebody | None:
    """Return whose a case is: as the registry knows them, else as an agent took them down; None: nobody can say."""
    card = cards.get(case.citizen) if case.citizen is not None else None
    place = (taken_down.place if taken_down is not None else None) or ""
    if card is not None and not is_hidden(case, card):
        held = (each for each in card.identifiers if not each.tampered)
        addresses = tuple(Identifier(kind=each.kind, value=each.value) for each in held)
        name = card.name or (taken_down.display_name if taken_down is not None else None) or ""
        return _Somebody((case.sector, case.citizen), name, addresses, place)
    if taken_down is None or not taken_down.display_name:
        return None
    at = tuple(comparable(each) for each in taken_down.sender)
    of_whom = at or case.case_id  # a name alone may be two people's, who are not shown each other's cases
    key = (case.sector, frozenset(words_of(taken_down.display_name)), of_whom)
    return _Somebody(key, taken_down.display_name, taken_down.sender, place)


def _known(case: CaseRecord, subjects: Mapping[CaseId, str], visitor: Visitor) -> KnownCase:
    return KnownCase(
        case.case_id,
        case.reference,
        case.department,
        case.state,
        case.received_at,
        subjects.get(case.case_id),
        takes_words=visitor.scope.may(CaseAct.ANSWER, case),
    )


def _has(person: Person, reference: Reference) -> bool:
    return any(case.reference == reference for case in person.cases)
