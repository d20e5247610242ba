"""From rounds of looking to the overview: who is down, what is late, what is over."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter
from guichet.ids import EventId
from guichet.runtime.overview import Overview, ServiceState
from ops_console.domain.watch.broker_reading import BrokerReading, GroupLag
from ops_console.domain.watch.scrape import Scrape
from ops_console.domain.watch.watch import Limits, Round, Watch

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMITS = Limits(too_old=timedelta(minutes=5), down_after=timedelta(seconds=20))
QUIET = BrokerReading(records_in={"knocks": 10}, lags=(), open_letters=())
WELL = Scrape(version="0.1.0")


def a_watch(*services: str) -> Watch:
    return Watch("Saint-Aubin", {name: f"http://{name}" for name in services}, LIMITS, started_at=START)


def take(
    watch: Watch,
    seconds: float,
    reading: BrokerReading | None = QUIET,
    scrapes: Mapping[str, Scrape | None] | None = None,
) -> Overview:
    return watch.take(
        Round(START + timedelta(seconds=seconds), reading, scrapes or {}, trouble="" if reading else "away")
    )


def alarms(overview: Overview) -> list[tuple[str, str]]:
    return [(each.alarm, each.cause) for each in overview.alarms]


def a_letter(name: str, **more: Any) -> DeadLetter:
    place = {"topic": "knocks", "partition": 0, "offset": 4, "group": "worker", "reason": "unreadable", **more}
    sealed = Sealed.model_validate({"key_id": "k", "box": "AAAA"})
    return DeadLetter(event_id=EventId(name), occurred_at=START, error="ValueError", record=sealed, **place)


def lagging(age_s: float, at_s: float, records: int = 3) -> BrokerReading:
    lag = GroupLag("worker", "knocks", records, oldest=START + timedelta(seconds=at_s - age_s))
    return BrokerReading(records_in={"knocks": 8}, lags=(lag,), open_letters=())


def test_all_is_well() -> None:
    overview = take(a_watch("notifier"), 0, scrapes={"notifier": WELL})
    assert alarms(overview) == []
    assert overview.services[0].state is ServiceState.READY
    assert overview.services[0].version == "0.1.0"


def test_what_a_service_removed_is_told_as_it_says_it() -> None:
    overview = take(a_watch("gdpr-worker"), 0, scrapes={"gdpr-worker": Scrape(removed={"sessions": 2, "messages": 1})})
    assert list(overview.services[0].removed.items()) == [("messages", 1), ("sessions", 2)]


def test_partitions_are_added_up_and_the_oldest_counts() -> None:
    ages = (None, timedelta(seconds=4), timedelta(seconds=9))
    lags = tuple(GroupLag("worker", "knocks", 10 * nth, age and START - age) for nth, age in enumerate(ages))
    [topic] = take(a_watch(), 0, BrokerReading({"knocks": 30}, lags, ())).topics
    [group] = topic.groups
    assert (group.lag_records, group.oldest_unhandled_s) == (30, 9.0)


def test_a_group_that_falls_behind_is_an_alarm_only_past_the_limit() -> None:
    watch = a_watch()
    assert alarms(take(watch, 0, lagging(299, at_s=0))) == []
    assert alarms(take(watch, 2, lagging(301, at_s=2))) == [("lag", "worker:knocks")]


def test_there_is_one_alarm_per_group_topic_and_reason() -> None:
    letters = (a_letter("1"), a_letter("2"), a_letter("3", reason="bug"), a_letter("4", group="clerk"))
    overview = take(a_watch(), 0, BrokerReading({"knocks": 9}, (), letters))
    assert alarms(overview) == [
        ("dead-letter", "clerk:knocks:unreadable"),
        ("dead-letter", "worker:knocks:bug"),
        ("dead-letter", "worker:knocks:unreadable"),
    ]
    assert [(each.reason, each.count) for each in overview.topics[0].dead_letters] == [
        ("unreadable", 1),
        ("bug", 1),
        ("unreadable", 2),
    ]


def test_a_service_that_was_never_seen_is_awaited_then_down() -> None:
    watch = a_watch("notifier")
    early = take(watch, 30, scrapes={"notifier": None})
    assert (early.services[0].state, alarms(early)) == (ServiceState.AWAITED, [])
    late = take(watch, 61, scrapes={"notifier": None})
    assert (late.services[0].state, alarms(late)) == (ServiceState.DOWN, [("service-down", "notifier")])


def test_a_restart_is_no_alarm_a_silence_is() -> None:
    watch = a_watch("notifier")
    take(watch, 0, scrapes={"notifier": WELL})
    assert take(watch, 2, scrapes={"notifier": None}).services[0].state is ServiceState.SILENT
    assert alarms(take(watch, 20, scrapes={"notifier": None})) == []
    take(watch, 21, scrapes={"notifier": WELL})
    assert alarms(take(watch, 40, scrapes={"notifier": None})) == []
    assert alarms(take(watch, 60, scrapes={"notifier": None})) == [("service-down", "notifier")]


def test_a_part_that_two_services_miss_is_one_alarm() -> None:
    watch = a_watch("notifier", "case-router")
    without = {"notifier": Scrape(missing=("mongodb",)), "case-router": Scrape(missing=("mongodb",))}
    assert alarms(take(watch, 0, scrapes=without)) == []
    overview = take(watch, 20, scrapes=without)
    assert alarms(overview) == [("part-away", "mongodb")]
    assert overview.alarms[0].raised_by == ("case-router", "notifier")


def test_what_services_raise_is_shown_and_stays_while_they_are_silent() -> None:
    watch = a_watch("case-router")
    stopped = Scrape(frozenset({("dead-letter-ceiling", "case-router")}))
    take(watch, 0, scrapes={"case-router": stopped})
    for seconds in (10, 20, 30, 500):
        overview = take(watch, seconds, scrapes={"case-router": None})
    assert alarms(overview) == [("dead-letter-ceiling", "case-router"), ("service-down", "case-router")]
    take(watch, 510, scrapes={"case-router": WELL})
    assert alarms(take(watch, 521, scrapes={"case-router": WELL})) == []


def test_the_broker_away_is_an_alarm_and_the_last_figures_stay_with_their_time() -> None:
    watch = a_watch()
    take(watch, 0, BrokerReading({"knocks": 9}, (), (a_letter("1"),)))
    first = take(watch, 2, None)
    assert (first.broker.answers, first.broker.trouble, first.broker.answered_at) == (False, "away", START)
    assert alarms(first) == [("dead-letter", "worker:knocks:unreadable")]
    later = take(watch, 22, None)
    assert alarms(later) == [("dead-letter", "worker:knocks:unreadable"), ("part-away", "kafka")]
    assert later.topics[0].records_in == 9
    assert later.topics[0].per_second is None
    back = take(watch, 40)
    assert back.broker.answers
    assert alarms(take(watch, 51)) == []
    assert {each.cause for each in take(watch, 52).cleared} == {"kafka", "worker:knocks:unreadable"}


def test_a_flicker_is_one_cause_and_a_recurrence_is_another() -> None:
    watch = a_watch("notifier")
    raised = {"notifier": Scrape(frozenset({("provider-down", "sms")}))}
    take(watch, 0, scrapes=raised)
    take(watch, 2, scrapes={"notifier": WELL})
    assert [each.since for each in take(watch, 4, scrapes=raised).alarms] == [START]
    take(watch, 6, scrapes={"notifier": WELL})
    assert take(watch, 16, scrapes={"notifier": WELL}).alarms == ()
    assert [each.since for each in take(watch, 18, scrapes=raised).alarms] == [START + timedelta(seconds=18)]


def test_what_is_over_is_remembered_for_an_hour() -> None:
    watch = a_watch("notifier")
    take(watch, 0, scrapes={"notifier": Scrape(frozenset({("provider-down", "sms")}))})
    take(watch, 2, scrapes={"notifier": WELL})
    assert len(take(watch, 12, scrapes={"notifier": WELL}).cleared) == 1
    assert take(watch, 12 + 3600, scrapes={"notifier": WELL}).cleared == ()
