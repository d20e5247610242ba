"""Reads an archive: once to see that it is whole and can be read, then once more to take it in.

What comes in is sealed under keys of this installation's vault. Nothing is published and nothing sent: no topic is
written, and every letter that had not left is undecided (guichet_cli.town_export.at_rest).
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from guichet.contracts.base import Contract
from guichet.errors import PermanentError
from guichet.store.objects import ObjectStore, attachment, draft_file, is_object_key
from guichet.store.setup.arrival import Arrival
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey
from guichet_cli.town_export.archive import Member
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.export_walk import DRAFT_FILES
from guichet_cli.town_export.kind import Kind, ThingName
from guichet_cli.town_export.kinds import BY_NAME, JOURNAL
from guichet_cli.town_export.manifest import FIRST, LAST, End, Manifest, read_manifest
from guichet_cli.town_export.taken_before import Part, TakenBefore, name_of

BESIDE: Final = frozenset({"schema", "town", "mails", "certificates"})
"""Folders that an import takes nothing from."""

FILES: Final = "files"
FILES_OF: Final = {FILES: ("message", attachment), DRAFT_FILES: ("draft", draft_file)}
"""Folder of files → what they go with, and how they are sealed."""

Beat = Callable[[str, int], Awaitable[None]]


@dataclass
class Seen:
    """What an archive holds, and that it is whole."""

    manifest: Manifest
    end: End


def look_through(members: Iterable[Member], check: Callable[[Manifest], None]) -> Seen:
    """Read everything and change nothing. check: of the manifest, before the rest. Raises PermanentError."""
    counts, manifest, end = Counter[str](), None, None
    for member in members:
        if manifest is None:
            if member.name != FIRST:
                raise PermanentError("This file is no export of a town: it does not begin with a manifest.")
            manifest = read_manifest(member.content)
            check(manifest)
        elif member.name == LAST:
            end = _end(member)
        else:
            counts.update(_counted(member))
    if manifest is None or end is None or counts != Counter(end.counts):
        raise PermanentError("This export is not whole: its end is missing, or does not say what it holds.")
    return Seen(manifest, end)


def _counted(member: Member) -> dict[str, int]:
    folder = member.name.partition("/")[0]
    if folder in BY_NAME:
        return {folder: sum(1 for _ in lines_of(BY_NAME[folder], member))}
    if folder in FILES_OF:
        _owner_and_file(member)
        return {folder: 1}
    if folder in BESIDE:
        return {"mails": 1} if folder == "mails" else {}
    raise PermanentError(f"{member.name!r} is nothing that an export of this format holds.")


def _end(member: Member) -> End:
    try:
        return End.model_validate_json(member.content)
    except ValidationError:
        raise PermanentError(f"{LAST} of this export cannot be read.") from None


def lines_of(kind: Kind, member: Member) -> Iterator[Contract]:
    """Yield each line of a part. Raises PermanentError for one that is no line of this kind."""
    for number, text in enumerate(member.content.splitlines(), 1):
        try:
            yield kind.line.model_validate_json(text)
        except ValidationError as exc:
            where = ".".join(str(part) for part in exc.errors(include_input=False)[0]["loc"])
            raise PermanentError(f"{member.name}, line {number}: {where or 'it'} cannot be read.") from None


def _owner_and_file(member: Member) -> tuple[str, str]:
    _, _, rest = member.name.partition("/")
    owner, _, file = rest.partition("/")
    if not owner or not is_object_key(file):
        raise PermanentError(f"{member.name!r} is no name of a message's or a draft's file.")
    return owner, file


@dataclass
class Intake:
    """One import. before: what one of this file that was stopped took in. Raises TransientError, PermanentError."""

    arrival: Arrival
    vault: KeySource
    objects: ObjectStore
    at_rest: AtRest
    beat: Beat
    before: TakenBefore | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _keys: dict[ThingName, DataKey] = field(default_factory=dict, repr=False)

    async def take(self, member: Member) -> None:
        """Take in what a member holds."""
        folder = member.name.partition("/")[0]
        if folder in FILES_OF:
            await self._file(folder, member)
        elif folder in BY_NAME and BY_NAME[folder].returns:
            kind = BY_NAME[folder]
            await self.take_lines(kind, [*lines_of(kind, member)])

    async def take_lines(self, kind: Kind, lines: Sequence[Contract]) -> None:
        """Take in lines of a kind that returns."""
        if kind is not JOURNAL:  # whose steps are sealed under their cases' keys
            self._keys = {}
        there = Part() if self.before is None else await self.before.part(kind, lines)
        self._keys |= there.keys
        new = [line for line in lines if not there.ids or name_of(kind, line) not in there.ids]
        await self._make_keys(thing for line in new for thing in kind.things_in(line))
        await self.arrival.insert(kind.collection, [self.at_rest.document(kind, line, self._keys) for line in new])
        self.counts[kind.name] += len(lines)
        await self.beat("lines", len(lines))

    async def _make_keys(self, things: Iterable[ThingName]) -> None:
        wanted = [thing for thing in dict.fromkeys(things) if thing not in self._keys]
        if wanted:
            self._keys |= dict(zip(wanted, await self.vault.new_keys(len(wanted)), strict=True))

    async def _file(self, folder: str, member: Member) -> None:
        owner, name = _owner_and_file(member)
        kind, sealed_as = FILES_OF[folder]
        key = self._keys.get((kind, owner))
        if key is None:
            raise PermanentError(f"{member.name!r} stands beside no line of its {kind}.")
        of = sealed_as(name)
        if self.before is None or not await self.before.has_file(of, name, key, owner, member.content):
            await self.objects.put(name, of.seal(key, owner, member.content).box)
        self.counts[folder] += 1
