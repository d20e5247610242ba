"""What a router wrote for a traffic, made again under fresh ids, so that it can be written once more."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions

_AWARE: Final[CodecOptions[dict[str, Any]]] = CodecOptions(tz_aware=True)
_IDS: Final = re.compile(r"[0-9a-f]{32}")
_REFERENCE: Final = re.compile(r"\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}")
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Write:
    """One command. kind: insert or update. entries: its documents, or its updates as the wire has them."""

    database: str
    collection: str
    kind: str
    ordered: bool
    entries: list[dict[str, Any]]

    @property
    def messages(self) -> int:
        """How many inbound messages it brings into the store."""
        return len(self.entries) if (self.kind, self.collection) == ("insert", "messages") else 0


def load(recording: Path) -> list[Write]:
    """Read a recorder's file."""
    with recording.open("rb") as file:
        return [_write(command) for command in bson.decode_file_iter(file, _AWARE)]


def _write(command: dict[str, Any]) -> Write:
    kind = next(name for name in ("insert", "update") if name in command)
    entries = command["documents" if kind == "insert" else "updates"]
    return Write(command["database"], command[kind], kind, command.get("ordered", True), entries)


class Renewal:
    """Puts another id in the place of each, the same everywhere, as spread over the indexes as the first was."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._known: dict[str, str] = {}

    def write(self, old: Write) -> Write:
        """Return a write under fresh ids."""
        return Write(old.database, old.collection, old.kind, old.ordered, self.value(old.entries))

    def value(self, old: Any) -> Any:
        """Return a value with fresh ids in all its strings."""
        if isinstance(old, str):
            return self.text(old)
        if isinstance(old, dict):
            return {self.text(name): self.value(inner) for name, inner in old.items()}
        if isinstance(old, list):
            return [self.value(inner) for inner in old]
        return old

    def text(self, old: str) -> str:
        """Return a string with another id in the place of each."""
        return _REFERENCE.sub(self._reference, _IDS.sub(self._id, old)) if len(old) >= 12 else old

    def _id(self, old: re.Match[str]) -> str:
        known = self._known.get(old[0])
        if known is None:  # what leads (a key's bucket, its time) says where in an index it lies: that stays
            known = self._known[old[0]] = old[0][:4] + self._digest(old[0])[:28]
        return known

    def _reference(self, old: re.Match[str]) -> str:
        number = int(self._digest(old[0])[:9], 16)
        letters = "".join(_LETTERS[number >> 5 * place & 31] for place in range(7))
        return f"{old[0][:4]}-{letters[:4]}-{letters[4:]}"

    def _digest(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._name, digest_size=16).hexdigest()
