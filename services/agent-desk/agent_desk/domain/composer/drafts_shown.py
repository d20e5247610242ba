"""The drafts of a case as its page shows them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_desk.domain.composer.attachments import AttachedShown, marked
from agent_desk.domain.composer.departure import awaited
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand
from guichet.ids import AgentId
from guichet.store.drafts import Leaving


@dataclass(frozen=True)
class DraftShown:
    """A draft, opened. text: None where it was tampered with. once, shown: of the form that it was typed into.

    leaving: it is on its way out. refused: why it did not leave. files: what goes with it.
    """

    author: AgentId
    text: str | None = field(repr=False)
    once: str
    shown: str | None
    begun_at: datetime
    saved_at: datetime
    leaving: Leaving | None = None
    refused: str | None = None
    files: tuple[AttachedShown, ...] = ()

    @property
    def attached(self) -> str:
        """What a form says of the files that it shows."""
        return marked(each.file_id for each in self.files)

    @property
    def awaited(self) -> str:
        """What an address names to ask what became of it; blank where it does not leave."""
        return "" if self.leaving is None else str(awaited(self.leaving))


@dataclass(frozen=True)
class DraftsShown:
    """own: the reader's. leaving: the reader's, on its way out. others: of colleagues, the last saved first."""

    own: DraftShown | None = None
    leaving: DraftShown | None = None
    others: tuple[DraftShown, ...] = ()


NONE = DraftsShown()


def drafts_shown(drafts: Iterable[DraftShown], reader: AgentId) -> DraftsShown:
    """Return what a page shows of a case's drafts: none of which nothing is left but blanks."""
    something = (each for each in drafts if each.text is None or each.text.strip() or each.files)
    told = sorted(something, key=lambda each: each.saved_at)
    own = next((each for each in told if each.author == reader), None)
    others = tuple(each for each in reversed(told) if each.author != reader)
    if own is not None and own.leaving is not None:
        return DraftsShown(leaving=own, others=others)
    return DraftsShown(own, others=others)


def with_draft(typed: FormInput, own: DraftShown | None) -> FormInput:
    """Return the forms with one's draft in the answer, unless something stands there. What came since it is news.

    One that did not leave says why.
    """
    if own is None or own.text is None or typed.text or (typed.refused is not None and own.refused is None):
        return typed
    refused = RefusedCommand("reponse", own.refused) if own.refused is not None else None
    shown = typed.shown or own.shown
    return replace(typed, text=own.text, shown=shown, replaces=own.once, is_drafted=True, refused=refused)
