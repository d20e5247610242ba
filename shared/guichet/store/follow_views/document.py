"""The sealed view of a case: what its citizen is shown, put there by the notifier, opened by whoever holds the link.

In clear stands only what an erasure, a replay and the end of the link need.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from guichet.contracts.base import Box, Contract
from guichet.contracts.legal_facts import Day
from guichet.ids import CaseId, KeyId, MessageId, Reference
from guichet.privacy.follow_link import FollowLink, QuestionLink
from guichet.store.objects import attachment
from guichet.vault.sealing import DataKey


class GenericState(StrEnum):
    """What a citizen may see of a state: reçue, en cours, en attente de votre réponse, close."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_CITIZEN = "waiting_for_citizen"
    CLOSED = "closed"


class Hidden(StrEnum):
    """Why an answer's words are not on the page."""

    ERASED = "erased"
    TAMPERED = "tampered"  # its seal does not hold
    SENSITIVE = "sensitive"  # it went to the citizen on their channel, whole, and nowhere else


class ShownFile(Contract):
    """A file of an answer: what it is called, where it lies, and what opens it there for whoever holds the link.

    secret: of its message's data key: who reads the page has its words, and with it the files. See `attachment`.
    """

    attachment_id: str
    message_id: MessageId
    name: str = Field(repr=False)
    content_type: str
    size_bytes: int
    key_id: KeyId
    secret: Box = Field(repr=False)

    def open(self, box: bytes) -> bytes:
        """Return what it is. box: as it lies in the object store. Raises TamperedError."""
        key = DataKey(self.key_id, self.secret)
        return attachment(self.attachment_id).open_box(key, self.message_id, box)


class ShownAnswer(Contract):
    """The town's words, and files. text: None where `hidden` says why."""

    at: AwareDatetime
    text: str | None = Field(default=None, repr=False)
    hidden: Hidden | None = None
    files: tuple[ShownFile, ...] = ()


class ShownSilence(Contract):
    """What silence decided, and on which day. remedies: by language, the delays and routes of appeal of a rejection."""

    means: Literal["accepts", "rejects"]
    on: Day
    remedies: Mapping[str, str] = Field(default_factory=dict)


class ShownTransfer(Contract):
    """To whom the request was passed on (docs/law.md 16), on which day, and how one reaches them.

    to: None where a sensitive sector has the case: its name alone would say what the request is about.
    """

    on: Day
    to: str | None = None
    email: str | None = None
    postal_address: str | None = None
    telephone: str | None = None
    website: str | None = None


class ShownStep(Contract):
    """A step of the case's workflow, in words by language. yours: what its citizen has still to do in it."""

    label: Mapping[str, str]
    state: Literal["done", "current", "ahead"]
    yours: tuple[Mapping[str, str], ...] = ()


class ShownQuestion(Contract):
    """What the town asks by a form and still takes an answer to. until: the last day. secret: of the form's link.

    Who reads the page has the letter's words, and with them the form; the form leads back to no page.
    """

    until: Day
    secret: Box = Field(repr=False)

    @property
    def token(self) -> str:
        """What stands in the address of the form."""
        return QuestionLink(self.secret).token


class FollowPage(Contract):
    """What the page shows, and nothing else of the case. answers: oldest first; never a receipt."""

    reference: Reference
    received_at: AwareDatetime
    state: GenericState
    answers: tuple[ShownAnswer, ...] = ()
    silence: ShownSilence | None = None
    transferred: ShownTransfer | None = None
    steps: tuple[ShownStep, ...] = ()
    question: ShownQuestion | None = None


class FollowView(Contract):
    """A page at rest. version: the case's. expires_at: when the link ends; None while the case is open.

    answers: ids of the answers in it, for an erasure. box: None once the link has ended.
    erasing: the case is being erased, and the page is shown to nobody any more.
    withdrawn: the case's link was tampered with, so nobody can tell whose the page is: `box` is None.
    is_question: it is the form of a question, whose letter stands in `answers` (question_page.py).
    """

    lookup: str = Field(alias="_id")
    case_id: CaseId
    version: int
    expires_at: AwareDatetime | None = None
    answers: tuple[MessageId, ...] = ()
    box: Box | None = None
    erasing: bool = False
    withdrawn: bool = False
    is_question: bool = False

    def has_ended(self, now: datetime) -> bool:
        """Say whether the link shows nothing any more."""
        return self.expires_at is not None and self.expires_at <= now


def seal_view(
    link: FollowLink,
    page: FollowPage,
    *,
    case_id: CaseId,
    version: int,
    expires_at: datetime | None = None,
    answers: tuple[MessageId, ...] = (),
) -> FollowView:
    """Return a page as the store keeps it."""
    box = link.seal(page.model_dump_json().encode(), case_id, str(version))
    return FollowView(
        _id=link.lookup, case_id=case_id, version=version, expires_at=expires_at, answers=answers, box=box
    )


def open_view(link: FollowLink, view: FollowView) -> FollowPage | None:
    """Return what the page shows; None once nothing is left of it. Raises TamperedError."""
    if view.box is None:
        return None
    return FollowPage.model_validate_json(link.open(view.box, view.case_id, str(view.version)))
