"""What was handed to a provider, noted on a disk that is not the store's: a store that is put back knows less.

A SQLite file in a folder of its own, of ids and days alone. A line is durable before a letter leaves (`begun`), and
again once it has left. Nothing in it is needed while the store is whole; all that is asked of it is: did this leave?

`began` counts days since 1970: which letters left together is nobody's business.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from guichet.errors import TransientError
from guichet.privacy.data_map.files import JOURNAL_KEPT

VARIABLE: Final = "GUICHET_NOTIFIER_JOURNAL"
FILE: Final = "sendings.sqlite3"
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS sendings (id TEXT PRIMARY KEY, standing TEXT NOT NULL, began INTEGER NOT NULL)"
    " WITHOUT ROWID"
)


class Standing(StrEnum):
    """How far a letter got, as far as the journal knows."""

    BEGUN = "begun"  # it may have left
    LEFT = "left"


class SendingJournal(Protocol):
    """Every method is durable when it returns, and raises TransientError while the journal's disk is away."""

    async def begin(self, ids: Collection[str]) -> Mapping[str, Standing]:
        """Note that letters are about to leave; return what stood of them before."""

    async def standings(self, ids: Collection[str]) -> Mapping[str, Standing]:
        """Return what stands of letters."""

    async def left(self, ids: Collection[str]) -> None:
        """Note that letters have left."""

    async def withdraw(self, ids: Collection[str]) -> None:
        """Note that letters that were about to leave did not."""

    async def forget_old(self) -> None:
        """Remove what is older than any backup."""

    async def check(self) -> None:
        """Raise TransientError unless it can be read."""


class NoJournal(SendingJournal):
    """Of a town that wants none: a restore may send again what left since its backup."""

    async def begin(self, ids: Collection[str]) -> Mapping[str, Standing]:  # noqa: ARG002
        return {}

    async def standings(self, ids: Collection[str]) -> Mapping[str, Standing]:  # noqa: ARG002
        return {}

    async def left(self, ids: Collection[str]) -> None:
        pass

    async def withdraw(self, ids: Collection[str]) -> None:
        pass

    async def forget_old(self) -> None:
        pass

    async def check(self) -> None:
        pass


Act = Callable[[sqlite3.Connection], Mapping[str, Standing]]


@dataclass(frozen=True)
class _Asked:
    act: Act
    answer: "asyncio.Future[Mapping[str, Standing]]"


class SqliteJournal(SendingJournal):
    """The real one. folder: on another disk than the store's. Its file is there, empty at first, or it is away: where
    a disk is not mounted lies an empty folder. What is asked for while a commit is under way shares the next one."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._path = folder / FILE
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[_Asked] = []
        self._working: asyncio.Task[None] | None = None

    async def begin(self, ids: Collection[str]) -> Mapping[str, Standing]:
        day = self._today()

        def act(connection: sqlite3.Connection) -> Mapping[str, Standing]:
            before = _found(connection, ids)
            new = [(each, Standing.BEGUN, day) for each in ids if each not in before]
            connection.executemany("INSERT INTO sendings VALUES (?, ?, ?)", new)
            return before

        return await self._do(act)

    async def standings(self, ids: Collection[str]) -> Mapping[str, Standing]:
        return await self._do(lambda connection: _found(connection, ids))

    async def left(self, ids: Collection[str]) -> None:
        lines = [(each, Standing.LEFT, self._today()) for each in ids]
        await self._write("INSERT OR REPLACE INTO sendings VALUES (?, ?, ?)", lines)

    async def withdraw(self, ids: Collection[str]) -> None:
        await self._write(
            "DELETE FROM sendings WHERE id = ? AND standing = ?", [(each, Standing.BEGUN) for each in ids]
        )

    async def forget_old(self) -> None:
        await self._write("DELETE FROM sendings WHERE began < ?", [(self._today() - JOURNAL_KEPT.days,)])

    async def check(self) -> None:
        await self.standings(())

    def _today(self) -> int:
        return int(self._now().timestamp() // 86_400)

    async def _write(self, statement: str, lines: Sequence[tuple[object, ...]]) -> None:
        def act(connection: sqlite3.Connection) -> Mapping[str, Standing]:
            connection.executemany(statement, lines)
            return {}

        await self._do(act)

    async def _do(self, act: Act) -> Mapping[str, Standing]:
        asked = _Asked(act, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await asked.answer

    async def _work(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            try:
                answers = await asyncio.to_thread(self._commit, [each.act for each in together])
            except Exception as trouble:  # whatever it is, it is each asker's own to tell
                for each in together:
                    if not each.answer.done():
                        each.answer.set_exception(trouble)
                continue
            for each, answer in zip(together, answers, strict=True):
                if not each.answer.done():
                    each.answer.set_result(answer)

    def _commit(self, acts: Sequence[Act]) -> list[Mapping[str, Standing]]:
        try:
            self._require_begun()
            connection = self._opened()
            with connection:
                connection.execute("BEGIN IMMEDIATE")  # another notifier writes there too
                return [act(connection) for act in acts]
        except (sqlite3.Error, OSError) as exc:
            self._close()
            raise TransientError(f"{VARIABLE}: {self._path} cannot be used ({exc})") from exc

    def _require_begun(self) -> None:
        """Raise TransientError where its file is not there: only an operator begins one."""
        if self._path.exists():
            return
        self._close()
        if not self._path.parent.is_dir():
            raise TransientError(f"{VARIABLE} names {self._path.parent}, which is not there")
        raise TransientError(
            f"{VARIABLE} names {self._path.parent}, and no journal was begun there: its disk is not mounted, or it is "
            "new (docs/backup-and-restore.md)"
        )

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            there = f"{self._path.absolute().as_uri()}?mode=rw"  # which makes none
            self._connection = sqlite3.connect(
                there, uri=True, timeout=10, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(_TABLE)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None


def _found(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Standing]:
    """One statement an id: rounds are short, and SQLite keeps it compiled."""
    asked = "SELECT standing FROM sendings WHERE id = ?"
    found = ((each, connection.execute(asked, (each,)).fetchone()) for each in ids)
    return {name: Standing(row[0]) for name, row in found if row is not None}
