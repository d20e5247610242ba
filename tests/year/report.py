"""The table of a year, as docs/year.md has it. Pure."""

from calendar import month_name
from collections.abc import Iterator
from typing import Final

from tests.year.judgement import OUTAGE, PROVIDER
from tests.year.run import Lived

COLUMNS: Final = (
    ("messages", "messages"),
    ("cases", "cases"),
    ("electronic", "electronic"),
    ("aee in time", "AEE in time"),
    ("aee late", "AEE late"),
    ("are in time", "ARE in time"),
    ("are late", "ARE late"),
    ("corrected", "ARE corrected"),
    ("silences", "silences decided"),
)
_CAUSES: Final = {OUTAGE: "the town’s outage", PROVIDER: "the provider’s outage"}


def render(lived: Lived) -> str:
    """Return the table, the incidents, and what the run took."""
    return "\n".join([*_figures(lived), "", *_table(lived), "", *_incidents(lived)])


def _figures(lived: Lived) -> Iterator[str]:
    figures, found = lived.figures, len(lived.judgement.findings)
    yield (
        f"{figures.messages:,} messages (seed {figures.seed}) in {figures.seconds / 60:.0f} minutes,"
        f" {figures.messages / figures.seconds:.0f} a second; {figures.letters:,} letters left;"
        f" {figures.memory / 2**20:,.0f} MiB in the one process. What lacked or was too much: {found or 'nothing'}."
    )


def _table(lived: Lived) -> Iterator[str]:
    counted = lived.judgement.counted
    yield f"| received in | {' | '.join(title for _, title in COLUMNS)} |"
    yield f"|---{'|---:' * len(COLUMNS)}|"
    for month in range(1, 13):
        yield f"| {month_name[month]} | {' | '.join(f'{counted[month, what]:,}' for what, _ in COLUMNS)} |"
    sums = (sum(counted[month, what] for month in range(1, 13)) for what, _ in COLUMNS)
    yield f"| **year** | {' | '.join(f'**{each:,}**' for each in sums)} |"


def _incidents(lived: Lived) -> Iterator[str]:
    late, incidents = lived.judgement.late, lived.incidents
    yield f"- Storm: on {incidents.storm:%d %B}, from {incidents.storm:%H:%M} on, in an hour."
    for day in incidents.outages:
        yield f"- Nothing of ours ran on {day:%d %B}."
    for each in incidents.providers:
        yield f"- `{each.lane}` took nothing from {each.since:%d %B %H:%M} to {each.until:%d %B %H:%M}."
    for receipt in ("aee", "are"):
        for cause, words in _CAUSES.items():
            yield f"- {receipt.upper()} late by {words}: {late[receipt, cause]:,}, each of them alarmed."
