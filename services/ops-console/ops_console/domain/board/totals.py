"""What the page says first: the headline and five figures. Pure: from one overview."""

from dataclasses import dataclass
from datetime import datetime

from guichet.contracts.topics import INBOUND
from guichet.runtime.overview import Overview, ServiceState, TopicStanding

_INBOUND = {topic.name for topic in INBOUND}


@dataclass(frozen=True)
class Figures:
    """received_per_second, received_last_hour: messages of citizens, whatever the channel. None: not known."""

    received_per_second: float | None
    received_last_hour: int | None
    waiting: int | None
    oldest_s: float | None
    dead_letters: int | None
    services_ready: int
    services: int


def figures_of(overview: Overview) -> Figures:
    """Add the topics up."""
    topics, services = overview.topics, overview.services
    ready = sum(each.state is ServiceState.READY for each in services)
    if not topics:
        return Figures(None, None, None, None, None, ready, len(services))
    groups = [group for topic in topics for group in topic.groups]
    return Figures(
        received_per_second=_received(topics),
        received_last_hour=sum(topic.records_last_hour for topic in topics if topic.topic in _INBOUND),
        waiting=sum(group.lag_records for group in groups),
        oldest_s=max((each.oldest_unhandled_s for each in groups if each.oldest_unhandled_s is not None), default=None),
        dead_letters=sum(letters.count for topic in topics for letters in topic.dead_letters),
        services_ready=ready,
        services=len(services),
    )


def _received(topics: tuple[TopicStanding, ...]) -> float | None:
    rates = [topic.per_second for topic in topics if topic.topic in _INBOUND and topic.per_second is not None]
    return sum(rates) if rates else None


def seconds_since(moment: datetime, now: datetime) -> float:
    """Return how long ago it was; never less than nothing."""
    return max(0.0, (now - moment).total_seconds())
