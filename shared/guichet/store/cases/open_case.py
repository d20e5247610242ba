"""What whoever heads a department is told of an open case: where it stands, since when, and whose work it is."""

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, Reference
from guichet.store.cases.case_filter import OURS_TO_ANSWER


class OpenCase(Contract):
    """An open case without its citizen and its words. The fields are those of CaseRecord."""

    case_id: CaseId = Field(alias="_id")
    reference: Reference
    department: DepartmentId
    state: CaseState
    received_at: AwareDatetime
    assigned_to: AgentId | None = None
    snoozed_until: AwareDatetime | None = None
    at_rest: bool | None = None
    unsent: tuple[MessageId, ...] = ()

    @property
    def waits_for_us(self) -> bool:
        """Whether it waits for a word of the town's."""
        return self.at_rest is None and self.state in OURS_TO_ANSWER


STORED: tuple[str, ...] = tuple(field.alias or name for name, field in OpenCase.model_fields.items())
"""Its fields as they are stored."""
