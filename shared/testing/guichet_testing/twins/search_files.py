"""The search files of a town hall, which may come later."""

from dataclasses import dataclass
from typing import Any

from guichet.ids import CaseId, SectorId
from guichet.search_files.readers import SearchFiles
from guichet.search_files.rows import Found


@dataclass
class LaterSearchFiles:
    """files: None while they are being made."""

    files: SearchFiles | None = None

    async def find(self, *about: Any, **more: Any) -> Found | None:
        """As SearchFiles."""
        return None if self.files is None else await self.files.find(*about, **more)

    async def has_case(self, sector: SectorId, case: CaseId) -> bool | None:
        """As SearchFiles."""
        return None if self.files is None else await self.files.has_case(sector, case)
