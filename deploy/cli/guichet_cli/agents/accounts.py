"""What an operator does to an agent's account. Each act is in the audit trail before anything changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from guichet.errors import PermanentError, TransientError
from guichet.ids import AgentId, KeyId
from guichet.privacy.passwords import hash_password, new_password
from guichet.store.agents.accounts import AgentAccount, AgentAccounts
from guichet.store.agents.sessions import Sessions
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.town.staff.agents import Agent
from guichet.town.town import Town
from guichet_cli.console.command import operators_now

log = structlog.get_logger()


@dataclass(frozen=True)
class AccountActions:
    """An operator at work. destroy: ends a key of the vault for good. by: who they are in the audit trail.

    Every method raises PermanentError and TransientError.

    An account changes first, and its sessions end then: a sign-in under way finds the one or the other.
    """

    town: Town
    accounts: AgentAccounts
    sessions: Sessions
    audit: AuditTrail
    destroy: Callable[[KeyId], Awaitable[None]]
    by: AgentId
    now: Callable[[], datetime] = operators_now

    async def add(self, name: str) -> str:
        """Give an agent of the town's files an account; return its one-time password."""
        agent, password = self._agent(name), new_password()
        account = AgentAccount(
            _id=agent.agent_id, password_hash=hash_password(password), created_at=self.now(), must_change=True
        )
        if await self.accounts.find(agent.agent_id):
            raise _has_one(agent)
        await self.audit.record(added(agent.agent_id, self.by, self.now()))
        if not await self.accounts.insert_missing([account]):
            raise _has_one(agent)
        return password

    async def reset(self, name: str) -> str:
        """Give an account a new one-time password, even one that is disabled; return it.

        Its second factor stays: who talks an operator into a new password has not got the telephone.
        """
        agent, password = self._agent(name), new_password()
        given = {"password_hash": hash_password(password), "must_change": True, "disabled_at": None}
        await self._change(Act.ACCOUNT_RESET, agent.agent_id, name, given)
        return password

    async def disable(self, name: str) -> None:
        """Close an account, of an agent whom the town's files no longer name as well; twice is as once."""
        agent = find_agent(self.town, name)
        at = self.now()
        await self._change(Act.ACCOUNT_DISABLED, agent.agent_id if agent else AgentId(name), name, {"disabled_at": at})

    async def reset_second_factor(self, name: str) -> None:
        """Take the second factor from an account whose agent lost it; a password alone opens the account then."""
        agent = find_agent(self.town, name)
        agent_id = agent.agent_id if agent else AgentId(name)
        account = await self._account(agent_id, name)
        if account.second_factor is None:
            raise PermanentError(f"{name} has no second factor: see `guichet agents list`.")
        await self._note(Act.SECOND_FACTOR_RESET, agent_id)
        while not await self.accounts.set_second_factor(account, None):
            account = await self._account(agent_id, name)  # its agent changed it meanwhile
        await self.sessions.end_all(agent_id)
        await self._destroy_key_of(account)

    async def _destroy_key_of(self, account: AgentAccount) -> None:
        """Let no backup's copy of a secret that was taken away open any more. A key that stays opens nothing of now."""
        if account.second_factor is None:  # its agent gave it up meanwhile
            return
        try:
            await self.destroy(account.second_factor.secret.key_id)
        except TransientError as exc:
            log.warning("a second factor's key was not destroyed", agent=account.agent_id, error=str(exc))

    async def _change(self, act: Act, agent: AgentId, name: str, given: dict[str, object]) -> None:
        account = await self._account(agent, name)
        await self._note(act, agent)
        while not await self.accounts.replace(account, account.model_copy(update=given)):
            account = await self._account(agent, name)  # its agent changed it meanwhile
        await self.sessions.end_all(agent)

    async def _account(self, agent: AgentId, name: str) -> AgentAccount:
        account = await self.accounts.find(agent)
        if account is None:
            raise PermanentError(f"{name} has no account: see `guichet agents list`.")
        return account

    def _agent(self, name: str) -> Agent:
        agent = find_agent(self.town, name)
        if agent is None:
            raise PermanentError(f"{name} is not among the town's agents, neither as sign_in nor as agent_id.")
        return agent

    async def _note(self, act: Act, agent: AgentId) -> None:
        await self.audit.record(_entry(act, agent, self.by, self.now()))


def added(agent: AgentId, by: AgentId, at: datetime) -> AuditEntry:
    """Return the audit entry of an account that is about to be made. Pure."""
    return _entry(Act.ACCOUNT_ADDED, agent, by, at)


def _entry(act: Act, agent: AgentId, by: AgentId, at: datetime) -> AuditEntry:
    return AuditEntry(at=at, agent=by, act=act, thing="account", things=(agent,))


def find_agent(town: Town, name: str) -> Agent | None:
    """Return the town's agent of this sign-in name, or of this id. Pure."""
    named = (agent for agent in town.agents if agent.sign_in.lower() == name.strip().lower())
    return next(named, None) or town.agent(AgentId(name))


def _has_one(agent: Agent) -> PermanentError:
    return PermanentError(f"{agent.sign_in} has an account. For a new password: guichet agents reset {agent.sign_in}")
