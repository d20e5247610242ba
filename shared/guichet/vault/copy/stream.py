"""Everything that happens in the vault's database, in its order and a batch at a time.

Asked for by the commands themselves: the driver's own stream hands events out one by one, a thread for each, and goes
on by itself where the caller must know that it did not.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pymongo.errors import OperationFailure

from guichet.errors import TransientError
from guichet.mongo.client import Database, translate_errors
from guichet.vault.copy.changes import LARGEST_KEY, READABLE, Event
from guichet.vault.keys.collections import KEYS

WAITS: Final = timedelta(seconds=1)  # the server, for the next event
_BATCH: Final = 1000
# Events of before are not there any more: ChangeStreamFatalError, ChangeStreamHistoryLost, InvalidResumeToken.
_CANNOT_GO_ON: Final = frozenset({280, 286, 260})
_OF_DOCUMENTS: Final = frozenset({"insert", "replace", "update", "delete"})
# A document that fills all of MongoDB's 16 MB has an event that no stream delivers: left out where it is made.
_SMALL_ENOUGH: Final[dict[str, Any]] = {
    "$or": [
        {"ns.coll": {"$ne": KEYS}},
        {"operationType": "delete"},
        {"$expr": {"$lte": [{"$bsonSize": "$fullDocument"}, LARGEST_KEY]}},
    ]
}


class CannotGoOnError(TransientError):
    """The server no longer has what came after the token, or never had: what was missed must be found otherwise."""


@dataclass
class ChangeStream:
    """A stream that is open on the server. Every method raises TransientError, CannotGoOnError."""

    database: Database
    session: Any
    cursor: int
    waiting: Sequence[Event]

    @translate_errors
    async def next_batch(self, waits: timedelta = WAITS) -> Sequence[Event]:
        """Return what came since, or nothing after so long a time in which nothing came."""
        if self.waiting:
            events, self.waiting = self.waiting, ()
            return _of_documents(events)
        if not self.cursor:
            raise CannotGoOnError("the stream of the vault's changes ended")
        more = {"getMore": self.cursor, "collection": "$cmd.aggregate", "batchSize": _BATCH}
        answer = await _command(self.database, {**more, "maxTimeMS": waits // timedelta(milliseconds=1)}, self.session)
        self.cursor = answer["cursor"]["id"]
        return _of_documents(answer["cursor"]["nextBatch"])


def _of_documents(events: Sequence[Event]) -> Sequence[Event]:
    """Raise CannotGoOnError where whole collections went: nobody did that to a vault that is well."""
    if whole := sorted({event["operationType"] for event in events} - _OF_DOCUMENTS):
        raise CannotGoOnError(f"the vault saw {', '.join(whole)}")
    return events


@asynccontextmanager
async def changes_since(database: Database, token: Mapping[str, Any] | None) -> AsyncIterator[ChangeStream]:
    """Open a stream of what comes after the token, or from now on. Raises TransientError, CannotGoOnError."""
    after = {} if token is None else {"resumeAfter": dict(token)}
    stages = [{"$changeStream": {"fullDocument": "updateLookup", **after}}, {"$match": _SMALL_ENOUGH}]
    opening = {"aggregate": 1, "pipeline": stages, "cursor": {"batchSize": _BATCH}}
    async with await database.client.start_session(causal_consistency=False) as session:
        answer = await _command(database, opening, session)
        cursor = answer["cursor"]
        stream = ChangeStream(database, session, cursor["id"], list(cursor["firstBatch"]))
        try:
            yield stream
        finally:
            await _close(stream)


@translate_errors
async def _command(database: Database, command: dict[str, Any], session: Any) -> dict[str, Any]:
    try:
        return await database.command(command, codec_options=READABLE, session=session)
    except OperationFailure as exc:
        if exc.code in _CANNOT_GO_ON:
            raise CannotGoOnError(f"what came after the copy's place is not there any more ({exc.code})") from exc
        raise


async def _close(stream: ChangeStream) -> None:
    if stream.cursor:
        try:
            ending = {"killCursors": "$cmd.aggregate", "cursors": [stream.cursor]}
            await _command(stream.database, ending, stream.session)
        except TransientError:
            pass  # the server ends it by itself
