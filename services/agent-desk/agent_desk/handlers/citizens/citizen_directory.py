"""The citizens behind sector ids, opened: names and addresses for the page that asks."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

from agent_desk.domain.cases.citizen_card import CitizenCard, KnownIdentifier
from agent_desk.handlers.citizens.sector_index import SectorIndex
from guichet.ids import CitizenId, IdentifierId, SectorCitizenId, SectorId
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import VALUE, IdentifierDocument
from guichet.store.registry.reader import CitizenReader
from guichet.vault.fields import Opened, living_keys, opened_with
from guichet.vault.ports import KeyOpener

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CitizenDirectory:
    """The registry, as the sectors see it."""

    def __init__(self, *, reader: CitizenReader, index: SectorIndex, opener: KeyOpener) -> None:
        self._reader = reader
        self._index = index
        self._opener = opener

    async def cards(
        self, citizens: Collection[tuple[SectorId, SectorCitizenId]]
    ) -> Mapping[SectorCitizenId, CitizenCard]:
        """Return the cards of these citizens in one go; one that was erased is left out. Raises TransientError."""
        resolved = await self._index.resolve(citizens)
        if not resolved:
            return {}
        found = await self._reader.find_many(set(resolved.values()))
        people = {citizen: each for citizen, each in found.items() if each.state is not CitizenState.ERASING}
        addresses = await self._reader.addresses_of(people)
        keys = await living_keys(
            self._opener, [*(each.record for each in people.values()), *(each.value for each in addresses)]
        )
        records = opened_with(keys, {citizen: RECORD.on(citizen, each.record) for citizen, each in people.items()})
        values = opened_with(keys, {each.identifier_id: VALUE.on(each.identifier_id, each.value) for each in addresses})
        of_citizen = _by_holder(addresses)
        return {
            sector_id: _card(people[citizen], records.values.get(citizen), values, of_citizen[citizen])
            for sector_id, citizen in resolved.items()
            if citizen in people and _is_there(records, citizen)
        }


def _card(
    person: CitizenDocument,
    record: CitizenRecord | None,
    values: Opened[IdentifierId, str],
    addresses: Iterable[IdentifierDocument],
) -> CitizenCard:
    return CitizenCard(
        name=(record.full_name or None) if record is not None else None,
        identifiers=tuple(
            _known(each, person.citizen_id, values) for each in addresses if _is_there(values, each.identifier_id)
        ),
        provisional=person.state is CitizenState.PROVISIONAL,
        tampered=record is None,
        given_name=record.given_name if record is not None else None,
        family_name=record.family_name if record is not None else None,
        address=record.address if record is not None else None,
    )


def _is_there(opened: Opened[K, V], name: K) -> bool:
    """Say whether a sealed value is not erased."""
    return name in opened.values or name in opened.tampered


def _by_holder(addresses: Iterable[IdentifierDocument]) -> Mapping[CitizenId, list[IdentifierDocument]]:
    held = defaultdict[CitizenId, list[IdentifierDocument]](list)
    for address in addresses:
        for citizen in {holder.citizen_id for holder in address.holders}:
            held[citizen].append(address)
    return held


def _known(address: IdentifierDocument, citizen: CitizenId, values: Opened[IdentifierId, str]) -> KnownIdentifier:
    value = values.values.get(address.identifier_id)
    if value is None:
        return KnownIdentifier(kind=address.kind, value="", tampered=True)
    held = [holder for holder in address.holders if holder.citizen_id == citizen]
    return KnownIdentifier(
        kind=address.kind,
        value=value,
        verified=any(holder.verified for holder in held),
        shared=address.shared or len(address.holders) > 1,
        vouched=any(holder.vouched for holder in held),
        confirmed=any(holder.confirmed for holder in held),
        since=max((holder.since for holder in held), default=None),
    )
