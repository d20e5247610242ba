"""Writing a search file: words, removals and the place in the log, all of a change or nothing of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from guichet.contracts.case_events import CaseState
from guichet.ids import CaseId, MessageId, SectorCitizenId
from guichet.search.references import reference_words
from guichet.search_files.connection import create, empty_beside, open_to_write, refuse_unencrypted
from guichet.search_files.errors import translated
from guichet.search_files.rows import IndexedCase, IndexedMessage
from guichet.search_files.scope_words import scope_words


class Change:
    """What a transaction writes. Every method may be done again, and changes nothing then."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._run = connection.execute

    def put(self, case: IndexedCase, messages: Sequence[IndexedMessage]) -> None:
        """Write a case and its messages, all of them where its rights are others than they were.

        Raises ValueError where one is left out that stands under the former rights.
        """
        rights = " ".join(scope_words(case))
        was = self._run("SELECT number, rights FROM cases WHERE case_id = ?", (case.case_id,)).fetchone()
        if was and was[1] != rights:
            self._refuse_some(was[0], messages)
        number = self._number(
            "INSERT INTO cases (case_id, citizen, state, rights) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (case_id) DO UPDATE SET citizen = ?2, state = ?3, rights = ?4 RETURNING number",
            (case.case_id, case.citizen, case.state, rights),
        )
        for message in messages:
            self._put_message(number, case, message)

    def note_state(self, case_id: CaseId, state: CaseState) -> None:
        """Note where a case stands; one that is not in the file stays out."""
        self._run("UPDATE cases SET state = ? WHERE case_id = ?", (state, case_id))

    def has(self, case_id: CaseId) -> bool:
        """Say whether a case is in the file."""
        return self._run("SELECT 1 FROM cases WHERE case_id = ?", (case_id,)).fetchone() is not None

    def remove_case(self, case_id: CaseId) -> None:
        """Remove a case with its messages."""
        self._remove("of IN (SELECT number FROM cases WHERE case_id = ?)", case_id)
        self._run("DELETE FROM cases WHERE case_id = ?", (case_id,))

    def remove_messages(self, message_ids: Iterable[MessageId]) -> None:
        """Remove messages; their cases stay."""
        for message_id in message_ids:
            self._remove("message_id = ?", message_id)

    def remove_citizen(self, citizen: SectorCitizenId) -> None:
        """Remove every case of a citizen, with its messages."""
        self._remove("of IN (SELECT number FROM cases WHERE citizen = ?)", citizen)
        self._run("DELETE FROM cases WHERE citizen = ?", (citizen,))

    def _put_message(self, of: int, case: IndexedCase, message: IndexedMessage) -> None:
        number = self._number(
            "INSERT INTO messages (message_id, of) VALUES (?1, ?2)"
            " ON CONFLICT (message_id) DO UPDATE SET of = ?2 RETURNING number",
            (message.message_id, of),
        )
        self._run("DELETE FROM words WHERE rowid = ?", (number,))
        columns = (message.subject, message.body, message.who, reference_words(case.reference), scope_words(case))
        self._run(
            "INSERT INTO words (rowid, subject, body, who, reference, scope) VALUES (?, ?, ?, ?, ?, ?)",
            (number, *map(" ".join, columns)),
        )

    def _number(self, insertion: str, values: tuple[str | int | None, ...]) -> int:
        return next(int(row[0]) for row in self._run(insertion, values))

    def _refuse_some(self, of: int, messages: Sequence[IndexedMessage]) -> None:
        kept = {found[0] for found in self._run("SELECT message_id FROM messages WHERE of = ?", (of,))}
        if left := kept - {message.message_id for message in messages}:
            raise ValueError(f"{len(left)} messages of a case would stay under its former rights")

    def _remove(self, which: str, value: str) -> None:
        self._run(f"DELETE FROM words WHERE rowid IN (SELECT number FROM messages WHERE {which})", (value,))  # noqa: S608
        self._run(f"DELETE FROM messages WHERE {which}", (value,))  # noqa: S608 - both are ours


class SearchFileWriter:
    """The one writer of a search file. Nothing waits for its readers, and they do not wait for it.

    Every method blocks for as long as the disk takes, and raises DamagedFileError or TransientError.
    """

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def new(cls, path: Path, key: bytes) -> "SearchFileWriter":
        """Make an empty file. key: 32 random bytes, of the vault's."""
        return cls(path, create(path, key))

    @classmethod
    def open(cls, path: Path, key: bytes) -> "SearchFileWriter":
        """Open a file that is there."""
        return cls(path, open_to_write(path, key))

    @contextmanager
    def change(self, places: Mapping[int, int]) -> Iterator[Change]:
        """Write what is done within, and until where the log is in the file: both or neither, on the disk at the end.

        places: partition → offset of the next record to read.
        """
        with translated(self.path.name), self._connection:
            yield Change(self._connection)
            for partition, offset in places.items():
                self._connection.execute(
                    "INSERT INTO places (partition, offset) VALUES (?1, ?2)"
                    " ON CONFLICT (partition) DO UPDATE SET offset = max(offset, ?2)",
                    (partition, offset),
                )

    def places(self) -> dict[int, int]:
        """Return until where the log is in the file."""
        with translated(self.path.name):
            return {row[0]: row[1] for row in self._connection.execute("SELECT partition, offset FROM places")}

    def forget_removed(self) -> None:
        """Take the words of what was removed out of the file, too: FTS5 only marks them until it merges.

        Takes seconds for a million messages, in which nothing else is written.
        """
        with translated(self.path.name):
            self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def copy_to(self, path: Path, key: bytes) -> None:
        """Write the whole file, without the words of what was removed, to a path under another key.

        Readers of this one go on meanwhile. The copy is whole and closed when this returns.
        """
        self.forget_removed()
        copy = empty_beside(path, key)
        with translated(path.name):
            try:
                with copy.backup("main", self._connection, "main") as backup:
                    backup.step()
            finally:
                copy.close()
        refuse_unencrypted(path)

    def check(self) -> None:
        """Read every page of the file. Raises DamagedFileError where one is not whole."""
        with translated(self.path.name):
            [(said,)] = self._connection.execute("PRAGMA quick_check(1)").fetchall()
            if said != "ok":
                raise apsw.CorruptError(said)

    def close(self) -> None:
        """Close the file, with nothing left in its write-ahead log."""
        self._connection.close()
