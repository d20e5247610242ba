"""What the notifier's metrics say of what letters cost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guichet.runtime.overview import SpendingStanding

_Key = tuple[str, str]  # account, period


@dataclass
class SpendingSamples:
    """Gathers samples, each of which tells one figure of an account and a period."""

    _amounts: dict[_Key, tuple[str, float]] = field(default_factory=dict)
    _units: dict[_Key, float] = field(default_factory=dict)
    _caps: dict[_Key, float] = field(default_factory=dict)

    def take(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Note a sample of one of the three metrics."""
        key = (labels["account"], labels["period"])
        if name == "guichet_spent":
            self._amounts[key] = (labels["currency"], value)
        elif name == "guichet_spent_units":
            self._units[key] = value
        else:
            self._caps[key] = value

    def standings(self) -> tuple[SpendingStanding, ...]:
        """Return what was told, by account, the day before the month."""
        return tuple(
            SpendingStanding(
                account=account,
                period=period,
                currency=currency,
                amount=amount,
                units=int(self._units.get((account, period), 0)),
                cap=self._caps.get((account, period)),
            )
            for (account, period), (currency, amount) in sorted(self._amounts.items())
        )
