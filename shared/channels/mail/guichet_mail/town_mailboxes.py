"""Which addresses are the town's. Pure."""

from collections.abc import Iterable

from guichet.errors import PermanentError
from guichet.privacy.subaddress import mailbox_of


class TownMailboxes:
    """The town's mailboxes, known by their address in lower case."""

    def __init__(self, addresses: Iterable[str], main: str) -> None:
        self._known = frozenset(address.lower() for address in addresses)
        self.addresses, self.main = sorted(self._known), main
        self.domain = main.rpartition("@")[2].lower()

    def find(self, address: str) -> str | None:
        """Return the mailbox an address stands for, a signed reply address too; None for a stranger's."""
        return mailbox_of(address, self._known)

    def addressed(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """Return each mailbox that these addresses stand for, once, in their order.

        Raises PermanentError (unknown-mailbox) where all are strangers'.
        """
        found = tuple(dict.fromkeys(filter(None, map(self.find, addresses))))
        if not found:
            raise PermanentError("no mailbox of the town is addressed", reason="unknown-mailbox")
        return found
