"""From the right password to a session, for who has a second factor.

A sign-in that is pending is no session: it lies under a name that no cookie of a session leads to, so that a page which
forgets to ask about it shows nothing. What ends an agent's sessions ends it too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.domain.errors import NotSignedInError
from agent_desk.domain.sign_in.sessions import is_over, pending_id
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.sign_in.try_limits import SignInPlace
from agent_desk.handlers.sign_in.check_code import CodeCheck
from agent_desk.handlers.sign_in.sign_in import SignedIn, SignIn
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.store.agents.accounts import AgentAccounts
from guichet.store.agents.sessions import Sessions
from guichet.town.staff.agents import Agent


@dataclass(frozen=True)
class Pending:
    """A sign-in that lacks its second factor."""

    agent: Agent
    pending_id: str = field(repr=False)


class FinishSignIn:
    """Takes the code, and lets in."""

    def __init__(
        self,
        *,
        sign_in: SignIn,
        check: CodeCheck,
        staff: StaffDirectory,
        accounts: AgentAccounts,
        sessions: Sessions,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._sign_in = sign_in
        self._check = check
        self._staff = staff
        self._accounts = accounts
        self._sessions = sessions
        self._key = key
        self._clock = clock

    async def pending(self, token: str) -> Pending:
        """Return whose sign-in a token's is. Raises NotSignedInError where it is none, or over; TransientError."""
        session = await self._sessions.find(pending_id(self._key, token)) if token else None
        agent = (await self._staff.now()).by_id.get(session.agent_id) if session else None
        if session is None or agent is None or is_over(session, self._clock()):
            raise NotSignedInError
        return Pending(agent, session.session_id)

    async def finish(self, token: str, typed: str, place: SignInPlace) -> SignedIn | SignInRefusal:
        """Return what the browser is given, or why not. Raises NotSignedInError, TransientError, TamperedError."""
        pending = await self.pending(token)
        account = await self._accounts.find(pending.agent.agent_id)
        if account is None:
            raise NotSignedInError
        refusal = await self._check.refusal_of(typed, account, place)
        if refusal is not None:
            return refusal
        outcome = await self._sign_in.finish(pending.agent, account, place, pending.pending_id)
        if isinstance(outcome, SignedIn) and account.second_factor is not None:
            await self._check.remember(account.second_factor, outcome.place)
        return outcome
