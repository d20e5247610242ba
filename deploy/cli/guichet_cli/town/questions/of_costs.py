"""What letters may cost, for accounts that bill each of them. Prices are the example's, which the town corrects."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from guichet.contracts.channels import KnownChannels, Words
from guichet.town.costs import FILE, OTHER, AccountCosts, CostList
from guichet.town.yaml_file import read_yaml
from guichet_cli.town.example import EXAMPLE
from guichet_cli.town.questions.kinds import amount, optional
from guichet_cli.town.questions.of_channels import opened
from guichet_cli.town.questions.question import Given, Question

_USUAL_CAP: Final = "200"


def of_costs(given: Given, known: KnownChannels) -> Iterator[Question]:
    """Yield which cap each account has: it needs a price for each of its channels."""
    for provider, channels in _charged(given, known).items():
        titles = ", ".join(known[each].title.fr for each in channels)
        yield Question(
            f"costs.{provider}.month",
            Words(
                fr=f"Plafond mensuel des envois par {titles}, en euros (« aucun » : pas de plafond) ; "
                "au-delà, un accusé part autrement",
                en=f"Cap on a month of letters by {titles}, in euros (“none”: no cap); "
                "past it, receipts go another way",
            ),
            default=_USUAL_CAP,
            read=optional(amount),
        )


def costs_of(given: Given, known: KnownChannels) -> dict[str, Any]:
    """Return the content of costs.yaml: blank where nothing is billed. Pure but for the example's prices."""
    return {
        provider: _account(given.get(f"costs.{provider}.month", ""), channels, _usual()[provider])
        for provider, channels in _charged(given, known).items()
    }


def _account(month: str, channels: list[str], usual: AccountCosts) -> dict[str, Any]:
    prices = {each: {country: float(price) for country, price in usual.prices[each].items()} for each in channels}
    return {"currency": usual.currency, "prices": prices, **({"month": float(month)} if month else {})}


def _charged(given: Given, known: KnownChannels) -> dict[str, list[str]]:
    """Return the open channels that are billed, by account, where the example knows prices for them."""
    found: dict[str, list[str]] = {}
    for name in opened(given):
        usual = _usual().get(known[name].provider)
        if known[name].charged is not None and usual is not None and OTHER in usual.prices.get(name, {}):
            found.setdefault(known[name].provider, []).append(name)
    return found


@cache
def _usual() -> dict[str, AccountCosts]:
    return dict(read_yaml(EXAMPLE / FILE).parse(CostList).accounts)
