"""What MongoDB says it does for a command, judged: no walk over a collection, no sort in memory, little looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.synchronous.database import Database

ENOUGH: Final = 1_000  # documents that one call may need, of ten times as many and more
FEW: Final = 120  # that may be looked at for nothing
TIMES: Final = 3  # as many looked at as returned


@dataclass(frozen=True)
class Explained:
    """How a command is done. stages, indexes: of the plan that won; looked_at: the greater of keys and documents."""

    stages: frozenset[str]
    indexes: frozenset[str]
    looked_at: int
    returned: int

    def faults(self, asked_for: int) -> Iterator[str]:
        """Return what is wrong with it, in words. asked_for: values that the command names, and documents it skips."""
        if "COLLSCAN" in self.stages:
            yield "walks over the whole collection (COLLSCAN)"
        if "SORT" in self.stages:
            yield "sorts in memory (SORT)"
        if self.looked_at > (allowed := TIMES * (self.returned + asked_for) + FEW):
            yield f"looks at {self.looked_at} keys or documents for {self.returned} (allowed: {allowed})"
        if self.looked_at > ENOUGH + TIMES * asked_for:
            yield f"looks at {self.looked_at} keys or documents: that grows with what is stored"


def explain(database: Database[Any], command: Mapping[str, Any]) -> Explained:
    """Have the server try a command; nothing is written."""
    if "aggregate" in command:
        command = {**command, "cursor": {}}
    told = database.command("explain", dict(command), verbosity="executionStats")
    stages = frozenset(stage for plan in _named(told, "winningPlan") for stage in _named(plan, "stage"))
    sorts = {"SORT"} if any("$sort" in each for each in told.get("stages", ())) else set()
    runs = [run for run in _named(told, "executionStats") if isinstance(run, Mapping)]
    return Explained(
        stages | sorts,
        frozenset(index for plan in _named(told, "winningPlan") for index in _named(plan, "indexName")),
        looked_at=max(max(run["totalKeysExamined"], run["totalDocsExamined"]) for run in runs) if runs else 0,
        returned=max([_touched(told), *(run["nReturned"] for run in runs if "stages" not in told), _last(told)]),
    )


def asked_for(command: Mapping[str, Any]) -> int:
    """Return how many values a command names in its lists, and how many documents it passes over."""
    return int(command.get("skip", 0)) + sum(
        len(values) for operator in ("$in", "$nin", "$or") for values in _named(command, operator)
    )


def _touched(told: Mapping[str, Any]) -> int:
    """What an update or a removal writes."""
    return sum(number for name in ("nMatched", "nWouldDelete", "nWouldModify") for number in _named(told, name))


def _last(told: Mapping[str, Any]) -> int:
    """What comes out of a pipeline."""
    return int(told["stages"][-1].get("nReturned", 0)) if told.get("stages") else 0


def _named(value: Any, wanted: str) -> Iterator[Any]:
    """Return everything under a name, however deep."""
    if isinstance(value, Mapping):
        if wanted in value:
            yield value[wanted]
        for name, inner in value.items():
            if name not in {"rejectedPlans", "command", "parsedQuery"}:
                yield from _named(inner, wanted)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner, wanted)
