"""What letters may cost a town: costs.yaml, which need not be there. Prices, caps and countries are the town's own."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field, StringConstraints, field_validator

from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.town.policies import ChannelList
from guichet.town.reachable_numbers import FRANCE, country_of, is_country
from guichet.town.values import TownModel
from guichet.town.yaml_file import YamlFile

FILE: Final = "costs.yaml"
OTHER: Final = "other"
MILLIONTHS: Final = 1_000_000  # amounts are counted in whole millionths of the currency: no rounding, no fractions

Price = Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)]
Money = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=2)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class AccountCosts(TownModel):
    """What the account at one provider may cost.

    prices: by channel, of one unit as the channel's facts count them, by country (two letters); `other`: anywhere else.
    day, month: caps, by the calendar of Paris; None: none. warn_at: per cent of a cap at which an alarm says so.
    countries: to whose numbers letters go.
    """

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    prices: Mapping[ChannelName, Mapping[str, Price]] = Field(default_factory=dict)
    day: Money | None = None
    month: Money | None = None
    warn_at: int = Field(default=80, ge=1, le=100)
    countries: tuple[Country, ...] = tuple(sorted(FRANCE))

    @field_validator("countries")
    @classmethod
    def _exist(cls, countries: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [each for each in countries if not is_country(each)]:
            raise ValueError(f"no country is called {unknown[0]!r}; write two letters, like FR or BE.")
        return countries

    def price(self, channel: ChannelName, number: str | None) -> int:
        """Return what one unit to a number costs, in millionths; nothing where the town has given no price."""
        prices = self.prices.get(channel, {})
        country = country_of(number, prices) if number is not None else None
        return int(prices.get(country or OTHER, Decimal(0)) * MILLIONTHS)

    @property
    def lowest_price(self) -> int:
        """What the cheapest unit costs that there is, in millionths."""
        return min((int(each * MILLIONTHS) for prices in self.prices.values() for each in prices.values()), default=0)

    @property
    def day_cap(self) -> int | None:
        """The day's cap in millionths."""
        return None if self.day is None else int(self.day * MILLIONTHS)

    @property
    def month_cap(self) -> int | None:
        """The month's cap in millionths."""
        return None if self.month is None else int(self.month * MILLIONTHS)


class CostList(TownModel):
    """costs.yaml"""

    accounts: Mapping[str, AccountCosts] = Field(default_factory=dict)


def check_costs(file: YamlFile, listed: CostList, channels: ChannelList, known: KnownChannels) -> Iterator[str]:
    """Yield a complaint for each account or channel that does not charge, each country of no name, and each cap that
    could not be kept, because something that it is for has no price."""
    charging = {each.provider for each in known.values() if each.charged is not None}
    for account, costs in listed.accounts.items():
        at = ("accounts", account)
        if account not in charging:
            names = ", ".join(sorted(charging)) or "none"
            yield file.complaint(at, f"no account of that name charges for letters; there are: {names}.")
            continue
        for channel, prices in costs.prices.items():
            if known[channel].provider != account or known[channel].charged is None:
                yield file.complaint((*at, "prices", channel), f"{channel!r} is no channel that {account} charges for.")
            for country in prices:
                if country != OTHER and not is_country(country):
                    yield file.complaint(
                        (*at, "prices", channel, country), f"no country is called {country!r}; or write `{OTHER}`."
                    )
        yield from _caps_without_prices(file, account, costs, channels, known)


def _caps_without_prices(
    file: YamlFile, account: str, costs: AccountCosts, channels: ChannelList, known: KnownChannels
) -> Iterator[str]:
    at = ("accounts", account)
    if costs.day is not None and costs.month is not None and costs.day > costs.month:
        yield file.complaint((*at, "day"), "a day may not cost more than its month.")
    if costs.day is None and costs.month is None:
        return
    for channel in channels.channels:
        facts = known[channel]
        if facts.provider == account and facts.charged is not None and OTHER not in costs.prices.get(channel, {}):
            yield file.complaint(at, f"a cap needs a price for {channel}: give `{OTHER}` under prices.{channel}.")
