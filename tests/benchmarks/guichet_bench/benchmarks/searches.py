"""What a search takes, what a message more costs, and how large a search file is: words by French frequencies."""

import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from time import perf_counter
from typing import Final

import psutil

from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, Reference, SectorId
from guichet.rights.scope import Scope
from guichet.search.kept_words import text_words, who_words
from guichet.search.query import read_query
from guichet.search_files.reader import SearchFileReader
from guichet.search_files.rows import IndexedCase, IndexedMessage
from guichet.search_files.writer import SearchFileWriter
from guichet_bench.benchmark import Benchmark, Workbench
from guichet_bench.french import EXPONENT, WORDS, FrenchWords
from guichet_bench.rows import Row, at_most, percentile

MESSAGES: Final = 200_000
SEARCHES: Final = 300  # a value is a percentile of so many
INSERTED: Final = 200
_AT_ONCE: Final = 2_000
_KEY: Final = bytes(range(32))
_NEXT_KEY: Final = bytes(32)
_SECTOR: Final = SectorId("technique")
_DEPARTMENTS: Final = tuple(DepartmentId(f"service-{nth}") for nth in range(12))
Typed = Callable[[Random], str]


async def measure_searches(bench: Workbench) -> list[Row]:
    """Build a file, search it, write to it one by one, give it another key; once: rounds are the searches."""
    path = Path(mkdtemp(dir=bench.folder)) / "technique.search"
    talk = _Talk(Random(17))
    before, began = _resident_mib(), perf_counter()
    writer = SearchFileWriter.new(path, _KEY)
    for nth in range(0, MESSAGES, _AT_ONCE):
        with writer.change({}) as change:
            for number in range(nth, nth + _AT_ONCE):
                change.put(_case(number), [talk.message(number)])
    writer.forget_removed()
    built = perf_counter() - began
    bench.say(f"{MESSAGES:,} messages in {built:.0f} s")
    rows = [*_searches(path, talk), *_changes(writer, talk)]
    size = path.stat().st_size
    copied = _seconds(lambda: writer.copy_to(path.with_name("next.search"), _NEXT_KEY))
    writer.close()
    return [
        *rows,
        Row("a message, in bulk: words read, stemmed, written", (built / MESSAGES * 1e6,), "µs"),
        Row("a file of so many messages", (size / 2**20,), "MiB"),
        Row("the whole file under another key, merged first", (copied,), "s"),
        Row("memory that all of it took", (_resident_mib() - before,), "MiB"),
    ]


def _searches(path: Path, talk: "_Talk") -> list[Row]:
    """Half of what people type is frequent words."""
    everything = Scope.of_departments(AgentId("lea"), _DEPARTMENTS, [_SECTOR])
    two = Scope.of_departments(AgentId("lea"), _DEPARTMENTS[:2], [_SECTOR])
    typed: dict[str, tuple[Typed, Scope]] = {
        "one frequent word": (talk.frequent, everything),
        "two frequent words": (lambda by: f"{talk.frequent(by)} {talk.frequent(by)}", everything),
        "two frequent words and a rare one, in 2 departments of 12": (
            lambda by: f"{talk.frequent(by)} {talk.frequent(by)} {talk.rare(by)}",
            two,
        ),
        "two frequent words beside each other": (lambda by: f'"{talk.frequent(by)} {talk.frequent(by)}"', everything),
        "half a name": (lambda by: f"de:{talk.name(by)[:5]}", everything),
        "a telephone number": (lambda by: _phone(by.randrange(MESSAGES)), everything),
        "a frequent word of a closed case": (lambda by: f"{talk.frequent(by)} est:close", everything),
    }
    reader, rows = SearchFileReader(path, _KEY, _SECTOR), list[Row]()
    for name, (word, scope) in typed.items():
        took = [_search(reader, word(Random(nth)), scope) for nth in range(SEARCHES)]
        rows += [Row(f"{name}, p50", (percentile(took, 0.5),), "ms")]
        rows += [Row(f"{name}, p95", (percentile(took, 0.95),), "ms", at_most(30))]
    reader.close()
    return rows


def _search(reader: SearchFileReader, typed: str, scope: Scope) -> float:
    return _seconds(lambda: reader.find(read_query(typed), scope, limit=50)) * 1000


def _changes(writer: SearchFileWriter, talk: "_Talk") -> list[Row]:
    """One by one, each on the disk at its end."""
    new = range(MESSAGES, MESSAGES + INSERTED)
    put = [_seconds(partial(_put, writer, talk, number)) * 1000 for number in new]
    removed = [_seconds(partial(_remove, writer, number)) * 1000 for number in new]
    return [
        Row("a message more, on the disk, p50", (percentile(put, 0.5),), "ms"),
        Row("a message more, on the disk, p95", (percentile(put, 0.95),), "ms", at_most(20)),
        Row("a case removed, on the disk, p95", (percentile(removed, 0.95),), "ms"),
    ]


def _put(writer: SearchFileWriter, talk: "_Talk", number: int) -> None:
    with writer.change({0: number}) as change:
        change.put(_case(number), [talk.message(number)])


def _remove(writer: SearchFileWriter, number: int) -> None:
    with writer.change({}) as change:
        change.remove_cases([_case(number).case_id])


class _Talk(FrenchWords):
    """What citizens write."""

    def __init__(self, by: Random) -> None:
        super().__init__()
        self._by = by

    def message(self, number: int) -> IndexedMessage:
        """Return the words of a message of 15 to 90 words, and of who wrote it."""
        words = self.text(self._by, 15, 90)
        address = Identifier(kind=PHONE_NUMBER, value=_phone(number))
        who = who_words(f"{self.name(self._by)} {self.name(self._by)}", [address])
        return IndexedMessage(
            MessageId(f"{number:032x}"), text_words(" ".join(words[:5])), text_words(" ".join(words)), who
        )


def _case(number: int) -> IndexedCase:
    return IndexedCase(
        case_id=CaseId(f"{number:032x}"),
        reference=Reference(f"2026-{number // 1000:04}-{number % 1000:03}"),
        state=CaseState.CLOSED if number % 3 else CaseState.RECEIVED,
        department=_DEPARTMENTS[number % len(_DEPARTMENTS)],
    )


def _phone(number: int) -> str:
    return f"+336{number:08}"


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _resident_mib() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


SEARCH: Final = Benchmark(
    name="search",
    title="Searches in sealed cases",
    reading=(
        f"One search file of {MESSAGES:,} messages of 15 to 90 words out of {WORDS:,}, as frequent as French words are "
        f"(Zipf, exponent {EXPONENT}), in 12 departments: from what somebody typed to the newest 50 cases that have it, "
        f"{SEARCHES} searches of each kind, each by other words. A frequent word is one of the 200 most frequent. What the "
        "desk does with the hits (read, open, draw) is not in it, nor is opening a message before it is written."
    ),
    run=measure_searches,
)
