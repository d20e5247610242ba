"""What the search files hold of a person, as whoever has the living vault reads them."""

from collections.abc import Iterable

from guichet.ids import KeyId
from guichet.search.words import words_of
from guichet.store.setup.roles import VAULT
from guichet_testing.town.people import Person
from guichet_testing.town.search_files import TERMS, folder_of, read_search_files
from guichet_testing.town.town import Town


async def words_in_search_files(town: Town) -> frozenset[str]:
    """Return every word of the files that count. Raises TransientError while one is being swapped."""
    return frozenset(str(row[0]) for row in await read_search_files(town.stack, "SELECT term FROM temp.terms", TERMS))


def keys_of_search_files(town: Town) -> frozenset[KeyId]:
    """Return the ids of the keys of the files that count."""
    return frozenset(name.key_id for name in folder_of(town.stack).names() if not name.is_part)


def living_keys(town: Town, keys: Iterable[KeyId]) -> list[str]:
    """Return those that the vault still has."""
    found = town.store[VAULT]["keys"].find({"_id": {"$in": [*keys]}, "destroyed_at": {"$exists": False}})
    return [str(document["_id"]) for document in found]


def name_in_files(person: Person) -> str:
    """Return how the files know a person."""
    return words_of(person.name)[0]
