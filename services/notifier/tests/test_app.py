"""How the composition root takes from the facts and from the settings how an account may be used."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from guichet.channel.outgoing.rate import Rate
from guichet_testing.builders.example_town import the_example_town
from notifier import app


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Return, for settings of the notifier's, each lane's rate and options."""
    monkeypatch.setattr(app, "Account", lambda sender, rate, *_: SimpleNamespace(name=sender.name, rate=rate))

    def of(*, sms_per_second: float | None = None, settle_after: timedelta | None = None) -> dict[str, Any]:
        settings: Any = SimpleNamespace(
            sender_sockets=tmp_path, notifier_sms_per_second=sms_per_second, notifier_settle_after=settle_after
        )
        unused: Any = None
        given = (settings, the_example_town(), unused, unused, unused, lambda: datetime.now(UTC), unused)
        accounts: Any = app._accounts(*given)
        return {account.name: (account.rate, options) for account, options in accounts}

    return of


def test_the_facts_say_how_an_account_may_be_used(used: Any) -> None:
    rate, options = used()["twilio"]
    assert (rate, options.at_once, options.settle_after) == (Rate(10, 10), 4, timedelta(seconds=60))
    assert used()["telegram"][0] == Rate(30, 30, 1)


def test_the_variable_for_sms_is_of_the_account_that_carries_them(used: Any) -> None:
    lanes = used(sms_per_second=100)
    assert lanes["twilio"][0] == Rate(100, 100)
    assert lanes["telegram"] == used()["telegram"]


def test_only_a_provider_that_can_be_asked_is_asked_later(used: Any) -> None:
    lanes = used(settle_after=timedelta(seconds=5))
    assert lanes["twilio"][1].settle_after == timedelta(seconds=5)
    assert lanes["mail"][1].settle_after == lanes["telegram"][1].settle_after == timedelta(0)
