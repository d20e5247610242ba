"""Messages of a file that is being made wait in it for their words, and get them many at once, in order of time.

A statement for all of a batch: it runs without Python's lock, so that what comes next is opened meanwhile. With one for
each message, each of these threads would wait for the other at every one.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import apsw

from guichet.ids import CaseId, MessageId
from guichet.search_files.rows import IndexedMessage

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LET_WAIT: Final = (
    "INSERT OR IGNORE INTO waiting (message_id, at, of)"
    " SELECT value ->> 0, value ->> 1, number FROM json_each(?), cases WHERE case_id = ?"
)
_OLDEST: Final = "SELECT message_id FROM waiting ORDER BY at, message_id LIMIT ?"

# ?1: [[message_id, subject, body, who, place], …]. A reference is kept as guichet.search.references.reference_words.
_PUT: Final = (
    """
    DELETE FROM words WHERE rowid IN (
        SELECT number FROM json_each(?1) CROSS JOIN waiting ON waiting.message_id = value ->> 0
        JOIN messages ON messages.message_id = waiting.message_id
    )
    """,
    """
    INSERT INTO messages (message_id, of)
    SELECT waiting.message_id, waiting.of FROM json_each(?1) CROSS JOIN waiting ON waiting.message_id = value ->> 0
    WHERE true ORDER BY json_each.key
    ON CONFLICT (message_id) DO UPDATE SET of = excluded.of
    """,
    """
    INSERT INTO words (rowid, subject, body, who, place, reference, scope)
    SELECT messages.number, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
        'y' || replace(lower(cases.reference), '-', ' '), cases.rights
    FROM json_each(?1) CROSS JOIN waiting ON waiting.message_id = value ->> 0
    JOIN messages ON messages.message_id = waiting.message_id JOIN cases ON cases.number = waiting.of
    ORDER BY json_each.key
    """,
    "DELETE FROM waiting WHERE message_id IN (SELECT value ->> 0 FROM json_each(?1))",
)
_FORGET: Final = "DELETE FROM waiting WHERE message_id IN (SELECT value FROM json_each(?1))"


def let_wait(connection: apsw.Connection, case_id: CaseId, messages: Iterable[tuple[MessageId, datetime]]) -> None:
    """Note messages of a case that is there, with their times."""
    noted = json.dumps([(message_id, _microseconds(at)) for message_id, at in messages])
    connection.execute(_LET_WAIT, (noted, case_id))


def oldest(connection: apsw.Connection, limit: int) -> list[MessageId]:
    """Return the oldest of those that wait, so many at most."""
    return [MessageId(row[0]) for row in connection.execute(_OLDEST, (limit,))]


def put(connection: apsw.Connection, messages: Iterable[IndexedMessage]) -> None:
    """Write those of these messages that wait, in this order; they wait no more."""
    words = json.dumps(
        [[each.message_id, *map(" ".join, (each.subject, each.body, each.who, each.place))] for each in messages]
    )
    for statement in _PUT:
        connection.execute(statement, (words,))


def forget(connection: apsw.Connection, message_ids: Iterable[MessageId]) -> None:
    """Let messages wait no more that are not to be found."""
    connection.execute(_FORGET, (json.dumps([*message_ids]),))


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
