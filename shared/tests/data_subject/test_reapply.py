from datetime import UTC, datetime
from typing import Any

from structlog.testing import capture_logs

from guichet.contracts.privacy import ErasureRequested
from guichet.data_subject.reapply import Reapplying
from guichet.ids import AgentId, CitizenId, EventId
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger

ASKED = ErasureRequested(
    event_id=EventId("request-1"),
    occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    citizen=CitizenId("citizen-1"),
    decision="DPO-2026-014",
    requested_by=AgentId("uid-1000"),
)


class NobodySigned:
    def asked_for(self, _entry: ErasureEntry) -> bool:
        return False


async def test_an_erasure_that_nobody_signed_is_not_passed_over_in_silence() -> None:
    ledger = InMemoryErasureLedger()
    await ledger.add(ErasureEntry.of(ASKED))
    unused: Any = None
    reapplying = Reapplying(
        ledger=ledger,
        finder=unused,
        removal=unused,
        documents=unused,
        cases=unused,
        vault=unused,
        registry=unused,
        tag=unused,
        authority=NobodySigned(),  # type: ignore[arg-type]
    )
    with capture_logs() as lines:
        assert await reapplying.run() == 0
    assert [(line["log_level"], line["request_id"]) for line in lines] == [("error", "request-1")]
