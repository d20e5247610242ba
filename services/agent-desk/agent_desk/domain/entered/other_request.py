"""A message that joined a case and asks for something else: what of it is taken over where an agent enters that. Pure.

Who writes, by what way and to which of the town's accounts is the message's own, as somebody vouches for it; so
receipts reach them as if they had begun anew (docs/law.md 7, 9). The message stays where it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from agent_desk.domain.entered.stamp import receipt_by_stamp
from agent_desk.domain.entered.taken_down import LONGEST, TakenDown
from guichet.case.record import CaseRecord
from guichet.channel.draft import Draft
from guichet.contracts.channels import ChannelFacts
from guichet.contracts.inbound import FROM_PEOPLE
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.ids import AgentId, MessageId, ProcedureId, Reference, derive_id
from guichet.law.calendar import paris_date
from guichet.privacy.pseudonyms import message_id
from guichet.store.messages.document import Direction, MessageDocument
from guichet.town.long_dates import long_date

_ASKED: Final = ("name", "subject", "text", "place")  # what the form has of a form by hand


@dataclass(frozen=True)
class JoinedMessage:
    """A message that joined a case, opened. entered_as: the id of the message that enters it, whoever does so."""

    case: CaseRecord
    message: MessageDocument
    content: InboundContent = field(repr=False)
    entered_as: MessageId

    @property
    def received_on(self) -> date:
        """The day in Paris on which the town received it: the delays of what it asks for run from there."""
        return paris_date(self.message.date_of_receipt)


def may_be_entered(
    message: MessageDocument, content: InboundContent | None, case: CaseRecord, by: ChannelFacts
) -> bool:
    """Say whether a message of a case may be entered as a request of its own.

    It joined the case, a person wrote it, and a receipt reaches them by its channel. Nothing of somebody who is erased
    is: their case stays as evidence alone, and no round would find what is opened of it (docs/decisions/0102).
    content: None: erased, or tampered with. by: of its channel.
    """
    if case.owes_erasure:
        return False
    joined = message.direction is Direction.INBOUND and message.message_id != case.opened_by
    is_a_persons = message.automatic in FROM_PEOPLE and message.copy_of is None and not message.unread
    return joined and is_a_persons and by.is_electronic and content is not None and bool(content.sender)


def entered_as(key: bytes, message: MessageDocument) -> MessageId:
    """Return the id of the message by which another one is entered: one request more of each, however often.

    key: of messages' ids. Without it nobody can tell which was which (docs/decisions/0014).
    """
    return message_id(key, message.channel, message.accounts[0], derive_id("entered-apart", message.message_id))


def filled_form(joined: JoinedMessage) -> TakenDown:
    """Return the form with everything that is taken over; what is asked for is left open."""
    content = joined.content
    return TakenDown(name=content.display_name or "", subject=content.subject or "", text=content.text)


def sent_form(form: Mapping[str, str], procedures: Collection[ProcedureId]) -> TakenDown:
    """Return what the form says, and what is wrong with it. procedures: of the town.

    A message without a subject gives its case none: the case is called by how its words begin.
    """
    typed = TakenDown(
        name=form.get("name", ""),
        subject=form.get("subject", ""),
        text=form.get("text", ""),
        place=form.get("place", ""),
        procedure=form.get("procedure", ""),
    )
    wrong = {name: "too-long" for name in _ASKED if len(getattr(typed, name)) > LONGEST[name]}
    if not typed.text.strip():
        wrong["text"] = "missing"
    if typed.procedure and typed.procedure not in procedures:
        wrong["procedure"] = "unknown"
    return replace(typed, errors=wrong)


def draft_of(joined: JoinedMessage, typed: TakenDown, by: AgentId, now: datetime) -> Draft:
    """Return the message that opens a case of its own. typed: without errors. now: aware UTC.

    Of its day it has another moment, and of its thread nothing but who vouches for its author: equal in two sectors,
    they would join these (docs/decisions/0014).
    """
    message, found, own = joined.message, joined.content, typed.content
    content = InboundContent(
        sender=found.sender,
        display_name=own.display_name or None,
        subject=own.subject or None,
        text=own.text,
        conversation=found.conversation,
        thread=None if found.thread is None else MailThread(authenticated=found.thread.authenticated),
        place=own.place,
        asked_in=joined.case.case_id,
    )
    return Draft(
        channel=message.channel,
        accounts=message.accounts,
        message_id=joined.entered_as,
        content=content,
        received_at=now,
        sender_key_value=f"{by}\n{joined.entered_as}",
        entered_by=by,
        procedure=typed.chosen,
    ).dated(receipt_by_stamp(joined.received_on, now))


def said_in(draft: Draft) -> tuple[AgentId | None, ProcedureId | None, InboundContent]:
    """Return who enters it, and what they make it say: by this one entry is told from another."""
    return draft.entered_by, draft.procedure, draft.content


def note_words(joined: JoinedMessage, opened: CaseRecord | None) -> str:
    """Return what an internal note of the first case says, in French as agents write.

    opened: the case that was opened, if its author sees it. One of another sector is not named (docs/decisions/0014).
    """
    named: Reference | None = opened.reference if opened is not None and opened.sector == joined.case.sector else None
    received = f"Autre demande ouverte à partir du message reçu le {long_date(joined.received_on, 'fr')}"
    return with_no_break_spaces(f"{received} : {named}." if named else f"{received}.")
