"""How the clocks of cases in memory ended."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from guichet.ids import DepartmentId
from guichet.law.calendar import paris_date
from guichet.store.cases.ended_clocks import EndedClocks, EndedOn
from guichet_testing.twins.store.cases.store import InMemoryCaseStore


class InMemoryEndedClocks(EndedClocks):
    """Twin of MongoEndedClocks."""

    def __init__(self, cases: InMemoryCaseStore) -> None:
        self._cases = cases

    async def count(self, department: DepartmentId, since: datetime, until: datetime) -> Mapping[EndedOn, int]:
        self._cases.answer()
        return Counter(
            EndedOn(paris_date(each.day_begins), each.clock, each.outcome)
            for case in self._cases.cases.values()
            for each in case.ended_clocks or ()
            if each.department == department and since <= each.day_begins < until
        )
