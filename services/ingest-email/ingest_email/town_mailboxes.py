"""Which addresses are the town's. Pure."""

from collections.abc import Iterable

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
