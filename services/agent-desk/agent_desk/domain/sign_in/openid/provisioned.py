"""The agent that an identity is here. Pure.

Their id comes of the provider and of its own name of them, so that they are the same agent at each sign-in; an address
that goes to somebody else, or a name that is somebody's here already, makes nobody another.
"""

import hmac
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError

from agent_desk.domain.sign_in.openid.identity import Identity
from guichet.ids import AgentId
from guichet.town.staff.agents import Agent, VouchedAddress
from guichet.town.staff.identities import ProvidedIdentity
from guichet.town.values import Mailbox

NOTED_EVERY: Final = timedelta(days=7)  # each note is a change of the staff, and an entry of the audit
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
    known: Agent | None, agent_id: AgentId, name: str, identity: ProvidedIdentity, vouched: VouchedAddress | None = None
) -> Agent:
    """Return the agent as the provider now describes them; what the town gave them beside that stays.

    vouched: the address that it vouches for today; None: it says none, and the one that it said before grows old.
    """
    if known is None:
        known = Agent(agent_id=agent_id, name=name, sign_in=agent_id, identity=identity)
    known = known.model_copy(update={"name": name, "identity": identity})
    return known if vouched is None else _vouched_for(known, vouched)


def _vouched_for(known: Agent, vouched: VouchedAddress) -> Agent:
    """Return the agent with an address that is new; what an administrator wrote instead of the same one stays."""
    if known.vouched is None or known.vouched.address != vouched.address:
        return known.model_copy(update={"work_email": vouched.address, "vouched": vouched})
    is_to_be_noted = vouched.on - known.vouched.on >= NOTED_EVERY
    return known.model_copy(update={"vouched": vouched}) if is_to_be_noted else known


def town_address(said: str | None, mailboxes: Collection[str]) -> str | None:
    """Return an address that a provider vouches for, where an agent may be written to at it. mailboxes: the town's."""
    try:
        address = _ADDRESS.validate_python(said)
    except ValidationError:
        return None
    return None if address in mailboxes else address
