"""Whether who knows the password has the second factor, too: each code once, few tries, each wrong one noted."""

from collections.abc import Callable
from datetime import datetime

import structlog

from agent_desk.domain.errors import BusyError
from agent_desk.domain.sign_in.one_time_codes import code_in, matching_step
from agent_desk.domain.sign_in.sign_in_refusal import SignInRefusal
from agent_desk.domain.sign_in.try_limits import SignInPlace, Try
from agent_desk.handlers.sign_in.check_password import HashingQueue
from agent_desk.handlers.sign_in.limit_tries import TryLimits
from guichet.errors import ErasedError, KeyMissingError
from guichet.ids import AgentId
from guichet.privacy.passwords import hash_recovery_code, recovery_code_in
from guichet.runtime.telemetry.probing_alarm import Probing, Refusal
from guichet.store.agents.accounts import SECOND_FACTOR, AgentAccount, AgentAccounts, SecondFactor
from guichet.store.audit.trail import Act, AuditTrail, with_own_account
from guichet.vault.fields import open_one
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()


def _who(factor: SecondFactor) -> str:
    """Return what its tries are counted by: each enrolment begins with no place where its agent is known."""
    return factor.secret.key_id


class CodeCheck:
    """Takes codes of agents' telephones, and recovery codes. Every method raises TransientError, TamperedError."""

    def __init__(
        self,
        *,
        accounts: AgentAccounts,
        opener: KeyOpener,
        limits: TryLimits,
        queue: HashingQueue,
        audit: AuditTrail,
        probing: Probing,
        clock: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._opener = opener
        self._limits = limits
        self._queue = queue
        self._audit = audit
        self._probing = probing
        self._clock = clock

    async def refusal_of(self, typed: str, account: AgentAccount, place: SignInPlace) -> SignInRefusal | None:
        """Take a code, which nobody takes again, and return None; or why it was not taken."""
        if account.second_factor is None:  # given up meanwhile
            return SignInRefusal()
        now = self._clock()
        tried = await self._limits.look_at(_who(account.second_factor), place, now)
        pause = await self._limits.count(tried, now)
        if pause is not None:  # no entry: whoever goes on trying must not fill the trail
            self._probing.note(Refusal.CODE)
            return SignInRefusal(pause)
        try:
            taken = await self._taken(typed, account, account.second_factor, tried, now)
        except BusyError:
            return SignInRefusal(busy=True)
        if not taken:
            await self._note(Act.CODE_REFUSED, account.agent_id, now)
            return SignInRefusal()
        return None

    async def _taken(self, typed: str, account: AgentAccount, factor: SecondFactor, tried: Try, now: datetime) -> bool:
        """Take a code. The try was counted before: tries made all at once are many tries; only a wrong one stays."""
        wrong = False
        try:
            taken = await self._spent(typed, account, factor, now)
            wrong = not taken
        finally:
            if not wrong:  # right, or nobody knows
                await self._limits.take_back(tried)
        return taken

    async def remember(self, factor: SecondFactor, place: SignInPlace) -> None:
        """Know an agent here from now on, since a code of theirs was right.

        Where they signed in by a password alone tells nothing: who knows it may have signed in from many places.
        """
        now = self._clock()
        await self._limits.remember(await self._limits.look_at(_who(factor), place, now), now)

    async def _spent(self, typed: str, account: AgentAccount, factor: SecondFactor, now: datetime) -> bool:
        if code := code_in(typed):
            return await self._spent_code(code, account, factor, now)
        if recovery := recovery_code_in(typed):
            return await self._spent_recovery(recovery, account, factor, now)
        return False

    async def _spent_code(self, code: str, account: AgentAccount, factor: SecondFactor, now: datetime) -> bool:
        secret = await self._secret(account, factor)
        step = matching_step(secret, code, now) if secret else None
        return step is not None and await self._accounts.spend_step(account, step)

    async def _secret(self, account: AgentAccount, factor: SecondFactor) -> str | None:
        """Return the telephone's secret; None where its key was destroyed, or never held: recovery codes still open.

        A vault that was restored from before the enrolment never held it.
        """
        try:
            return await open_one(self._opener, SECOND_FACTOR.on(account.agent_id, factor.secret))
        except (ErasedError, KeyMissingError):
            log.warning("a second factor's key is not in the vault: it must be reset", agent=account.agent_id)
            return None

    async def _spent_recovery(self, code: str, account: AgentAccount, factor: SecondFactor, now: datetime) -> bool:
        with self._queue.seat():
            code_hash = await self._queue.run(lambda: hash_recovery_code(code, factor.recovery_salt))
        spent = await self._accounts.spend_recovery_code(account, code_hash)
        if spent:
            await self._note(Act.RECOVERY_CODE_USED, account.agent_id, now)
        return spent

    async def _note(self, act: Act, agent: AgentId, now: datetime) -> None:
        await self._audit.record(with_own_account(act, agent, now))
