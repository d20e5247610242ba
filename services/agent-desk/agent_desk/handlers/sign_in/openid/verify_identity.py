"""Send a browser to the provider, and find out who it is that comes back: nothing is believed before it is checked."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from agent_desk.domain.sign_in.openid.answer import ProviderAnswer, code_of
from agent_desk.domain.sign_in.openid.claims import check_id_token, check_user_info, is_strong, session_of
from agent_desk.domain.sign_in.openid.client import Client, sign_in_address, sign_out_address
from agent_desk.domain.sign_in.openid.errors import ProviderAwayError, RefusedAnswerError
from agent_desk.domain.sign_in.openid.identity import Identity, read_identity
from agent_desk.domain.sign_in.openid.outcome import NotLetIn, Problem
from agent_desk.domain.sign_in.openid.started import (
    LASTS,
    StartedSignIn,
    is_state_of,
    read_started,
    start_sign_in,
    write_started,
)
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from guichet.store.agents.sign_in_tries import SignInTries

log = structlog.get_logger()


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what it keeps until it is back."""

    address: str
    cookie: str = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """Who signed in, with two factors or not, in which of the provider's sessions. wanted: the page asked for."""

    identity: Identity
    strong: bool
    provider_session: str | None = field(repr=False)
    id_token: str = field(repr=False)
    wanted: str


class VerifyIdentity:
    """What is asked of one provider. Methods raise TransientError where our own store is away."""

    def __init__(
        self,
        *,
        client: Client,
        provider: ProviderClient,
        tries: SignInTries,
        key: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self.client = client
        self._provider = provider
        self._tries = tries
        self._key = key
        self._clock = clock

    async def begin(self, wanted: str) -> Begun | NotLetIn:
        """Return where a browser signs in. wanted: the page that was asked for."""
        started = start_sign_in(wanted, self._clock())
        try:
            address = sign_in_address(self.client, await self._provider.provider(), started)
        except ProviderAwayError as exc:
            return _away(exc)
        return Begun(address, write_started(self._key, started))

    async def sign_out_address(self, id_token: str) -> str | None:
        """Return where a browser signs out of the provider; None where that is not to be had just now."""
        try:
            return sign_out_address(self.client, await self._provider.provider(), id_token)
        except ProviderAwayError:
            return None

    async def finish(self, cookie: str, answer: ProviderAnswer, now: datetime) -> Verified | NotLetIn:
        """Return who comes back. cookie: what the browser kept."""
        started = read_started(self._key, cookie, now) if cookie else None
        if started is None or not is_state_of(started, answer.state) or not await self._is_first(started, now):
            return NotLetIn(Problem.STALE)
        if answer.error:
            return NotLetIn(Problem.GIVEN_UP)
        try:
            return await self._ask(started, answer, now)
        except RefusedAnswerError as exc:
            log.warning("sign-in by the identity provider refused", reason=exc.reason)
            return NotLetIn(Problem.WRONG)
        except ProviderAwayError as exc:
            return _away(exc)

    async def _is_first(self, started: StartedSignIn, now: datetime) -> bool:
        """Say whether this is the first answer to a sign-in: what was overheard opens nothing a second time."""
        name = hmac.digest(self._key, f"guichet-desk-provider-state\0{started.state}".encode(), "sha256").hex()
        return await self._tries.tally(name, now + LASTS) == 1

    async def _ask(self, started: StartedSignIn, answer: ProviderAnswer, now: datetime) -> Verified:
        provider, client = self._provider, self.client
        tokens = await provider.exchange(code_of(answer, await provider.provider()), started.verifier)
        claims = await provider.claims_of(tokens.id_token)
        subject = check_id_token(claims, client=client, started=started, access_token=tokens.access_token, now=now)
        told = await provider.user_info(tokens.access_token)
        if told is not None:
            check_user_info(told.claims, client=client, subject=subject, signed=told.signed, now=now)
        return Verified(
            identity=read_identity(subject, {**claims, **(told.claims if told else {})}),
            strong=is_strong(claims, client),
            provider_session=session_of(claims),
            id_token=tokens.id_token,
            wanted=started.wanted,
        )


def _away(why: ProviderAwayError) -> NotLetIn:
    log.warning("the identity provider is away", error=str(why))
    return NotLetIn(Problem.AWAY)
