"""Make an identity an agent of the town's, at each sign-in anew: whom a mapping is about, and nobody else."""

from collections.abc import Callable, Collection
from datetime import datetime

from agent_desk.domain.sign_in.openid.identity import Identity
from agent_desk.domain.sign_in.openid.outcome import NotLetIn, Problem
from agent_desk.domain.sign_in.openid.provisioned import agent_id_of, agent_now, provided_identity, town_address
from agent_desk.handlers.sign_in.openid.provided_agents import ProvidedAgents, agent_in
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.town.staff.agents import VouchedAddress
from guichet.town.staff.identities import mapping_for


class Provision:
    """Lets the staff know of who signs in. issuer: the provider. key: which agents' ids are made with.

    mailboxes: the town's own, at which no agent is written to.
    """

    def __init__(
        self,
        *,
        issuer: str,
        agents: ProvidedAgents,
        key: bytes,
        clock: Callable[[], datetime],
        mailboxes: Collection[str] = (),
    ) -> None:
        self._issuer = issuer
        self._agents = agents
        self._key = key
        self._clock = clock
        self._mailboxes = mailboxes

    def agent_id_of(self, subject: str) -> AgentId:
        """Return which agent the provider's own name of somebody stands for."""
        return agent_id_of(self._key, self._issuer, subject)

    async def agent_of(self, identity: Identity) -> AgentId | NotLetIn:
        """Return the agent who signs in, written down anew if anything of them changed; or why nobody does.

        Of who is refused nothing is kept. Raises TransientError.
        """
        if not identity.name:
            return NotLetIn(Problem.NAMELESS)
        claims, staff = provided_identity(identity), await self._agents.staff.now()
        mapping = mapping_for(claims, staff.mappings) if claims is not None else None
        if claims is None or mapping is None or mapping.unit not in staff.units:
            return NotLetIn(Problem.UNMAPPED, identity.siret, identity.organizational_unit)
        agent_id = self.agent_id_of(identity.subject)
        entry = await self._agents.entry_of(agent_id)
        known = agent_in(entry)
        today, email = paris_date(self._clock()), town_address(identity.email, self._mailboxes)
        vouched = VouchedAddress(address=email, on=today) if email is not None else None
        agent = agent_now(known, agent_id, identity.name, claims, vouched)
        if (entry is not None and known is None) or not agent.works_on(today):
            return NotLetIn(Problem.CLOSED)  # an administrator took them off the staff, or gave them a last day
        if agent != known:
            await self._agents.write(agent, entry)
        return agent_id
