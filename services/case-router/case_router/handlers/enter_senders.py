"""Enter senders into the registry: addresses that nobody knew, and the citizens behind them. In bulk, for a batch.

An identifier is inserted before its citizen: the insertion is the lock, and the loser of the race reads the winner.
Ids of citizens are random: nobody computes one from a message. A replay finds the same behind its identifier; a citizen
missing there (a crash between the two insertions) is made again under the id that the identifier names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from case_router.domain.arrival import Opened
from case_router.domain.who_wrote import holders_at, is_erasing
from guichet.errors import TransientError
from guichet.ids import CitizenId, IdentifierId, random_id
from guichet.privacy.coarse_times import month_of
from guichet.privacy.normal_form import comparable
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenRecord, CitizenState, CitizenStore
from guichet.store.registry.identifiers import VALUE, Holder, IdentifierDocument, IdentifierStore
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey

PROVENANCE = "message"  # the town has the address from a message, nobody has checked it

Known = dict[IdentifierId, IdentifierDocument]


@dataclass(frozen=True)
class Sender:
    """One message's sender address."""

    opened: Opened
    identifier: IdentifierId


class EnterSenders:
    """Makes what is missing. Every method raises TransientError."""

    def __init__(self, *, identifiers: IdentifierStore, citizens: CitizenStore, new_keys: KeySource) -> None:
        self._identifiers = identifiers
        self._citizens = citizens
        self._new_keys = new_keys

    async def enter(self, senders: Sequence[Sender]) -> tuple[Known, dict[CitizenId, CitizenDocument]]:
        """Return every sender's address and its holders, after everybody unknown has been entered."""
        known, fresh = await self._enter_addresses(senders)
        citizens = await self._enter_citizens(senders, known, fresh)
        return known, citizens

    async def _enter_addresses(self, senders: Sequence[Sender]) -> tuple[Known, frozenset[CitizenId]]:
        """Return every sender's address, and whom this put at those that were missing."""
        wanted = {sender.identifier: sender for sender in reversed(senders)}  # the first message of an address counts
        known = await self._identifiers.find_many(wanted)
        missing = [wanted[identifier] for identifier in wanted if identifier not in known]
        keys = await self._new_keys.new_keys(len(missing)) if missing else []
        new = {sender.identifier: _address(sender, key) for sender, key in zip(missing, keys, strict=True)}
        fresh = holders_at(new.values())
        if new and (taken := await self._identifiers.insert_new([*new.values()])):
            fresh -= holders_at(new[identifier] for identifier in taken)
            new |= await self._identifiers.find_many(taken)
        return known | new, fresh

    async def _enter_citizens(
        self,
        senders: Sequence[Sender],
        known: Known,
        fresh: Collection[CitizenId],
    ) -> dict[CitizenId, CitizenDocument]:
        """Make citizens who are missing, and new ones where an address is left by those being erased."""
        citizens = await self._citizens.find_many(holders_at(known.values()))
        first = {sender.identifier: sender for sender in reversed(senders)}
        await self._leave_to_newcomers(first, known, citizens)
        await self._expect_holders(fresh, known, citizens)
        missing = {
            holder.citizen_id: first[identifier]
            for identifier, document in known.items()
            for holder in document.holders
            if holder.citizen_id not in citizens
        }
        keys = await self._new_keys.new_keys(len(missing)) if missing else []
        new = [_newcomer(citizen, missing[citizen], key) for citizen, key in zip(missing, keys, strict=True)]
        if new:
            await self._citizens.insert_new(new)
        return citizens | {citizen.citizen_id: citizen for citizen in new}

    async def _leave_to_newcomers(
        self,
        first: Mapping[IdentifierId, Sender],
        known: Known,
        citizens: Mapping[CitizenId, CitizenDocument],
    ) -> None:
        """Give addresses of which every holder is being erased to a new citizen. Updates `known`."""
        left = [each for each in known.values() if all(is_erasing(holder, citizens) for holder in each.holders)]
        keys = await self._new_keys.new_keys(len(left)) if left else []
        changed = [_taken_over(each, first[each.identifier_id], key) for each, key in zip(left, keys, strict=True)]
        if not await self._identifiers.replace_if_unchanged(changed):
            raise TransientError("an address changed hands meanwhile: the next try reads it again")
        known.update({each.identifier_id: each for each in changed})

    async def _expect_holders(
        self,
        fresh: Collection[CitizenId],
        known: Mapping[IdentifierId, IdentifierDocument],
        citizens: Mapping[CitizenId, CitizenDocument],
    ) -> None:
        """Raise TransientError where a holder is missing because an erasure took them out since `known` was read.

        It takes them out of their addresses before it deletes them: a holder who still stands there was never written.
        fresh: whom this very batch put at their address.
        """
        doubtful = {
            identifier: document.version
            for identifier, document in known.items()
            for holder in document.holders
            if holder.citizen_id not in citizens and holder.citizen_id not in fresh
        }
        now = await self._identifiers.find_many(doubtful) if doubtful else {}
        if {identifier: document.version for identifier, document in now.items()} != doubtful:
            raise TransientError("a holder of an address was erased meanwhile: the next try reads it again")


def _newly_held(sender: Sender) -> Holder:
    return Holder(
        citizen_id=CitizenId(random_id()),
        provenance=PROVENANCE,
        vouched=sender.opened.is_proven,
        named=sender.opened.is_proven and sender.opened.content.display_name is not None,
        since=month_of(sender.opened.message.at),
    )


def _address(sender: Sender, key: DataKey) -> IdentifierDocument:
    address = sender.opened.author
    assert address is not None
    return IdentifierDocument(
        _id=sender.identifier,
        kind=address.kind,
        holders=(_newly_held(sender),),
        value=VALUE.seal(key, sender.identifier, comparable(address)),
    )


def _taken_over(left: IdentifierDocument, sender: Sender, key: DataKey) -> IdentifierDocument:
    """Add the newcomer, and seal the address anew: the key it lay under goes with those being erased.

    Their erasure finds the address by them and takes them out of it.
    """
    anew = _address(sender, key)
    return anew.model_copy(
        update={
            "holders": (*left.holders, *anew.holders),
            "left_keys": (*left.left_keys, left.value.key_id),
            "version": left.version + 1,
        }
    )


def _newcomer(citizen: CitizenId, sender: Sender, key: DataKey) -> CitizenDocument:
    record = CitizenRecord(display_name=sender.opened.content.display_name if sender.opened.is_proven else None)
    return CitizenDocument(
        _id=citizen,
        state=CitizenState.PROVISIONAL,
        record=RECORD.seal(key, citizen, record),
        since=month_of(sender.opened.message.at),  # exact, it would be found again in a sector's message
    )
