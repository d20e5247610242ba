"""A kind of line in a town's export: what a document of the store says in clear, and the document made of it again.

Pure. The line's model is made of the store's own: each sealed field stands in it as what was sealed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from guichet.contracts.base import Contract, Sealed
from guichet.errors import UnopenableError
from guichet.vault.fields import Keys, SealedField
from guichet.vault.sealing import DataKey

Document = Mapping[str, Any]
ThingName = tuple[str, str]
"""What has a key of its own: its kind and its id, as they are part of the seal."""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Part:
    """A sealed field. of, thing: its declaration and what it was sealed for, of a stored model or a line.

    clear: its type in the line; shown, read: between what was sealed and that.
    """

    name: str
    of: Callable[[Any], SealedField[Any]]
    thing: Callable[[Any], str]
    clear: Any
    shown: Callable[[Any], Any] = _as_it_is
    read: Callable[[Any], Any] = _as_it_is


@dataclass
class OpenedLine:
    """A line, or None where nothing of it can be told. unopened: names of fields that do not open."""

    line: Contract | None
    unopened: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Kind:
    """name: the folder of its lines. holds: for who reads the export. query: which documents of the collection.

    without: fields that are of use to a running Guichet alone. more: fields of the line that the store does not have.
    returns: an import takes it back; the others are for the record.
    """

    name: str
    holds: str
    collection: str
    model: type[Contract]
    parts: tuple[Part, ...] = ()
    query: Document = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    more: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    document_id: Callable[[Any], str] | None = None
    returns: bool = True

    @cached_property
    def line(self) -> type[Contract]:
        """The model of a line: what the published schema is generated from."""
        clear = {part.name: part.clear for part in self.parts}
        fields: dict[str, Any] = {
            name: _field(info, clear.get(name))
            for name, info in self.model.model_fields.items()
            if name not in self.without
        }
        fields |= self.more
        line: type[Contract] = create_model(f"{self.name}_line", __base__=Contract, __doc__=self.holds, **fields)
        return line

    def sealed_in(self, stored: Contract) -> Iterator[Sealed]:
        """Yield what is sealed in a document."""
        for part in self.parts:
            sealed = getattr(stored, part.name)
            if sealed is not None:
                yield sealed

    def opened(self, stored: Contract, keys: Keys, **more: Any) -> OpenedLine:
        """Return a document's line; none where a key was destroyed since: what it sealed is erased."""
        values: dict[str, Any] = {name: getattr(stored, name) for name in self.line.model_fields if name not in more}
        unopened: list[str] = []
        for part in self.parts:
            sealed = values[part.name]
            if sealed is None:
                continue
            if sealed.key_id not in keys:
                return OpenedLine(None)
            try:
                values[part.name] = part.shown(part.of(stored).open(keys[sealed.key_id], part.thing(stored), sealed))
            except UnopenableError:
                values[part.name] = None
                unopened.append(part.name)
        if any(self.line.model_fields[name].is_required() for name in unopened):
            return OpenedLine(None, tuple(unopened))
        return OpenedLine(self.line.model_validate({**values, **more}), tuple(unopened))

    def things_in(self, line: Contract) -> Iterator[ThingName]:
        """Yield what a line's document needs keys for."""
        for part in self.parts:
            if getattr(line, part.name) is not None:
                yield part.of(line).kind, part.thing(line)

    def keys_in(self, line: Contract, stored: Contract, keys: Keys) -> dict[ThingName, DataKey]:
        """Return under which keys the things of a line are sealed in its document."""
        found = {}
        for part in self.parts:
            sealed = getattr(stored, part.name)
            if sealed is not None and sealed.key_id in keys:
                found[part.of(line).kind, part.thing(line)] = keys[sealed.key_id]
        return found

    @cached_property
    def _stored_names(self) -> dict[str, str]:
        """The line's fields that the store has → their names there. Asked once: pydantic makes them anew each time."""
        fields = self.model.model_fields
        return {name: fields[name].alias or name for name in self.line.model_fields if name not in self.more}

    def sealed(self, line: Contract, keys: Mapping[ThingName, DataKey]) -> dict[str, Any]:
        """Return the document that a line is of, as the store holds it."""
        values = {stored: getattr(line, name) for name, stored in self._stored_names.items()}
        for part in self.parts:
            value = getattr(line, part.name)
            if value is not None:
                declared, thing = part.of(line), part.thing(line)
                sealed = declared.seal(keys[declared.kind, thing], thing, part.read(value))
                values[self._stored_names[part.name]] = sealed
        document = self.model.model_validate(values).model_dump(by_alias=True)
        return document if self.document_id is None else {"_id": self.document_id(line), **document}


def _field(info: FieldInfo, clear: Any) -> Any:
    """Return a field of a stored model as one of a line: under its own name, and open."""
    kind = info.annotation if clear is None else (clear if info.is_required() else clear | None)
    constrained = Annotated[kind, *info.metadata] if info.metadata and clear is None else kind
    if info.is_required():
        return constrained, Field()
    if info.default_factory is not None:
        return constrained, Field(default_factory=info.default_factory)
    return constrained, Field(default=info.default)
