"""A draft as it is stored: an answer that is written, waits to be signed, or leaves. Its words lie sealed in it."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.ids import AgentId, CaseId, DepartmentId, DraftId, MessageId, derive_id
from guichet.store.bulk.cases import MOST
from guichet.vault.fields import TEXT, SealedField, json_of

TOLD_AT_MOST: Final = 20  # answers that did not leave, of which one agent is told at a time
TO_SIGN_AT_MOST: Final = MOST  # answers that wait to be signed, of which one list tells: as many as one act takes
UNCONFIRMED: Final = "unconfirmed"
NOBODY: Final = timedelta(0)  # as a hold
WORDS: Final = SealedField("draft", "words", TEXT, holds="an answer that an agent has not sent")
FILE_NAME: Final = SealedField("draft", "file-name", TEXT, holds="the name of a file that goes with it")
FILES_AT_MOST: Final = 10
FILE_BYTES_AT_MOST: Final = 10 * 1024 * 1024  # of all files of an answer: a mail of 14 MB, which most servers take


class Signing(Contract):
    """What is kept beside an answer that somebody else signs, in memory only.

    compared: the text that changes are shown against: as it was submitted, or as it was sent back to its author.
    unsigned: while it leaves, what it said before it was signed. reason: why it was sent back.
    """

    compared: str
    unsigned: str | None = None
    reason: str | None = None


SIGNING: Final = SealedField("draft", "signing", json_of(Signing), holds="what it said before, and why it came back")


def draft_of(case: CaseId, author: AgentId) -> DraftId:
    """Return the id of an agent's draft in a case."""
    return DraftId(derive_id("draft", case, author))


def file_name(file_id: str) -> SealedField[str]:
    """Return the field of the name of one of a draft's files."""
    return FILE_NAME.called(f"file-name:{file_id}")


class AttachedFile(Contract):
    """A file of a draft: an object of the object store, `guichet.store.objects.draft_file`. name: see `file_name`."""

    file_id: str
    name: Sealed
    content_type: str
    size_bytes: int


class Leaving(Contract):
    """That an answer is on its way out: what is given for it, in this order. The draft's words are what it says.

    due_at: until then its author may take it back. next_at: when it is looked at next, by one process at a time, which
    has it until held_until (guichet.mongo.hold). is_taken: one has begun to give its commands, nobody takes it back
    any more. given_at: all are given, and what becomes of `reply` is awaited. files: what goes with the words.
    """

    reply: SendReply
    files: tuple[AttachedFile, ...] = ()
    then: Annotated[CloseCase | SnoozeCase, Field(discriminator="type")] | None = None
    due_at: AwareDatetime
    next_at: AwareDatetime
    held_until: AwareDatetime | None = None
    is_taken: bool = False
    given_at: AwareDatetime | None = None


class ToSign(Contract):
    """That an answer waits to be signed. department: of its case, whose signers are asked. at: when it was submitted.

    awaits_answer: as its author ticked it.
    """

    department: DepartmentId
    at: AwareDatetime
    awaits_answer: bool = False


class SentBack(Contract):
    """That who was to sign an answer gave it back to its author. Why is sealed (`Signing.reason`)."""

    by: AgentId
    at: AwareDatetime


class Draft(Contract):
    """A draft. words: WORDS; once is_over, of nothing, and None where nothing had been saved.

    once: the mark of the form that it is typed into. shown: the newest of the case that its author had been shown when
    they began. begun_at, saved_at: of these words. leaving: then it is over for every form, and has its words.
    refused: why it did not leave, and is a draft again (as CommandRefused says); UNCONFIRMED: nobody knows if it is.
    files: what is attached; of one that leaves, `leaving` names them.
    way: the other address that it goes to, by a mark of the desk's that no other case has; blank: none was chosen.
    instead_of: the answer that failed, whose words it repeats. asks: for which pieces, by a mark of the desk's.
    to_sign: it waits to be signed, or was and leaves. sent_back: until it is submitted anew. signing: SIGNING, of both.
    """

    draft_id: DraftId = Field(alias="_id")
    case_id: CaseId
    author: AgentId
    once: str
    shown: str | None = None
    begun_at: AwareDatetime
    saved_at: AwareDatetime
    words: Sealed | None
    is_over: bool = False
    leaving: Leaving | None = None
    refused: str | None = None
    files: tuple[AttachedFile, ...] = ()
    to_sign: ToSign | None = None
    sent_back: SentBack | None = None
    signing: Sealed | None = None
    way: str = ""
    instead_of: MessageId | None = None
    asks: str = ""


def let_go(draft: Draft) -> Draft:
    """Return an answer that nobody has in hand."""
    if draft.leaving is None:
        return draft
    return draft.model_copy(update={"leaving": draft.leaving.model_copy(update={"held_until": None})})
