"""Every collection is prepared, and every place with personal data is declared."""

import ast
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import guichet.store
import guichet.vault
from guichet.clock import SystemClock
from guichet.contracts.base import Sealed
from guichet.contracts.topics import TOPICS
from guichet.data_subject.finder import reached_collections
from guichet.mongo.client import Database, connect
from guichet.privacy.data_map.entry import Bond, DataMapEntry, Erasure, Form
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import STORE_FILES, VIEWS, prepare, whole_data_map
from guichet.vault.schema import VAULT_FILES, prepare_vault
from guichet_local.mongod.server import MongoServer
from guichet_testing.real.collections import HOLDING


def store_modules() -> Iterator[ModuleType]:
    for room in (guichet.store, guichet.vault):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            yield importlib.import_module(module.name)


def declared(place: str) -> dict[str, DataMapEntry]:
    return {entry.name: entry for entry in whole_data_map() if entry.place == place}


def test_every_store_file_is_listed() -> None:
    with_collections = {module.__name__ for module in store_modules() if hasattr(module, "INDEXES")}
    assert with_collections == {module.__name__ for module in (*STORE_FILES, *VAULT_FILES)}


def test_every_collection_is_declared() -> None:
    for files, place in ((STORE_FILES, "collection"), (VAULT_FILES, "vault-collection")):
        prepared = {name for file in files for name in file.INDEXES}
        assert set(declared(place)) == prepared, "INDEXES and DATA_MAP of the store files name the same collections"


def test_no_file_names_a_collection_that_is_not_prepared() -> None:
    """`database["x"]` and `get_collection("x")` with a literal, or with a constant of the file."""
    prepared = {name for file in (*STORE_FILES, *VAULT_FILES) for name in file.INDEXES}
    for module in store_modules():
        named = set(collections_named(module))
        assert named <= prepared, f"{module.__name__} uses collections that no store file prepares"


def collections_named(module: ModuleType) -> Iterator[str]:
    assert module.__file__
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        name = None
        if isinstance(node, ast.Subscript) and is_a_database(node.value):
            name = node.slice
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_collection":
            name = node.args[0]
        if isinstance(name, ast.Constant):
            yield name.value
        if isinstance(name, ast.Name) and isinstance(getattr(module, name.id, None), str):
            yield getattr(module, name.id)


