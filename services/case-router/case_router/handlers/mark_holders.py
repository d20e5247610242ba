"""Note of an address's holders that somebody vouches for them, that they have a name, that an agent knows them."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from case_router.domain.who_wrote import holders_at
from case_router.handlers.enter_senders import Known, Sender
from case_router.handlers.name_citizens import name_citizens
from guichet.errors import TransientError
from guichet.ids import CitizenId
from guichet.store.registry.citizens import CitizenStore
from guichet.store.registry.identifiers import IdentifierDocument, IdentifierStore
from guichet.vault.ports import KeyOpener


class MarkHolders:
    """Sets flags of holders, and names them first. Every method raises TransientError."""

    def __init__(self, *, identifiers: IdentifierStore, citizens: CitizenStore, vault: KeyOpener) -> None:
        self._identifiers = identifiers
        self._name = partial(name_citizens, citizens=citizens, vault=vault)

    async def vouched(self, senders: Sequence[Sender], known: Known) -> None:
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
        await self._name({citizen: name for key, (citizen, name) in names.items() if key in first}, only_nameless=False)
        await self._name(
            {citizen: name for key, (citizen, name) in names.items() if key not in first}, only_nameless=True
        )
        for addresses, what in ((first, "vouched"), (nameless, "named")):
            changed = await self._mark([known[each] for each in addresses], holders_at(addresses.values()), what)
            known.update({each.identifier_id: each for each in changed})

    async def confirmed(
        self, addresses: Iterable[IdentifierDocument], citizens: Collection[CitizenId], name: str | None
    ) -> None:
        """Note that an agent recognised these citizens as the authors of what comes from an address. name: theirs."""
        if name is not None:
            await self._name(dict.fromkeys(citizens, name), only_nameless=True)
        await self._mark(addresses, citizens, "confirmed")

    async def _mark(
        self, addresses: Iterable[IdentifierDocument], citizens: Collection[CitizenId], what: str
    ) -> list[IdentifierDocument]:
        """Set a flag of these holders where it is not set; return the addresses that changed."""
        marked = [_marked(each, citizens, what) for each in addresses]
        changed = [each for each in marked if each is not None]
        if not await self._identifiers.replace_if_unchanged(changed):
            raise TransientError("an address was changed meanwhile: the next try reads it again")
        return changed


def _marked(address: IdentifierDocument, citizens: Collection[CitizenId], what: str) -> IdentifierDocument | None:
    """Return the address with a flag of these holders set; None where it is set already."""
    holders = tuple(
        each.model_copy(update={what: True}) if each.citizen_id in citizens else each for each in address.holders
    )
    if holders == address.holders:
        return None
    return address.model_copy(update={"holders": holders, "version": address.version + 1})
