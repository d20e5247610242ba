"""Make an identity an agent of the town's, at each sign-in anew: whom a mapping is about, and nobody else."""

from collections.abc import Callable
from datetime import datetime

from agent_desk.domain.sign_in.openid.identity import Identity
from agent_desk.domain.sign_in.openid.outcome import NotLetIn, Problem
from agent_desk.domain.sign_in.openid.provisioned import agent_id_of, agent_now, provided_identity
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.law.calendar import paris_date
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.staff import StaffEntry, StaffStore, entry_id, entry_of
from guichet.store.audit.trail import Act, AuditTrail, with_own_account
from guichet.town.staff.agents import Agent
from guichet.town.staff.identities import mapping_for
from guichet.town.staff.overlay import Overlay, StaffKind


class Provision:
    """Lets the staff know of who signs in. issuer: the provider. key: which agents' ids are made with."""

    def __init__(
        self,
        *,
        issuer: str,
        staff: StaffDirectory,
        store: StaffStore,
        sessions: Sessions,
        audit: AuditTrail,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer
        self._staff = staff
        self._store = store
        self._sessions = sessions
        self._audit = audit
        self._key = key
        self._clock = clock

    def agent_id_of(self, subject: str) -> AgentId:
        """Return which agent the provider's own name of somebody stands for."""
        return agent_id_of(self._key, self._issuer, subject)

    async def agent_of(self, identity: Identity) -> AgentId | NotLetIn:
        """Return the agent who signs in, written down anew if anything of them changed; or why nobody does.

        Of who is refused nothing is kept. Whom another mapping is about than before has no session of before: each
        showed what the former work did.
        """
        if not identity.name:
            return NotLetIn(Problem.NAMELESS)
        claims, staff = provided_identity(identity), await self._staff.now()
        mapping = mapping_for(claims, staff.mappings) if claims is not None else None
        if claims is None or mapping is None or mapping.unit not in staff.units:
            return NotLetIn(Problem.UNMAPPED, identity.siret, identity.organizational_unit)
        agent_id = self.agent_id_of(identity.subject)
        entry = await self._entry_of(agent_id)
        if entry is not None and entry.overlay.value is None:  # an administrator took them off the staff
            return NotLetIn(Problem.CLOSED)
        known = _agent_in(entry)
        agent = agent_now(known, agent_id, identity.name, claims)
        if not agent.works_on(paris_date(self._clock())):
            return NotLetIn(Problem.CLOSED)
        if agent != known:
            await self._write(agent, entry)
        return agent_id

    async def _entry_of(self, agent: AgentId) -> StaffEntry | None:
        wanted = entry_id(StaffKind.AGENT, agent)
        return next((entry for entry in await self._store.all() if entry.entry_id == wanted), None)

    async def _write(self, agent: Agent, over: StaffEntry | None) -> None:
        """Write an agent down. Raises TransientError where somebody else did so meanwhile."""
        now, known = self._clock(), _agent_in(over)
        act = Act.AGENT_PROVISIONED if known is None else Act.AGENT_CHANGED
        await self._audit.record(with_own_account(act, agent.agent_id, now))
        entry = entry_of(Overlay(StaffKind.AGENT, agent.agent_id, agent), at=now, by=agent.agent_id)
        if not await self._store.put(entry, over=over):
            raise TransientError("an agent who signs in was changed at the same moment")
        await self._staff.forget()
        if known is not None and known.identity != agent.identity:
            await self._sessions.end_all(agent.agent_id)


def _agent_in(entry: StaffEntry | None) -> Agent | None:
    value = entry.overlay.value if entry is not None else None
    return value if isinstance(value, Agent) else None
