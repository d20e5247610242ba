"""Give an agent who was added at the desk a local account, whose one-time password is told once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.handlers.sign_in.check_password import PasswordCheck
from guichet.ids import AgentId
from guichet.privacy.passwords import new_password
from guichet.store.agents.accounts import AgentAccount, AgentAccounts
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail


@dataclass(frozen=True, kw_only=True)
class AccountGiver:
    """Makes accounts, and changes none: who forgot a password goes to `guichet agents reset`."""

    accounts: AgentAccounts
    check: PasswordCheck
    audit: AuditTrail
    clock: Callable[[], datetime]

    async def lacks_one(self, agent: AgentId) -> bool:
        """Say whether an agent has no account. Raises TransientError."""
        return await self.accounts.find(agent) is None

    async def give(self, agent: AgentId, *, by: AgentId) -> str | None:
        """Return the password of the new account; None where they have one. Raises BusyError, TransientError."""
        if not await self.lacks_one(agent):
            return None
        password, at = new_password(), self.clock()
        with self.check.known.seat():
            password_hash = await self.check.hashed(password, self.check.known)
        account = AgentAccount(_id=agent, password_hash=password_hash, created_at=at, must_change=True)
        await self.audit.record(AuditEntry(at=at, agent=by, act=Act.ACCOUNT_ADDED, thing="account", things=(agent,)))
        return password if await self.accounts.insert_missing([account]) else None
