"""Twins that write down which of their methods are called, in order."""

import inspect
from dataclasses import fields
from typing import Any

from guichet_testing.doors.desk_on_twins import TownHall

Calls = list[tuple[str, str]]
_NO_PORTS = frozenset(
    {"town", "clock", "feed", "second_factor_required", "patience", "client", "town_map", "provider_http", "undo"}
)


class Recorded:
    """A twin; its coroutines are noted before they run."""

    def __init__(self, twin: Any, name: str, calls: Calls) -> None:
        self._twin, self._name, self._calls = twin, name, calls

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._twin, name)
        if not inspect.iscoroutinefunction(value):
            return value

        async def noted(*args: Any, **kwargs: Any) -> Any:
            self._calls.append((self._name, name))
            return await value(*args, **kwargs)

        return noted


def record(hall: TownHall) -> Calls:
    """Have every port of a hall be recorded; return what is called from now on."""
    calls: Calls = []
    for port in (each.name for each in fields(hall) if each.name not in _NO_PORTS):
        setattr(hall, port, Recorded(getattr(hall, port), port, calls))
    return calls
