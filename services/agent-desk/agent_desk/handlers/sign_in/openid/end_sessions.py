"""The provider says that somebody signed out, or left: their sessions here end (OpenID Connect Back-Channel Logout)."""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from agent_desk.domain.sign_in.openid.claims import LEEWAY, LOGOUT_TAKEN_FOR, SignedOut, check_logout
from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from agent_desk.handlers.sign_in.openid.provision import Provision
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import SignInByProvider
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.sign_in_tries import SignInTries
from guichet.store.audit.trail import Act, AuditTrail, with_own_account

_KEPT: Final = 2 * (LEEWAY + LOGOUT_TAKEN_FOR)  # longer than a token is taken


class EndSessions:
    """Ends what the provider ended."""

    def __init__(
        self,
        *,
        by_provider: SignInByProvider,
        provider: ProviderClient,
        provision: Provision,
        sessions: Sessions,
        tries: SignInTries,
        audit: AuditTrail,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._by_provider = by_provider
        self._provider = provider
        self._provision = provision
        self._sessions = sessions
        self._tries = tries
        self._audit = audit
        self._key = key
        self._clock = clock

    async def told(self, logout_token: str) -> None:
        """End the sessions that a token names: one of the provider's, or all of a person's.

        It counts as given once they have ended: what was interrupted is done when the provider says it again.

        Raises RefusedAnswerError, also for one that came before; ProviderAwayError, TransientError.
        """
        claims, now = await self._provider.claims_of(logout_token), self._clock()
        signed_out = check_logout(claims, client=self._by_provider.verify.client, now=now)
        name = self._name_of(signed_out.token_id)
        if await self._tries.tallied(name):
            raise RefusedAnswerError("replayed")
        await self._end(signed_out, now)
        await self._tries.tally(name, now + _KEPT)

    async def _end(self, signed_out: SignedOut, now: datetime) -> None:
        """End them, noted first: of a session that has gone nobody could say any more whose it was."""
        session = self._by_provider.provider_session(signed_out.provider_session)
        if session is None:
            agent = self._provision.agent_id_of(signed_out.subject or "")
            await self._audit.record(with_own_account(Act.SIGNED_OUT, agent, now))
            await self._sessions.end_all(agent)
            return
        for agent in await self._sessions.of_provider(session):
            await self._audit.record(with_own_account(Act.SIGNED_OUT, agent, now))
        await self._sessions.end_by_provider(session)

    def _name_of(self, token_id: str) -> str:
        return hmac.digest(self._key, f"guichet-desk-provider-logout\0{token_id}".encode(), "sha256").hex()
