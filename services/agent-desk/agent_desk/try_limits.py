"""How many tries to sign in are heard: by who tries, where, and whether that agent is known there (ADR 0021).

A place is an address and a browser. Where an agent has signed in before, their tries are counted apart from everybody
else's, so that a guesser spends no try but their own.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from guichet.store.sign_in_places import SignInPlaces
from guichet.store.sign_in_tries import Limit, SignInTries

WINDOW: Final = timedelta(minutes=15)
PER_PLACE: Final = Limit(10, WINDOW)  # of one account: who mistypes is not kept out, a guesser has 1,000 tries a day
PER_ADDRESS: Final = Limit(50, WINDOW)  # a town hall has one address for many agents
PER_SITE: Final = Limit(200, WINDOW)  # a /48 of IPv6 has 65,536 networks, and may be had for nothing
PER_ACCOUNT: Final = Limit(30, WINDOW)  # from everywhere that its agent has never been
REMEMBERED_FOR: Final = timedelta(days=90)


A_DAY: Final = timedelta(days=1)
CODES: Final = Limit(10, timedelta(hours=1))  # in a browser where the agent is known: who mistypes is not kept out
CODES_ELSEWHERE: Final = Limit(20, A_DAY)  # three codes of a million hold at a time: a year's guessing finds 1 in 50


class Known(Enum):
    """How well we know an agent where somebody tries their name."""

    BROWSER = auto()
    ADDRESS = auto()
    NOWHERE = auto()


@dataclass(frozen=True)
class Place:
    """Where somebody is. address: as the connection or a trusted proxy says. browser: the token in its cookie."""

    address: str
    browser: str

    @property
    def network(self) -> str:
        """What one visitor cannot leave at will: an IPv4 address, or the /64 of an IPv6 one."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address  # some proxies write every IPv4 address so
        return str(ip_network(f"{address}/64", strict=False)) if isinstance(address, IPv6Address) else str(address)

    @property
    def site(self) -> str | None:
        """What one owner of IPv6 addresses has, with thousands of /64 in it; None for others."""
        try:
            network = ip_network(self.network)
        except ValueError:
            return None
        return str(network.supernet(new_prefix=48)) if network.version == 6 else None


@dataclass(frozen=True)
class Try:
    """One try at a name, which may be nobody's."""

    name: str
    place: Place
    known: Known


class TryLimits:
    """Counts tries, and knows places. Every method raises TransientError."""

    def __init__(self, *, tries: SignInTries, places: SignInPlaces, key: bytes) -> None:
        self._tries = tries
        self._places = places
        self._key = key

    async def look_at(self, name: str, place: Place, now: datetime) -> Try:
        """Return what a try is, before it is counted."""
        address, browser = self._places_of(name, place)
        known = await self._places.known([address, browser], now)
        level = Known.BROWSER if browser in known else Known.ADDRESS if address in known else Known.NOWHERE
        return Try(name, place, level)

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
        await self._places.remember(self._places_of(tried.name, tried.place), now + REMEMBERED_FOR)

    async def _uncount(self, counted: Sequence[tuple[str, Limit]]) -> None:
        for key, limit in counted:
            await self._tries.take_back(key, limit)

    def _limits_of(self, tried: Try) -> Sequence[tuple[str, Limit]]:
        name, network = tried.name, tried.place.network
        if tried.known is Known.BROWSER:  # nobody else has it: who guesses beside it does not spend its tries
            return [(self._digest("browser", name, tried.place.browser), PER_PLACE)]
        here = [(self._digest("address", network), PER_ADDRESS), (self._digest("place", name, network), PER_PLACE)]
        if tried.known is Known.ADDRESS:
            return here
        site = [(self._digest("site", tried.place.site), PER_SITE)] if tried.place.site else []
        return [*here, *site, (self._digest("account", name), PER_ACCOUNT)]

    def _places_of(self, name: str, place: Place) -> tuple[str, str]:
        return self._digest("known-address", name, place.network), self._digest("known-browser", name, place.browser)

    def _digest(self, use: str, *parts: str) -> str:
        said = "\0".join((f"guichet-desk-{use}", *parts))
        return hmac.digest(self._key, said.encode(), "sha256").hex()


class CodeLimits(TryLimits):
    """The same for codes, which are short: who guesses them knows the password, and is nobody who is known."""

    def _limits_of(self, tried: Try) -> Sequence[tuple[str, Limit]]:
        if tried.known is Known.BROWSER:
            return [(self._digest("code-browser", tried.name, tried.place.browser), CODES)]
        here = [(self._digest("code-place", tried.name, tried.place.network), CODES_ELSEWHERE)]
        if tried.known is Known.ADDRESS:
            return here
        return [*here, (self._digest("code-account", tried.name), CODES_ELSEWHERE)]
