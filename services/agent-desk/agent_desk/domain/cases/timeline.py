"""A page of a case as a story: who wrote what, what the town sent, what was decided, oldest first. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from agent_desk.domain.cases.came_again import came_again
from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.dangerous_files import is_dangerous
from agent_desk.domain.cases.moments import CitizenWrote, File, Moment, Noted, Step, TownWrote, Words
from agent_desk.domain.cases.receipt_date import receipt_date_of
from agent_desk.domain.cases.story import StoryPage
from agent_desk.domain.decisions.decision import outbound_of
from agent_desk.domain.entered.other_request import may_be_entered
from agent_desk.domain.pictures.picture import picture_kind
from agent_desk.domain.questions.question_mark import QuestionMark
from agent_desk.domain.work.note import note_of
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import proves_its_author, written_by
from guichet.contracts.channels import KnownChannels
from guichet.contracts.delivery import DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import Attachment
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import EventId, MessageId, NoteId
from guichet.privacy.normal_form import comparable
from guichet.store.deliveries.document import ANOTHER_WAY, BY_TEMPLATE, MAIL_INSTEAD, SETTLED_AS, further
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.vault.fields import Opened

_INSTANT: Final = timedelta(microseconds=1)


def timeline_of(
    case: CaseRecord,
    page: StoryPage,
    words: Opened[MessageId, Words],
    reasons: Opened[str, str],
    notes: Opened[NoteId, str],
    channels: KnownChannels,
    believed: Collection[str] = (),
    receipt_overdue_at: datetime | None = None,
) -> tuple[Moment, ...]:
    """Return a page of the case's story. words: opened contents by message; reasons: by their sealing field.

    notes: opened contents of internal ones. believed: see believed_at. receipt_overdue_at: from when on the case's
    receipt is late; None: no legal clock runs.
    """
    outbound = _Outbound(case, page.outbound, receipt_overdue_at)
    moments: list[Moment] = []
    for item in page.items:
        if isinstance(item, HistoryEntry) and item.note_id is not None:
            moments.append(_noted(item, item.note_id, notes))
        elif isinstance(item, HistoryEntry):
            moments.append(_step(item, reasons, words, notes))
        elif item.copy_of is not None:
            moments.append(came_again(item, words.values))
        elif item.direction is Direction.INBOUND:
            moments.append(_citizen_wrote(case, item, words, believed, channels))
        elif item.purpose is not Purpose.REPLY or item.message_id in outbound.requested:
            moments.append(_town_wrote(outbound, item, words))
    return tuple(moments)


class _Outbound:
    """What became of a page's outbound messages. entries: of the history, about them, in order.

    The case knows it of its newest ones; of those that it keeps no longer, the history tells.
    """

    def __init__(self, case: CaseRecord, entries: Sequence[HistoryEntry], receipt_overdue_at: datetime | None) -> None:
        self._receipt_overdue_at = receipt_overdue_at
        self.requested = {entry.message_id for entry in entries if entry.type == "ReplyRequested"}
        self.undecided = frozenset(case.undecided)
        self._unsent = frozenset(case.unsent)
        self._states: dict[str | None, DeliveryState] = {}
        self.posted = posted_at(entries)
        self._codes: dict[tuple[str | None, str | None], str | None] = {}
        self._by_another_way = {entry.message_id for entry in entries if entry.code == ANOTHER_WAY}
        self._by_template = {entry.message_id for entry in entries if entry.code == BY_TEMPLATE}
        for entry in entries:
            self._note(entry)
        self._states |= {message: DeliveryState(state) for message, state in case.deliveries.items()}

    def delivery_of(self, message: MessageId) -> DeliveryState:
        return self._states.get(message, DeliveryState.PENDING)

    def reason_of(self, message: MessageId) -> str | None:
        """Return the code that came with the state that the message is in."""
        return self._codes.get((message, self.delivery_of(message)))

    def is_by_mail_instead(self, message: MessageId) -> bool:
        """Return whether the last that was told of where it goes is that it goes by mail."""
        return self._codes.get((message, DeliveryState.PENDING)) == MAIL_INSTEAD

    def is_by_another_way(self, message: MessageId) -> bool:
        """Return whether it goes in place of a receipt that did not arrive."""
        return message in self._by_another_way

    def is_by_template(self, message: MessageId) -> bool:
        """Return whether the citizen got a fixed message with a link to it."""
        return message in self._by_template

    def goes_instead(self, message: MessageDocument) -> bool:
        """Return whether it is an answer that failed, and nothing has made up for it."""
        is_answer, name = message.purpose is Purpose.REPLY, message.message_id
        return is_answer and name in self._unsent and self.delivery_of(name) is DeliveryState.FAILED

    def late_after(self, message: MessageDocument) -> datetime | None:
        overdue_at = self._receipt_overdue_at if message.purpose is Purpose.AEE else None
        return overdue_at - _INSTANT if overdue_at is not None and message.at >= overdue_at else None

    def _note(self, entry: HistoryEntry) -> None:
        if entry.type == "DeliverySettled":
            self._states[entry.message_id] = SETTLED_AS[Settlement(entry.state or "")]
        elif entry.type == "DeliveryRecorded":
            reported = DeliveryState(entry.state or DeliveryState.PENDING)
            self._codes[entry.message_id, reported] = entry.code
            self._states[entry.message_id] = further(reported, self.delivery_of(MessageId(entry.message_id or "")))


def posted_at(entries: Iterable[HistoryEntry]) -> Mapping[MessageId, datetime]:
    """Return when agents said of answers on paper that they were posted."""
    posted = (each for each in entries if each.type == "DeliverySettled" and each.state == Settlement.POSTED)
    return {MessageId(each.message_id or ""): each.at for each in posted}


def files_of(message: MessageDocument, names: Mapping[str, str]) -> tuple[File, ...]:
    """Return a message's attachments under the names their sender gave."""
    return tuple(
        _file(message, number, names.get(attachment.attachment_id, _nameless(number, attachment)), attachment)
        for number, attachment in enumerate(message.attachments, start=1)
    )


