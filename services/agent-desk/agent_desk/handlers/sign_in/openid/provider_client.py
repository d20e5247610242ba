"""What the desk asks the town's identity provider, and what of it is remembered for a while."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote_plus

import httpx

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.domain.sign_in.openid.errors import ProviderAwayError, RefusedAnswerError, UnknownKeyError
from agent_desk.domain.sign_in.openid.provider import Provider, address_of_metadata, read_provider
from agent_desk.domain.sign_in.openid.signatures import Claims, ProviderKey, read_keys, signed_claims
from agent_desk.handlers.sign_in.openid.ask import ask
from agent_desk.handlers.sign_in.openid.provider_alarm import About, ProviderAlarm

T = TypeVar("T")
METADATA_HOLDS: Final = timedelta(hours=1)
KEYS_HOLD: Final = timedelta(minutes=10)  # a key that was taken back opens nothing after that
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)  # whoever sends tokens of unknown keys must not have us ask for each
AWAY_FOR: Final = timedelta(seconds=5)  # who comes meanwhile is told at once, not one after the other
_SIGNED: Final = "application/jwt"


@dataclass(frozen=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True)
class Described:
    """What the provider says of somebody. signed: it came as a token of its own, whose signature holds."""

    claims: Mapping[str, Any] = field(repr=False)
    signed: bool


class ProviderClient:
    """One provider. Every method raises ProviderAwayError, and RefusedAnswerError where an answer does not hold.

    alarm: hears of each question.
    """

    def __init__(self, client: Client, http: httpx.AsyncClient, clock: Callable[[], datetime]) -> None:
        self.alarm = ProviderAlarm(clock)
        self._client = client
        self._http = http
        self._clock = clock
        self._asking = asyncio.Lock()
        self._provider: tuple[datetime, Provider] | None = None
        self._keys: tuple[datetime, tuple[ProviderKey, ...]] | None = None
        self._away_until: datetime | None = None

    async def provider(self) -> Provider:
        """Return where it answers."""
        async with self._asking:
            if self._provider is None or self._clock() - self._provider[0] >= METADATA_HOLDS:
                self._provider = self._clock(), await self._metadata()
            return self._provider[1]

    async def look(self) -> None:
        """Ask anew for what it tells everybody, and for nothing else: whether it answers."""
        async with self._asking:
            self._provider = self._clock(), await self._metadata()
            self._keys = self._clock(), await self._published_at(self._provider[1].jwks_uri)

    async def claims_of(self, token: str) -> Claims:
        """Return what a token claims, once its signature holds; a key that we do not know is asked for, once."""
        try:
            return signed_claims(token, await self._published(KEYS_HOLD))
        except UnknownKeyError:
            return signed_claims(token, await self._published(ASKED_AGAIN_AFTER))

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """Return what a code stands for (Core 3.1.3, RFC 7636 4.5)."""
        provider, client = await self.provider(), self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
        }
        sent: dict[str, Any] = {"data": {**form, "client_id": client.client_id, "client_secret": client.client_secret}}
        if provider.takes_basic:  # RFC 6749, 2.3.1: encoded as a form's fields are
            sent = {"data": form, "auth": (quote_plus(client.client_id), quote_plus(client.client_secret))}
        with self.alarm.hearing(About.SIGN_IN):
            said = (await ask(self._http, "POST", provider.token_endpoint, **sent)).members()
        tokens = Tokens(str(said.get("id_token") or ""), str(said.get("access_token") or ""))
        if not tokens.id_token or not tokens.access_token or str(said.get("token_type", "")).lower() != "bearer":
            raise RefusedAnswerError("no-token")
        return tokens

    async def user_info(self, access_token: str) -> Described | None:
        """Return what the provider says of who signed in; None where it says it in the ID token alone."""
        provider = await self.provider()
        if provider.userinfo_endpoint is None:
            return None
        headers = {"authorization": f"Bearer {access_token}", "accept": f"{_SIGNED}, application/json"}
        with self.alarm.hearing(About.SOMEBODY):
            answer = await ask(self._http, "GET", provider.userinfo_endpoint, headers=headers)
            if answer.kind != _SIGNED:
                return Described(answer.members(), signed=False)
        return Described(await self.claims_of(answer.body.decode(errors="replace")), signed=True)

    async def _published(self, at_most: timedelta) -> tuple[ProviderKey, ...]:
        """Return the provider's keys, not older than that."""
        provider = await self.provider()
        async with self._asking:
            if self._keys is None or self._clock() - self._keys[0] >= at_most:
                self._keys = self._clock(), await self._published_at(provider.jwks_uri)
            return self._keys[1]

    async def _metadata(self) -> Provider:
        address = address_of_metadata(self._client.issuer)
        return await self._told_everybody(About.ITSELF, address, lambda said: read_provider(said, self._client.issuer))

    async def _published_at(self, address: str) -> tuple[ProviderKey, ...]:
        return await self._told_everybody(About.KEYS, address, read_keys)

    async def _told_everybody(self, about: About, address: str, read: Callable[[Mapping[str, Any]], T]) -> T:
        """Return what the provider tells everybody; a refusal there is its trouble, too."""
        if self._away_until is not None and self._clock() < self._away_until:
            raise ProviderAwayError("The provider did not answer just now.")
        try:
            with self.alarm.hearing(about):
                return read(await self._members(address))
        except ProviderAwayError:
            self._away_until = self._clock() + AWAY_FOR
            raise

    async def _members(self, address: str) -> Mapping[str, Any]:
        try:
            return (await ask(self._http, "GET", address, headers={"accept": "application/json"})).members()
        except RefusedAnswerError as exc:
            raise ProviderAwayError(str(exc)) from None
