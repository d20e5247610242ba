"""Which tries spend which limits: pure arithmetic of places over the twins."""

from datetime import timedelta

import pytest

from agent_desk.domain.sign_in.try_limits import (
    FOR_PASSWORDS,
    PER_ACCOUNT,
    PER_ADDRESS,
    PER_PLACE,
    REMEMBERED_FOR,
    Known,
    SignInPlace,
)
from agent_desk.handlers.sign_in.limit_tries import TryLimits
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.sign_in_places import InMemorySignInPlaces
from guichet_testing.twins.store.agents.sign_in_tries import InMemorySignInTries

HOME = SignInPlace("198.51.100.7", "browser-of-karim")
ELSEWHERE = SignInPlace("203.0.113.9", "browser-of-a-guesser")


@pytest.fixture
def limits() -> TryLimits:
    return TryLimits(FOR_PASSWORDS, tries=InMemorySignInTries(), places=InMemorySignInPlaces(), key=b"k" * 32)


async def heard(limits: TryLimits, times: int, name: str, place: SignInPlace) -> int:
    """Return how many of so many tries are heard."""
    pauses = [await limits.count(await limits.look_at(name, place, ARRIVED), ARRIVED) for _ in range(times)]
    return pauses.count(None)


async def test_an_account_from_one_place_an_address_and_an_account_from_everywhere(limits: TryLimits) -> None:
    assert await heard(limits, 20, "karim", ELSEWHERE) == PER_PLACE.tries
    assert sum([await heard(limits, 2, f"name-{nth}", ELSEWHERE) for nth in range(40)]) == PER_ADDRESS.tries - 10
    assert (
        sum([await heard(limits, 2, "karim", SignInPlace(f"192.0.2.{nth}", "")) for nth in range(40)])
        == PER_ACCOUNT.tries - 10
    )


async def test_a_refused_try_spends_nothing_of_the_other_limits(limits: TryLimits) -> None:
    await heard(limits, 500, "karim", ELSEWHERE)
    assert await heard(limits, 1, "lea", ELSEWHERE) == 1


async def test_a_guesser_spends_nothing_of_a_known_browser_or_address(limits: TryLimits) -> None:
    await limits.remember(await limits.look_at("karim", HOME, ARRIVED), ARRIVED)
    at_the_next_desk = SignInPlace(HOME.address, "another")
    for nth in range(100):
        await heard(limits, 1, "karim", SignInPlace(f"192.0.2.{nth}", ""))
    assert await heard(limits, 1, "karim", at_the_next_desk) == 1
    await heard(limits, 20, "karim", at_the_next_desk)
    assert await heard(limits, 1, "karim", at_the_next_desk) == 0
    assert await heard(limits, 20, "karim", HOME) == PER_PLACE.tries


async def test_a_place_is_known_for_its_agent_alone_and_for_a_time(limits: TryLimits) -> None:
    await limits.remember(await limits.look_at("karim", HOME, ARRIVED), ARRIVED)
    assert (await limits.look_at("karim", HOME, ARRIVED)).known is Known.BROWSER
    assert (await limits.look_at("karim", SignInPlace(HOME.address, ""), ARRIVED)).known is Known.ADDRESS
    assert (await limits.look_at("karim", SignInPlace("192.0.2.1", HOME.browser), ARRIVED)).known is Known.BROWSER
    assert (await limits.look_at("lea", HOME, ARRIVED)).known is Known.NOWHERE
    assert (await limits.look_at("karim", HOME, ARRIVED + REMEMBERED_FOR)).known is Known.NOWHERE


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),  # who has an IPv6 connection has 2^64 addresses
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("unix:", "unix:", True),
    ],
)
def test_an_address_is_what_a_visitor_cannot_leave_at_will(one: str, other: str, same: bool) -> None:
    assert (SignInPlace(one, "").network == SignInPlace(other, "").network) is same


def test_the_window_regains_its_tries() -> None:
    assert PER_PLACE.regained_every * PER_PLACE.tries == timedelta(minutes=15)


def test_behind_a_proxy_that_writes_every_address_as_ipv6_two_visitors_are_two() -> None:
    one, other = SignInPlace("::ffff:198.51.100.7", "a"), SignInPlace("::ffff:203.0.113.9", "b")
    assert (one.network, other.network) == ("198.51.100.7", "203.0.113.9")


async def test_a_site_of_ipv6_addresses_is_no_endless_store_of_places(limits: TryLimits) -> None:
    places = [SignInPlace(f"2001:db8:1:{nth:x}::1", f"browser-{nth}") for nth in range(300)]
    outcomes = [await heard(limits, 1, f"name-{nth}", place) for nth, place in enumerate(places)]
    assert sum(outcomes) == 200
