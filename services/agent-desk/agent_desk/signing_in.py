"""Sign agents in and out, each try noted in the audit trail before it is answered; tries during a pause are counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.passwords import PasswordCheck
from agent_desk.session_limits import LONGEST, is_over, is_worth_noting
from agent_desk.session_tokens import form_token, new_token, session_id
from agent_desk.visitor import Visitor, scope_of
from guichet.ids import AgentId
from guichet.runtime.probing import Probing, Refusal
from guichet.store.agents import AgentAccounts
from guichet.store.audit import Act, AuditEntry, AuditTrail
from guichet.store.sessions import Session, Sessions
from guichet.town.organisation import Agent
from guichet.town.town import Town
from guichet.web.throttle import Throttle

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 10  # an agent who mistypes is not locked out, a guesser gets 1,000 tries a day
LONGEST_NAME = 200  # characters; each name that is tried is remembered for WINDOW
TRIES_PER_ADDRESS = 50  # a town hall has one address for many agents


@dataclass(frozen=True)
class Refused:
    """Not signed in. pause: how long to wait, when there were too many tries."""

    pause: timedelta | None = None


class SigningIn:
    """Accounts, sessions and the limits on both."""

    def __init__(
        self,
        *,
        town: Town,
        accounts: AgentAccounts,
        sessions: Sessions,
        audit: AuditTrail,
        probing: Probing,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._town = town
        self._accounts = accounts
        self._sessions = sessions
        self._audit = audit
        self._probing = probing
        self._key = key
        self._clock = clock
        self._check = PasswordCheck(accounts)
        self._per_account = Throttle(TRIES_PER_ACCOUNT, WINDOW)
        self._per_address = Throttle(TRIES_PER_ADDRESS, WINDOW)

    async def sign_in(self, name: str, password: str, address: str) -> str | Refused:
        """Return the token for the browser's cookie, or why not. Raises TransientError."""
        name, now = name.strip().lower()[:LONGEST_NAME], self._clock()
        pause = self._per_account.pause(name, now) or self._per_address.pause(address, now)
        agent = next((agent for agent in self._town.agents if agent.sign_in.lower() == name), None)
        if pause is not None:  # no entry: whoever goes on trying must not fill the trail
            self._probing.note(Refusal.SIGN_IN)
            return Refused(pause)
        if not await self._is_right(agent, password, name, address, now):
            await self._note(Act.SIGN_IN_REFUSED, agent.agent_id if agent else None, now)
            return Refused()
        assert agent is not None
        self._per_account.clear(name)
        return await self._begin(agent, now)

    async def visitor(self, token: str, language: str) -> Visitor | None:
        """Return who holds this token, if they are signed in and still work here. Raises TransientError."""
        session = await self._sessions.find(session_id(self._key, token)) if token else None
        now = self._clock()
        agent = self._town.agent(session.agent_id) if session else None
        if session is None or agent is None or is_over(session, now):
            return None
        if is_worth_noting(session, now):
            await self._sessions.touch(session.session_id, now)
        scope = scope_of(agent, self._town)
        return Visitor(agent, scope, session.session_id, form_token(self._key, token), language)

    async def is_signed_in(self, visitor: Visitor) -> bool:
        """Say whether the visitor's session still stands; asking does not prolong it. Raises TransientError."""
        session = await self._sessions.find(visitor.session_id)
        return session is not None and not is_over(session, self._clock())

    async def sign_out(self, visitor: Visitor) -> None:
        """End the session. Raises TransientError."""
        await self._sessions.end(visitor.session_id)
        await self._note(Act.SIGNED_OUT, visitor.agent.agent_id, self._clock())

    async def _is_right(self, agent: Agent | None, password: str, name: str, address: str, now: datetime) -> bool:
        """Check a password. Counted before the check takes its time: many tries at once are many; only wrong ones stay.

        Tries during a pause do not come here, and do not prolong it.
        """
        self._per_account.count(name, now)
        self._per_address.count(address, now)
        wrong = False
        try:
            account = await self._accounts.find(agent.agent_id) if agent else None
            wrong = not await self._check.is_right(account, password)
        finally:
            if not wrong:  # right, or nobody knows
                self._per_account.take_back(name)
                self._per_address.take_back(address)
        return not wrong

    async def _begin(self, agent: Agent, now: datetime) -> str:
        token = new_token()
        session = Session(
            _id=session_id(self._key, token),
            agent_id=agent.agent_id,
            started_at=now,
            seen_at=now,
            ends_at=now + LONGEST,
        )
        await self._sessions.insert(session)
        await self._note(Act.SIGNED_IN, agent.agent_id, now)
        return token

    async def _note(self, act: Act, agent: AgentId | None, now: datetime) -> None:
        things = (agent,) if agent else ()
        await self._audit.record(AuditEntry(at=now, agent=agent, act=act, thing="account", things=things))
