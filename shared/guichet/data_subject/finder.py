"""Everything that belongs to a person, found along the data map."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from guichet.contracts.legal_facts import StatedFact
from guichet.data_subject.bonds import NOTHING, Documents, Ids, Trail, walk
from guichet.data_subject.evidence import threat_said_on
from guichet.data_subject.personal_data import PersonalData, Spared
from guichet.data_subject.senders import CASES, MESSAGES, Senders
from guichet.ids import CaseId, CitizenId, IdentifierId, KeyId, MessageId, SectorCitizenId, SectorId
from guichet.privacy.blind_ids import BlindIds
from guichet.privacy.data_map.entry import Bond, DataMapEntry, Erasure
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.documents import Document, DocumentFinder, values_at
from guichet.store.setup.schema import whole_data_map
from guichet.vault.erasure_ledger.entry import ErasedCase, Noted
from guichet.vault.ports import KeyOpener

CITIZENS, IDENTIFIERS = "citizens", "identifiers"
_LISTED = ("reference", "department", "state", "received_at")


class PersonFinder:
    """Finds personal_data. registry_key, sector_key: 32 bytes each (guichet.privacy.pseudonyms)."""

    def __init__(
        self,
        *,
        documents: DocumentFinder,
        vault: KeyOpener,
        registry_key: bytes,
        sector_key: bytes,
        data_map: Sequence[DataMapEntry] | None = None,
    ) -> None:
        self._documents = documents
        self._senders = Senders(documents=documents, vault=vault, registry_key=registry_key)
        self._sector_key = sector_key
        self.blind_ids = BlindIds(registry_key)
        self._entries = reached_collections(whole_data_map() if data_map is None else data_map)

    async def find(self, *citizens: CitizenId, noted: Noted | None = None) -> PersonalData:
        """Return what belongs to one person, known to the registry by these ids and by what it says they had before.

        Asking again finds what is left; after a removal nothing is, so give every id that belonged (`citizens`) then.
        A case without a citizen is theirs if they are its only candidate or its opening message came from an address
        of theirs alone; else another person may have opened it and it stays. noted: once they are diverted, what was
        theirs until then: of the messages that no case has, newer ones are a newcomer's. A case that an agent said is a
        threat is spared (guichet.data_subject.evidence), and one that was: it goes by itself. Raises TransientError.
        """
        persons = await self._all_ids(citizens)
        sector_citizens = await self._in_sectors(persons)
        start = {Bond.CITIZEN: persons, Bond.SECTOR_CITIZEN: sector_citizens}
        trail = await self._walk(start)
        addresses = frozenset(map(IdentifierId, trail.whole[IDENTIFIERS]))
        known = addresses.union(noted.addresses) if noted else addresses
        cases = await self._senders.opened_by(trail.partly[CASES], known)
        unfiled = await (self._senders.still_unfiled(noted.unfiled) if noted else self._senders.unfiled_of(addresses))
        if cases or unfiled:
            trail = await self._walk({**start, Bond.CASE: cases, Bond.MESSAGE: unfiled})
        living = await self._living(trail.whole[CASES])
        listed = {name: _listed(case) for name, case in living.items()}
        spared = {name: case for name, case in listed.items() if _is_spared(case, living[name])}
        kept = await self._walk({Bond.CASE: spared}) if spared else Trail()
        if spared:
            start = {**start, Bond.CASE: cases.difference(spared), Bond.MESSAGE: unfiled}
            trail = await self._walk(start, kept.whole)
        going = tuple(case for name, case in listed.items() if name not in spared)
        found = _belongings(persons, sector_citizens, trail, going)
        return replace(
            found,
            keys=found.keys.difference(kept.keys),
            objects=found.objects.difference(kept.objects),
            unfiled=unfiled,
            noted=noted,
            spared=_spared(kept, spared.values()),
        )

    async def left_of(self, cases: Collection[CaseId]) -> PersonalData:
        """Return what lived with these cases and still lies there, their tombstones among it.

        Of a case that the store does not say is destroyed, nothing: an event alone decides about no case. Raises
        TransientError.
        """
        known = await self._documents.find(CASES, "_id", cases, ("destroyed_at",))
        destroyed = frozenset(each["_id"] for each in known if "destroyed_at" in each)
        return _belongings(frozenset(), frozenset(), await self._walk({Bond.CASE: destroyed}), ())

    async def of_messages(self, messages: Collection[MessageId]) -> PersonalData:
        """Return these messages, which no case has, with what lives with them. Raises TransientError."""
        return _belongings(frozenset(), frozenset(), await self._walk({Bond.MESSAGE: messages}), ())

    async def of_cases(self, cases: Collection[CaseId]) -> PersonalData:
        """Return these cases with what lives with them. Raises TransientError."""
        return _belongings(frozenset(), frozenset(), await self._walk({Bond.CASE: cases}), ())

    async def _walk(self, start: Ids, spared: Documents = NOTHING) -> Trail:
        return await walk(self._entries, start, self._documents, self.blind_ids, spared)

    async def _all_ids(self, citizens: Collection[CitizenId]) -> frozenset[CitizenId]:
        found = await self._documents.find(CITIZENS, "_id", citizens, ("formerly",))
        former = (CitizenId(name) for document in found for name in values_at(document, "formerly"))
        return frozenset((*citizens, *former))

    async def _in_sectors(self, citizens: Collection[CitizenId]) -> frozenset[SectorCitizenId]:
        """Return the person's id in every sector that has a case: a town's files may have dropped one."""
        sectors = await self._documents.distinct(CASES, "sector")
        return frozenset(
            sector_citizen_id(self._sector_key, SectorId(sector), citizen) for sector in sectors for citizen in citizens
        )

    async def _living(self, cases: Collection[str]) -> dict[str, Document]:
        """Return them by id, those received first before the others."""
        found = await self._documents.find(CASES, "_id", cases, (*_LISTED, "closed_at", "facts", "owes_erasure"))
        living = [each for each in found if "reference" in each]  # no tombstone that just came to be
        living.sort(key=lambda each: (each["received_at"], each["_id"]))
        return {each["_id"]: each for each in living}


def _listed(case: Document) -> ErasedCase:
    facts = tuple(StatedFact.model_validate(each) for each in case.get("facts", ()))
    said = {"closed_at": case.get("closed_at"), "threat_said_on": threat_said_on(facts)}
    return ErasedCase(**{name: case[name] for name in _LISTED}, **said)


def _is_spared(listed: ErasedCase, case: Document) -> bool:
    """Say whether an erasure leaves a case for later: whoever corrects what was spared has time to correct that."""
    return listed.threat_said_on is not None or bool(case.get("owes_erasure"))


def reached_collections(data_map: Sequence[DataMapEntry]) -> tuple[DataMapEntry, ...]:
    """Return the collections that an erasure walks through; topics are LogPass's, keys the vault's."""
    reached = (Erasure.DELETED, Erasure.KEY_DESTROYED)
    return tuple(entry for entry in data_map if entry.place == "collection" and entry.on_erasure in reached)


def _spared(kept: Trail, listed: Iterable[ErasedCase]) -> Spared:
    return Spared(
        cases=frozenset(map(CaseId, kept.whole[CASES])),
        messages=frozenset(map(MessageId, kept.whole[MESSAGES])),
        keys=frozenset(kept.keys),
        objects=frozenset(kept.objects),
        listed=tuple(listed),
    )


def _belongings(
    persons: frozenset[CitizenId],
    sector_citizens: frozenset[SectorCitizenId],
    trail: Trail,
    listed: tuple[ErasedCase, ...],
) -> PersonalData:
    return PersonalData(
        citizens=persons,
        sector_citizens=sector_citizens,
        documents={name: frozenset(ids) for name, ids in trail.whole.items() if ids},
        partly={name: frozenset(ids) for name, ids in trail.partly.items() if ids},
        keys=frozenset(map(KeyId, trail.keys)),
        objects=frozenset(trail.objects),
        listed=listed,
    )
