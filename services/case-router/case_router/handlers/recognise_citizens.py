"""Who wrote? Exact addresses only; an unknown sender becomes a provisional citizen. In bulk, for a whole batch."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from case_router.domain.arrival import Holders, Opened
from case_router.domain.who_wrote import holders_at, holders_of_message, is_erasing, sure_holder
from case_router.handlers.enter_senders import EnterSenders, Sender
from case_router.handlers.mark_holders import MarkHolders
from guichet.contracts.inbound_content import Identifier
from guichet.ids import CitizenId, IdentifierId, MessageId
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenState, CitizenStore
from guichet.store.registry.identifiers import IdentifierDocument, IdentifierStore, proven_holder
from guichet.vault.fields import open_each
from guichet.vault.ports import KeyOpener, KeySource


class RecogniseCitizens:
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
        self._vault = vault
        self._registry_key = registry_key
        self._enter = EnterSenders(identifiers=identifiers, citizens=citizens, new_keys=new_keys)
        self._mark = MarkHolders(identifiers=identifiers, citizens=citizens, vault=vault)

    async def recognise(self, messages: Sequence[Opened]) -> dict[MessageId, Holders]:
        """Return who may have written each message, after everybody unknown has been entered."""
        senders = self._senders(messages)
        known, citizens = await self._enter.enter(senders)
        await self._mark.vouched(senders, known)
        return await self._authors(senders, known, citizens)

    async def look_up(self, messages: Sequence[Opened]) -> dict[MessageId, Holders]:
        """Return who may have written each message; nobody is entered. Unknown senders have no holders."""
        senders = self._senders(messages)
        known = await self._identifiers.find_many({sender.identifier for sender in senders})
        citizens = await self._citizens.find_many(holders_at(known.values()))
        return await self._authors([sender for sender in senders if sender.identifier in known], known, citizens)

    async def verified(self, messages: Sequence[Opened]) -> dict[MessageId, CitizenId]:
        """Return whose the address is that an answer to a message goes to, where it is verified and nobody else's."""
        asked = {
            opened.message.message_id: identifier_id(self._registry_key, address.kind, comparable(address))
            for opened in messages
            if (address := opened.answered_at)
        }
        known = await self._identifiers.find_many(set(asked.values())) if asked else {}
        surely = {message: sure_holder(known.get(identifier)) for message, identifier in asked.items()}
        return {message: citizen for message, citizen in surely.items() if citizen is not None}

    async def proven(self, addresses: Mapping[MessageId, Identifier]) -> dict[MessageId, frozenset[CitizenId]]:
        """Return whose addresses are, proven and nobody else's: by every id that the registry has had of them.

        Whoever is under erasure has none.
        """
        known = await self._known_at(addresses)
        proven = {name: proven_holder(each) for name, each in known.items() if each is not None}
        held = await self._living({name: {holder} for name, holder in proven.items() if holder is not None})
        return {name: everybody for name, everybody in held.items() if everybody}

    async def holders(self, addresses: Mapping[MessageId, Identifier]) -> dict[MessageId, frozenset[CitizenId]]:
        """Return whose each address may be, proven or not: by every id that the registry has had of them."""
        known = await self._known_at(addresses)
        return await self._living({name: holders_at([each] if each else []) for name, each in known.items()})

    async def _known_at(self, addresses: Mapping[MessageId, Identifier]) -> dict[MessageId, IdentifierDocument | None]:
        ids = {
            name: identifier_id(self._registry_key, address.kind, comparable(address))
            for name, address in addresses.items()
        }
        known = await self._identifiers.find_many({*ids.values()}) if ids else {}
        return {name: known.get(each) for name, each in ids.items()}

    async def _living(
        self, holders: Mapping[MessageId, Collection[CitizenId]]
    ) -> dict[MessageId, frozenset[CitizenId]]:
        """Return every id that the registry has had of these people, but of those under erasure."""
        citizens = await self._citizens.find_many(set(chain.from_iterable(holders.values()))) if holders else {}
        ids = {
            name: {each.citizen_id, *each.formerly}
            for name, each in citizens.items()
            if each.state is not CitizenState.ERASING
        }
        return {name: frozenset().union(*(ids.get(each, ()) for each in held)) for name, held in holders.items()}

    async def confirm(self, opened: Opened, is_meant: Callable[[CitizenId], bool]) -> None:
        """Remember that an agent recognised whom `is_meant` names as the author of what comes from this address."""
        for sender in self._senders([opened]):
            known = await self._identifiers.find_many([sender.identifier])
            citizens = await self._citizens.find_many(holders_at(known.values()))
            meant = {key for key, each in citizens.items() if any(map(is_meant, (key, *each.formerly)))}
            await self._mark.confirmed(known.values(), meant, opened.content.display_name)

    def _senders(self, messages: Sequence[Opened]) -> list[Sender]:
        return [
            Sender(opened, identifier_id(self._registry_key, address.kind, comparable(address)))
            for opened in messages
            if (address := opened.author)
        ]

    async def _authors(
        self,
        senders: Iterable[Sender],
        known: Mapping[IdentifierId, IdentifierDocument],
        citizens: Mapping[CitizenId, CitizenDocument],
    ) -> dict[MessageId, Holders]:
        living = {
            identifier: [holder for holder in known[identifier].holders if not is_erasing(holder, citizens)]
            for identifier in {sender.identifier for sender in senders}
        }
        shared = chain.from_iterable(each for each in living.values() if len(each) > 1)
        names = await self._names((holder.citizen_id for holder in shared), citizens)
        registered = {key for key, citizen in citizens.items() if citizen.state is CitizenState.REGISTERED}
        return {
            sender.opened.message.message_id: holders_of_message(
                sender.opened, living[sender.identifier], registered, names
            )
            for sender in senders
        }

    async def _names(
        self, shared: Iterable[CitizenId], citizens: Mapping[CitizenId, CitizenDocument]
    ) -> dict[CitizenId, str]:
        """Open the names of those who share an address; whose record is erased or tampered with has none."""
        sealed = {each: RECORD.on(each, citizens[each].record) for each in set(shared) if each in citizens}
        records = (await open_each(self._vault, sealed)).values
        return {citizen: record.full_name for citizen, record in records.items()}
