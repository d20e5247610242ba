"""Which citizen an address or a case's reference leads to. Whoever asks stands in the audit trail before the answer."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import IdentifierKind
from guichet.ids import AgentId, CitizenId, Reference
from guichet.privacy.normal_form import normalised
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.store import CaseStore
from guichet.store.registry.citizens import CitizenState
from guichet.store.registry.identifiers import IdentifierStore
from guichet.store.registry.reader import CitizenReader
from guichet_cli.console.command import operators_now


@dataclass(frozen=True)
class FoundCitizen:
    """A citizen without anything that names them. kinds: of the addresses at which they are reached.

    state: None where an address names them and the registry no longer, or not yet, does.
    """

    citizen_id: CitizenId
    state: CitizenState | None
    kinds: tuple[IdentifierKind, ...]


@dataclass(frozen=True)
class CitizenSearch:
    """registry_key, sector_key: 32 bytes each, the router's. by: who asks. kinds: of address that citizens have."""

    citizens: CitizenReader
    identifiers: IdentifierStore
    cases: CaseStore
    audit: AuditTrail
    registry_key: bytes
    sector_key: bytes
    by: AgentId
    kinds: Collection[IdentifierKind]
    now: Callable[[], datetime] = operators_now

    async def by_address(self, address: str) -> Sequence[FoundCitizen]:
        """Return who is reached at an address of any kind that it may be. Raises TransientError."""
        values = {kind: value for kind in self.kinds if (value := normalised(kind, address))}
        names = [identifier_id(self.registry_key, kind, value) for kind, value in values.items()]
        found = await self.identifiers.find_many(names)
        return await self._noted({holder.citizen_id for each in found.values() for holder in each.holders})

    async def by_reference(self, reference: Reference) -> Sequence[FoundCitizen]:
        """Return whose case it is, or everybody whose it may be where an address is shared. Raises TransientError.

        A case knows its sector's own id only, from which nothing leads back: every citizen's is made and compared.
        """
        case = (await self.cases.find_by_references([reference])).get(reference)
        return await self._noted(await self._concerned(case) if case else set())

    async def _concerned(self, case: CaseRecord) -> set[CitizenId]:
        wanted = {case.citizen, *case.candidates}
        return {
            each.citizen_id
            for each in await self.citizens.who_exists()
            for known_as in (each.citizen_id, *each.formerly)
            if sector_citizen_id(self.sector_key, case.sector, known_as) in wanted
        }

    async def _noted(self, citizens: Collection[CitizenId]) -> Sequence[FoundCitizen]:
        documents, addresses = await self.citizens.find_many(citizens), await self.citizens.addresses_of(citizens)
        act = Act.FOUND if citizens else Act.NOT_FOUND
        things = tuple(sorted(citizens))
        await self.audit.record(AuditEntry(at=self.now(), agent=self.by, act=act, thing="citizen", things=things))
        return [
            FoundCitizen(
                citizen,
                documents[citizen].state if citizen in documents else None,
                tuple(
                    sorted(
                        {each.kind for each in addresses if citizen in {holder.citizen_id for holder in each.holders}}
                    )
                ),
            )
            for citizen in sorted(citizens)
        ]
