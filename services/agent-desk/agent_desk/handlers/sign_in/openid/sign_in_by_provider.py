"""Sign agents in by the town's identity provider, each try noted; what is not heard is counted.

Whoever is let in is an agent by a mapping of the town's, which is asked at each sign-in. A local account is another
agent, whatever their names and addresses: nothing here looks at accounts.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agent_desk.domain.sign_in.openid.answer import ProviderAnswer
from agent_desk.domain.sign_in.openid.outcome import LetIn, NotLetIn, Problem
from agent_desk.domain.sign_in.sessions import LONGEST, new_token, session_id
from agent_desk.domain.sign_in.try_limits import SignInPlace
from agent_desk.handlers.sign_in.note_refused import RefusedSignIns
from agent_desk.handlers.sign_in.openid.provision import Provision
from agent_desk.handlers.sign_in.openid.verify_identity import Verified, VerifyIdentity
from guichet.store.agents.sessions import Session, Sessions
from guichet.store.agents.sign_in_tries import Limit, SignInTries
from guichet.store.audit.trail import Act, AuditTrail, with_own_account

FAILURES: Final = Limit(100, timedelta(minutes=15))  # from one address, behind which a whole town hall may be


class SignInByProvider:
    """The way in by one provider. Methods raise TransientError where our own store is away."""

    def __init__(
        self,
        *,
        verify: VerifyIdentity,
        provision: Provision,
        sessions: Sessions,
        tries: SignInTries,
        audit: AuditTrail,
        refused: RefusedSignIns,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self.verify = verify
        self._provision = provision
        self._sessions = sessions
        self._tries = tries
        self._audit = audit
        self._refused = refused
        self._key = key
        self._clock = clock

    async def finish(self, cookie: str, answer: ProviderAnswer, place: SignInPlace) -> LetIn | NotLetIn:
        """Let in who comes back from the provider, or say why not. cookie: what the browser kept."""
        now, counter = self._clock(), self._digest("address", place.network)
        pause = await self._tries.count(counter, FAILURES, now)
        if pause is not None:
            self._refused.count()
            return NotLetIn(Problem.TOO_MANY, pause=pause)
        verified = await self.verify.finish(cookie, answer, now)
        outcome = await self._let_in(verified) if isinstance(verified, Verified) else verified
        if isinstance(outcome, LetIn) or outcome.problem is Problem.AWAY:
            await self._tries.take_back(counter, FAILURES)
        else:
            await self._refused.note(None, now)
        return outcome

    def provider_session(self, name: str | None) -> str | None:
        """Return what the provider's name of its session is kept as."""
        return None if name is None else self._digest("session", self.verify.client.issuer, name)

    async def _let_in(self, verified: Verified) -> LetIn | NotLetIn:
        if self.verify.client.strong_required and not verified.strong:
            return NotLetIn(Problem.WEAK)
        agent = await self._provision.agent_of(verified.identity)
        if isinstance(agent, NotLetIn):
            return agent
        token, now = new_token(), self._clock()
        session = Session(
            _id=session_id(self._key, token),
            agent_id=agent,
            started_at=now,
            seen_at=now,
            ends_at=now + LONGEST,
            second_factor=verified.strong,
            by_provider=True,
            provider_session=self.provider_session(verified.provider_session),
        )
        await self._audit.record(with_own_account(Act.SIGNED_IN, agent, now))
        await self._sessions.insert(session)
        return LetIn(token, verified.id_token, verified.wanted)

    def _digest(self, use: str, *parts: str) -> str:
        said = "\0".join((f"guichet-desk-provider-{use}", *parts))
        return hmac.digest(self._key, said.encode(), "sha256").hex()
