"""Who wrote? Exact addresses only; an unknown sender becomes a provisional citizen. In bulk, for a whole batch.

An identifier is inserted before its citizen: the insertion is the lock, and the loser of the race reads the winner.
Ids of citizens are random: nobody computes one from a message. A replay finds the same behind its identifier; a citizen
missing there (a crash between the two insertions) is made again under the id that the identifier names.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain

from case_router.domain.arrival import Holders, Opened
from case_router.domain.who_wrote import who_is_named
from case_router.handlers.name_citizens import Naming
from guichet.errors import TransientError, UnopenableError
from guichet.ids import CitizenId, IdentifierId, MessageId, random_id
from guichet.privacy.coarse_times import month_of
from guichet.privacy.normalised import comparable
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState, CitizenStore
from guichet.store.registry.identifiers import Holder, IdentifierDocument, IdentifierStore
from guichet.vault.ports import KeyOpener, KeySource
from guichet.vault.sealing import DataKey, Thing, seal, seal_model, unseal_model

PROVENANCE = "message"  # the town has the address from a message, nobody has checked it


@dataclass(frozen=True)
class _Sender:
    """One message's sender address."""

    opened: Opened
    identifier: IdentifierId


class CitizenRegistry:
    """The registry as the router uses it. Every method raises TransientError."""

    def __init__(
        self,
        *,
        identifiers: IdentifierStore,
        citizens: CitizenStore,
        new_keys: KeySource,
        vault: KeyOpener,
        registry_key: bytes,
    ) -> None:
        self._identifiers = identifiers
        self._citizens = citizens
        self._new_keys = new_keys
        self._vault = vault
        self._registry_key = registry_key
        self._naming = Naming(citizens=citizens, vault=vault)

    async def recognise(self, messages: Sequence[Opened]) -> dict[MessageId, Holders]:
        """Return who may have written each message, after everybody unknown has been entered."""
        senders = self._senders(messages)
        known, fresh = await self._enter_addresses(senders)
        citizens = await self._enter_citizens(senders, known, fresh)
        await self._note_who_is_vouched_for(senders, known)
        return await self._tell(senders, known, citizens)

    async def look_up(self, messages: Sequence[Opened]) -> dict[MessageId, Holders]:
        """Return who may have written each message; nobody is entered. Unknown senders have no holders."""
        senders = self._senders(messages)
        known = await self._identifiers.find_many({sender.identifier for sender in senders})
        citizens = await self._citizens.find_many(_holders_of(known.values()))
        return await self._tell([sender for sender in senders if sender.identifier in known], known, citizens)

    async def verified(self, messages: Sequence[Opened]) -> dict[MessageId, CitizenId]:
        """Return whose the address is that an answer to a message goes to, where it is verified and nobody else's."""
        asked = {
            opened.message.message_id: identifier_id(self._registry_key, address.kind, comparable(address))
            for opened in messages
            if (address := opened.answered_at)
        }
        known = await self._identifiers.find_many(set(asked.values())) if asked else {}
        surely = {message: _surely_held_by(known.get(identifier)) for message, identifier in asked.items()}
        return {message: citizen for message, citizen in surely.items() if citizen is not None}

    async def confirm(self, opened: Opened, is_meant: Callable[[CitizenId], bool]) -> None:
        """Remember that an agent recognised whom `is_meant` names as the author of what comes from this address."""
        for sender in self._senders([opened]):
            known = await self._identifiers.find_many([sender.identifier])
            citizens = await self._citizens.find_many(_holders_of(known.values()))
            meant = {key for key, each in citizens.items() if any(map(is_meant, (key, *each.formerly)))}
            if (called := opened.content.display_name) is not None:
                await self._naming.name(dict.fromkeys(meant, called))
            await self._mark(known.values(), meant, "confirmed")

    def _senders(self, messages: Sequence[Opened]) -> list[_Sender]:
        return [
            _Sender(opened, identifier_id(self._registry_key, address.kind, comparable(address)))
            for opened in messages
            if (address := opened.author)
        ]

    async def _enter_addresses(
        self, senders: Sequence[_Sender]
    ) -> tuple[dict[IdentifierId, IdentifierDocument], frozenset[CitizenId]]:
        """Return every sender's address, and whom this put at those that were missing."""
        wanted = {sender.identifier: sender for sender in reversed(senders)}  # the first message of an address counts
        known = await self._identifiers.find_many(wanted)
        missing = [wanted[identifier] for identifier in wanted if identifier not in known]
        keys = await self._new_keys.new_keys(len(missing)) if missing else []
        new = {sender.identifier: _address(sender, key) for sender, key in zip(missing, keys, strict=True)}
        fresh = _holders_of(new.values())
        if new and (taken := await self._identifiers.insert_new([*new.values()])):
            fresh -= _holders_of(new[identifier] for identifier in taken)
            new |= await self._identifiers.find_many(taken)
        return known | new, fresh

    async def _enter_citizens(
        self,
        senders: Sequence[_Sender],
        known: dict[IdentifierId, IdentifierDocument],
        fresh: Collection[CitizenId],
    ) -> dict[CitizenId, CitizenDocument]:
        """Make citizens who are missing, and new ones where an address is left by those being erased."""
        citizens = await self._citizens.find_many(_holders_of(known.values()))
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
        first: Mapping[IdentifierId, _Sender],
        known: dict[IdentifierId, IdentifierDocument],
        citizens: Mapping[CitizenId, CitizenDocument],
    ) -> None:
        """Give addresses of which every holder is being erased to a new citizen. Updates `known`."""
        left = [each for each in known.values() if all(_is_erasing(holder, citizens) for holder in each.holders)]
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

    async def _note_who_is_vouched_for(
        self, senders: Sequence[_Sender], known: dict[IdentifierId, IdentifierDocument]
    ) -> None:
        """Note the addresses at which somebody vouches for their one holder for the first time. Updates `known`.

        The holder is named before that is noted: a try that is cut short names them again. One whose first proven
        message says no name is named by the next that does, if they still have none.
        """
        proven = [each for each in reversed(senders) if each.opened.is_proven]
        called = {each.identifier: name for each in proven if (name := each.opened.content.display_name) is not None}
        alone = [known[each.identifier] for each in proven if len(known[each.identifier].holders) == 1]
        first = {each.identifier_id: each for each in alone if not each.holders[0].vouched}
        nameless = {
            each.identifier_id: each for each in alone if each.identifier_id in called and not each.holders[0].named
        }
        names = {key: (each.holders[0].citizen_id, called[key]) for key, each in nameless.items()}
        await self._naming.rename(dict(names[key] for key in names if key in first))
        await self._naming.name(dict(names[key] for key in names if key not in first))
        for addresses, what in ((first, "vouched"), (nameless, "named")):
            changed = await self._mark([known[each] for each in addresses], _holders_of(addresses.values()), what)
            known.update({each.identifier_id: each for each in changed})

    async def _mark(
        self, addresses: Iterable[IdentifierDocument], citizens: Collection[CitizenId], what: str
    ) -> list[IdentifierDocument]:
        """Set a flag of these holders where it is not set; return the addresses that changed."""
        marked = [_marked(each, citizens, what) for each in addresses]
        changed = [each for each in marked if each is not None]
        if not await self._identifiers.replace_if_unchanged(changed):
            raise TransientError("an address was changed meanwhile: the next try reads it again")
        return changed

    async def _tell(
        self,
        senders: Iterable[_Sender],
        known: Mapping[IdentifierId, IdentifierDocument],
        citizens: Mapping[CitizenId, CitizenDocument],
    ) -> dict[MessageId, Holders]:
        living = {
            identifier: [holder for holder in known[identifier].holders if not _is_erasing(holder, citizens)]
            for identifier in {sender.identifier for sender in senders}
        }
        shared = chain.from_iterable(each for each in living.values() if len(each) > 1)
        names = await self._names((holder.citizen_id for holder in shared), citizens)
        registered = {key for key, citizen in citizens.items() if citizen.state is CitizenState.REGISTERED}
        return {
            sender.opened.message.message_id: _holders(sender.opened, living[sender.identifier], registered, names)
            for sender in senders
        }

    async def _names(
        self, shared: Iterable[CitizenId], citizens: Mapping[CitizenId, CitizenDocument]
    ) -> dict[CitizenId, str]:
        """Open the names of those who share an address; whose record is erased or tampered with has none."""
        documents = [citizens[citizen] for citizen in set(shared) if citizen in citizens]
        keys = await self._vault.open_keys(document.record.key_id for document in documents) if documents else {}
        return {
            document.citizen_id: name
            for document in documents
            if document.record.key_id in keys and (name := _name(document, keys[document.record.key_id])) is not None
        }


