"""A portal over in-memory twins, for tests and for looking at the pages."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from pydantic import SecretBytes

from citizen_portal.entry.pages import FORMS_PER_ADDRESS, HERE, WINDOW, Portal, build_pages
from citizen_portal.entry.question_pages import QuestionPages, add_question_pages
from citizen_portal.handlers.answer_question import Questions
from citizen_portal.handlers.follow_case import FollowLinks
from citizen_portal.handlers.note_readings import FollowAudit
from citizen_portal.handlers.open_file import AnswerFiles
from guichet.channel.edge import Edge
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.questions import AskedField, FieldKind
from guichet.contracts.topics import INBOUND_PORTAL, Topic
from guichet.ids import MessageId, derive_id
from guichet.privacy.follow_link import QuestionLink
from guichet.runtime.settings import EdgeSettings, ProbingSettings
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.audit.watched import WatchedAudit
from guichet.store.follow_views.document import (
    FollowPage,
    GenericState,
    Hidden,
    ShownAnswer,
    ShownFile,
    ShownQuestion,
    ShownSilence,
    ShownStep,
    ShownTransfer,
    seal_view,
)
from guichet.store.follow_views.question_page import QuestionPage, QuestionState, seal_question
from guichet.town.town import Town
from guichet.vault.sealing import Thing
from guichet.web.templates import Templates
from guichet.web.throttle import Throttle
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.link import a_link
from guichet_testing.sealing import unseal_model
from guichet_testing.twins.clock import Clock
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.follow_views import InMemoryFollowViews
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.vault import InMemoryVault

KEY = b"k" * 32


async def _dead_letter(_topic: Topic[Any], _payload: bytes, error: Exception, **_: Any) -> None:
    raise AssertionError("the portal dead-letters nothing") from error


@dataclass
class Counter:
    """The twins behind a portal."""

    town: Town = field(default_factory=the_example_town)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    objects: InMemoryObjects = field(default_factory=InMemoryObjects)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    views: InMemoryFollowViews = field(default_factory=InMemoryFollowViews)
    audit: InMemoryAuditTrail = field(default_factory=InMemoryAuditTrail)
    clock: Clock = field(default_factory=Clock)

    def web(self) -> FastAPI:
        """Return the portal over these twins."""
        secret = SecretBytes(KEY)
        edge = Edge(
            keys=self.vault,
            objects=self.objects,
            publisher=self.publisher,
            dead_letter=_dead_letter,
            settings=EdgeSettings(message_id_key=secret, ingest_pseudonym_key=secret),
            now=self.clock,
        )
        probing = Probing("citizen-portal", ProbingSettings(), self.clock)
        portal = Portal(
            town=self.town,
            templates=Templates(HERE, town=self.town),
            edge=edge,
            follow_links=FollowLinks(self.views, self.publisher, self.clock),
            follow_audit=FollowAudit(WatchedAudit(self.audit, probing), probing, self.clock),
            files=AnswerFiles(self.objects),
            probing=probing,
            throttle=Throttle(FORMS_PER_ADDRESS, WINDOW),
            key=KEY,
            message_id_key=KEY,
            clock=self.clock,
        )
        questions = Questions(
            views=self.views, edge=edge, message_id_key=KEY, account=self.town.main_mailbox, clock=self.clock
        )
        web = build_pages(portal)
        add_question_pages(web, QuestionPages(portal, questions))
        return web

    @property
    def received(self) -> list[MessageReceived]:
        """What the broker holds, oldest first."""
        return [event for event in self.publisher.on(INBOUND_PORTAL) if isinstance(event, MessageReceived)]

    async def open(self, event: MessageReceived) -> InboundContent:
        """Return what a received message says."""
        key = (await self.vault.open_keys([event.content.key_id]))[event.content.key_id]
        return unseal_model(key, Thing("message", event.message_id), "content", event.content, InboundContent)

    async def follow_case(
        self,
        *answers: str | Hidden,
        state: GenericState = GenericState.RECEIVED,
        expires_at: datetime | None = None,
        erasing: bool = False,
        files: tuple[ShownFile, ...] = (),
        silence: ShownSilence | None = None,
        transferred: ShownTransfer | None = None,
        steps: tuple[ShownStep, ...] = (),
        question: ShownQuestion | None = None,
    ) -> str:
        """Keep the view of a case with these answers, as the notifier does; return the token of its link.

        files: of each answer.
        """
        case = a_case("-".join(answers))
        link = a_link(case.case_id)
        shown = [_answer(number, said) for number, said in enumerate(answers, start=1)]
        shown = [each if each.hidden else each.model_copy(update={"files": files}) for each in shown]
        page = FollowPage(
            reference=case.reference,
            received_at=ARRIVED,
            state=state,
            answers=tuple(shown),
            silence=silence,
            transferred=transferred,
            steps=steps,
            question=question,
        )
        view = seal_view(link, page, case_id=case.case_id, version=1, expires_at=expires_at)
        await self.views.put([view.model_copy(update={"erasing": erasing})])
        return link.token

    async def ask(
        self,
        *fields: AskedField,
        name: str = "a question",
        until: date = date(2026, 12, 24),
        state: QuestionState = QuestionState.OPEN,
        version: int = 1,
        expires_at: datetime | None = None,
    ) -> str:
        """Keep the form of a question, as the notifier does; return the token of its link. version: of its case."""
        case, link = a_case(name), QuestionLink(derive_id("question", name).encode()[:24])
        page = QuestionPage(
            fields=fields or (AskedField(kind=FieldKind.WORDS, label="Où est le trou ?", required=True),),
            until=until,
            question=MessageId(f"letter of {name}"),
            reference=case.reference,
            department=case.department,
            state=state,
        )
        view = seal_question(link, page, case_id=case.case_id, version=version, expires_at=expires_at)
        await self.views.put([view])
        return link.token


def _answer(number: int, said: str | Hidden) -> ShownAnswer:
    at = ARRIVED + timedelta(days=number)
    return ShownAnswer(at=at, hidden=said) if isinstance(said, Hidden) else ShownAnswer(at=at, text=said)
