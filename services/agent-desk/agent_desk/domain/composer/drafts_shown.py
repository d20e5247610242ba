"""The drafts of a case as its page shows them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_desk.domain.decisions.form_input import FormInput
from guichet.ids import AgentId


@dataclass(frozen=True)
class DraftShown:
    """A draft, opened. text: None where it was tampered with. once, shown: of the form that it was typed into."""

    author: AgentId
    text: str | None = field(repr=False)
    once: str
    shown: str | None
    begun_at: datetime
    saved_at: datetime


@dataclass(frozen=True)
class DraftsShown:
    """own: the reader's. others: of colleagues, the last saved first."""

    own: DraftShown | None = None
    others: tuple[DraftShown, ...] = ()


NONE = DraftsShown()


def drafts_shown(drafts: Iterable[DraftShown], reader: AgentId) -> DraftsShown:
    """Return what a page shows of a case's drafts: none of which nothing is left but blanks."""
    told = sorted((each for each in drafts if each.text is None or each.text.strip()), key=lambda each: each.saved_at)
    own = next((each for each in told if each.author == reader), None)
    return DraftsShown(own, tuple(each for each in reversed(told) if each.author != reader))


def with_draft(typed: FormInput, own: DraftShown | None) -> FormInput:
    """Return the forms with one's draft in the answer, unless something stands there. What came since it is news."""
    if own is None or own.text is None or typed.text or typed.refused is not None:
        return typed
    return replace(typed, text=own.text, shown=typed.shown or own.shown, replaces=own.once, is_drafted=True)
