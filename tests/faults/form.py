"""How large a run is: the full form behind `make faults`, the short one in `make test`."""

from dataclasses import dataclass, field
from datetime import timedelta

from guichet_testing.town.services import SERVICES, without
from guichet_topology.services import Service
from tests.faults.trouble.chaos import STORE, STORE_STEPPED_DOWN
from tests.faults.trouble.schedule import BROKERS, FULL, SENDERS, SHORT, Doses

DOORS = ("agent-desk", "citizen-portal", "ops-console")  # no message passes through them here


@dataclass(frozen=True)
class Form:
    """messages: that the clients send, poison among them. limit: after which the run gives up and fails.

    quiet_within: what may pass from the last message to the last receipt. services_together: kills of services that must
    count; at_least: of each server, and of each sender. settings: of the stack, beside the usual ones.
    """

    messages: int
    doses: Doses
    limit: timedelta
    quiet_within: timedelta
    services_together: int
    at_least: dict[str, int]
    one_broker: bool = False
    with_doors: bool = True
    with_bug: bool = True
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def services(self) -> tuple[Service, ...]:
        """Return the services of the stack."""
        return SERVICES if self.with_doors else without(*DOORS)


def full_form(messages: int = 20_000) -> Form:
    """Return the form of `make faults`."""
    return Form(
        messages=messages,
        doses=FULL,
        limit=timedelta(minutes=40),
        quiet_within=timedelta(minutes=10),
        services_together=40,
        at_least={
            **dict.fromkeys(BROKERS, FULL.per_broker),
            **dict.fromkeys(SENDERS, 1),
            STORE: 4,
            STORE_STEPPED_DOWN: 2,
        },
    )


def short_form(messages: int = 500) -> Form:
    """Return the form of `make test`: one broker of three, and Twilio is asked sooner than its list would need."""
    return Form(
        messages=messages,
        doses=SHORT,
        limit=timedelta(minutes=7),
        quiet_within=timedelta(minutes=3),  # who is killed in a rotation of the vault goes on a minute or two later
        services_together=sum(SHORT.kills.values()),
        at_least={STORE: 1, STORE_STEPPED_DOWN: 1},
        one_broker=True,
        with_doors=False,
        with_bug=False,
        settings={"GUICHET_NOTIFIER_SETTLE_AFTER": "PT5S"},
    )
