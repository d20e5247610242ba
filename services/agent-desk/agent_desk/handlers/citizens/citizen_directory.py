"""The citizens behind sector ids, opened: names and addresses for the page that asks."""

from collections.abc import Collection, Iterable, Mapping

from agent_desk.domain.cases.citizen_card import CitizenCard, CitizenDirectory, KnownIdentifier
from agent_desk.domain.opened_fields import Opened
from agent_desk.handlers.citizens.sector_index import SectorIndex
from agent_desk.handlers.open_sealed import SealedField, open_fields
from guichet.ids import CitizenId, SectorCitizenId, SectorId
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import IdentifierDocument
from guichet.store.registry.reader import CitizenReader
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import Thing

Name = tuple[str, str]
"""The kind and id of a sealed thing."""


class RegistryDirectory(CitizenDirectory):
    """Face of CitizenDirectory over the registry."""

    def __init__(self, *, reader: CitizenReader, index: SectorIndex, opener: KeyOpener) -> None:
        self._reader = reader
        self._index = index
        self._opener = opener

    async def cards(
        self, citizens: Collection[tuple[SectorId, SectorCitizenId]]
    ) -> Mapping[SectorCitizenId, CitizenCard]:
        resolved = await self._index.resolve(citizens)
        if not resolved:
            return {}
        found = await self._reader.find_many(set(resolved.values()))
        people = {citizen: each for citizen, each in found.items() if each.state is not CitizenState.ERASING}
        addresses = await self._reader.addresses_of(people)
        opened = await open_fields(self._opener, _sealed(people.values(), addresses))
        return {
            sector_id: _card(people[citizen], opened, addresses)
            for sector_id, citizen in resolved.items()
            if citizen in people and _is_there(opened, ("citizen", citizen))
        }


def _sealed(people: Iterable[CitizenDocument], addresses: Iterable[IdentifierDocument]) -> dict[Name, SealedField]:
    records: dict[Name, SealedField] = {
        ("citizen", person.citizen_id): SealedField(Thing("citizen", person.citizen_id), "record", person.record)
        for person in people
    }
    values: dict[Name, SealedField] = {
        ("identifier", each.identifier_id): SealedField(Thing("identifier", each.identifier_id), "value", each.value)
        for each in addresses
    }
    return records | values


def _card(person: CitizenDocument, opened: Opened[Name, bytes], addresses: Iterable[IdentifierDocument]) -> CitizenCard:
    record = opened.values.get(("citizen", person.citizen_id))
    return CitizenCard(
        name=(CitizenRecord.model_validate_json(record).full_name or None) if record is not None else None,
        identifiers=tuple(
            _known(each, person.citizen_id, opened) for each in addresses if _reaches(each, person, opened)
        ),
        provisional=person.state is CitizenState.PROVISIONAL,
        tampered=record is None,
    )


def _is_there(opened: Opened[Name, bytes], name: Name) -> bool:
    """Say whether a sealed value is not erased."""
    return name in opened.values or name in opened.tampered


def _reaches(address: IdentifierDocument, person: CitizenDocument, opened: Opened[Name, bytes]) -> bool:
    held = any(holder.citizen_id == person.citizen_id for holder in address.holders)
    return held and _is_there(opened, ("identifier", address.identifier_id))


def _known(address: IdentifierDocument, citizen: CitizenId, opened: Opened[Name, bytes]) -> KnownIdentifier:
    value = opened.values.get(("identifier", address.identifier_id))
    if value is None:
        return KnownIdentifier(kind=address.kind, value="", tampered=True)
    held = [holder for holder in address.holders if holder.citizen_id == citizen]
    return KnownIdentifier(
        kind=address.kind,
        value=value.decode(),
        verified=any(holder.verified for holder in held),
        shared=address.shared or len(address.holders) > 1,
        vouched=any(holder.vouched for holder in held),
        confirmed=any(holder.confirmed for holder in held),
    )
