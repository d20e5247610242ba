"""Writing a search file: words, removals and the place in the log, all of a change or nothing of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import apsw

from guichet.contracts.case_events import CaseState
from guichet.ids import CaseId, MessageId, SectorCitizenId
from guichet.search.references import reference_words
from guichet.search_files import waiting_messages
from guichet.search_files.connection import create, empty_beside, open_to_write, refuse_unencrypted
from guichet.search_files.errors import translated
from guichet.search_files.rows import IndexedCase, IndexedMessage, KnownCase
from guichet.search_files.scope_words import scope_words


class Change:
    """What a transaction writes. Every method may be done again, and changes nothing then."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._run = connection.execute

    def put(self, case: IndexedCase, messages: Sequence[IndexedMessage]) -> None:
        """Write a case and its messages, all of them where its rights are others than they were.

        Raises ValueError where one is left out that stands under the former rights.
        """
        rights = " ".join(scope_words(case))
        was = self._run("SELECT number, rights FROM cases WHERE case_id = ?", (case.case_id,)).fetchone()
        if was and was[1] != rights:
            self._refuse_some(was[0], messages)
        of = self._number(
            "INSERT INTO cases (case_id, reference, citizen, state, rights) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (case_id) DO UPDATE SET citizen = ?3, state = ?4, rights = ?5 RETURNING number",
            (case.case_id, case.reference, case.citizen, case.state, rights),
        )
        for message in messages:
            self._put_message(of, " ".join(reference_words(case.reference)), rights, message)

    def let_wait(self, case_id: CaseId, messages: Iterable[tuple[MessageId, datetime]]) -> None:
        """Note messages of a case that is there, with their times: see SearchFileWriter.waiting."""
        waiting_messages.let_wait(self._connection, case_id, messages)

    def put_waiting(self, messages: Iterable[IndexedMessage]) -> None:
        """Write messages that waited, in this order."""
        waiting_messages.put(self._connection, messages)

    def forget_waiting(self, message_ids: Iterable[MessageId]) -> None:
        """Note of messages that waited that they are not to be found."""
        waiting_messages.forget(self._connection, message_ids)

    def note_state(self, case_id: CaseId, state: CaseState) -> None:
        """Note where a case stands; one that is not in the file stays out."""
        self._run("UPDATE cases SET state = ? WHERE case_id = ?", (state, case_id))

    def note_rotation(self, generation: int) -> None:
        """Note the newest rotation of the vault of which whoever made the file, or gave it its key, knew."""
        self._run("INSERT OR REPLACE INTO facts (name, value) VALUES ('rotation', ?)", (generation,))

    def remove_cases(self, case_ids: Iterable[CaseId]) -> None:
        """Remove cases with their messages."""
        for case_id in case_ids:
            self._remove_messages("of IN (SELECT number FROM cases WHERE case_id = ?)", case_id)
            self._run("DELETE FROM cases WHERE case_id = ?", (case_id,))

    def remove_messages(self, message_ids: Iterable[MessageId]) -> None:
        """Remove messages; their cases stay."""
        for message_id in message_ids:
            self._remove_messages("message_id = ?", message_id)

    def remove_citizen(self, citizen: SectorCitizenId) -> None:
        """Remove every case of a citizen, with its messages."""
        self._remove_messages("of IN (SELECT number FROM cases WHERE citizen = ?)", citizen)
        self._run("DELETE FROM cases WHERE citizen = ?", (citizen,))

    def _put_message(self, of: int, reference: str, rights: str, message: IndexedMessage) -> None:
        number = self._number(
            "INSERT INTO messages (message_id, of) VALUES (?1, ?2)"
            " ON CONFLICT (message_id) DO UPDATE SET of = ?2 RETURNING number",
            (message.message_id, of),
        )
        self._run("DELETE FROM words WHERE rowid = ?", (number,))
        words = map(" ".join, (message.subject, message.body, message.who, message.place))
        self._run(
            "INSERT INTO words (rowid, subject, body, who, place, reference, scope) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, *words, reference, rights),
        )

    def _number(self, insertion: str, values: tuple[str | int | None, ...]) -> int:
        return next(int(row[0]) for row in self._run(insertion, values))

    def _refuse_some(self, of: int, messages: Sequence[IndexedMessage]) -> None:
        kept = {found[0] for found in self._run("SELECT message_id FROM messages WHERE of = ?", (of,))}
        if left := kept - {message.message_id for message in messages}:
            raise ValueError(f"{len(left)} messages of a case would stay under its former rights")

    def _remove_messages(self, which: str, value: str) -> None:
        self._run(f"DELETE FROM words WHERE rowid IN (SELECT number FROM messages WHERE {which})", (value,))  # noqa: S608
        for table in ("messages", "waiting"):
            self._run(f"DELETE FROM {table} WHERE {which}", (value,))  # noqa: S608 - both are ours


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

        Of a new file the disk has it once that counts.
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

    def known(self, case_ids: Iterable[CaseId]) -> dict[CaseId, KnownCase]:
        """Return what the file holds of those of the cases that are in it."""
        with translated(self.path.name):
            return {case_id: known for case_id in case_ids if (known := self._known(case_id)) is not None}

    def waiting(self, limit: int) -> list[MessageId]:
        """Return the oldest of the messages that wait to be written, so many at most.

        Who makes a file notes all messages first, then writes them in order of time: a word's rows lie in that order,
        and the newest are found first. The file itself holds them meanwhile, however many there are.
        """
        with translated(self.path.name):
            return waiting_messages.oldest(self._connection, limit)

    def rotation(self) -> int:
        """Return the newest rotation of the vault that was noted; 0: none."""
        with translated(self.path.name):
            return next(
                (row[0] for row in self._connection.execute("SELECT value FROM facts WHERE name = 'rotation'")), 0
            )

    def case_ids(self, after: CaseId | None, limit: int) -> list[CaseId]:
        """Return ids of cases in their order, past one: to ask the store which of them it still has."""
        with translated(self.path.name):
            found = self._connection.execute(
                "SELECT case_id FROM cases WHERE case_id > ? ORDER BY case_id LIMIT ?", (after or "", limit)
            )
            return [CaseId(row[0]) for row in found]

    def message_ids(self, after: MessageId | None, limit: int) -> list[MessageId]:
        """Return ids of messages in their order, past one."""
        with translated(self.path.name):
            found = self._connection.execute(
                "SELECT message_id FROM messages WHERE message_id > ? ORDER BY message_id LIMIT ?", (after or "", limit)
            )
            return [MessageId(row[0]) for row in found]

    def _known(self, case_id: CaseId) -> KnownCase | None:
        found = self._connection.execute("SELECT number, rights FROM cases WHERE case_id = ?", (case_id,)).fetchone()
        if found is None:
            return None
        messages = self._connection.execute("SELECT message_id FROM messages WHERE of = ?", (found[0],))
        return KnownCase(tuple(found[1].split()), frozenset(MessageId(row[0]) for row in messages))

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
        """Close the file, with nothing left in its write-ahead log where the disk takes it."""
        self._connection.close()

    def close_whole(self) -> None:
        """Close the file once its write-ahead log is in it. Raises TransientError where the disk does not take it."""
        with translated(self.path.name):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self.close()
