"""How many tries to sign in are heard: by who tries, where, and whether that agent is known there (ADR 0021).

A place is an address and a browser. Where an agent has signed in before, their tries are counted apart from everybody
else's, so that a guesser spends no try but their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from guichet.store.agents.sign_in_tries import LONGEST, Limit

WINDOW: Final = timedelta(minutes=15)
PER_PLACE: Final = Limit(10, WINDOW)  # of one account: who mistypes is not kept out, a guesser has 1,000 tries a day
PER_ADDRESS: Final = Limit(50, WINDOW)  # a town hall has one address for many agents
PER_SITE: Final = Limit(200, WINDOW)  # a /48 of IPv6 has 65,536 networks, and may be had for nothing
PER_ACCOUNT: Final = Limit(30, WINDOW)  # from everywhere that its agent has never been
AN_HOUR: Final = timedelta(hours=1)
CODES: Final = Limit(10, AN_HOUR)  # in a browser where the agent is known: who mistypes is not kept out
CODES_ELSEWHERE: Final = Limit(20, LONGEST)  # three codes of a million hold at a time: a year's guessing finds 1 in 50
UNFINISHED: Final = Limit(10, AN_HOUR)  # sign-ins that lack their code: each is an entry of the audit trail
UNFINISHED_ELSEWHERE: Final = Limit(30, AN_HOUR)
REMEMBERED_FOR: Final = timedelta(days=90)


class Known(Enum):
    """How well we know an agent where somebody tries their name."""

    BROWSER = auto()
    ADDRESS = auto()
    NOWHERE = auto()


@dataclass(frozen=True)
class SignInPlace:
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
    """One try. who: the name that it is made at, which may be nobody's, or the key id of a second factor."""

    who: str
    place: SignInPlace
    known: Known


@dataclass(frozen=True)
class Rule:
    """What is counted together. counter: its name. of: what tries of one count share; a part of None counts nowhere."""

    counter: str
    of: Callable[[Try], tuple[str | None, ...]]
    limit: Limit


Rules = Mapping[Known, Sequence[Rule]]
"""What a try must find room in, by how well its agent is known there."""


def _by_browser(tried: Try) -> tuple[str, ...]:
    return tried.who, tried.place.browser


def _by_place(tried: Try) -> tuple[str, ...]:
    return tried.who, tried.place.network


def _by_address(tried: Try) -> tuple[str, ...]:
    return (tried.place.network,)


def _by_site(tried: Try) -> tuple[str | None, ...]:
    return (tried.place.site,)


def _by_account(tried: Try) -> tuple[str, ...]:
    return (tried.who,)


def _strict_rules(what: str, *, known: Limit, place: Limit, everywhere: Limit) -> Rules:
    """Return rules for who has shown a password: one browser has tries of its own, all that is unknown has few."""
    here = Rule(f"{what}-place", _by_place, place)
    return {
        Known.BROWSER: [Rule(f"{what}-browser", _by_browser, known)],  # who guesses beside it does not spend its tries
        Known.ADDRESS: [here],
        Known.NOWHERE: [here, Rule(f"{what}-account", _by_account, everywhere)],
    }


_HERE: Final = (Rule("address", _by_address, PER_ADDRESS), Rule("place", _by_place, PER_PLACE))
FOR_PASSWORDS: Final[Rules] = {
    Known.BROWSER: [Rule("browser", _by_browser, PER_PLACE)],
    Known.ADDRESS: _HERE,
    Known.NOWHERE: [*_HERE, Rule("site", _by_site, PER_SITE), Rule("account", _by_account, PER_ACCOUNT)],
}
FOR_CODES: Final = _strict_rules("code", known=CODES, place=CODES_ELSEWHERE, everywhere=CODES_ELSEWHERE)
FOR_UNFINISHED: Final = _strict_rules("unfinished", known=UNFINISHED, place=UNFINISHED, everywhere=UNFINISHED_ELSEWHERE)
