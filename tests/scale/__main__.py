"""`python -m tests.scale`: what `make scale` runs. It fills a town, asks it, and writes docs/scale.md.

SCALE_CASES (1000000), SCALE_ONLY: parts to measure after the filling, comma-separated (searches, lists, browser, found,
live); then it only prints. SCALE_FOLDER: where the store lies meanwhile (a temporary folder). SCALE_KEEP: a folder in
which it stays, filled: the next run asks it as it is.
"""

import asyncio
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from guichet_bench.machine import describe_machine
from guichet_local.commands.run import end_on_signals
from guichet_local.machine.paths import REPOSITORY
from tests.scale.figures import Figures
from tests.scale.kept import FILLING, Filled
from tests.scale.report import TITLES, figures_of, render
from tests.scale.run import Run
from tests.scale.size import USUAL, Size
from tests.scale.town import scale_town

DOCUMENT: Final = REPOSITORY / "docs" / "scale.md"


def say(line: str) -> None:
    """Show one line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Return 0; 1 where a part ended with an error, which is shown; 2 where one is asked for that there is not."""
    only = [name for name in os.environ.get("SCALE_ONLY", "").split(",") if name]
    if unknown := set(only) - TITLES.keys():
        say(f"SCALE_ONLY: there is no {', '.join(sorted(unknown))}. There are: {', '.join(TITLES)}")
        return 2
    size = Size(int(os.environ.get("SCALE_CASES") or USUAL))
    end_on_signals()
    machine = describe_machine()
    with _folder() as folder:
        rows, seconds = measure(folder, size, [*FILLING, *only] if only else [*TITLES], say)
    if not only:
        DOCUMENT.write_text(render(size, rows, seconds, machine))
        say(f"Written: {DOCUMENT}")
    return 0 if all(each.rows or each.timed for each in rows.values()) else 1


@contextmanager
def _folder() -> Iterator[Path]:
    if kept := os.environ.get("SCALE_KEEP"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="guichet-scale-", dir=os.environ.get("SCALE_FOLDER")) as folder:
        yield Path(folder)


def measure(
    folder: Path, size: Size, parts: Sequence[str], tell: Callable[[str], None]
) -> tuple[dict[str, Figures], dict[str, float]]:
    """Run these parts on a town of its own; return rows and seconds of each. What is filled there is asked as it is."""
    rows, seconds = dict[str, Figures](), dict[str, float]()
    filled = Filled.found_in(folder, size.cases)
    with scale_town(folder, size) as stack:
        run = Run(stack, size, tell)
        if filled is not None:
            rows, seconds = {**filled.rows}, {**filled.seconds}
            run.serve()
        for name in dict.fromkeys(parts):
            if name in rows:
                continue
            tell(f"{TITLES[name]} ({name})")
            began = monotonic()
            try:
                rows[name] = asyncio.run(getattr(run, name)())
            except Exception:  # the other parts of an hour have their turn all the same
                tell(traceback.format_exc())
                rows[name] = Figures()
            seconds[name] = monotonic() - began
            tell(figures_of(rows[name]))
            if name == FILLING[-1] and all(rows[each].rows for each in FILLING):
                Filled(size.cases, {each: rows[each] for each in FILLING}, seconds).write(folder)
    return rows, seconds


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
