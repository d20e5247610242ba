"""Which addresses are the town's. Pure."""

from collections.abc import Iterable


class TownMailboxes:
    """The town's mailboxes, known by their address in lower case."""

    def __init__(self, addresses: Iterable[str], main: str) -> None:
        self._known = frozenset(address.lower() for address in addresses)
        self.addresses, self.main = sorted(self._known), main
        self.domain = main.rpartition("@")[2].lower()

    def find(self, address: str) -> str | None:
        """Return the mailbox an address stands for, or None for a stranger's.

        A tag after a plus belongs to the mailbox before it: `contact+2026-7f3k-29q.x@` is a signed reply address.
        """
        whole = address.strip().lower()
        local, _, domain = whole.rpartition("@")
        candidates = (whole, f"{local.partition('+')[0]}@{domain}")
        return next((candidate for candidate in candidates if candidate in self._known), None)
