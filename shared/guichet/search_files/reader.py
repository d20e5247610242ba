"""Reading a search file: which cases of a scope have the words, the newest first."""

from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from guichet.ids import CaseId, DepartmentId, MessageId, SectorId
from guichet.rights.scope import Scope
from guichet.search.query import SearchQuery
from guichet.search_files.connection import open_to_read
from guichet.search_files.errors import translated
from guichet.search_files.match import match_expression
from guichet.search_files.rows import Found, Hit
from guichet.search_files.scope_words import scope_expression

ROWS_AT_MOST: Final = 2_000  # that one search looks at: a case of many messages with the words is one hit

# CROSS: words are looked up first, in their order, whatever the planner makes of the other tables.
_FIND: Final = """
SELECT words.rowid, messages.message_id, cases.case_id, cases.state
FROM words CROSS JOIN messages ON messages.number = words.rowid CROSS JOIN cases ON cases.number = messages.of
WHERE words MATCH ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?
"""
_NEWEST: Final = 2**62


class SearchFileReader:
    """One reader of a search file, for one thread at a time. Raises DamagedFileError, TransientError."""

    def __init__(self, path: Path, key: bytes, sector: SectorId) -> None:
        self.path = path
        self._sector = sector
        self._connection = open_to_read(path, key)

    def find(
        self,
        query: SearchQuery,
        scope: Scope,
        *,
        limit: int,
        before: int | None = None,
        departments: Iterable[DepartmentId] | None = None,
    ) -> Found:
        """Return the cases that a scope may search and that have the words, `limit` at most.

        before: Found.further of the search that this one goes on from. departments: what `service:` came to.
        """
        allowed = scope_expression(scope, self._sector)
        if allowed is None or query.is_blank or query.faults:
            return Found()
        expression = match_expression(query, allowed, departments)
        with closing(self._rows(expression, before or _NEWEST)) as rows:
            return _gathered(rows, query.states, limit)

    def has_case(self, case: CaseId) -> bool:
        """Say whether the file knows a case."""
        with translated(self.path.name):
            found = self._connection.execute("SELECT 1 FROM cases WHERE case_id = ?", (case,)).fetchone()
        return found is not None

    def places(self) -> dict[int, int]:
        """Return until where the log is in the file: partition → offset of the next record."""
        with translated(self.path.name):
            return {row[0]: row[1] for row in self._connection.execute("SELECT partition, offset FROM places")}

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _rows(self, expression: str, before: int) -> Generator[tuple[int, str, str, str]]:
        with translated(self.path.name):
            yield from self._connection.execute(_FIND, (expression, before, ROWS_AT_MOST))


def _gathered(rows: Iterator[tuple[int, str, str, str]], states: Collection[str] | None, limit: int) -> Found:
    hits: dict[str, Hit] = {}
    seen, last = 0, 0
    for number, message_id, case_id, state in rows:
        if len(hits) == limit and case_id not in hits:
            return Found(tuple(hits.values()), last)
        seen, last = seen + 1, number
        if states is None or state in states:
            hits.setdefault(case_id, Hit(CaseId(case_id), MessageId(message_id), number))
    return Found(tuple(hits.values()), last if seen == ROWS_AT_MOST else None)
