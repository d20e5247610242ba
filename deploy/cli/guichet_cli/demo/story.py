"""One case of a demonstration, from its first message to where it stands: by the verbs that the router uses. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from guichet.case.case import Case
from guichet.case.history import HistoryEntry, uncopied
from guichet.case.known import InSector
from guichet.case.record import CaseRecord
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, RerouteCase, SendReply
from guichet.contracts.case_events import CaseState, RoutingReason
from guichet.contracts.channels import ChannelFacts, Voucher
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.ids import (
    AgentId,
    CaseId,
    CitizenId,
    DepartmentId,
    EventId,
    KeyId,
    MessageId,
    Reference,
    SectorCitizenId,
    case_id,
    derive_id,
    receipt_id,
)
from guichet.law.calendar import paris_date
from guichet.privacy.follow_link import FollowLink, new_follow_link
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import participant_tag, person_tag, sector_citizen_id
from guichet.privacy.tokens import make_reference
from guichet.store.deliveries.document import DeliveryDocument, changed_event
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.town import Town
from guichet_cli.demo.chance import Chance
from guichet_cli.demo.material import ANSWERS, FOLLOW_UPS, QUESTIONS, WHY_HANDED_ON, Written
from guichet_cli.demo.moments import office_hour
from guichet_cli.demo.words import Words

_NOT_SEALED_YET: Final = Sealed(key_id=KeyId(""), box=b"-")  # in the place of what the import seals


@dataclass(frozen=True)
class Writer:
    """Whoever writes. citizen: by the registry's id. address: on the channel of the message."""

    citizen: CitizenId
    name: str
    address: Identifier = field(repr=False)


@dataclass
class Story:
    """A case and all that lies beside it, in clear. received, sent: with what each says."""

    case: Case
    link: FollowLink
    subject: str
    received: list[tuple[MessageDocument, InboundContent]] = field(default_factory=list)
    sent: list[tuple[MessageDocument, OutboundContent]] = field(default_factory=list)
    deliveries: list[DeliveryDocument] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def journal(self) -> list[HistoryEntry]:
        """What happened, oldest first."""
        return [*uncopied(self.case.record.outbox)]


