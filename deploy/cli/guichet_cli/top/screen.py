"""The screen of `guichet top`: an overview as rich tables. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from guichet.runtime.overview import AlarmStanding, Overview, ServiceState, TopicStanding

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_MINUTES_SHOWN: Final = 30
_FEWEST_MINUTES: Final = 6
_WIDEST: Final = 1_000
_COLOURS: Final = {ServiceState.READY: "green", ServiceState.DOWN: "bold red", ServiceState.AWAITED: "dim"}


def screen_of(overview: Overview) -> Group:
    """Alarms first, then topics, then services."""
    return Group(*_parts(overview))


def _parts(overview: Overview) -> Iterator[RenderableType]:
    yield headline(overview)
    yield from (alarm_line(alarm, overview) for alarm in overview.alarms)
    if not overview.broker.answers:
        answered = overview.broker.answered_at
        since = f" Topics are those of {answered.astimezone():%H:%M:%S}." if answered else ""
        yield Text(f"Kafka does not answer: {overview.broker.trouble}.{since}", style="bold yellow")
    yield Topics(overview.topics)
    yield services_line(overview)


def headline(overview: Overview) -> Text:
    """Town, moment, and how many alarms."""
    count = len(overview.alarms)
    verdict = "no alarm" if count == 0 else "1 ALARM" if count == 1 else f"{count} ALARMS"
    style = "bold white on red" if count else "bold white on dark_green"
    return Text.assemble(
        (f" {verdict} ", style), f"  Guichet, {overview.town}  ", (f"{overview.taken_at.astimezone():%H:%M:%S}", "dim")
    )


def alarm_line(alarm: AlarmStanding, overview: Overview) -> Text:
    """Name, cause, how long; docs/operations.md has the entry `Alarm <name>`."""
    held = (overview.taken_at - alarm.since).total_seconds()
    return Text.assemble(
        ("! ", "bold red"), (alarm.alarm, "bold red"), f"  {alarm.cause}  ", (f"for {age(held)}", "dim")
    )


@dataclass(frozen=True)
class Topics:
    """The table of topics. Where it is narrow the oldest minutes go first, then dead letters take more lines."""

    topics: Sequence[TopicStanding]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        """Draw as many minutes as there is room for beside the figures."""
        whole = Measurement.get(console, options.update_width(_WIDEST), topics_table(self.topics)).maximum
        missing = max(0, whole - options.max_width)
        yield topics_table(self.topics, max(_FEWEST_MINUTES, _MINUTES_SHOWN - missing))


def topics_table(topics: Sequence[TopicStanding], minutes: int = _MINUTES_SHOWN) -> Table:
    """One row per topic and group, with its last minutes."""
    table = Table(box=SIMPLE, pad_edge=False, expand=False, padding=(0, 1, 0, 0))
    table.add_column("TOPIC", no_wrap=True)
    table.add_column("MSG/S", justify="right", no_wrap=True)
    table.add_column(f"LAST {minutes} MIN" if minutes > len("LAST 30 MIN") else f"{minutes} MIN", no_wrap=True)
    table.add_column("GROUP", no_wrap=True)
    table.add_column("LAG", justify="right", no_wrap=True)
    table.add_column("OLDEST", justify="right", no_wrap=True)
    table.add_column("DEAD LETTERS", min_width=len("DEAD LETTERS"))
    for topic in topics:
        _add_topic(table, topic, minutes)
    return table


def _add_topic(table: Table, topic: TopicStanding, minutes: int) -> None:
    letters = Text(", ".join(f"{each.count} {each.reason} ({each.group})" for each in topic.dead_letters), "bold red")
    head: tuple[RenderableType, ...] = (
        topic.topic,
        "-" if topic.per_second is None else f"{topic.per_second:.1f}",
        blocks(topic.last_hour[-minutes:]),
    )
    for group in topic.groups:
        lag = Text(str(group.lag_records), "bold yellow" if group.lag_records else "dim")
        table.add_row(*head, group.group, lag, age(group.oldest_unhandled_s), letters)
        head, letters = ("", "", ""), Text()
    if not topic.groups:
        table.add_row(*head, Text("-", "dim"), Text("-", "dim"), "-", letters)


def services_line(overview: Overview) -> Text:
    """Every service with its state; what it misses."""
    line = Text("SERVICES  ", "bold")
    for service in overview.services:
        missing = f" without {', '.join(service.missing)}" if service.missing else ""
        state = "" if service.state is ServiceState.READY else f" {service.state}{missing}"
        line.append(f"{service.service}{state}   ", _COLOURS.get(service.state, "bold yellow"))
    return line


def blocks(points: Sequence[float | None]) -> str:
    """Draw points as block characters, scaled to the highest; a space where nothing was measured."""
    highest = max((point for point in points if point is not None), default=0.0)
    return "".join(_block(point, highest) for point in points)


def _block(point: float | None, highest: float) -> str:
    if point is None:
        return " "
    return _BLOCKS[0] if point == 0 else _BLOCKS[max(1, round(point / highest * 7))]


def age(seconds: float | None) -> str:
    """Return 7s, 4m, 2h05 or 3d."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3_600:
        return f"{whole // 60}m"
    return f"{whole // 3_600}h{whole % 3_600 // 60:02}" if whole < 86_400 else f"{whole // 86_400}d"
