"""When agents are away, in memory."""

from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import AgentId
from guichet.store.agents.absences import OF_A_TOWN, OF_AN_AGENT, Absence, Absences, in_order


class InMemoryAbsences(Absences):
    """Twin of MongoAbsences. away: the store does not answer."""

    def __init__(self) -> None:
        self.absences: dict[str, Absence] = {}
        self.away = False

    async def not_over(self, now: datetime) -> list[Absence]:
        return self._first(OF_A_TOWN, [each for each in self._answer() if each.ends > now])

    async def of_agent(self, agent: AgentId, now: datetime) -> list[Absence]:
        theirs = [each for each in self._answer() if each.agent == agent and each.ends > now]
        return self._first(OF_AN_AGENT, theirs)

    async def insert(self, absence: Absence) -> None:
        self._answer()
        self.absences.setdefault(absence.absence_id, absence)

    async def remove(self, agent: AgentId, absence_id: str) -> bool:
        found = {each.absence_id for each in self._answer() if each.agent == agent} & {absence_id}
        return any(self.absences.pop(each) for each in found)

    def _first(self, most: int, absences: list[Absence]) -> list[Absence]:
        return in_order(sorted(absences, key=lambda absence: absence.ends)[:most])

    def _answer(self) -> list[Absence]:
        if self.away:
            raise TransientError("the absences are away")
        return [*self.absences.values()]
