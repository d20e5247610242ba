"""An operator finds a citizen's id by an address or a case, is shown nobody, and stands in the audit trail."""

from datetime import UTC, datetime
from typing import Any

import pytest

from guichet.contracts.base import Sealed
from guichet.errors import TransientError
from guichet.ids import AgentId, CitizenId, KeyId, SectorId
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.audit.trail import Act
from guichet.store.registry.citizens import CitizenDocument, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet_cli.citizens.search import CitizenSearch, FoundCitizen
from guichet_testing.builders.case import a_case
from guichet_testing.builders.channels import KINDS
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.registry.reader import InMemoryCitizenReader

NOW = datetime(2026, 5, 1, tzinfo=UTC)
REGISTRY_KEY, SECTOR_KEY = b"r" * 32, b"s" * 32
SEALED = Sealed(key_id=KeyId("k"), box=b"")
EMAIL, PHONE, TELEGRAM = "email", "phone", "telegram"


class Registry:
    """Léa has a mail address and was once somebody else; Léa and Sam share a phone."""

    def __init__(self) -> None:
        self.citizens, self.identifiers = InMemoryCitizenReader(), InMemoryIdentifierStore()
        self.cases, self.audit = InMemoryCaseStore(), InMemoryAuditTrail()
        self.search = CitizenSearch(
            citizens=self.citizens,
            identifiers=self.identifiers,
            cases=self.cases,
            audit=self.audit,
            registry_key=REGISTRY_KEY,
            sector_key=SECTOR_KEY,
            by=AgentId("operator:jo"),
            kinds=KINDS,
            now=lambda: NOW,
        )

    async def fill(self) -> None:
        self.citizens.citizens = [
            CitizenDocument(
                _id="lea", state=CitizenState.REGISTERED, record=SEALED, formerly=(CitizenId("lea-once"),), since=NOW
            ),
            CitizenDocument(_id="sam", state=CitizenState.PROVISIONAL, record=SEALED, since=NOW),
        ]
        addresses = [
            self.an_address(EMAIL, "lea@courriel.example", "lea"),
            self.an_address(PHONE, "+33639980101", "lea", "sam"),
        ]
        await self.identifiers.insert_new(addresses)
        self.citizens.identifiers = addresses

    def an_address(self, kind: str, value: str, *holders: str) -> IdentifierDocument:
        return IdentifierDocument(
            _id=identifier_id(REGISTRY_KEY, kind, value),
            kind=kind,
            holders=tuple(Holder(citizen_id=CitizenId(each), provenance="message", since=NOW) for each in holders),
            value=SEALED,
        )

    async def a_case(self, **owner: Any) -> Any:
        case = a_case(**{"citizen": None, **owner})
        await self.cases.insert_new([case])
        return case.reference


@pytest.fixture
async def registry() -> Registry:
    registry = Registry()
    await registry.fill()
    return registry


def own(citizen: str, sector: str = "cadre-de-vie") -> str:
    return sector_citizen_id(SECTOR_KEY, SectorId(sector), CitizenId(citizen))


LEA = FoundCitizen(CitizenId("lea"), CitizenState.REGISTERED, (EMAIL, PHONE))
SAM = FoundCitizen(CitizenId("sam"), CitizenState.PROVISIONAL, (PHONE,))


async def test_an_address_leads_to_everybody_who_is_reached_there(registry: Registry) -> None:
    assert await registry.search.by_address(" Lea@Courriel.Example ") == [LEA]
    assert await registry.search.by_address("06 39 98 01 01") == [LEA, SAM]
    assert await registry.search.by_address("nobody@courriel.example") == []
    assert await registry.search.by_address("not an address") == []


async def test_a_case_leads_to_its_citizen_whatever_they_were_called_when_it_was_opened(registry: Registry) -> None:
    assert await registry.search.by_reference(await registry.a_case(citizen=own("lea-once"))) == [LEA]
    shared = await registry.a_case(name="case-2", candidates=(own("lea"), own("sam")))
    assert await registry.search.by_reference(shared) == [LEA, SAM]
    foreign = await registry.a_case(name="case-3", citizen=own("sam", "social"))  # another sector's id of him
    assert await registry.search.by_reference(foreign) == []


async def test_a_search_is_in_the_audit_trail_before_it_is_answered(registry: Registry) -> None:
    await registry.search.by_address("lea@courriel.example")
    await registry.search.by_address("nobody@courriel.example")
    found, missed = registry.audit.entries
    assert (found.act, found.agent, found.things) == (Act.FOUND, "operator:jo", ("lea",))
    assert (missed.act, missed.things) == (Act.NOT_FOUND, ())
    registry.audit.away = True
    with pytest.raises(TransientError):
        await registry.search.by_address("lea@courriel.example")
