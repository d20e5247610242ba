"""Enter citizens into the registry, in bulk; what is already there as the file says it is left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import CitizenId, IdentifierId
from guichet.privacy.coarse_times import month_of
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenStore
from guichet.store.registry.identifiers import VALUE, IdentifierDocument, IdentifierStore
from guichet.vault.fields import open_each
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey
from guichet_cli.registry.file import Row
from guichet_cli.registry.recognition import Person, RegistryPlan

TRIES = 5  # the router may enter the same address meanwhile


@dataclass(frozen=True)
class Imported:
    """How many citizens came of it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class _Before:
    """What the registry holds about the addresses of some rows; people: its citizens in clear."""

    identifiers: dict[IdentifierId, IdentifierDocument]
    citizens: dict[CitizenId, CitizenDocument]
    people: dict[CitizenId, Person]

    @property
    def missing(self) -> frozenset[CitizenId]:
        """Holders who were never written: an import or the router was killed, or is about to write them."""
        return _holders_of(self.identifiers.values()) - self.citizens.keys()


class RegistryImport:
    """Imports rows. now: aware UTC."""

    def __init__(
        self, *, identifiers: IdentifierStore, citizens: CitizenStore, vault: Vault, registry_key: bytes, now: datetime
    ) -> None:
        self._identifiers = identifiers
        self._citizens = citizens
        self._vault = vault
        self._registry_key = registry_key
        self._now = now

    async def enter(self, rows: Sequence[Row]) -> Imported:
        """Enter these rows and return what changed; the same rows again change nothing. Raises TransientError."""
        for _ in range(TRIES):
            before, plan = await self._planned(rows)
            if await self._write_addresses(before, plan, rows):
                await self._write_people(before, plan)
                return _count(before, plan)
        raise TransientError("others write to the same addresses all the time; import again later")

    async def foresee(self, rows: Sequence[Row]) -> Imported:
        """Return what `enter` would change, and change nothing. Raises TransientError."""
        return _count(*await self._planned(rows))

    async def _planned(self, rows: Sequence[Row]) -> tuple[_Before, RegistryPlan]:
        before = await self._read({each for row in rows for each in self._ids(row)})
        holders = {key: document.holders for key, document in before.identifiers.items()}
        plan = RegistryPlan(holders, dict(before.people), before.missing)
        plan.enter([(row, self._ids(row)) for row in rows], self._now)
        return before, plan

    async def _read(self, identifiers: set[IdentifierId]) -> _Before:
        """Read once more where a holder is missing: an erasure may have taken them out between the two readings."""
        found = await self._identifiers.find_many(identifiers)
        documents = await self._citizens.find_many(_holders_of(found.values()))
        before = _Before(found, documents, await self._opened(documents.values()))
        if before.missing and await self._identifiers.find_many(identifiers) != found:
            return await self._read(identifiers)
        return before

    async def _opened(self, citizens: Iterable[CitizenDocument]) -> dict[CitizenId, Person]:
        documents = {each.citizen_id: each for each in citizens}
        sealed = {citizen: RECORD.on(citizen, each.record) for citizen, each in documents.items()}
        records = (await open_each(self._vault, sealed)).values  # else nobody can tell whether they are the file's
        return {
            citizen: Person(citizen, documents[citizen].state, record, documents[citizen].formerly)
            for citizen, record in records.items()
        }

    async def _write_addresses(self, before: _Before, plan: RegistryPlan, rows: Sequence[Row]) -> bool:
        """Write addresses first: they are the lock. Return whether nobody else was faster."""
        addresses = {key: value for row in rows for key, value in zip(self._ids(row), row.identifiers, strict=True)}
        missing = [key for key in addresses if key not in before.identifiers]
        keys = await self._vault.new_keys(len(missing)) if missing else []
        new = [
            IdentifierDocument(
                _id=key,
                kind=addresses[key].kind,
                holders=plan.holders[key],
                shared=len(plan.holders[key]) > 1,
                value=VALUE.seal(data_key, key, addresses[key].value),
            )
            for key, data_key in zip(missing, keys, strict=True)
        ]
        changed = [
            document.model_copy(
                update={
                    "holders": plan.holders[key],
                    "shared": len(plan.holders[key]) > 1,
                    "version": document.version + 1,
                }
            )
            for key, document in before.identifiers.items()
            if plan.holders[key] != document.holders
        ]
        taken = await self._identifiers.insert_new(new) if new else frozenset()
        return await self._identifiers.replace_if_unchanged(changed) and not taken

    async def _write_people(self, before: _Before, plan: RegistryPlan) -> None:
        touched = [person for key, person in plan.people.items() if person != before.people.get(key)]
        keys = await self._vault.new_keys(len(touched)) if touched else []
        documents = [self._document(person, key, before) for person, key in zip(touched, keys, strict=True)]
        new = [each for each in documents if each.citizen_id not in before.citizens]
        changed = [each for each in documents if each.citizen_id in before.citizens]
        if new:
            await self._citizens.insert_new(new)
        await self._citizens.replace(changed)
        # A record that is written anew leaves its old self to nobody.
        replaced = [before.citizens[each.citizen_id].record.key_id for each in changed]
        await self._vault.destroy_keys(replaced)

    def _document(self, person: Person, key: DataKey, before: _Before) -> CitizenDocument:
        known = before.citizens.get(person.citizen_id)
        return CitizenDocument(
            _id=person.citizen_id,
            state=person.state,
            record=RECORD.seal(key, person.citizen_id, person.record),
            formerly=person.formerly,
            since=known.since if known else month_of(self._now),
        )

    def _ids(self, row: Row) -> tuple[IdentifierId, ...]:
        return tuple(identifier_id(self._registry_key, each.kind, each.value) for each in row.identifiers)


def _holders_of(identifiers: Iterable[IdentifierDocument]) -> frozenset[CitizenId]:
    return frozenset(holder.citizen_id for each in identifiers for holder in each.holders)


def _count(before: _Before, plan: RegistryPlan) -> Imported:
    new = plan.entered - set(before.people)
    rewritten = {citizen for citizen in plan.entered if plan.people[citizen] != before.people.get(citizen)}
    changed = (rewritten | _reached_elsewhere(before, plan)) & plan.entered - new
    return Imported(len(new), len(changed), len(plan.entered) - len(new) - len(changed))


def _reached_elsewhere(before: _Before, plan: RegistryPlan) -> set[CitizenId]:
    """Return whose entry at an address is new or another than before."""
    there = {(key, holder) for key, document in before.identifiers.items() for holder in document.holders}
    now = {(key, holder) for key, holders in plan.holders.items() for holder in holders}
    return {holder.citizen_id for _, holder in now - there}
