"""What a service says of itself, read from its /metrics and /health/ready. Pure."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from guichet.runtime.overview import SpendingStanding
from ops_console.domain.watch.spending_samples import SpendingSamples

AlarmKey = tuple[str, str]  # alarm, cause
MOST_ALARMS: Final = 100  # of a process at once: each is told to who is on call
MOST_READ: Final = 64 * 1024  # characters of a page that are parsed: 100 alarms and all counts of ours are 20,000
LONGEST_LINE: Final = 2048  # characters: the parser's time grows with their square; our longest has 130

# A metric's name ends at its labels, or at the blank before its value.
_READ: Final = re.compile(
    r"^(?:guichet_alarm|guichet_retention_removed_total|guichet_records_trimmed_total|guichet_service"
    r"|guichet_spent|guichet_spent_units|guichet_spending_cap|process_start_time_seconds)[{ \t].*",
    re.MULTILINE,
)
_NO_METRIC: Final = re.compile(r"^[^#a-zA-Z_:{\s]", re.MULTILINE)


class PageRefusedError(ValueError):
    """A page is not read. It says why in our own words: a page's own might be anything."""


@dataclass(frozen=True)
class Scrape:
    """One answer. alarms: those that hold. missing: parts that the service waits for. started_at: of its process.

    removed: how much went since then because its time was over, by place. spending: what letters cost by now.
    """

    alarms: frozenset[AlarmKey] = frozenset()
    missing: tuple[str, ...] = ()
    version: str | None = None
    started_at: datetime | None = None
    removed: Mapping[str, int] = field(default_factory=dict)
    spending: tuple[SpendingStanding, ...] = ()


def read_metrics(text: str, missing: tuple[str, ...] = ()) -> Scrape:
    """Read a page in Prometheus' text format. Raises PageRefusedError or another ValueError for what is not one, and
    LookupError, ArithmeticError or OSError for one that says what cannot be."""
    alarms: set[AlarmKey] = set()
    version: str | None = None
    started_at: datetime | None = None
    removed: Counter[str] = Counter()
    samples = SpendingSamples()
    for family in text_string_to_metric_families(_what_is_read(text)):
        for sample in family.samples:
            match sample.name:
                case "guichet_alarm" if sample.value:
                    alarms.add((sample.labels["alarm"], sample.labels["cause"]))
                case "guichet_retention_removed_total":
                    removed[sample.labels["place"]] += int(sample.value)
                case "guichet_records_trimmed_total":
                    removed[sample.labels["topic"]] += int(sample.value)
                case "guichet_spent" | "guichet_spent_units" | "guichet_spending_cap":
                    samples.take(sample.name, sample.labels, sample.value)
                case "guichet_service":
                    version = sample.labels["version"]
                case "process_start_time_seconds":
                    started_at = datetime.fromtimestamp(sample.value, UTC)
    if len(alarms) > MOST_ALARMS:
        raise PageRefusedError(f"{len(alarms)} alarms")
    return Scrape(frozenset(alarms), missing, version, started_at, removed, samples.standings())


def _what_is_read(text: str) -> str:
    """Return the lines of a page that the console reads; their metrics' types and helps tell it nothing.

    So the parser, which keeps every other task waiting, has little to do, whoever wrote the page. Raises
    PageRefusedError.
    """
    if _NO_METRIC.search(text):
        raise PageRefusedError("no page of metrics")
    lines, length = [], 0
    for found in _READ.finditer(text):
        line = found[0]
        if len(line) > LONGEST_LINE:
            raise PageRefusedError(f"a line of more than {LONGEST_LINE} characters")
        length += len(line) + 1
        if length > MOST_READ:
            raise PageRefusedError(f"more than {MOST_READ} characters to read")
        lines.append(line)
    return "\n".join(lines)


def read_missing(text: str) -> tuple[str, ...]:
    """Return the parts that a 503 of /health/ready names. Raises ValueError for another body."""
    body = json.loads(text)
    if not isinstance(body, dict) or not isinstance(body.get("missing"), list):
        raise ValueError("not an answer of /health/ready")
    return tuple(sorted({part_name(str(each)) for each in body["missing"]}))


def part_name(part: str) -> str:
    """Call a part by what is away: a worker names its readers of Kafka one by one."""
    return "kafka" if part.startswith("kafka") else part
