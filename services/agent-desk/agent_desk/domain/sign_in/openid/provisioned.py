"""The agent that an identity is here. Pure.

Their id comes of the provider and of its own name of them, so that they are the same agent at each sign-in; an address
that goes to somebody else, or a name that is somebody's here already, makes nobody another.
"""

import hmac
from collections.abc import Collection
from typing import Final

from pydantic import TypeAdapter, ValidationError

from agent_desk.domain.sign_in.openid.identity import Identity
from guichet.ids import AgentId
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import ProvidedIdentity
from guichet.town.values import Mailbox

_DIGITS: Final = 32
_ADDRESS: Final = TypeAdapter[str](Mailbox)


def agent_id_of(key: bytes, issuer: str, subject: str) -> AgentId:
    """Return whose identity it is. key: one that stays, for their rights and what they did are kept under this id."""
    said = "\0".join(("guichet-desk-provided-agent", issuer, subject))
    return AgentId(f"p-{hmac.digest(key, said.encode(), 'sha256').hex()[:_DIGITS]}")


def provided_identity(identity: Identity) -> ProvidedIdentity | None:
    """Return what a mapping is looked up by; None where the provider names no establishment."""
    if identity.siret is None:
        return None
    unit, uid = identity.organizational_unit, identity.uid
    return ProvidedIdentity(siret=identity.siret, organizational_unit=unit, uid=uid)


def agent_now(
    known: Agent | None, agent_id: AgentId, name: str, identity: ProvidedIdentity, email: str | None = None
) -> Agent:
    """Return the agent as the provider now describes them; what the town gave them beside that stays.

    email: that it vouches for; None: it says none, and the town's word holds.
    """
    if known is None:
        return Agent(agent_id=agent_id, name=name, sign_in=agent_id, identity=identity, work_email=email)
    return known.model_copy(update={"name": name, "identity": identity, "work_email": email or known.work_email})


def town_address(said: str | None, mailboxes: Collection[str]) -> str | None:
    """Return an address that a provider vouches for, where an agent may be written to at it. mailboxes: the town's."""
    try:
        address = _ADDRESS.validate_python(said)
    except ValidationError:
        return None
    return None if address in mailboxes else address
