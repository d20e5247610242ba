"""The registry's persons in memory."""

from collections.abc import Callable, Iterable, Sequence

from guichet.errors import TransientError
from guichet.ids import CitizenId
from guichet.store.registry.citizens import CitizenDocument, CitizenStore, NewRecord


class InMemoryCitizenStore(CitizenStore):
    """Twin of MongoCitizenStore. away: the store does not answer."""

    def __init__(self) -> None:
        self.citizens: dict[CitizenId, CitizenDocument] = {}
        self.away = False

    async def find_many(self, citizens: Iterable[CitizenId]) -> dict[CitizenId, CitizenDocument]:
        self._answer()
        return {citizen: self.citizens[citizen] for citizen in citizens if citizen in self.citizens}

    async def known_as(self, is_meant: Callable[[CitizenId], bool]) -> dict[CitizenId, CitizenId]:
        self._answer()
        everybody = self.citizens.values()
        names = {name: each.citizen_id for each in everybody for name in (each.citizen_id, *each.formerly)}
        return {name: citizen for name, citizen in names.items() if is_meant(name)}

    async def insert_new(self, citizens: Sequence[CitizenDocument]) -> None:
        self._answer()
        for citizen in citizens:
            self.citizens.setdefault(citizen.citizen_id, citizen)

    async def replace(self, citizens: Sequence[CitizenDocument]) -> None:
        self._answer()
        for citizen in citizens:
            if citizen.citizen_id in self.citizens:
                self.citizens[citizen.citizen_id] = citizen

    async def replace_records(self, changes: Iterable[NewRecord]) -> None:
        self._answer()
        for each in changes:
            there = self.citizens.get(each.citizen.citizen_id)
            if there is not None and (there.state, there.record.box) == (each.citizen.state, each.citizen.record.box):
                self.citizens[there.citizen_id] = there.model_copy(update={"record": each.record})

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the citizens are away")
