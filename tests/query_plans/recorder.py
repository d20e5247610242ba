"""A plugin of pytest that writes down every command which a run of tests sends to MongoDB, and who in the code sent it.

Each call of the driver is given a `comment`, so that the server's command names the place in `guichet` that it comes
from. What the tests leave in their collections is kept too: samples, of which a large database can be made.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import bson
import pytest
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel, MongoClient, monitoring

from guichet.store.cases.ended_clocks import ENDED_ON
from guichet.store.cases.history import BY_CAUSE, BY_DAY, BY_OUTBOUND, BY_TYPE
from guichet.store.deliveries.store import NOT_LEFT_YET, UNDECIDED
from guichet_testing.real.collections import HOLDING
from tests.query_plans.places import COLLECTION_CALLS, Place, file_name, is_of_the_store
from tests.query_plans.shapes import shape_of

RECORD: Final = "QUERY_PLANS_RECORD"  # the file that the record goes to
SAMPLES_A_COLLECTION: Final = 60
VALUES_A_SHAPE: Final = 3
COMMANDS: Final = ("find", "aggregate", "count", "distinct", "update", "delete", "findAndModify")
NAMED_IN_QUERIES: Final = frozenset(
    {NOT_LEFT_YET, UNDECIDED, BY_CAUSE, BY_DAY, BY_TYPE, BY_OUTBOUND, ENDED_ON, "by_agent"}
)
_STACK: Final = 12  # frames: store methods are called through few of our own

Document = Mapping[str, Any]


class Recorder(monitoring.CommandListener):
    """What was sent, by shape; what lay in the collections; which places in the code sent anything."""

    def __init__(self) -> None:
        self.commands: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        self.samples: dict[str, dict[str, Document]] = defaultdict(dict)
        self.places: set[Place] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name = event.command_name
        if name not in COMMANDS or "comment" not in event.command:
            return
        collection, place = str(event.command[name]), str(event.command["comment"])
        for statement in _statements(name, event.command):
            values = self.commands[place, collection, shape_of(statement)]
            if len(values) < VALUES_A_SHAPE and statement not in values:
                values.append(statement)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to note."""

    def keep_samples(self, uri: str, database: str) -> None:
        """Note what a test's database holds, and the vault's beside it."""
        with MongoClient(uri, tz_aware=True) as client:
            for name in (database, f"{database}_vault"):
                for collection in client[name].list_collection_names(filter=HOLDING):
                    for document in client[name][collection].find(limit=SAMPLES_A_COLLECTION):
                        samples = self.samples[collection]
                        if len(samples) < SAMPLES_A_COLLECTION:
                            samples.setdefault(shape_of(document), document)

    def write(self, path: Path) -> None:
        commands = [
            {"place": place, "collection": collection, "command": command}
            for (place, collection, _), values in self.commands.items()
            for command in values
        ]
        samples = {collection: [*by_shape.values()] for collection, by_shape in self.samples.items()}
        places = [list(place) for place in sorted(self.places)]
        path.write_bytes(bson.encode({"commands": commands, "samples": samples, "places": places}))


def _statements(name: str, command: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return what the server plans: each statement of a bulk by itself, without what is about the session alone."""
    kept = {
        key: value
        for key, value in command.items()
        if not key.startswith("$")
        and key not in {"lsid", "txnNumber", "autocommit", "startTransaction", "comment"}
        and key not in {"readConcern", "writeConcern", "ordered", "batchSize", "bypassDocumentValidation"}
    }
    many = {"update": "updates", "delete": "deletes"}.get(name)
    if many is None:
        yield kept
        return
    for statement in command[many]:
        yield kept | {many: [statement]}


def _named(original: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """Return a method of the driver's collection that tells the server who called it."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        places = [*_places(sys._getframe(1))]
        if places:
            recorder.places.update(places)
            kwargs.setdefault("comment", places[-1].described)
        return original(self, *args, **kwargs)

    return call


def _places(frame: FrameType | None) -> Iterator[Place]:
    """Return every call of the store's code that led here, the innermost first."""
    for _ in range(_STACK):
        if frame is None:
            return
        if is_of_the_store(frame.f_code.co_filename):
            yield _place(frame.f_code, frame.f_lasti)
        frame = frame.f_back


def _place(code: CodeType, instruction: int) -> Place:
    _, line, _, column = [*code.co_positions()][instruction // 2]
    return Place(file_name(code.co_filename), line or 0, column or 0, code.co_qualname)


_recorder = Recorder()


def _views_alone(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that makes no collection before its first document: of twenty-five a test, most stay empty."""

    async def make(self: Any, name: str, **options: Any) -> None:
        if "viewOn" in options:
            await original(self, name, **options)

    return make


def _which_decide(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that makes of some indexes those without which an answer is another, or none."""

    async def make(self: Any, indexes: list[IndexModel]) -> Any:
        wanted = [each for each in indexes if each.document.get("unique") or each.document["name"] in NAMED_IN_QUERIES]
        return await original(self, wanted) if wanted else None

    return make


def pytest_configure() -> None:
    monitoring.register(_recorder)
    AsyncIOMotorDatabase.create_collection = _views_alone(AsyncIOMotorDatabase.create_collection)
    AsyncIOMotorCollection.create_indexes = _which_decide(AsyncIOMotorCollection.create_indexes)
    for name in COLLECTION_CALLS:
        setattr(AsyncIOMotorCollection, name, _named(getattr(AsyncIOMotorCollection, name), _recorder))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    given = getattr(item, "funcargs", {})
    names = [given["mongo_database"]] if "mongo_database" in given else []
    names += [given["prepared_database"].name] if "prepared_database" in given else []
    for name in names if "mongo_server" in given else ():
        _recorder.keep_samples(given["mongo_server"].uri, name)


def pytest_unconfigure() -> None:
    _recorder.write(Path(os.environ[RECORD]))
