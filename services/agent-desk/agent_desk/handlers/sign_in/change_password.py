"""An agent chooses a password: at the first sign-in, since an operator knows the one they came with, or when they want.

The password of then is asked each time: no session is enough, and an operator's reset in between wins. Whoever stole
the old password, or a session that it began, is out from then on.
"""

from collections.abc import Callable
from datetime import datetime

from agent_desk.domain.errors import BusyError, NotSignedInError
from agent_desk.domain.sign_in.new_password import Fault, NewPassword, fault_of
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.sign_in.try_limits import SignInPlace
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.sign_in.sign_in import SignIn
from guichet.store.agents.accounts import AgentAccount, AgentAccounts
from guichet.store.agents.sessions import Sessions
from guichet.store.audit.trail import Act, AuditTrail, with_own_account


class ChangePassword:
    """Takes a new password, ends every session of the old one, and begins one."""

    def __init__(
        self,
        *,
        sign_in: SignIn,
        accounts: AgentAccounts,
        sessions: Sessions,
        audit: AuditTrail,
        clock: Callable[[], datetime],
    ) -> None:
        self._sign_in = sign_in
        self._accounts = accounts
        self._sessions = sessions
        self._audit = audit
        self._clock = clock

    async def change(self, visitor: Visitor, typed: NewPassword, place: SignInPlace) -> str | Fault | SignInRefusal:
        """Return the token of the new session, or why nothing was changed.

        Raises NotSignedInError where the account was reset or disabled meanwhile, TransientError.
        """
        fault = fault_of(typed, visitor.agent)
        if fault is not None:
            return fault
        account = await self._sign_in.recognise(visitor.agent, typed.current, place)
        if isinstance(account, SignInRefusal):
            return account
        try:
            with self._sign_in.check.known.seat():
                return await self._replace(account, typed.password)
        except BusyError:
            return SignInRefusal(busy=True)

    async def _replace(self, account: AgentAccount, password: str) -> str:
        check = self._sign_in.check
        password_hash = await check.hashed(password, check.known)
        chosen = account.model_copy(update={"password_hash": password_hash, "must_change": False})
        await self._audit.record(with_own_account(Act.PASSWORD_CHANGED, account.agent_id, self._clock()))
        if not await self._accounts.replace(account, chosen):
            raise NotSignedInError
        await self._sessions.end_all(account.agent_id)
        token = await self._sign_in.begin(chosen)
        if token is None:
            raise NotSignedInError
        return token
