"""What a reason was given for, and a caller recognised for: a case as it was then. Pure.

Both answer for what an agent is shown. Once the case is in another sector, or another line of a profile shows it, that
is something else, and they are asked again (docs/decisions/0063).
"""

from dataclasses import fields

from guichet.case.record import CaseRecord
from guichet.ids import derive_id
from guichet.rights.scope import Grant, Scope


def opened_as(case: CaseRecord, scope: Scope) -> str:
    """Return what names a case in its sector, as the grants show it by which an agent sees it. It tells neither."""
    return derive_id("opened-as", case.case_id, case.sector, *sorted(map(_text, scope.widest_of(case))))


def _text(grant: Grant) -> str:
    """Write a grant alike in every process: a set has another order in each."""
    values = ((field.name, getattr(grant, field.name)) for field in fields(grant))
    return repr([(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in values])
