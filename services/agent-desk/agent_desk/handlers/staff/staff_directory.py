"""Who works for the town now."""

from typing import Protocol

from guichet.town.staff.scope_of import Scopes
from guichet.town.staff.staff import Staff
from guichet.town.town import Town


class StaffDirectory(Protocol):
    """The staff. scopes: what makes scopes of assignments in this town."""

    scopes: Scopes

    async def now(self) -> Staff:
        """Return the staff as it holds. Raises TransientError."""


class StaffOfFiles(StaffDirectory):
    """The staff as the town's files have it."""

    def __init__(self, town: Town) -> None:
        self.scopes = town.scopes
        self._town = town

    async def now(self) -> Staff:
        return self._town.staff
