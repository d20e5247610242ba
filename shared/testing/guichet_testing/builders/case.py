"""A case to test with: every field plausible, any of them replaced by name."""

from datetime import UTC, datetime
from typing import Any

from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState, RoutingReason
from guichet.ids import derive_id

ARRIVED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def a_case(name: str = "case-1", **replaced: Any) -> CaseRecord:
    """Return a case whose ids depend on `name` alone."""
    fields: dict[str, Any] = {
        "_id": derive_id("test-case", name),
        "version": 1,
        "reference": f"2026-7F3K-{derive_id('test-reference', name)[:3].upper()}",
        "state": CaseState.RECEIVED,
        "sector": "cadre-de-vie",
        "department": "voirie",
        "citizen": derive_id("test-citizen", name),
        "channel": "email",
        "account": "contact@mairie.example",
        "opened_by": derive_id("test-message", name),
        "last_inbound": derive_id("test-message", name),
        "received_at": ARRIVED,
        "updated_at": ARRIVED,
        "routing": RoutingReason(rule="nids-de-poule", kind="keyword"),
        "follow": derive_id("test-follow", name),
    }
    return CaseRecord.model_validate(fields | replaced)


def changed(before: CaseRecord, after: CaseRecord) -> Case:
    """Return a case as if it had come from the one to the other."""
    case = Case(before)
    case.record = after
    return case
