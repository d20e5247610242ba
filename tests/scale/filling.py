"""The store is filled: every case is sealed and stored, then the indexes are made, then what lies there is weighed."""

from collections.abc import Callable
from dataclasses import dataclass

from guichet_bench.rows import Row
from guichet_local.plan.ports import MONGODB
from guichet_local.stack import LocalStack
from guichet_testing.town.store import DATA, VAULT, looked_into
from tests.scale.cpu import MILLION, cpu_rows, seconds_of_each
from tests.scale.figures import Figures
from tests.scale.sealing.indexes import drop_indexes, make_indexes
from tests.scale.sealing.sealers import Sealed, seal_all
from tests.scale.town import rare_checkpoints, write_checkpoint


@dataclass(frozen=True)
class FilledStore:
    """What it took and what lies there. took: of the sealers, who wait for MongoDB.

    while_sealing, for_indexes: MongoDB's seconds of CPU. indexes_took: seconds. Sizes in bytes, on disk.
    """

    took: Sealed
    while_sealing: float
    for_indexes: float
    indexes_took: float
    messages: int
    size: float
    size_of_indexes: float


async def fill_store(stack: LocalStack, cases: int, say: Callable[[str], None]) -> FilledStore:
    """Seal so many cases into an empty store that is prepared, and leave its indexes as they were."""
    with looked_into(stack) as client, rare_checkpoints(client):
        indexes, begun = drop_indexes(client), _of_mongodb(stack)
        took, sealed = await seal_all(stack, cases, say), _of_mongodb(stack)
        say("  the indexes are made")
        indexes_took, indexed = await make_indexes(stack, indexes, client), _of_mongodb(stack)
        write_checkpoint(client)
        stored = [client[name].command("dbstats") for name in (DATA, VAULT)]
        return FilledStore(
            took=took,
            while_sealing=sealed - begun,
            for_indexes=indexed - sealed,
            indexes_took=indexes_took,
            messages=client[DATA]["messages"].estimated_document_count(),
            size=sum(each["storageSize"] + each["indexSize"] for each in stored),
            size_of_indexes=sum(each["indexSize"] for each in stored),
        )


def _of_mongodb(stack: LocalStack) -> float:
    return seconds_of_each(stack)[MONGODB]


def figures_of_filling(filled: FilledStore, cases: int) -> Figures:
    """Return the rows of the document."""
    rate = cases / (filled.took.seconds + filled.indexes_took)
    cpu = filled.took.cpu + filled.while_sealing + filled.for_indexes
    rows = [
        Row("cases sealed, stored and indexed, with all that belongs to them", (rate,), "cases/s"),
        Row("every index but those of ids, made at the end", (filled.indexes_took,), "s"),
        Row("a million cases at this rate", (MILLION / rate / 60,), "min"),
        *cpu_rows(cpu, cases, "sealers and MongoDB"),
        Row("of it MongoDB's while it takes in", (filled.while_sealing / cases * 1000,), "ms"),
        Row("of it MongoDB's for the indexes made at the end", (filled.for_indexes / cases * 1000,), "ms"),
        Row("messages of them", (float(filled.messages),), "messages"),
        Row("MongoDB on disk, a case, indexes included", (filled.size / cases,), "bytes"),
        Row("of it indexes", (filled.size_of_indexes / cases,), "bytes"),
    ]
    return Figures(rows)
