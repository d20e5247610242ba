"""What an import of the same file took in before it was stopped: the next one goes on from there.

An import inserts in the file's own order and changes nothing, so what is there is a beginning of the file, or somebody
has written here since. Each document is opened and compared with its line; at the first that is missing, the store must
hold nothing beside what was compared. Only then something is inserted: nothing that was erased since comes back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guichet.contracts.base import Contract
from guichet.errors import PermanentError, UnopenableError
from guichet.store.draft import Draft
from guichet.store.objects import ObjectStore
from guichet.store.setup.arrival import Arrival
from guichet.vault.fields import SealedField, living_keys
from guichet.vault.ports import KeyOpener
from guichet.vault.sealing import DataKey
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.draft_files import named_files
from guichet_cli.town_export.kind import Kind, ThingName
from guichet_cli.town_export.kinds import KINDS, THREADS


@dataclass(frozen=True)
class Part:
    """What is there of a part of the file. keys: under which its things are sealed."""

    ids: frozenset[str] = frozenset()
    keys: Mapping[ThingName, DataKey] = field(default_factory=dict, repr=False)


@dataclass
class TakenBefore:
    """is_over: whether all that is there was met. Every method raises TransientError, PermanentError."""

    arrival: Arrival
    vault: KeyOpener
    objects: ObjectStore
    at_rest: AtRest
    is_over: bool = False
    _met: Counter[str] = field(default_factory=Counter)

    async def part(self, kind: Kind, lines: Sequence[Contract]) -> Part:
        """Return what is there of these lines, once it was compared with them."""
        if self.is_over:
            return Part()
        named = {name_of(kind, line): line for line in lines}
        found = await self.arrival.find(kind.collection, named)
        stored = {name: self.at_rest.model(kind, document) for name, document in found.items()}
        keys = await living_keys(self.vault, (sealed for each in stored.values() for sealed in kind.sealed_in(each)))
        sealed_under: dict[ThingName, DataKey] = {}
        for name, each in stored.items():
            line = named[name]
            more = {extra: getattr(line, extra) for extra in kind.more}
            if isinstance(each, Draft):
                more["files"] = tuple(named_files(each, keys))
            if kind.opened(each, keys, **more).line != line:
                raise _not_of_this_file(kind.collection, name)
            sealed_under |= kind.keys_in(line, each, keys)
        self._met[kind.collection] += len(stored)
        if len(stored) < len(lines):
            await self.end()
        return Part(frozenset(stored), sealed_under)

    async def has_file(self, of: SealedField[bytes], name: str, key: DataKey, owner: str, content: bytes) -> bool:
        """Say whether a file of a message or a draft is there, once it was compared with this. of: how it is sealed."""
        if self.is_over:
            return False
        try:
            there = of.open_box(key, owner, await self.objects.get(name))
        except UnopenableError:
            there = None
        except PermanentError as exc:
            if exc.reason != "no-such-object":
                raise
            await self.end()
            return False
        if there != content:
            raise _not_of_this_file("files", name)
        return True

    async def end(self) -> None:
        """Say that what follows is not there; raise where anything is there that was not met."""
        if self.is_over:
            return
        for name, count in (await self.arrival.counts(kind.collection for kind in KINDS if kind.returns)).items():
            if count != self._met[name]:
                raise PermanentError(
                    f"{name} holds {count} documents, of which this file's import brought {self._met[name]}: something"
                    " else was written here since, or removed. Drop both databases, `guichet prepare`, begin again."
                )
        self.is_over = True


def name_of(kind: Kind, line: Contract) -> str:
    """Return the id that the document of a line has. Pure."""
    if kind.document_id is not None:
        return kind.document_id(line)
    if kind is THREADS:
        return str(line.anchor)  # type: ignore[attr-defined]  # the line of a thread
    name = next(name for name, info in kind.model.model_fields.items() if info.alias == "_id")
    return str(getattr(line, name))


def _not_of_this_file(collection: str, name: str) -> PermanentError:
    return PermanentError(
        f"{name} in {collection} is not what this file holds: it was changed here since. Drop both databases,"
        " `guichet prepare`, begin again."
    )
