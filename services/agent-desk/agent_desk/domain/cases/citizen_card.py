"""What an agent sees of a citizen, opened and in memory only. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from guichet.contracts.inbound_content import IdentifierKind


@dataclass(frozen=True)
class KnownIdentifier:
    """An address of a citizen. shared: several citizens use it. verified: the town has proof that it is theirs.

    vouched, confirmed, since: see guichet.store.registry.identifiers.Holder.
    tampered: its seal does not hold; there is no value then, and nothing is verified.
    """

    kind: IdentifierKind
    value: str = field(repr=False)
    verified: bool = False
    shared: bool = False
    tampered: bool = False
    vouched: bool = False
    confirmed: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class CitizenCard:
    """A citizen as the registry knows them. name: None for a stranger who gave none. provisional: never confirmed.

    tampered: the seal of their record does not hold.
    """

    name: str | None = field(repr=False)
    identifiers: tuple[KnownIdentifier, ...] = ()
    provisional: bool = False
    tampered: bool = False
    given_name: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)

    @property
    def is_stranger(self) -> bool:
        """Whether the town knows nothing of them but what came, unproven, from their one address."""
        surely = any(each.verified or each.vouched or each.confirmed or each.tampered for each in self.identifiers)
        return self.provisional and not surely and len(self.identifiers) <= 1

    @property
    def called(self) -> str | None:
        """What to call them: their name, else their first address, else nothing."""
        return self.name or next((each.value for each in self.identifiers if not each.tampered), None)
