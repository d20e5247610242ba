"""Overviews as ops-console gives them: a calm one, and a busy one in which nearly everything is the matter."""

from datetime import UTC, datetime, timedelta

from guichet.contracts.topics import TOPICS
from guichet.runtime.overview import (
    AlarmStanding,
    BrokerStanding,
    DeadLetterStanding,
    GroupStanding,
    Overview,
    ServiceStanding,
    ServiceState,
    TopicStanding,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SERVICES = (
    *("ingest-email", "ingest-sms", "ingest-social", "case-router", "notifier", "gdpr-worker", "search-indexer"),
    *("agent-desk", "citizen-portal"),
)
LAG = AlarmStanding(
    alarm="lag", cause="case-router:inbound-email", raised_by=("kafka",), since=NOW - timedelta(minutes=7)
)
_LETTERS = (
    DeadLetterStanding(group="case-router", reason="unreadable", count=2, oldest_at=NOW - timedelta(minutes=12)),
    DeadLetterStanding(group="ingest-email", reason="too-large", count=1, oldest_at=NOW - timedelta(hours=3)),
)


def an_overview(
    *alarms: AlarmStanding, cleared: tuple[AlarmStanding, ...] = (), broker_answers: bool = True
) -> Overview:
    """Every registered topic, nothing waiting, every service ready."""
    return Overview(
        town="Saint-Aubin-des-Prés",
        taken_at=NOW,
        broker=BrokerStanding(
            answers=broker_answers, trouble="" if broker_answers else "Kafka: KafkaConnectionError", answered_at=NOW
        ),
        alarms=alarms,
        cleared=cleared,
        topics=tuple(_topic(topic.name, topic.groups, nth) for nth, topic in enumerate(TOPICS)),
        services=tuple(_service(name) for name in SERVICES),
    )


def a_busy_overview(*alarms: AlarmStanding, cleared: tuple[AlarmStanding, ...] = ()) -> Overview:
    """On inbound-email 50 messages wait for 372 s and 3 were put aside; case-router is down, notifier not ready."""
    calm = an_overview(*alarms, cleared=cleared)
    waiting = GroupStanding(group="case-router", lag_records=50, oldest_unhandled_s=372.0)
    mail = calm.topics[0].model_copy(update={"groups": (waiting,), "dead_letters": _LETTERS})
    troubled: dict[str, dict[str, object]] = {
        "case-router": {"state": ServiceState.DOWN},
        "notifier": {"state": ServiceState.NOT_READY, "missing": ("mongodb", "vault")},
    }
    services = tuple(each.model_copy(update=troubled.get(each.service, {})) for each in calm.services)
    return calm.model_copy(update={"topics": (mail, *calm.topics[1:]), "services": services})


def _topic(name: str, groups: tuple[str, ...], nth: int) -> TopicStanding:
    points = (None,) * 12 + tuple(round((minute * (nth + 3)) % 7 / (2 + nth), 2) for minute in range(48))
    return TopicStanding(
        topic=name,
        records_in=1_000 + nth,
        per_second=points[-1],
        records_last_hour=int(sum(point or 0 for point in points) * 60),
        last_hour=points,
        groups=tuple(GroupStanding(group=group, lag_records=0, oldest_unhandled_s=None) for group in groups),
        dead_letters=(),
    )


def _service(name: str) -> ServiceStanding:
    return ServiceStanding(
        service=name,
        url="http://127.0.0.1:8021",
        state=ServiceState.READY,
        version="0.1.0",
        started_at=NOW - timedelta(hours=5, minutes=3),
    )