@dataclass(frozen=True)
class Teller:
    """Tells stories of a town. words: writes receipts and answers.

    sector_key: by which cases name people. thread_key: by which they know who may write on.
    """

    town: Town
    sector_key: bytes = field(repr=False)
    thread_key: bytes = field(repr=False)
    words: Words
    chance: Chance = field(repr=False)
    now: datetime

    def tell(self, number: int, written: Written, writer: Writer, account: str, at: datetime) -> Story:
        """Return the story of one message and what came of it until now."""
        story = self._opened(number, written, writer, account, at)
        self._receipt(story, at)
        if self.chance.share() < 0.07:
            at = self._handed_on(story, at)
        if self.chance.share() < 0.78:
            self._answered(story, writer, at)
        return story

    def _opened(self, number: int, written: Written, writer: Writer, account: str, at: datetime) -> Story:
        department = (
            written.department if written.department in self.town.departments else self.town.fallback_department
        )
        message = MessageId(derive_id("demonstration-message", str(number)))
        own, sector = case_id(message), self.town.sector_of(department)
        facts = self.town.facts[written.channel]
        unproven, link = facts.vouched_by is Voucher.NOBODY, new_follow_link()
        case = Case(
            CaseRecord(
                _id=own,
                version=0,
                reference=self._reference(number, own, paris_date(at).year),
                state=CaseState.RECEIVED,
                sector=sector,
                department=department,
                citizen=self._own_id(department, writer),
                unverified=unproven,
                channel=written.channel,
                account=account,
                opened_by=message,
                last_inbound=message,
                received_at=at,
                updated_at=at,
                routing=RoutingReason(rule=department, kind="keyword"),
                participants=(_participant(self.thread_key, own, writer.address),),
                follow=link.lookup,
            )
        )
        story = Story(case, link, written.subject or written.text[:60])
        content = _content(writer, facts, message, written.subject, written.signed(writer.name))
        case.open(self._takes_in(story, message, content, writer, at))
        return story

    def _reference(self, _number: int, case: CaseId, year: int) -> Reference:
        """Return what a case is called. A demonstration has too few for two of one name."""
        return make_reference(case, year)

    def _own_id(self, department: DepartmentId, writer: Writer) -> SectorCitizenId:
        return sector_citizen_id(self.sector_key, self.town.sector_of(department), writer.citizen)

    def _takes_in(
        self, story: Story, message: MessageId, content: InboundContent, writer: Writer, at: datetime
    ) -> MessageDocument:
        record = story.case.record
        document = MessageDocument(
            _id=message,
            direction=Direction.INBOUND,
            channel=record.channel,
            accounts=(record.account,),
            at=at,
            received_at=at,
            filed=record.case_id,
            sector=record.sector,
            citizen=self._own_id(record.department, writer),
            content=_NOT_SEALED_YET,
        )
        story.received.append((document, content))
        return document

    def _receipt(self, story: Story, at: datetime) -> None:
        record = story.case.record
        words = self.words.receipt(record, story.link)
        outbound = receipt_id(record.case_id, Purpose.AEE)
        self._leaves(story, outbound, Purpose.AEE, words, None, at + timedelta(seconds=2 + self.chance.below(8)))

    def _leaves(
        self,
        story: Story,
        outbound: MessageId,
        purpose: Purpose,
        words: OutboundContent,
        author: AgentId | None,
        at: datetime,
    ) -> None:
        record = story.case.record
        facts = self.town.facts[record.channel]
        document = MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel=record.channel,
            accounts=(record.account,),
            at=at,
            filed=record.case_id,
            sector=record.sector,
            citizen=record.citizen,
            content=_NOT_SEALED_YET,
            author=author,
            purpose=purpose,
        )
        story.sent.append((document, words))
        is_aee = purpose is Purpose.AEE
        delivery = DeliveryDocument(
            _id=outbound,
            case_id=record.case_id,
            purpose=purpose,
            channel=record.channel,
            lane=facts.lane or facts.provider,
            account=record.account,
            answers=record.last_inbound,
            state=DeliveryState.SENT,
            requested_at=at,
            due_at=at,
            changed_at=at + timedelta(seconds=2),
            overdue_at=self.town.receipt_overdue_at(record.channel, record.received_at) if is_aee else None,
            attempts=1,
            copies=1,
        )
        self._reached(story, delivery)
        if DeliveryState.DELIVERED in facts.statuses.values():
            arrived = {"state": DeliveryState.DELIVERED, "changed_at": at + timedelta(seconds=7)}
            delivery = delivery.model_copy(update=arrived)
            self._reached(story, delivery)
        story.deliveries.append(delivery)

    def _reached(self, story: Story, delivery: DeliveryDocument) -> None:
        story.case.record_delivery(changed_event(delivery), delivery.state)

    def _handed_on(self, story: Story, at: datetime) -> datetime:
        """An agent hands the case over to another department of the same sector, if there is one."""
        record = story.case.record
        others = [
            name
            for name, each in self.town.departments.items()
            if each.sector == record.sector and name != record.department
        ]
        at = self._works(at, 1)
        agent = self._agent(record.department)
        if not others or agent is None or at > self.now:
            return at
        order = self._order(story, "reroute", agent, at)
        owner = InSector(record.sector, record.citizen, record.candidates)
        command = RerouteCase(**order, department=self.chance.one_of(others), reason=_NOT_SEALED_YET)
        story.case.reroute(command, owner)
        story.reasons[command.event_id] = WHY_HANDED_ON
        return at

    def _answered(self, story: Story, writer: Writer, at: datetime) -> None:
        """An agent answers, perhaps with a question; the citizen may write again, and most cases are closed."""
        agent = self._agent(story.case.record.department)
        at = self._works(at, self.chance.one_of((0, 0, 1, 1, 2, 3, 6)))
        if agent is None or at > self.now:
            return
        asks = self.chance.share() < 0.2
        self._says(story, agent, self.chance.one_of(QUESTIONS if asks else ANSWERS), at, asks=asks)
        if self.chance.share() < (0.6 if asks else 0.2):
            at = self._writes_again(story, writer, at)
        closes_at = self._works(at, self.chance.one_of((1, 2, 3)))
        if not asks and self.chance.share() < 0.75 and closes_at < self.now:
            story.case.close(CloseCase(**self._order(story, "close", agent, closes_at)))

    def _says(self, story: Story, agent: AgentId, text: str, at: datetime, *, asks: bool) -> None:
        record = story.case.record
        order = self._order(story, "reply", agent, at)
        outbound = MessageId(derive_id("demonstration-reply", record.case_id, str(record.version)))
        command = SendReply(**order, outbound_id=outbound, answers=record.last_inbound, awaits_answer=asks)
        story.case.reply(command, is_known=True)
        self._leaves(story, outbound, Purpose.REPLY, OutboundContent(text=text), agent, at)

    def _writes_again(self, story: Story, writer: Writer, at: datetime) -> datetime:
        later = at + timedelta(minutes=20 + self.chance.below(2_000))
        if later > self.now:
            return at
        record = story.case.record
        message = MessageId(derive_id("demonstration-again", record.case_id))
        content = _content(writer, self.town.facts[record.channel], message, None, self.chance.one_of(FOLLOW_UPS))
        story.case.join(self._takes_in(story, message, content, writer, later), ())
        return later

    def _order(self, story: Story, verb: str, agent: AgentId, at: datetime) -> dict[str, Any]:
        record = story.case.record
        name = EventId(derive_id("demonstration-order", record.case_id, verb, str(record.version)))
        return {"event_id": name, "occurred_at": at, "case_id": record.case_id, "issued_by": agent}

    def _agent(self, department: DepartmentId) -> AgentId | None:
        day = paris_date(self.now)
        scopes = [self.town.scope_of(agent, day) for agent in self.town.agents]
        able = [scope.agent for scope in scopes if department in scope.answered_departments]
        return self.chance.one_of(able) if able else None

    def _works(self, after: datetime, working_days: int) -> datetime:
        return office_hour(self.chance, after, self.town.working_days, working_days=working_days)


def _participant(thread_key: bytes, case: CaseId, writer: Identifier) -> str:
    return participant_tag(thread_key, case, person_tag(thread_key, writer.kind, comparable(writer)))


def _content(writer: Writer, facts: ChannelFacts, message: MessageId, subject: str | None, text: str) -> InboundContent:
    is_mail = facts.vouched_by is Voucher.MAIL_AUTHENTICATION
    return InboundContent(
        sender=(writer.address,),
        display_name=writer.name,
        subject=subject,
        text=text,
        thread=MailThread(message_id=f"{message}@example.org", authenticated=True) if is_mail else None,
    )


def without_outbox(record: CaseRecord) -> CaseRecord:
    """Return a case whose events lie in the history: nobody has to publish them."""
    return record.model_copy(update={"outbox": ()})
