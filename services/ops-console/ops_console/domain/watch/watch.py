"""Folds each round of looking into what the console knows. Pure: answers and instants are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guichet.runtime.overview import BrokerStanding, DeadLetterStanding, GroupStanding, Overview, TopicStanding
from ops_console.domain.alarms.alarm_book import AlarmBook
from ops_console.domain.alarms.alarm_rules import (
    BROKER,
    Holding,
    from_broker,
    from_broker_silence,
    from_presences,
    from_services,
    merged,
)
from ops_console.domain.watch.broker_reading import BrokerReading, GroupLag
from ops_console.domain.watch.presence import Presences
from ops_console.domain.watch.record_history import History, Mark
from ops_console.domain.watch.scrape import Scrape


@dataclass(frozen=True)
class Limits:
    """Past which an alarm is raised. too_old: the oldest unhandled record; down_after: a silence."""

    too_old: timedelta
    down_after: timedelta


@dataclass(frozen=True)
class Round:
    """One round of looking. reading: None where the broker did not answer; trouble says why."""

    at: datetime
    reading: BrokerReading | None
    scrapes: Mapping[str, Scrape | None]
    trouble: str = ""


class Watch:
    """What the console remembers between rounds: an hour of history, who is there, every alarm."""

    def __init__(self, town: str, targets: Mapping[str, str], limits: Limits, started_at: datetime) -> None:
        self.book = AlarmBook()
        self._town = town
        self._limits = limits
        self._history = History()
        self._presences = Presences(targets, down_after=limits.down_after, started_at=started_at)
        self._last: tuple[datetime, BrokerReading] | None = None
        self._silent_since: datetime | None = None

    @property
    def broker_answered(self) -> bool:
        """Whether it did in the last round."""
        return self._silent_since is None

    def take(self, round_: Round) -> Overview:
        """Take one round into account and return the overview after it."""
        self._presences.take(round_.scrapes, round_.at)
        if round_.reading is None:
            self._silent_since = self._silent_since or round_.at
        else:
            self._silent_since, self._last = None, (round_.at, round_.reading)
            self._history.add(Mark(round_.at, round_.reading.records_in))
        silent = self._presences.silent() | ({BROKER} if round_.reading is None else set())
        self.book.take(self._holding(round_), silent, round_.at)
        return self._overview(round_)

    def _holding(self, round_: Round) -> Holding:
        now, limits = round_.at, self._limits
        return merged(
            from_broker(round_.reading, now, too_old=limits.too_old) if round_.reading else {},
            from_broker_silence(self._silent_since, now, patience=limits.down_after),
            from_presences(self._presences.standings(now), self._presences.parts_away(now)),
            from_services(self._presences.alarms()),
        )

    def _overview(self, round_: Round) -> Overview:
        answered_at, reading = self._last or (None, None)
        return Overview(
            town=self._town,
            taken_at=round_.at,
            broker=BrokerStanding(answers=round_.reading is not None, trouble=round_.trouble, answered_at=answered_at),
            alarms=tuple(entry.standing() for entry in self.book.holding()),
            cleared=tuple(entry.standing() for entry in self.book.cleared()),
            topics=tuple(self._topic(topic, reading, round_.at) for topic in reading.records_in) if reading else (),
            services=self._presences.standings(round_.at),
            spending=self._presences.spending(),
        )

    def _topic(self, topic: str, reading: BrokerReading, now: datetime) -> TopicStanding:
        return TopicStanding(
            topic=topic,
            records_in=reading.records_in[topic],
            per_second=self._history.per_second(topic) if self._silent_since is None else None,
            records_last_hour=self._history.records_last_hour(topic, now),
            last_hour=self._history.last_hour(topic, now),
            groups=group_standings(topic, reading.lags, now),
            dead_letters=dead_letter_standings(topic, reading),
        )


def group_standings(topic: str, lags: Sequence[GroupLag], now: datetime) -> tuple[GroupStanding, ...]:
    """Add a topic's partitions up, group by group."""
    of_topic = [lag for lag in lags if lag.topic == topic]
    return tuple(
        GroupStanding(
            group=group,
            lag_records=sum(lag.records for lag in of_topic if lag.group == group),
            oldest_unhandled_s=_age_s([lag.oldest for lag in of_topic if lag.group == group and lag.oldest], now),
        )
        for group in sorted({lag.group for lag in of_topic})
    )


def _age_s(arrivals: Sequence[datetime], now: datetime) -> float | None:
    """Age of the oldest; a broker's clock that runs ahead of ours makes none younger than now."""
    return max(0.0, (now - min(arrivals)).total_seconds()) if arrivals else None


def dead_letter_standings(topic: str, reading: BrokerReading) -> tuple[DeadLetterStanding, ...]:
    """Count a topic's open dead letters by group and reason."""
    of_topic = [letter for letter in reading.open_letters if letter.topic == topic]
    found = []
    for group, reason in sorted({(letter.group, letter.reason) for letter in of_topic}):
        times = [letter.occurred_at for letter in of_topic if (letter.group, letter.reason) == (group, reason)]
        found.append(DeadLetterStanding(group=group, reason=reason, count=len(times), oldest_at=min(times)))
    return tuple(found)
