"""The right to see a case, as words beside its messages', and a scope as what these words must be. Pure.

A scope is asked for what it shows whole before anything was said: a synthesis finds nothing by its words, nor does
who must first give a reason or recognise a caller. An id is written in hexadecimal, so that it is one word whatever
stands in it.
"""

from collections.abc import Iterable

from guichet.ids import SectorId
from guichet.rights.case_acts import CaseAct
from guichet.rights.scope import Grant, Scope
from guichet.search_files.rows import IndexedCase


def scope_words(case: IndexedCase) -> tuple[str, ...]:
    """Return what a case's rights are made of, a word each."""
    procedure = (_procedure(case.procedure),) if case.procedure is not None else ()
    entered_by = (_entered_by(case.entered_by),) if case.entered_by is not None else ()
    return (department_word(case.department), *procedure, *entered_by)


def scope_expression(scope: Scope, sector: SectorId) -> str | None:
    """Return the condition on `scope` that covers what an agent may search in a sector; None: nothing of it."""
    grants = [grant for grant in scope.unasked.whole.with_act(CaseAct.READ).widest if sector in grant.sectors]
    conditions = [condition for grant in grants if (condition := _of_grant(grant)) is not None]
    return f"scope : ({_any(conditions)})" if conditions else None


def _of_grant(grant: Grant) -> str | None:
    limits = [{department_word(each) for each in grant.departments}]
    if grant.procedures is not None:
        limits.append({_procedure(each) for each in grant.procedures})
    if grant.entered_by is not None:
        limits.append({_entered_by(each) for each in grant.entered_by})
    if not all(limits):
        return None
    return "(" + " AND ".join(f"({_any(map(_quoted, sorted(words)))})" for words in limits) + ")"


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(conditions)


def _quoted(word: str) -> str:
    return f'"{word}"'


def department_word(department: str) -> str:
    """Return the word of a department."""
    return f"d{department.encode().hex()}"


def _procedure(procedure: str) -> str:
    return f"p{procedure.encode().hex()}"


def _entered_by(agent: str) -> str:
    return f"e{agent.encode().hex()}"
