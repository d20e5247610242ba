"""What a citizen is written about a change of their case, in the town's words. Pure."""

from datetime import datetime

from guichet.case.record import CaseRecord
from guichet.contracts.workflow import StepNotice
from guichet.french.basic_letters import in_basic_letters
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.ids import DepartmentId
from guichet.store.deliveries.document import ChangeKind
from guichet.town import Town
from guichet.town.long_dates import long_date
from guichet.town.notice_values import ChangeValues
from guichet.town.texts import Texts, TextTemplate


def change_template(kind: ChangeKind, texts: Texts, *, is_mail: bool) -> TextTemplate[ChangeValues]:
    """Return the words of a message of its own. kind: not STEP, whose words the case has (`step_words`)."""
    match kind:
        case ChangeKind.CLOSED:
            return texts.closed_mail if is_mail else texts.closed_short
        case ChangeKind.REOPENED:
            return texts.reopened_mail if is_mail else texts.reopened_short
        case ChangeKind.REROUTED:
            return texts.rerouted_mail if is_mail else texts.rerouted_short
        case ChangeKind.STEP:
            raise AssertionError("a step that has no notice is not written about")


def change_values(case: CaseRecord, department: DepartmentId, at: datetime, town: Town) -> ChangeValues:
    """Return what may be said. department: whose the case was by then. at: when it changed, aware."""
    until = at + town.reopen_within
    return ChangeValues(
        town_name=town.name,
        reference=case.reference,
        department=town.department_or_fallback(department),
        reopens_until=long_date(until, "fr"),
        reopens_until_in_english=long_date(until, "en"),
    )


def step_words(notice: StepNotice, *, is_mail: bool) -> str:
    """Return the text of a message that a step of the case's workflow has begun: the town's own words."""
    if not is_mail:
        return f"Bonjour, {in_basic_letters(notice.fr)}"
    return f"Bonjour,\n\n{with_no_break_spaces(notice.fr)}\n\nIn English:\n\n{notice.en}"
