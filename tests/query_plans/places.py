"""Where in the code a command to MongoDB is made: found by reading the code, and by watching it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import guichet

LIBRARY: Final = Path(guichet.__path__[0])
ROOMS: Final = tuple(LIBRARY / name for name in ("mongo", "store", "vault"))  # no other may import the driver
COLLECTION_CALLS: Final = frozenset(
    {
        *("find", "find_one", "find_raw_batches", "aggregate", "count_documents", "distinct", "bulk_write"),
        *("update_one", "update_many", "replace_one", "delete_one", "delete_many"),
        *("find_one_and_update", "find_one_and_replace", "find_one_and_delete"),
    }
)
OUR_OWN_CALLS: Final = frozenset(
    {"find_all"}
)  # guichet.mongo.bulk: the driver is called in there, the query is made here


ON_THE_WAY: Final = frozenset({"mongo/client.py"})  # the decorator that every method has


class Place(NamedTuple):
    """The end of a call in a file of these rooms: a call's beginning is told differently by Python's versions.

    file: from the library on, such as "store/cases/store.py".
    """

    file: str
    line: int
    column: int
    function: str

    @property
    def described(self) -> str:
        """For a person."""
        return f"{self.file}:{self.line} {self.function}"


def is_of_the_store(path: str) -> bool:
    """True of code that may call the driver at run time."""
    return any(room in Path(path).parents for room in ROOMS) and file_name(path) not in ON_THE_WAY


def file_name(path: str | Path) -> str:
    """Return the path of one of the library's files, from the library on."""
    return Path(path).relative_to(LIBRARY).as_posix()


def places_in_the_code() -> Iterator[Place]:
    """Return every call, in the store's files, that sends a query."""
    for path in sorted(each for room in ROOMS for each in room.rglob("*.py")):
        yield from _places(path)


def _places(path: Path) -> Iterator[Place]:
    for function in _functions(ast.parse(path.read_text())):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _sends(node):
                yield Place(file_name(path), node.end_lineno or 0, node.end_col_offset or 0, function.name)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _sends(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=name):
            return name in COLLECTION_CALLS
        case ast.Name(id=name):
            return name in OUR_OWN_CALLS
    return False
