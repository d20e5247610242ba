"""An agent adds a second factor, renews its recovery codes, gives it up where the town allows.

The password is asked each time, and once there is one a code of it: an open page is not enough. Whatever changes ends
every session that began without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from agent_desk.domain.errors import BusyError, NotSignedInError
from agent_desk.domain.sign_in.one_time_codes import code_in, matching_step
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.sign_in.try_limits import SignInPlace
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.sign_in.check_code import CodeCheck
from agent_desk.handlers.sign_in.sign_in import SignIn
from guichet.privacy.passwords import hash_recovery_code, new_recovery_codes, new_salt
from guichet.store.agents.accounts import SECOND_FACTOR, AgentAccount, AgentAccounts, SecondFactor
from guichet.store.agents.sessions import Sessions
from guichet.store.audit.trail import Act, AuditTrail, with_own_account
from guichet.vault.ports import KeySource


class Fault(StrEnum):
    """Why nothing was changed."""

    CODE = "code"  # wrong, or taken before
    ENROLLED = "enrolled"  # there is one already
    NONE = "none"  # there is none
    REQUIRED = "required"  # the town wants one


@dataclass(frozen=True)
class Shown:
    """What an agent typed to show that it is they. code: of the telephone, or a recovery code."""

    password: str = field(repr=False)
    code: str = field(repr=False)
    place: SignInPlace = field(repr=False)


@dataclass(frozen=True)
class Enrolled:
    """token: of the session that begins. codes: the recovery codes, which are shown this once."""

    token: str = field(repr=False)
    codes: Sequence[str] = field(repr=False)


class ChangeSecondFactor:
    """Changes second factors. Methods raise NotSignedInError (the account changed meanwhile), TransientError."""

    def __init__(
        self,
        *,
        sign_in: SignIn,
        check: CodeCheck,
        accounts: AgentAccounts,
        sessions: Sessions,
        keys: KeySource,
        audit: AuditTrail,
        clock: Callable[[], datetime],
    ) -> None:
        self._sign_in = sign_in
        self._check = check
        self._accounts = accounts
        self._sessions = sessions
        self._keys = keys
        self._audit = audit
        self._clock = clock

    async def factor_of(self, visitor: Visitor) -> SecondFactor | None:
        """Return what an agent has."""
        account = await self._accounts.find(visitor.agent.agent_id)
        return account.second_factor if account else None

    async def enrol(self, visitor: Visitor, secret: str, shown: Shown) -> Enrolled | Fault | SignInRefusal:
        """Add a second factor once a code shows that a telephone has its secret."""
        now = self._clock()
        code = code_in(shown.code)
        step = matching_step(secret, code, now) if code else None
        if step is None:  # who has the page has the secret: nothing is guessed here
            return Fault.CODE
        account = await self._sign_in.recognise(visitor.agent, shown.password, shown.place)
        if isinstance(account, SignInRefusal):
            return account
        if account.second_factor is not None:
            return Fault.ENROLLED
        salt, codes = new_salt(), new_recovery_codes()
        try:
            hashes = await self._hashed(codes, salt)
        except BusyError:
            return SignInRefusal(busy=True)
        (key,) = await self._keys.new_keys(1)
        sealed = SECOND_FACTOR.seal(key, account.agent_id, secret)
        factor = SecondFactor(secret=sealed, enrolled_at=now, last_step=step, recovery_salt=salt, recovery=hashes)
        token = await self._replace(account, factor, Act.SECOND_FACTOR_ADDED)
        await self._check.remember(factor, shown.place)
        return Enrolled(token, codes)

    async def remove(self, visitor: Visitor, shown: Shown) -> str | Fault | SignInRefusal:
        """Give the second factor up; return the token of the session that begins."""
        account = await self._proven(visitor, shown)
        if not isinstance(account, AgentAccount):
            return account
        return await self._replace(account, None, Act.SECOND_FACTOR_REMOVED)

    async def renew_codes(self, visitor: Visitor, shown: Shown) -> Sequence[str] | Fault | SignInRefusal:
        """Return new recovery codes, which are shown this once; those of before open nothing any more."""
        account = await self._proven(visitor, shown)
        if not isinstance(account, AgentAccount):
            return account
        salt, codes = new_salt(), new_recovery_codes()
        try:
            hashes = await self._hashed(codes, salt)
        except BusyError:
            return SignInRefusal(busy=True)
        await self._note(account, Act.RECOVERY_CODES_RENEWED)
        if not await self._accounts.renew_recovery_codes(account, salt, hashes):
            raise NotSignedInError
        return codes

    async def _proven(self, visitor: Visitor, shown: Shown) -> AgentAccount | Fault | SignInRefusal:
        account = await self._sign_in.recognise(visitor.agent, shown.password, shown.place)
        if isinstance(account, SignInRefusal):
            return account
        if account.second_factor is None:
            return Fault.NONE
        refusal = await self._check.refusal_of(shown.code, account, shown.place)
        if refusal is None:
            return account
        return refusal if refusal.pause or refusal.busy else Fault.CODE

    async def _replace(self, account: AgentAccount, factor: SecondFactor | None, act: Act) -> str:
        await self._note(account, act)
        if not await self._accounts.set_second_factor(account, factor):
            raise NotSignedInError
        await self._sessions.end_all(account.agent_id)
        token = await self._sign_in.begin(account.model_copy(update={"second_factor": factor}))
        if token is None:
            raise NotSignedInError
        return token

    async def _hashed(self, codes: Sequence[str], salt: bytes) -> tuple[str, ...]:
        queue = self._sign_in.check.known
        with queue.seat():
            return tuple([await queue.run(partial(hash_recovery_code, code, salt)) for code in codes])

    async def _note(self, account: AgentAccount, act: Act) -> None:
        await self._audit.record(with_own_account(act, account.agent_id, self._clock()))
