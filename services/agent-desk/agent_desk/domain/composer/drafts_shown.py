"""The drafts of a case as its page shows them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_desk.domain.composer.attachments import AttachedShown, marked
from agent_desk.domain.composer.changes import Passage, changes_between
from agent_desk.domain.composer.departure import awaited, is_held_up
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand
from guichet.ids import AgentId, DraftId, MessageId
from guichet.store.draft import Leaving, SentBack, Signing, ToSign


@dataclass(frozen=True)
class DraftShown:
    """A draft, opened. text: None where it was tampered with. once, shown: of the form that it was typed into.

    leaving: it is on its way out. refused: why it did not leave. files: what goes with it.
    to_sign: it waits to be signed. sent_back: it came back unsigned. signing: what is kept beside it then.
    way, instead_of, asks: see FormInput.
    """

    draft_id: DraftId
    author: AgentId
    text: str | None = field(repr=False)
    once: str
    shown: str | None
    begun_at: datetime
    saved_at: datetime
    leaving: Leaving | None = None
    refused: str | None = None
    files: tuple[AttachedShown, ...] = ()
    to_sign: ToSign | None = None
    sent_back: SentBack | None = None
    signing: Signing | None = field(default=None, repr=False)
    way: str = ""
    instead_of: MessageId | None = None
    asks: str = ""

    @property
    def attached(self) -> str:
        """What a form says of the files that it shows."""
        return marked(each.file_id for each in self.files)

    @property
    def changes(self) -> tuple[Passage, ...]:
        """What of it differs from the text that its readers knew; nothing where no word does."""
        return changes_between(self.signing.compared, self.text) if self.signing and self.text else ()

    @property
    def leaves_for(self) -> AgentId | None:
        """Who sends it, where it is on its way out."""
        return self.leaving.reply.issued_by if self.leaving is not None else None

    @property
    def awaited(self) -> str:
        """What an address names to ask what became of it; blank where it does not leave."""
        return "" if self.leaving is None else str(awaited(self.leaving))

    def is_held_up(self, now: datetime) -> bool:
        """Say whether it is on its way out and cannot be given for now."""
        return self.leaving is not None and is_held_up(self.leaving, now)


@dataclass(frozen=True)
class DraftsShown:
    """own: the reader's. leaving: what the reader sends, on its way out. others: of colleagues, the last saved first.

    submitted: the reader's, that waits to be signed, or leaves signed by a colleague. to_sign: colleagues' that wait,
    the longest first.
    """

    own: DraftShown | None = None
    leaving: DraftShown | None = None
    submitted: DraftShown | None = None
    to_sign: tuple[DraftShown, ...] = ()
    others: tuple[DraftShown, ...] = ()


NONE = DraftsShown()


def drafts_shown(drafts: Iterable[DraftShown], reader: AgentId) -> DraftsShown:
    """Return what a page shows of a case's drafts: none of which nothing is left but blanks."""
    something = (each for each in drafts if each.text is None or each.text.strip() or each.files)
    told = sorted(something, key=lambda each: each.saved_at)
    waiting = [each for each in told if each.to_sign and not each.leaving and each.author != reader]
    leaving = next((each for each in reversed(told) if each.leaves_for == reader), None)
    theirs = [each for each in told if each.author == reader and each is not leaving]
    return DraftsShown(
        own=next((each for each in theirs if not each.to_sign), None),
        leaving=leaving,
        submitted=next((each for each in theirs if each.to_sign), None),
        to_sign=tuple(sorted(waiting, key=_submitted_at)),
        others=tuple(
            each for each in reversed(told) if each.author != reader and each not in waiting and each is not leaving
        ),
    )


def with_draft(typed: FormInput, own: DraftShown | None) -> FormInput:
    """Return the forms with one's draft in the answer, unless something stands there. What came since it is news.

    The pieces that it asks for stay with what the router gave back. One that did not leave says why.
    """
    if own is not None and own.asks and not typed.asks and typed.text:
        typed = replace(typed, asks=own.asks)
    if (
        own is None
        or own.text is None
        or typed.text
        or typed.signs
        or (typed.refused is not None and own.refused is None)
    ):
        return typed
    refused = RefusedCommand("reponse", own.refused) if own.refused is not None else None
    shown = typed.shown or own.shown
    said = replace(typed, text=own.text, way=own.way, instead_of=own.instead_of, asks=own.asks)
    return replace(said, shown=shown, replaces=own.once, is_drafted=True, refused=refused)


def _submitted_at(draft: DraftShown) -> datetime:
    return draft.to_sign.at if draft.to_sign is not None else draft.saved_at
