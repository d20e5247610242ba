"""docs/scale.md. Pure."""

from collections.abc import Mapping, Sequence

from guichet_bench.report import figure, table
from guichet_bench.rows import percentile
from tests.scale.figures import ANSWERED_WITHIN, Figures
from tests.scale.size import USUAL, Size

HEAD = """# A town with many cases

Written by `make scale`; nothing here is edited by hand, and no test asserts a time. [tests/scale](../tests/scale) has the
code. A bulk sealer fills a real MongoDB and vault with cases of three years, told by the Case's own verbs and sealed by
the code that takes an export in; words are as frequent as French ones. Meanwhile no index is kept but those of ids: the
others are made at the end by what `guichet store prepare` does, and are part of every figure of the filling. Then
search-indexer makes its files, and the real desk is asked: over HTTP, in Chromium, and while messages come in. All parts
of it, clients too, share this machine.
"""
TITLES: Mapping[str, str] = {
    "fill": "The store is filled",
    "index": "The search files are made",
    "searches": "Searches, over HTTP",
    "lists": "Lists, over HTTP",
    "browser": "At the browser: from the key or click to the frame that shows the answer",
    "found": "A new message",
    "live": "While agents look on and messages come in",
}


def render(size: Size, rows: Mapping[str, Figures], seconds: Mapping[str, float], machine: Sequence[str]) -> str:
    """Return the whole document. rows, seconds: by part. machine: lines of Markdown."""
    less = "" if size.cases == USUAL else f" This run is smaller than the usual one of {USUAL:,}."
    about = [
        f"**{size.cases:,} cases.**{less} {sum(seconds.values()):,.0f} s in all. While messages came in: {size.agents} agents "
        f"with an open list each, {size.messages} messages a second for {size.live_seconds} s.",
        "",
        *machine,
        "",
    ]
    parts = [f"## {TITLES[name]}\n\n{seconds[name]:,.0f} s.\n\n{figures_of(rows[name])}" for name in rows]
    return "\n".join([HEAD, *about, *parts])


def figures_of(figures: Figures) -> str:
    """Return a part's tables, or that there is nothing."""
    if not figures.timed and not figures.rows:
        return "Not measured.\n"
    tables = [_timed(figures.timed)] if figures.timed else []
    return "\n".join([*tables, *([table(figures.rows)] if figures.rows else [])])


def _timed(timed: Mapping[str, Sequence[float]]) -> str:
    lines = [f"| | p50 | p95 | times | {ANSWERED_WITHIN.limit:.0f} ms at p95 |", "|---|---:|---:|---:|---|"]
    for name, took in timed.items():
        p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
        verdict = "reached" if ANSWERED_WITHIN.is_met(p95) else "**missed**"
        lines.append(f"| {name} | {figure(p50)} ms | {figure(p95)} ms | {len(took)} | {verdict} |")
    return "\n".join([*lines, ""])
