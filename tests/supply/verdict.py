"""Whether what is locked may be shipped. Pure.

Nobody was asked is never "no known hole": then the age of the lock counts, by the newest package in it (a clone without
history knows it too). A month is said, three months fail, so that an untouched clone has a season before it does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

YOUNG: Final = timedelta(days=30)
OLDEST: Final = timedelta(days=90)  # without anybody asked; what is found meanwhile is in no lock older than that
# Holes that do not reach us, each with its reason and the day on which it is looked at again.
ACCEPTED: Final[Mapping[str, str]] = {}
_UPLOADED: Final = re.compile(r'upload-time = "([^"]+)"')


@dataclass(frozen=True)
class KnownHole:
    """What the database knows of a locked package. hole: its id there."""

    package: str
    version: str
    hole: str
    summary: str


@dataclass(frozen=True)
class Answer:
    """What the database said. asked: of how many packages."""

    asked: int
    holes: tuple[KnownHole, ...]


@dataclass(frozen=True)
class Verdict:
    """What to say, and whether it stops CI."""

    fails: bool
    lines: tuple[str, ...]


def newest_package(lock: str) -> datetime:
    """Return when the newest file in uv.lock was uploaded, aware UTC: the lock is no older than that."""
    return max(datetime.fromisoformat(each.replace("Z", "+00:00")).astimezone(UTC) for each in _UPLOADED.findall(lock))


def judge(answer: Answer | None, newest: datetime, now: datetime) -> Verdict:
    """Judge the answer, or the lock's age where there is none. An answer about no package is none."""
    if answer is None or not answer.asked:
        return _by_age((now - newest).days)
    open_holes = [each for each in answer.holes if each.hole not in ACCEPTED]
    accepted = tuple(f"accepted: {hole}: {why}" for hole, why in ACCEPTED.items())
    if not open_holes:
        return Verdict(False, (f"No known hole in {answer.asked} locked packages (osv.dev).", *accepted))
    lines = (f"{each.package} {each.version}: {each.hole}: {each.summary}" for each in open_holes)
    remedy = (
        "Lock a mended version (uv lock --upgrade-package NAME), or say in tests/supply/verdict.py why it may stay."
    )
    return Verdict(True, (*lines, remedy, *accepted))


def _by_age(days: int) -> Verdict:
    said = f"KNOWN HOLES WERE NOT LOOKED FOR: osv.dev does not answer. The newest package in uv.lock is {days} days old"
    if days > OLDEST.days:
        return Verdict(True, (f"{said}, more than {OLDEST.days}: run `uv lock --upgrade`, or let osv.dev be reached.",))
    if days > YOUNG.days:
        return Verdict(False, (f"{said}; after {OLDEST.days} this is an error: run `uv lock --upgrade` soon.",))
    return Verdict(False, (f"{said}.",))