def _holders(
    opened: Opened, living: Sequence[Holder], registered: Collection[CitizenId], names: Mapping[CitizenId, str]
) -> Holders:
    """Tell one message's sender. One whom nobody vouches for is told by nobody but an agent (docs/decisions/0019).

    What is known of a provisional citizen is what came unproven from the same address: that may go on.
    """
    everybody = [holder.citizen_id for holder in living]
    if opened.is_proven:
        return _one_of(opened, everybody, names)
    confirmed = [holder.citizen_id for holder in living if holder.confirmed]
    known = any(holder.vouched or holder.citizen_id in registered for holder in living)
    if opened.content.is_refused() or (known and (opened.message.unread or not confirmed)):
        return Holders(None, tuple(everybody), unverified=True)
    if confirmed:
        return _one_of(opened, confirmed, names)
    return replace(_one_of(opened, everybody, names), unverified=True)


def _one_of(opened: Opened, citizens: Sequence[CitizenId], names: Mapping[CitizenId, str]) -> Holders:
    """Tell who wrote among those of whom it may be any."""
    if len(citizens) == 1:
        return Holders(citizens[0])
    here = {citizen: names[citizen] for citizen in citizens if citizen in names}
    named = who_is_named(opened.content.display_name, here)
    return Holders(named) if named else Holders(None, tuple(citizens))


