"""A list of cases as a file for a spreadsheet: what a synthesis says of each, and no more. Pure.

UTF-8 with a mark and semicolons, as French spreadsheets read without being asked. No cell begins as a formula does:
labels are the town's own, and who changes one must not run anything on a colleague's machine.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final

from agent_desk.domain.cases.synthesis import Synthesis
from guichet.ids import DepartmentId, ProcedureId
from guichet.store.follow_views.document import GenericState
from guichet.town.organisation import Department
from guichet.town.procedures import Procedure

MARK: Final = "\ufeff"
HEADINGS: Final = ("Référence", "Reçue le", "État", "Service", "Démarche")
STATES: Final[Mapping[GenericState, str]] = {
    GenericState.RECEIVED: "Reçue",
    GenericState.IN_PROGRESS: "En cours",
    GenericState.WAITING_FOR_CITIZEN: "En attente de l’usager",
    GenericState.CLOSED: "Close",
}
_BEGIN_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def lines_of(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as lines of the file."""
    lines = io.StringIO()
    csv.writer(lines, delimiter=";", lineterminator="\r\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return lines.getvalue()


def row_of(
    case: Synthesis, departments: Mapping[DepartmentId, Department], procedures: Mapping[ProcedureId, Procedure]
) -> tuple[str, ...]:
    """Return a case's row."""
    department, procedure = departments.get(case.department), procedures.get(case.procedure or ProcedureId(""))
    return (
        case.reference,
        f"{case.filed_on:%d/%m/%Y}",
        STATES[case.state],
        department.name if department is not None else case.department,
        procedure.label if procedure is not None else "",
    )


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGIN_A_FORMULA) else cell