def is_a_database(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.strip("_") in {"database", "db"}


def test_the_search_for_collections_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "a_store.py"
    file.write_text(
        'NAME = "b"\ndef f(database):\n    database["a"], database[NAME], self._database.get_collection("c")\n'
    )
    module = ModuleType("a_store")
    module.__file__, module.NAME = str(file), "b"  # type: ignore[attr-defined]
    assert set(collections_named(module)) == {"a", "b", "c"}


def test_every_topic_is_declared_and_so_are_its_dead_letters() -> None:
    expected = {name for topic in TOPICS for name in (topic.name, topic.dead_letters)}
    assert set(declared("topic")) == expected


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_sealed_field_of_a_topic_is_declared(topic: Any) -> None:
    sealed = {field.path for field in declared("topic")[topic.name].fields if field.form is Form.SEALED}
    assert sealed == set(sealed_fields(topic.events._type))


def sealed_fields(annotation: Any) -> Iterator[str]:
    """Names of the fields of type Sealed in an event, or in any of a union of events."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if field.annotation is Sealed or Sealed in get_args(field.annotation):
                yield name
    for part in get_args(annotation):
        yield from sealed_fields(part)


def test_no_place_is_declared_twice() -> None:
    places = [(entry.place, entry.name) for entry in whole_data_map()]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("entry", whole_data_map(), ids=lambda entry: entry.name)
def test_what_an_erasure_reaches_says_whose_it_is(entry: DataMapEntry) -> None:
    """A new collection with somebody's data, of which nobody says how it is found to be theirs, fails here."""
    if entry.on_erasure in (Erasure.DELETED, Erasure.KEY_DESTROYED):
        assert entry.belongs, f"{entry.name} is reached by an erasure and declares nothing in `belongs`"


def test_every_collection_that_an_erasure_reaches_is_reached_from_a_citizen() -> None:
    known, reached = {Bond.CITIZEN, Bond.SECTOR_CITIZEN}, set[str]()
    entries = reached_collections(whole_data_map())
    for _ in entries:
        found = [entry for entry in entries if known & {belonging.bond for belonging in entry.belongs}]
        reached |= {entry.name for entry in found}
        known |= {entry.documents for entry in found if entry.documents is not None}
    assert reached == {entry.name for entry in entries}


@pytest.mark.parametrize("entry", whole_data_map(), ids=lambda entry: entry.name)
def test_a_declaration_is_complete(entry: DataMapEntry) -> None:
    kept = [words for rule in entry.retention for words in (rule.phrase.english, rule.phrase.french)]
    assert kept, f"{entry.name} does not say how long"
    for told in (entry.purpose, entry.legal_basis, entry.whose, *kept):
        assert told.strip(), f"{entry.name} leaves something blank"
    assert len({field.path for field in entry.fields}) == len(entry.fields)
    for field in entry.fields:
        assert field.holds.strip(), f"{entry.name}.{field.path} does not say what it holds"


@pytest.fixture
async def database(mongo_server: MongoServer, mongo_database: str) -> AsyncIterator[Database]:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    yield database
    database.client.close()


@pytest.mark.real
@pytest.mark.parametrize(
    ("prepare", "files"), [(partial(prepare, clock=SystemClock().now), STORE_FILES), (prepare_vault, VAULT_FILES)]
)
async def test_every_collection_and_index_is_made_and_making_them_again_changes_nothing(
    database: Database, prepare: Any, files: tuple[ModuleType, ...]
) -> None:
    for _ in range(2):
        await prepare(database)
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, indexes in (item for file in files for item in file.INDEXES.items()):
        wanted[name] |= {index.document["name"] for index in indexes}
    made = set(await database.list_collection_names(filter=HOLDING))
    assert made == set(wanted)
    for name, indexes in wanted.items():
        assert set(await database[name].index_information()) == indexes | {"_id_"}


def test_every_view_shows_a_declared_collection_and_of_a_sealed_field_its_keys_name_at_most() -> None:
    for view in VIEWS:
        fields = declared("collection")[view.collection].fields
        for sealed in (field.path for field in fields if field.form is Form.SEALED):
            shown = {
                each
                for each in view.fields
                if f"{each}.".startswith(f"{sealed}.") or f"{sealed}.".startswith(f"{each}.")
            }
            assert shown <= {f"{sealed}.key_id"}


@pytest.mark.real
async def test_a_view_shows_the_fields_it_names_by_the_index_behind_it(database: Database) -> None:
    await prepare(database, clock=SystemClock().now)
    for view in VIEWS:
        there = {"_id": "one", "content": "sealed", "provider_id": "SM1", "state": "sent", "case_id": "c"}
        there |= {"disabled_at": None, "second_factor": {"secret": {"key_id": "k", "box": b"sealed"}, "last_step": 1}}
        await database[view.collection].replace_one({"_id": "one"}, there, upsert=True)
        asked = {"provider_id": {"$in": ["SM1"]}} if "provider_id" in view.fields else {"_id": {"$in": ["one"]}}
        assert _paths(await view.of(database).find_one(asked) or {}) == {"_id", *view.fields}
        assert "COLLSCAN" not in str(await view.of(database).find(asked).explain())


def _paths(document: dict[str, Any]) -> set[str]:
    below = {name: _paths(value) for name, value in document.items() if isinstance(value, dict)}
    leaves = {name for name in document if name not in below}
    return leaves | {f"{name}.{path}" for name, paths in below.items() for path in paths}
