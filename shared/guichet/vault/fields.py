"""A sealed field: declared once, where it rests; whoever seals or opens it names the object.

They lie in guichet.store (messages.document, cases.fields, registry.citizens, registry.identifiers, agents.accounts,
abuse_declarations, drafts, notes, objects,
saved_answers) and guichet.kafka.dead_letters.content.

Kind and name are part of the seal (docs/decisions/0003), so they are never renamed. Importing a field gives nobody a
key: sealing takes a key, and opening takes the port of those who may open.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from guichet.contracts.base import Sealed
from guichet.errors import ErasedError, UnopenableError
from guichet.ids import KeyId
from guichet.privacy.data_map.entry import Form, PersonalField
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey, Thing, seal, unseal

K = TypeVar("K", bound=Hashable)
Id = TypeVar("Id", bound=str)  # of a thing
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Keys = Mapping[KeyId, DataKey]
"""Living keys: whose is missing was destroyed."""


@dataclass(frozen=True)
class Codec(Generic[T]):
    """How a value becomes the bytes that are sealed, and comes out of them."""

    dump: Callable[[T], bytes]
    load: Callable[[bytes], T]


def json_of(model: type[M]) -> Codec[M]:
    """Return the codec of a pydantic model, as JSON."""
    return Codec(lambda value: value.model_dump_json().encode(), model.model_validate_json)


TEXT: Final = Codec[str](  # a mail may say what is no Unicode: it is sealed as it came, and shown as far as it can be
    lambda text: text.encode("utf-8", "surrogatepass"), lambda plain: plain.decode("utf-8", "replace")
)
BYTES: Final = Codec[bytes](bytes, bytes)


@dataclass(frozen=True)
class SealedField(Generic[T]):
    """A field of a kind of things ("message", "case" …). holds: the line of the register.

    Opening raises TamperedError for what was not sealed for this field of this thing, KeyMissingError where the vault
    never held its key.
    """

    kind: str
    name: str
    codec: Codec[T]
    holds: str

    def seal(self, key: DataKey, thing: str, value: T) -> Sealed:
        """Seal the field of a thing, named by its id. Raises UnopenableError for a key that is broken or not held."""
        return seal(key, Thing(self.kind, thing), self.name, self.codec.dump(value))

    def open(self, key: DataKey, thing: str, sealed: Sealed) -> T:
        """Open the field of a thing. Raises UnopenableError."""
        return self.codec.load(unseal(key, Thing(self.kind, thing), self.name, sealed))

    def open_box(self, key: DataKey, thing: str, box: bytes) -> T:
        """Open what lies in the object store, where a document names its key. Raises UnopenableError."""
        return self.open(key, thing, Sealed.model_construct(key_id=key.key_id, box=box))

    async def open_many(self, vault: KeyOpener, sealed: Mapping[Id, Sealed]) -> dict[Id, T]:
        """Return what opens, by the thing's id, asking the vault once; whose key was destroyed is left out.

        Raises TransientError, UnopenableError.
        """
        keys = await living_keys(vault, sealed.values())
        return {thing: self.open(keys[box.key_id], thing, box) for thing, box in sealed.items() if box.key_id in keys}

    def on(self, thing: str, sealed: Sealed) -> "SealedValue[T]":
        """Return the field of one thing, to be opened."""
        return SealedValue(self, thing, sealed)

    def called(self, name: str) -> "SealedField[T]":
        """Return the field under another name: one thing has several of them (an agent's reasons, files)."""
        return replace(self, name=name)

    def at(self, path: str) -> PersonalField:
        """Return its line in the data map. path: where it rests, as in the document."""
        return PersonalField(path, Form.SEALED, self.holds, seals=(self.kind, self.name))


@dataclass(frozen=True)
class SealedValue(Generic[T_co]):
    """A sealed value, and what it was sealed for."""

    field: SealedField[T_co]
    thing: str
    sealed: Sealed

    def open(self, keys: Keys) -> T_co:
        """Open it. Raises ErasedError where its key was destroyed, UnopenableError."""
        key = keys.get(self.sealed.key_id)
        if key is None:
            raise ErasedError(f"{self.field.kind} {self.thing} was erased")
        return self.field.open(key, self.thing, self.sealed)


@dataclass(frozen=True)
class Opened(Generic[K, T_co]):
    """values: what opened. tampered: what does not open, of which the alarm tells. What is in neither was erased."""

    values: Mapping[K, T_co] = field(repr=False)
    tampered: frozenset[K] = frozenset()


async def living_keys(vault: KeyOpener, sealed: Iterable[Sealed]) -> Keys:
    """Return the keys of all that is sealed, asking the vault once, or not at all. Raises TransientError."""
    wanted = {each.key_id for each in sealed}
    return await vault.open_keys(wanted) if wanted else {}


async def open_one(vault: KeyOpener, value: SealedValue[T]) -> T:
    """Return one value. Raises TransientError, ErasedError, UnopenableError."""
    return value.open(await living_keys(vault, [value.sealed]))


async def open_each(vault: KeyOpener, values: Mapping[K, SealedValue[T]]) -> Opened[K, T]:
    """Return what opens, asking the vault once: what does not takes no other with it. Raises TransientError."""
    return opened_with(await living_keys(vault, (each.sealed for each in values.values())), values)


def opened_with(keys: Keys, values: Mapping[K, SealedValue[T]]) -> Opened[K, T]:
    """Return what these keys open. See open_each."""
    found, tampered = dict[K, T](), set[K]()
    for name, value in values.items():
        try:
            with suppress(ErasedError):
                found[name] = value.open(keys)
        except UnopenableError:
            tampered.add(name)
    return Opened(found, frozenset(tampered))
