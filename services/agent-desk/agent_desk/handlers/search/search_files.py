"""The search files, as a search asks them."""

from collections.abc import Iterable
from typing import Protocol

from guichet.ids import CaseId, DepartmentId, SectorId
from guichet.rights.scope import Scope
from guichet.search.query import SearchQuery
from guichet.search_files.rows import Found


class SearchFilesPort(Protocol):
    """guichet.search_files.readers.SearchFiles is one. Every method raises TransientError."""

    async def find(
        self,
        sector: SectorId,
        query: SearchQuery,
        scope: Scope,
        *,
        limit: int,
        before: int | None = None,
        departments: Iterable[DepartmentId] | None = None,
    ) -> Found | None:
        """Return which cases of a scope have the words; None while the sector has no file."""

    async def has_case(self, sector: SectorId, case: CaseId) -> bool | None:
        """Say whether a sector's file knows a case; None while it has no file."""
