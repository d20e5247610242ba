"""What an operator may do with a dead letter. Each act is in the audit trail before anything is shown or done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from guichet.channel.oversize import open_aside
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.errors import PermanentError
from guichet.ids import AgentId, EventId
from guichet.kafka.dead_letters.index import IndexedLetter, close, open_letter, replay
from guichet.kafka.produce.producer import Producer
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.objects import ObjectStore
from guichet.vault.ports import Vault
from guichet_cli.console.command import operators_now
from guichet_cli.dead_letters.redelivery import Redeliver

RedeliveryOf = Callable[[DeadLetter, DeadLetterContent, bytes], Awaitable[Redeliver]]
"""Returns how a payload, all its bytes given, goes to its adapter (guichet_cli.dead_letters.payload_redelivery)."""


@dataclass(frozen=True)
class DeadLetterActions:
    """An operator at work. by: who they are in the audit trail."""

    vault: Vault
    audit: AuditTrail
    producer: Producer
    objects: ObjectStore
    by: AgentId
    redelivery_of: RedeliveryOf
    now: Callable[[], datetime] = operators_now

    async def show(self, letter: DeadLetter) -> DeadLetterContent:
        """Return what lies in it: personal. Raises ErasedError, UnopenableError, TransientError."""
        await self._record(Act.SHOWN, letter, None)
        return await open_letter(letter, self.vault)

    async def whole(self, letter: DeadLetter, record: DeadLetterContent) -> bytes:
        """Return all bytes of a letter that was shown, wherever they lie. Raises as `show`, and PermanentError."""
        if letter.aside is None:
            return record.value
        return await open_aside(letter.aside, keys=self.vault, objects=self.objects)

    async def replay(self, letter: DeadLetter, reason: str) -> None:
        """Give the record to its group again, or the payload to its adapter.

        Raises PermanentError where that cannot be, ErasedError and SettingsError, all before anything stands in the
        audit trail; RedeliveryError when the adapter does not take the payload, and the letter stays open.
        """
        give_back = await self._way_back(letter, await open_letter(letter, self.vault))
        await self._record(Act.REPLAYED, letter, reason)
        await give_back()
        await self._forget(letter)

    async def _way_back(self, letter: DeadLetter, record: DeadLetterContent) -> Redeliver:
        if letter.partition is not None:
            return partial(replay, letter, record, self.producer, by=self.by, at=self.now())
        redeliver = await self.redelivery_of(letter, record, await self.whole(letter, record))

        async def redeliver_and_close() -> None:
            await redeliver()
            await close(letter, "replayed", self.producer, by=self.by, at=self.now())

        return redeliver_and_close

    async def drop(self, letter: DeadLetter, reason: str) -> None:
        """Give it up for good: its bytes can never be read again."""
        await self._record(Act.DROPPED, letter, reason)
        await close(letter, "dropped", self.producer, by=self.by, at=self.now())
        await self._forget(letter)

    async def _record(self, act: Act, letter: DeadLetter, reason: str | None) -> None:
        entry = AuditEntry(
            at=self.now(), agent=self.by, act=act, thing="dead-letter", things=(letter.event_id,), reason=reason
        )
        await self.audit.record(entry)

    async def _forget(self, letter: DeadLetter) -> None:
        asides = [letter.aside] if letter.aside is not None else []
        await self.vault.destroy_keys([letter.record.key_id, *(aside.key_id for aside in asides)])
        for aside in asides:
            await self.objects.delete(aside.object_id)


def choose_open(index: Mapping[EventId, IndexedLetter], ids: Sequence[str], *, everything: bool) -> list[DeadLetter]:
    """Return the open dead letters that these ids, or beginnings of ids, name. Raises PermanentError."""
    if everything:
        return [indexed.letter for indexed in index.values() if indexed.is_open]
    return [find_open(index, name) for name in ids]


def find(index: Mapping[EventId, IndexedLetter], name: str) -> IndexedLetter:
    """Return the dead letter whose id begins with `name`. Raises PermanentError when none or several do."""
    found = [indexed for letter_id, indexed in index.items() if letter_id.startswith(name)]
    if len(found) != 1:
        raise PermanentError(
            f"{len(found) or 'no'} dead letters begin with {name}: see `guichet dead-letters list --all`"
        )
    return found[0]


def find_open(index: Mapping[EventId, IndexedLetter], name: str) -> DeadLetter:
    """Return the open dead letter whose id begins with `name`. Raises PermanentError."""
    indexed = find(index, name)
    if indexed.closed is not None:
        raise PermanentError(
            f"dead letter {name} was {indexed.closed.act} at {indexed.closed.occurred_at:%Y-%m-%d %H:%M} UTC"
        )
    return indexed.letter


def consequence(letter: DeadLetter) -> str:
    """Return what dropping it means, in a sentence."""
    if letter.message_id is not None:
        return (
            f"Message {letter.message_id}, accepted on {letter.topic}, will have no case: the citizen was told"
            " 'accepted' and gets no receipt and no answer from Guichet."
        )
    if letter.about is not None:
        return f"{letter.group} will never handle event {letter.about} of {letter.topic}."
    what = "a payload" if letter.partition is None else f"record {letter.partition}/{letter.offset}"
    return (
        f"{letter.group} could not read {what} of {letter.topic}. If it was a citizen's message, it was accepted and"
        " will have no case: `guichet dead-letters show` tells what it was."
    )