def _marked(address: IdentifierDocument, citizens: Collection[CitizenId], what: str) -> IdentifierDocument | None:
    """Return the address with a flag of these holders set; None where it is set already."""
    holders = tuple(
        each.model_copy(update={what: True}) if each.citizen_id in citizens else each for each in address.holders
    )
    if holders == address.holders:
        return None
    return address.model_copy(update={"holders": holders, "version": address.version + 1})


def _holders_of(identifiers: Iterable[IdentifierDocument]) -> frozenset[CitizenId]:
    return frozenset(holder.citizen_id for identifier in identifiers for holder in identifier.holders)


def _surely_held_by(identifier: IdentifierDocument | None) -> CitizenId | None:
    if identifier is None or identifier.shared or len(identifier.holders) != 1:
        return None
    [holder] = identifier.holders
    return holder.citizen_id if holder.verified else None


def _is_erasing(holder: Holder, citizens: Mapping[CitizenId, CitizenDocument]) -> bool:
    citizen = citizens.get(holder.citizen_id)
    return citizen is not None and citizen.state is CitizenState.ERASING


def _newly_held(sender: _Sender) -> Holder:
    return Holder(
        citizen_id=CitizenId(random_id()),
        provenance=PROVENANCE,
        vouched=sender.opened.is_proven,
        named=sender.opened.is_proven and sender.opened.content.display_name is not None,
        since=month_of(sender.opened.message.at),
    )


def _address(sender: _Sender, key: DataKey) -> IdentifierDocument:
    address = sender.opened.author
    assert address is not None
    thing = Thing("identifier", sender.identifier)
    return IdentifierDocument(
        _id=sender.identifier,
        kind=address.kind,
        holders=(_newly_held(sender),),
        value=seal(key, thing, "value", comparable(address).encode("utf-8", "surrogatepass")),
    )


def _taken_over(left: IdentifierDocument, sender: _Sender, key: DataKey) -> IdentifierDocument:
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


def _newcomer(citizen: CitizenId, sender: _Sender, key: DataKey) -> CitizenDocument:
    record = CitizenRecord(display_name=sender.opened.content.display_name if sender.opened.is_proven else None)
    return CitizenDocument(
        _id=citizen,
        state=CitizenState.PROVISIONAL,
        record=seal_model(key, Thing("citizen", citizen), "record", record),
        since=month_of(sender.opened.message.at),  # exact, it would be found again in a sector's message
    )


def _name(citizen: CitizenDocument, key: DataKey) -> str | None:
    with suppress(UnopenableError):
        return _record(citizen, key).full_name
    return None


def _record(citizen: CitizenDocument, key: DataKey) -> CitizenRecord:
    return unseal_model(key, Thing("citizen", citizen.citizen_id), "record", citizen.record, CitizenRecord)
