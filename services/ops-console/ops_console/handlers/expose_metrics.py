"""What the console saw, for Prometheus: set anew after each round, in one go, so that nothing stale is scraped."""

from guichet.runtime.overview import AlarmStanding, Overview, TopicStanding
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import LAG_RECORDS, OLDEST_UNHANDLED, OPEN_DEAD_LETTERS, TOPIC_RECORDS_IN

# The console's own verdicts; what services raise stands in their own /metrics.
OURS = (Alarm.DEAD_LETTER, Alarm.LAG, Alarm.SERVICE_DOWN, Alarm.PART_AWAY)


def expose(overview: Overview) -> None:
    """Replace every gauge. While the broker is away its gauges are absent."""
    for gauge in (TOPIC_RECORDS_IN, LAG_RECORDS, OLDEST_UNHANDLED, OPEN_DEAD_LETTERS):
        gauge.clear()
    for topic in overview.topics if overview.broker.answers else ():
        _expose_topic(topic)
    for alarm in filter(_is_ours, overview.cleared):
        clear_alarm(Alarm(alarm.alarm), alarm.cause)
    for alarm in filter(_is_ours, overview.alarms):
        raise_alarm(Alarm(alarm.alarm), alarm.cause)


def _expose_topic(topic: TopicStanding) -> None:
    TOPIC_RECORDS_IN.labels(topic.topic).set(topic.records_in)
    for group in topic.groups:
        LAG_RECORDS.labels(group.group, topic.topic).set(group.lag_records)
        OLDEST_UNHANDLED.labels(group.group, topic.topic).set(group.oldest_unhandled_s or 0)
    for letters in topic.dead_letters:
        OPEN_DEAD_LETTERS.labels(topic.topic, letters.group, letters.reason).set(letters.count)


def _is_ours(alarm: AlarmStanding) -> bool:
    return alarm.alarm in OURS
