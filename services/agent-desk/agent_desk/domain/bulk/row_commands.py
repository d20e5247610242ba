"""The ids of what is given in one case of a bulk act, however often that is begun. Pure."""

from agent_desk.domain.bulk.form_names import FORM_NAMES
from agent_desk.domain.decisions.decision import Decision
from agent_desk.domain.decisions.given_command import GivenCommand
from guichet.ids import EventId
from guichet.store.bulk.acts import BulkAct, BulkKind
from guichet.store.bulk.cases import BulkCase


def command_id(act: BulkAct, row: BulkCase) -> EventId:
    """Return under which id a case's command is given; where an answer closes it, that of the answer."""
    return _id(act, row, act.kind.first)


def closing_id(act: BulkAct, row: BulkCase) -> EventId | None:
    """Return under which id a case is closed behind its answer; None where the act closes none."""
    return _id(act, row, BulkKind.CLOSE) if act.kind is BulkKind.REPLY_AND_CLOSE else None


def came_to_nothing(act: BulkAct, row: BulkCase) -> GivenCommand | None:
    """Return the command of a refused case, as its page gives it back; None where none was given."""
    closing = closing_id(act, row)
    if row.is_answered and closing is not None:
        return GivenCommand(FORM_NAMES[BulkKind.CLOSE], closing, row.given_at)
    return GivenCommand(FORM_NAMES[act.kind.first], row.command, row.given_at) if row.command is not None else None


def _id(act: BulkAct, row: BulkCase, kind: BulkKind) -> EventId:
    return Decision(act.author, row.case_id, kind.value, act.bulk_id, "").command_id
