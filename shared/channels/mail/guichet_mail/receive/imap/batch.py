"""Which mails are fetched together. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from guichet.contracts.topics import MIB
from guichet_mail.receive.imap.connection.folder import Listed

MAILS: Final = 32
BYTES: Final = 4 * MIB  # but for one mail that is larger by itself


@dataclass
class Batch:
    """Mails that are taken in together. too_large: those of which the headers alone are fetched."""

    mails: list[Listed] = field(default_factory=list)
    too_large: list[Listed] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many bytes are fetched, as the server says."""
        return sum(each.size for each in self.mails)

    @property
    def count(self) -> int:
        """How many mails."""
        return len(self.mails) + len(self.too_large)


def batches_of(mails: Iterable[Listed], most_bytes: int) -> Iterator[Batch]:
    """Yield mails in their order, so many at a time. most_bytes: larger ones are too large."""
    batch = Batch()
    for each in mails:
        fetched = 0 if each.size > most_bytes else each.size
        if batch.count >= MAILS or (batch.count and batch.size + fetched > BYTES):
            yield batch
            batch = Batch()
        (batch.too_large if each.size > most_bytes else batch.mails).append(each)
    if batch.count:
        yield batch
