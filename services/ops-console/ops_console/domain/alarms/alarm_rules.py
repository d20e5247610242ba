"""Which alarms hold. Pure: what was read and heard goes in, causes come out, each with who says so.

A cause is made of ids and codes, joined by colons: `case-router:inbound-email:unreadable`. Never a person.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from guichet.runtime.overview import ServiceStanding, ServiceState
from guichet.runtime.telemetry.alarms import Alarm
from ops_console.domain.watch.broker_reading import BrokerReading
from ops_console.domain.watch.scrape import AlarmKey, Scrape

CONSOLE: Final = "ops-console"
BROKER: Final = "kafka"
Holding = dict[AlarmKey, set[str]]


def from_broker(reading: BrokerReading, now: datetime, *, too_old: timedelta) -> Holding:
    """Return one alarm per topic, group and reason of open dead letters, one per group and topic that falls behind."""
    letters = {f"{letter.group}:{letter.topic}:{letter.reason}" for letter in reading.open_letters}
    late = {f"{lag.group}:{lag.topic}" for lag in reading.lags if lag.oldest and now - lag.oldest > too_old}
    dead_letters: Holding = {(Alarm.DEAD_LETTER.value, cause): {BROKER} for cause in letters}
    return dead_letters | {(Alarm.LAG.value, cause): {BROKER} for cause in late}


def from_services(scrapes: Iterable[tuple[str, Scrape]]) -> Holding:
    """Return what services raise themselves; the same cause raised by two is one alarm."""
    holding: Holding = {}
    for service, scrape in scrapes:
        for key in scrape.alarms:
            holding.setdefault(key, set()).add(service)
    return holding


def from_presences(services: Iterable[ServiceStanding], parts_away: Mapping[str, set[str]]) -> Holding:
    """Return an alarm per service that is down and per part that services miss, whoever misses it."""
    down = [each.service for each in services if each.state is ServiceState.DOWN]
    holding: Holding = {(Alarm.SERVICE_DOWN.value, service): {CONSOLE} for service in down}
    return merged(holding, {(Alarm.PART_AWAY.value, part): set(who) for part, who in parts_away.items()})


def from_broker_silence(silent_since: datetime | None, now: datetime, *, patience: timedelta) -> Holding:
    """Return the alarm that Kafka itself does not answer the console."""
    if silent_since is None or now - silent_since < patience:
        return {}
    return {(Alarm.PART_AWAY.value, BROKER): {CONSOLE}}


def merged(*parts: Holding) -> Holding:
    """Return all of them; who says the same is named together."""
    everything: Holding = {}
    for part in parts:
        for key, who in part.items():
            everything.setdefault(key, set()).update(who)
    return everything
