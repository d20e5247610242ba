"""What a town has that lets agents in by an identity provider: the desk as its client, units, mappings."""

from collections.abc import Iterable
from typing import Any, Final

from agent_desk.domain.sign_in.openid.client import Client
from guichet.ids import DepartmentId, UnitId
from guichet.store.agents.staff import StaffEntry, StaffStore, entry_id, entry_of
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import Overlay, StaffKind, StaffValue, mapping_key
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.feigned_provider import CLIENT_ID, SIRET, STRONG

UNITS: Final = {
    UnitId("rues"): Unit(label="Voirie", departments=(DepartmentId("voirie"),)),
    UnitId("actes"): Unit(label="État civil", departments=(DepartmentId("etat-civil"),)),
}
OF_THE_STREETS: Final = IdentityMapping(siret=SIRET, organizational_unit="Direction de la voirie", unit=UnitId("rues"))
OF_THE_REGISTRY: Final = IdentityMapping(siret=SIRET, organizational_unit="État civil", unit=UnitId("actes"))


def a_client(issuer: str, desk: str, secret: str, **more: Any) -> Client:
    """Return the desk as the provider knows it. desk: its address. more: fields in the place of its own."""
    usual: dict[str, Any] = {
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "redirect_uri": f"{desk}/connexion/fournisseur/retour",
        "after_sign_out": f"{desk}/connexion",
        "label": "ProConnect",
        "scope": "openid agent",
        "help": "le service informatique",
        "strong": (STRONG,),
    }
    return Client(**usual | more)


async def lay(staff: StaffStore, kind: StaffKind, key: str, value: StaffValue | None) -> None:
    """Change one thing of the staff; None: it is no more."""
    there = {entry.entry_id: entry for entry in await staff.all()}.get(entry_id(kind, key))
    assert await staff.put(entry_of(Overlay(kind, key, value), at=ARRIVED, by=None), over=there)


async def lay_units_and_mappings(
    staff: StaffStore, mappings: Iterable[IdentityMapping] = (OF_THE_STREETS, OF_THE_REGISTRY)
) -> None:
    """Give the town two units, and these mappings onto them."""
    for key, unit in UNITS.items():
        await lay(staff, StaffKind.UNIT, key, unit)
    for mapping in mappings:
        await lay(staff, StaffKind.MAPPING, mapping_key(mapping), mapping)


async def provided_agents(staff: StaffStore) -> list[Agent]:
    """Return the agents whom a sign-in wrote down."""
    values = (entry.overlay.value for entry in await staff.all() if _is_of_an_agent(entry))
    return [value for value in values if isinstance(value, Agent) and value.identity is not None]


def _is_of_an_agent(entry: StaffEntry) -> bool:
    return entry.kind is StaffKind.AGENT
