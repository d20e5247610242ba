"""Count tries to sign in, and know the places where each agent has signed in before."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from agent_desk.domain.sign_in.try_limits import (
    FOR_CODES,
    FOR_PASSWORDS,
    FOR_UNFINISHED,
    REMEMBERED_FOR,
    Known,
    Rules,
    SignInPlace,
    Try,
)
from guichet.store.agents.sign_in_places import SignInPlaces
from guichet.store.agents.sign_in_tries import Limit, SignInTries


class TryLimits:
    """Counts tries, and knows places. Every method raises TransientError."""

    def __init__(self, rules: Rules, *, tries: SignInTries, places: SignInPlaces, key: bytes) -> None:
        self._rules = rules
        self._tries = tries
        self._places = places
        self._key = key

    async def look_at(self, who: str, place: SignInPlace, now: datetime) -> Try:
        """Return what a try is, before it is counted."""
        address, browser = self._places_of(who, place)
        known = await self._places.known([address, browser], now)
        level = Known.BROWSER if browser in known else Known.ADDRESS if address in known else Known.NOWHERE
        return Try(who, place, level)

    async def count(self, tried: Try, now: datetime) -> timedelta | None:
        """Count a try; where one of its limits is reached, count nothing and return how long to wait."""
        counted: list[tuple[str, Limit]] = []
        for key, limit in self._limits_of(tried):
            pause = await self._tries.count(key, limit, now)
            if pause is not None:
                await self._uncount(counted)
                return pause
            counted.append((key, limit))
        return None

    async def take_back(self, tried: Try) -> None:
        """Uncount a try that was right, or that nobody could judge."""
        await self._uncount(self._limits_of(tried))

    async def remember(self, tried: Try, now: datetime) -> None:
        """Know this agent here from now on."""
        await self._places.remember(self._places_of(tried.who, tried.place), now + REMEMBERED_FOR)

    async def _uncount(self, counted: Sequence[tuple[str, Limit]]) -> None:
        for key, limit in counted:
            await self._tries.take_back(key, limit)

    def _limits_of(self, tried: Try) -> Sequence[tuple[str, Limit]]:
        counts = [(rule, rule.of(tried)) for rule in self._rules[tried.known]]
        return [
            (self._digest(rule.counter, *(part for part in parts if part is not None)), rule.limit)
            for rule, parts in counts
            if None not in parts
        ]

    def _places_of(self, who: str, place: SignInPlace) -> tuple[str, str]:
        return self._digest("known-address", who, place.network), self._digest("known-browser", who, place.browser)

    def _digest(self, use: str, *parts: str) -> str:
        said = "\0".join((f"guichet-desk-{use}", *parts))
        return hmac.digest(self._key, said.encode(), "sha256").hex()


@dataclass(frozen=True)
class SignInLimits:
    """Every limit on the way in. unfinished: of sign-ins that lack their code."""

    passwords: TryLimits
    codes: TryLimits
    unfinished: TryLimits


def sign_in_limits(*, tries: SignInTries, places: SignInPlaces, key: bytes) -> SignInLimits:
    """Return them, over one store."""
    limits = partial(TryLimits, tries=tries, places=places, key=key)
    return SignInLimits(limits(FOR_PASSWORDS), limits(FOR_CODES), limits(FOR_UNFINISHED))