def _file(message: MessageDocument, number: int, name: str, attachment: Attachment) -> File:
    return File(
        message.message_id,
        number,
        name,
        attachment.size_bytes,
        dangerous=is_dangerous(name, attachment.content_type),
        kind=None if message.unread else picture_kind(name, attachment.content_type),
    )


def _nameless(number: int, attachment: Attachment) -> str:
    return f"fichier-{number}.{attachment.content_type.rpartition('/')[2] or 'bin'}"


def believed_at(cards: Iterable[CitizenCard]) -> frozenset[str]:
    """Return the addresses, in their comparable form, at which an agent has recognised one of these citizens."""
    confirmed = (each for card in cards for each in card.identifiers if each.confirmed)
    return frozenset(comparable(Identifier(kind=each.kind, value=each.value)) for each in confirmed)


def _citizen_wrote(
    case: CaseRecord,
    message: MessageDocument,
    words: Opened[MessageId, Words],
    believed: Collection[str],
    channels: KnownChannels,
) -> CitizenWrote:
    said = words.values.get(message.message_id)
    content, is_tampered = said if isinstance(said, InboundContent) else None, message.message_id in words.tampered
    author = written_by(content, message.automatic) if content else None
    return CitizenWrote(
        at=message.at,
        receipt=receipt_date_of(message),
        message_id=message.message_id,
        channel=message.channel,
        text=content.text if content else None,
        subject=content.subject if content else None,
        display_name=content.display_name if content else None,
        sender=content.sender if content else (),
        location=content.location if content else None,
        place=content.place if content else None,
        represented_by=content.represented_by if content else None,
        original=content.original if content else None,
        files=files_of(message, content.attachment_names if content else {}) if content or is_tampered else (),
        automatic=message.automatic,
        corrects=message.edits is not None,
        tampered=is_tampered,
        unverified=content is not None
        and author is not None
        and not proves_its_author(content, channels[message.channel])
        and (content.is_refused() or comparable(author) not in believed),
        unread=message.unread,
        remarks=content.remarks if content else (),
        suspended=message.suspended,
        entered_by=message.entered_by,
        is_apart=may_be_entered(message, content, case, channels[message.channel]),
    )


def _town_wrote(outbound: _Outbound, message: MessageDocument, words: Opened[MessageId, Words]) -> TownWrote:
    said, is_tampered = words.values.get(message.message_id), message.message_id in words.tampered
    return TownWrote(
        at=message.at,
        message_id=message.message_id,
        channel=message.channel,
        purpose=message.purpose or Purpose.REPLY,
        text=said.text if said else None,
        author=message.author,
        drafted_by=message.drafted_by,
        delivery=outbound.delivery_of(message.message_id),
        reason=outbound.reason_of(message.message_id),
        undecided=message.message_id in outbound.undecided,
        late_after=outbound.late_after(message),
        by_mail_instead=outbound.is_by_mail_instead(message.message_id),
        by_another_way=outbound.is_by_another_way(message.message_id),
        by_template=outbound.is_by_template(message.message_id),
        tampered=is_tampered,
        files=files_of(message, said.attachment_names if said else {}) if said or is_tampered else (),
        to=said.to.value if isinstance(said, OutboundContent) and said.to is not None else None,
        goes_instead=outbound.goes_instead(message),
        posted_at=outbound.posted.get(message.message_id),
        asks=_asks(said) if isinstance(said, OutboundContent) else "",
    )


def _asks(said: OutboundContent) -> str:
    mark = None if said.question is None else QuestionMark.of(said.question, said.text)
    return "" if mark is None else str(mark)


def _noted(entry: HistoryEntry, note: NoteId, notes: Opened[NoteId, str]) -> Noted:
    return Noted(
        at=entry.at,
        note_id=note,
        author=entry.by,
        text=notes.values.get(note),
        tampered=note in notes.tampered,
        cause=entry.cause,
        mentions=entry.mentions,
        call=entry.code,
        wanted_at=entry.until,
    )


def _step(
    entry: HistoryEntry, reasons: Opened[str, str], words: Opened[MessageId, Words], notes: Opened[NoteId, str]
) -> Step:
    refused = entry.type == "CommandRefused" and entry.cause is not None
    unsent = words.values.get(outbound_of(EventId(entry.cause or ""))) if refused else None
    return Step(
        at=entry.at,
        type=entry.type,
        by=entry.by,
        department=entry.department,
        from_department=entry.from_department,
        to_agent=entry.to_agent,
        from_agent=entry.from_agent,
        until=entry.until,
        state=entry.state,
        code=entry.code,
        due=entry.due,
        reason=reasons.values.get(entry.reason_field or ""),
        reason_tampered=entry.reason_field in reasons.tampered,
        unsent=unsent.text if unsent else None,
        untaken=notes.values.get(note_of(EventId(entry.cause or ""))) if refused else None,
        cause=entry.cause,
    )
