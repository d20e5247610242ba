"""What a week was like: what came, what left when, what was broken; and whether the promise held. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Message:
    """One that came from a citizen or went to one. address: the citizen's own, of one message in the whole week.

    same: what two copies of one receipt share: a mail's Message-ID, nothing for an SMS or a chat.
    """

    address: str
    way: str
    at: datetime
    same: str = ""


@dataclass(frozen=True)
class Restore:
    """When the backup was taken and when it was put back: what left in between is forgotten, and leaves again."""

    taken_at: datetime
    restored_at: datetime

    def forgot(self, receipt: Message) -> bool:
        """Return whether the town no longer knows that this receipt left."""
        return self.taken_at <= receipt.at <= self.restored_at


@dataclass(frozen=True)
class Week:
    """began: the first morning. broken: day → what did not work. receipts: all that left, to whomever, in order.

    given_up, waiting: receipts that the town has given up, or has not sent at the end. cases: how many there are.
    ended: processes that ended by themselves.
    """

    began: datetime
    came: Sequence[Message]
    receipts: Sequence[Message]
    broken: Mapping[int, str]
    restore: Restore | None
    given_up: Sequence[str] = ()
    waiting: int = 0
    cases: int = 0
    ended: Sequence[str] = field(default_factory=tuple)

    def day_of(self, moment: datetime) -> int:
        """Return which day of the week it is, from 1."""
        return (moment - self.began) // A_DAY + 1

    @property
    def copies(self) -> dict[str, list[Message]]:
        """Return the receipts of each address, in order."""
        found: defaultdict[str, list[Message]] = defaultdict(list)
        for each in sorted(self.receipts, key=lambda receipt: receipt.at):
            found[each.address].append(each)
        return dict(found)

    @property
    def doubled(self) -> dict[str, list[Message]]:
        """Return the receipts that left more than once."""
        return {address: copies for address, copies in self.copies.items() if len(copies) > 1}


def verdicts(week: Week) -> dict[str, list[str]]:
    """Return what must hold, and what contradicts it."""
    came, copies = {each.address for each in week.came}, week.copies
    return {
        "every message is one case": [] if week.cases == len(came) else [f"{len(came)} messages, {week.cases} cases"],
        "every legal receipt left": sorted(came - copies.keys()),
        "none left twice but what a restore made the town forget": [
            address for address, them in week.doubled.items() if not _is_explained(them, week.restore)
        ],
        "none was given up for our own waiting": list(week.given_up),
        "nothing waits at the end": [f"{week.waiting} receipts"] if week.waiting else [],
        "no process ended by itself": list(week.ended),
    }


def _is_explained(copies: Sequence[Message], restore: Restore | None) -> bool:
    """Two copies, of which the first left between backup and restore."""
    return restore is not None and len(copies) == 2 and restore.forgot(copies[0])


def render(week: Week) -> str:
    """Return the tables, and what holds."""
    last = max(week.day_of(each.at) for each in (*week.came, *week.receipts))
    held = verdicts(week)
    lines = [
        *_table(
            (
                "day",
                "what did not work",
                "came in",
                "left that day",
                "of them for earlier days",
                "still owed at its end",
            ),
            (_day(week, day) for day in range(1, last + 1)),
        ),
        "",
        *_table(("came on day", "by", "messages", "left after (median)", "at the latest"), _waits(week)),
        "",
        *_table(
            ("", "what must hold"),
            ((("holds" if not wrong else "FAILS"), _told(name, wrong)) for name, wrong in held.items()),
        ),
        "",
        _on_doubles(week),
    ]
    return "\n".join(lines) + "\n"


def _day(week: Week, day: int) -> tuple[object, ...]:
    came = {each.address: week.day_of(each.at) for each in week.came}
    left = [each for each in week.receipts if week.day_of(each.at) == day and each.address in came]
    so_far = {each.address for each in week.receipts if week.day_of(each.at) <= day}
    owed = [address for address, at in came.items() if at <= day and address not in so_far]
    earlier = sum(came[each.address] < day for each in left)
    return day, week.broken.get(day, "–"), sum(at == day for at in came.values()), len(left), earlier, len(owed)


def _waits(week: Week) -> Iterable[tuple[object, ...]]:
    groups: defaultdict[tuple[int, str], list[timedelta]] = defaultdict(list)
    copies = week.copies
    for each in week.came:
        if each.address in copies:
            groups[week.day_of(each.at), each.way].append(copies[each.address][0].at - each.at)
    for (day, way), waits in sorted(groups.items()):
        yield day, way, len(waits), _short(median(waits)), _short(max(waits))


def _short(wait: timedelta) -> str:
    """Return it to the second, minute or hour that matters."""
    seconds = max(0, round(wait.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _told(name: str, wrong: Sequence[str]) -> str:
    return name + (f": {len(wrong)} do not ({', '.join(wrong[:5])})" if wrong else "")


def _on_doubles(week: Week) -> str:
    forgotten = [copies for copies in week.doubled.values() if _is_explained(copies, week.restore)]
    if not forgotten:
        return "A restore made the town forget no receipt that had left."
    mails = [copies for copies in forgotten if copies[0].same]
    same = sum(len({copy.same for copy in copies}) == 1 for copies in mails)
    return (
        f"{len(forgotten)} left between the backup and its restore, so the restored town does not know of them, and sent them"
        f" again. Of {len(mails)} mails among them {same} bear the same Message-ID as before, so mail programs show one."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    return [f"| {' | '.join(map(str, line))} |" for line in (head, ["---"] * len(head), *rows)]
