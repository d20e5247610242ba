"""What the steps of an erasure are done with: finding, removing, reading topics (guichet.erasure)."""

from datetime import datetime
from typing import Protocol

from guichet.erasure.belongings import Belongings
from guichet.ids import CitizenId
from guichet.store.erasure_document import ErasureEntry, Noted


class PersonFinder(Protocol):
    """What is a person's (guichet.erasure.finder)."""

    async def find(self, *citizens: CitizenId, noted: Noted | None = None) -> Belongings:
        """Return what is this person's now, whom the registry knows or knew by these ids. Raises TransientError.

        noted: what was theirs before the diverting.
        """


class Removal(Protocol):
    """What takes it away (guichet.erasure.removal). Every method may be repeated and raises TransientError."""

    async def divert(self, *citizens: CitizenId) -> None:
        """From now on the person's addresses file under a new citizen, and nobody is shown their cases."""

    async def release(self, *citizens: CitizenId) -> None:
        """Undo the diverting: their mail is filed for them again, and their cases are shown and answered."""

    async def destroy_keys(self, belongings: Belongings) -> None:
        """Make noise of what is sealed."""

    async def delete(self, belongings: Belongings, at: datetime) -> None:
        """Delete documents and files."""


class Authority(Protocol):
    """Who asked (guichet.erasure.authority)."""

    def asked_for(self, entry: ErasureEntry) -> bool:
        """Return whether a door signed exactly this request, and nobody changed what was done and found out since."""

    def mark(self, entry: ErasureEntry) -> str:
        """Return the mark of what was done, and found out about the person."""


class Dpo(Protocol):
    """The data protection officer, who can have an erasure stopped before it begins."""

    async def tell(self, entry: ErasureEntry, begins_at: datetime) -> None:
        """Return once the relay has taken the mail. May be repeated. Raises TransientError."""


class LogPass(Protocol):
    """What topics and dead letters still hold (guichet.erasure.log_pass)."""

    async def find(self, belongings: Belongings) -> Belongings:
        """Return keys and objects of second copies there. Raises TransientError."""
