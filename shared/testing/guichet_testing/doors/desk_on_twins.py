"""A desk over in-memory twins, with a small town's cases, for tests and for looking at the pages."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from mimetypes import guess_type
from typing import Any, Final

import httpx
from fastapi import FastAPI

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.entry.site.answers import leaving_answers
from agent_desk.entry.site.bulk import bulk_giving
from agent_desk.entry.site.by_hand import letter_filing
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.web import build_web
from agent_desk.handlers.bulk.give_in_bulk import GiveInBulk
from agent_desk.handlers.case_file.typeset import TypesetCase
from agent_desk.handlers.cases.antivirus import Antivirus, NoAntivirus
from agent_desk.handlers.composer.leave import LeavingAnswers
from agent_desk.handlers.entered.take_down import nothing_is_unreadable
from agent_desk.handlers.letters.file_letter import FileLetter
from agent_desk.handlers.letters.read_scans import ReadScans, ScanProcesses
from agent_desk.handlers.letters.recognise_text import NoTextRecognition, RecogniseText
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.live.presence_board import PresenceBoard
from agent_desk.handlers.pictures.draw import DrawPictures
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.channel.edge import Edge
from guichet.clock import SystemClock
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CaseCommand, MailCommand, ReleaseMail
from guichet.contracts.delivery import Purpose
from guichet.contracts.inbound import Attachment, ChannelName, Suspicion
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent
from guichet.ids import AgentId, CitizenId, DepartmentId, IdentifierId, MessageId, derive_id
from guichet.kafka.produce.publisher import Publication
from guichet.privacy.passwords import hash_password
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.runtime.settings import EdgeSettings, ProbingSettings
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.agents.accounts import AgentAccount
from guichet.store.audit.watched import WatchedAudit
from guichet.store.cases.fields import LINKED_CASES
from guichet.store.commands import CommandDocument
from guichet.store.messages.document import Direction, MessageDocument, OutboundContent
from guichet.store.messages.suspended import SuspensionDecision
from guichet.store.messages.suspension import Suspension
from guichet.store.objects import ObjectStore
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.store.unseen_mail import UnseenMail
from guichet.town.town import Town
from guichet.town.town_map import TownMap
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey, Thing, seal
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.builders.signers import a_signer
from guichet_testing.doors.drawing import DrawsHere, WordsAlone
from guichet_testing.doors.read_once import signatures_read_once
from guichet_testing.sealing import seal_attachment, seal_model
from guichet_testing.twins.clock import Clock
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.search_files import LaterSearchFiles
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.preferences import InMemoryPreferences
from guichet_testing.twins.store.agents.presence import InMemoryPresence
from guichet_testing.twins.store.agents.rights import InMemoryAgentRights
from guichet_testing.twins.store.agents.sessions import InMemorySessions
from guichet_testing.twins.store.agents.sign_in_places import InMemorySignInPlaces
from guichet_testing.twins.store.agents.sign_in_tries import InMemorySignInTries
from guichet_testing.twins.store.agents.staff import InMemoryStaff
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.bulk import InMemoryBulkActs, InMemoryBulkCases
from guichet_testing.twins.store.cases.department_days import InMemoryDepartmentDays
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.reader import InMemoryCaseReader
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.drafts import InMemoryDrafts
from guichet_testing.twins.store.letters import InMemoryLetters
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.objects import InMemoryObjects
from guichet_testing.twins.store.read_marks import InMemoryReadMarks
from guichet_testing.twins.store.registry.reader import InMemoryCitizenReader
from guichet_testing.twins.store.saved_answers import InMemorySavedAnswers
from guichet_testing.twins.store.saved_views import InMemorySavedViews
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.vault import InMemoryVault

KEY = b"k" * 32
PASSWORD = "correct-horse-battery"  # noqa: S105  only ever in memory


class Router(InMemoryPublisher):
    """A broker with a router behind it that decides each command at once.

    refuses: why it refuses them all, or None. is_away: it decides nothing.
    """

    def __init__(self, commands: InMemoryCommandStore, suspended: InMemorySuspendedMail) -> None:
        super().__init__(signer=a_signer("agent-desk"))
        self._commands = commands
        self._suspended = suspended
        self.refuses: str | None = None
        self.is_away = False

    async def publish(self, *publications: Publication[Any]) -> None:
        await super().publish(*publications)
        if self.is_away:
            return
        await self.decide(*(each.event for each in publications if isinstance(each.event, CaseCommand)))
        for each in publications:
            if isinstance(each.event, MailCommand):
                await self.decide_mail(each.event)

    async def decide(self, *given: CaseCommand) -> None:
        """Decide these commands; what was decided before stays as it is."""
        causes = [
            CommandDocument(
                _id=each.event_id,
                type=type(each).__name__,
                case_id=each.case_id,
                at=each.occurred_at,
                done=True,
                refused=self.refuses,
            )
            for each in given
        ]
        await self._commands.insert_causes(causes)

    async def decide_mail(self, command: MailCommand) -> None:
        """Decide a command about suspended mail; a released mail goes nowhere, a test files it."""
        decision = SuspensionDecision(command.occurred_at, command.issued_by, command.event_id)
        if self.refuses is None and isinstance(command, ReleaseMail):
            await self._suspended.release({command.message_id: decision})
        elif self.refuses is None:
            await self._suspended.confirm_spam(command.message_id, decision)
        cause = CommandDocument(
            _id=command.event_id,
            type=type(command).__name__,
            message_id=command.message_id,
            at=command.occurred_at,
            done=True,
            refused=self.refuses,
        )
        await self._commands.insert_causes([cause])


NOBODY_ANSWERS: Final = httpx.MockTransport(lambda _: httpx.Response(503))  # and no certificates are read for it


@dataclass
class TownHall:
    """The twins behind a desk, and ways to fill them. Every agent of the example town has an account."""

    town: Town = field(default_factory=the_example_town)
    cases: InMemoryCaseReader = field(default_factory=InMemoryCaseReader)
    history: InMemoryCaseHistory = field(default_factory=InMemoryCaseHistory)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    notes: InMemoryNotes = field(default_factory=InMemoryNotes)
    drafts: InMemoryDrafts = field(default_factory=InMemoryDrafts)
    bulk_acts: InMemoryBulkActs = field(default_factory=InMemoryBulkActs)
    bulk_cases: InMemoryBulkCases = field(default_factory=InMemoryBulkCases)
    saved_answers: InMemorySavedAnswers = field(default_factory=InMemorySavedAnswers)
    letters: InMemoryLetters = field(default_factory=InMemoryLetters)
    scans: ReadScans = field(default_factory=ScanProcesses)
    drawing: DrawPictures = field(default_factory=DrawsHere)
    typesetting: TypesetCase = field(default_factory=WordsAlone)
    recognise: RecogniseText = field(default_factory=NoTextRecognition)
    suspended: InMemorySuspendedMail = field(init=False)
    unseen: InMemoryUnseenMails = field(default_factory=InMemoryUnseenMails)
    registry: InMemoryCitizenReader = field(default_factory=InMemoryCitizenReader)
    vault: Vault = field(default_factory=InMemoryVault)
    objects: ObjectStore = field(default_factory=InMemoryObjects)
    commands: InMemoryCommandStore = field(default_factory=InMemoryCommandStore)
    days: InMemoryDepartmentDays = field(default_factory=InMemoryDepartmentDays)
    publisher: Router = field(init=False)
    audit: InMemoryAuditTrail = field(default_factory=InMemoryAuditTrail)
    accounts: InMemoryAgentAccounts = field(init=False)
    sessions: InMemorySessions = field(default_factory=InMemorySessions)
    rights: InMemoryAgentRights = field(default_factory=InMemoryAgentRights)
    staff: InMemoryStaff = field(default_factory=InMemoryStaff)
    absences: InMemoryAbsences = field(default_factory=InMemoryAbsences)
    on_call: InMemoryOnCallRota = field(default_factory=InMemoryOnCallRota)
    preferences: InMemoryPreferences = field(default_factory=InMemoryPreferences)
    news: InMemoryAgentNews = field(default_factory=InMemoryAgentNews)
    read_marks: InMemoryReadMarks = field(default_factory=InMemoryReadMarks)
    saved_views: InMemorySavedViews = field(default_factory=InMemorySavedViews)
    antivirus: Antivirus = field(default_factory=NoAntivirus)
    tries: InMemorySignInTries = field(default_factory=InMemorySignInTries)
    places: InMemorySignInPlaces = field(default_factory=InMemorySignInPlaces)
    feed: LiveFeed = field(default_factory=LiveFeed)
    search_files: LaterSearchFiles = field(default_factory=LaterSearchFiles)
    clock: Clock = field(default_factory=Clock)
    presence: InMemoryPresence = field(default_factory=InMemoryPresence)
    board: PresenceBoard = field(init=False)
    second_factor_required: bool = False
    patience: timedelta = timedelta(seconds=0.1)
    undo: timedelta = timedelta(0)
    client: Client | None = None
    provider_http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(transport=NOBODY_ANSWERS))
    town_map: TownMap | None = None

    def __post_init__(self) -> None:
        """Give the town's agents their accounts, and the desk its router."""
        self.board = PresenceBoard(self.presence, self.clock)
        self.suspended = InMemorySuspendedMail(self.messages)
        self.publisher = Router(self.commands, self.suspended)
        same = hash_password(PASSWORD)
        self.accounts = InMemoryAgentAccounts(
            *(AgentAccount(_id=agent.agent_id, password_hash=same, created_at=ARRIVED) for agent in self.town.agents)
        )

    def web(self) -> FastAPI:
        """Return the desk over these twins."""
        with signatures_read_once():
            return build_web(*self._parts())

    def letter_filing(self) -> FileLetter:
        """Return what a process of the desk does by itself about letters that were begun."""
        return letter_filing(*self._parts())

    def bulk_giving(self) -> GiveInBulk:
        """Return what a process of the desk does by itself about what was begun with many cases."""
        return bulk_giving(*self._parts())

    def leaving_answers(self) -> LeavingAnswers:
        """Return what a process of the desk does by itself about answers that are due."""
        return leaving_answers(*self._parts())

    def _parts(self) -> tuple[Choices, Ports]:
        probing = Probing("agent-desk", ProbingSettings(), self.clock)
        choices = Choices(
            self.town,
            KEY,
            KEY,
            KEY,
            secure=False,
            second_factor_required=self.second_factor_required,
            patience=self.patience,
            provider=self.client,
            undo=self.undo,
            town_map=self.town_map,
        )
        ports = Ports(
            cases=self.cases,
            history=self.history,
            messages=self.messages,
            notes=self.notes,
            drafts=self.drafts,
            bulk_acts=self.bulk_acts,
            bulk_cases=self.bulk_cases,
            saved_answers=self.saved_answers,
            letters=self.letters,
            scans=self.scans,
            drawing=self.drawing,
            typesetting=self.typesetting,
            recognise=self.recognise,
            suspended=self.suspended,
            unseen=self.unseen,
            registry=self.registry,
            commands=self.commands,
            days=self.days,
            accounts=self.accounts,
            sessions=self.sessions,
            tries=self.tries,
            places=self.places,
            audit=WatchedAudit(self.audit, probing),
            vault=self.vault,
            objects=self.objects,
            antivirus=self.antivirus,
            publisher=self.publisher,
            edge=self._edge(),
            feed=self.feed,
            board=self.board,
            search_files=self.search_files,
            probing=probing,
            clock=self.clock,
            sleep=SystemClock().sleep,
            staff=self.staff,
            rights=self.rights,
            absences=self.absences,
            on_call=self.on_call,
            preferences=self.preferences,
            news=self.news,
            read_marks=self.read_marks,
            saved_views=self.saved_views,
            provider=ProviderClient(self.client, self.provider_http, self.clock) if self.client else None,
        )
        return choices, ports

    def _edge(self) -> Edge:
        keys = dict.fromkeys(("message_id_key", "ingest_pseudonym_key"), "A" * 43 + "=")
        return Edge(
            keys=self.vault,
            objects=self.objects,
            publisher=self.publisher,
            dead_letter=nothing_is_unreadable,
            settings=EdgeSettings.model_validate(keys),
            now=self.clock,
        )

    async def key(self) -> DataKey:
        """Return a fresh key."""
        (key,) = await self.vault.new_keys(1)
        return key

    async def register(
        self, name: str, *identifiers: Identifier, state: CitizenState = CitizenState.REGISTERED
    ) -> CitizenId:
        """Put a citizen with their addresses into the registry."""
        citizen = CitizenId(derive_id("test-person", name))
        record = seal_model(await self.key(), Thing("citizen", citizen), "record", CitizenRecord(display_name=name))
        self.registry.citizens.append(CitizenDocument(_id=citizen, state=state, record=record, since=ARRIVED))
        for identifier in identifiers:
            await self.hold(identifier, citizen)
        return citizen

    async def hold(self, identifier: Identifier, citizen: CitizenId, *, verified: bool = True) -> None:
        """Note that a citizen is reached at an address."""
        name = IdentifierId(derive_id("test-address", identifier.kind, identifier.value))
        holder = Holder(citizen_id=citizen, provenance="import", verified=verified, since=ARRIVED)
        known = next((each for each in self.registry.identifiers if each.identifier_id == name), None)
        if known is not None:
            self.registry.identifiers.remove(known)
            self.registry.identifiers.append(known.model_copy(update={"holders": (*known.holders, holder)}))
            return
        value = seal(await self.key(), Thing("identifier", name), "value", identifier.value.encode())
        self.registry.identifiers.append(
            IdentifierDocument(_id=name, kind=identifier.kind, holders=(holder,), value=value)
        )

    async def open_case(
        self,
        name: str,
        department: str = "voirie",
        *,
        subject: str | None = None,
        text: str = "Bonjour.",
        citizen: CitizenId | None = None,
        sender: tuple[Identifier, ...] = (),
        files: dict[str, bytes] | None = None,
        minutes: int = 0,
        **fields: object,
    ) -> CaseRecord:
        """File a case with its first message, sealed as the real ones are. called: how its author names themselves."""
        at, links = ARRIVED + timedelta(minutes=minutes), fields.pop("linked_to", ())
        called = fields.pop("called", None)
        sector = self.town.sector_of(DepartmentId(department))
        case = a_case(
            name,
            department=department,
            sector=sector,
            citizen=sector_citizen_id(KEY, sector, citizen) if citizen else None,
            received_at=at,
            updated_at=at,
            reference=fields.pop("reference", None) or _reference(name),
            **fields,
        )
        key = await self.key()
        case = case.model_copy(update={"linked_to": LINKED_CASES.seal(key, case.case_id, links) if links else None})  # type: ignore[arg-type]
        if subject is not None:
            sealed = seal(key, Thing("case", case.case_id), "subject", subject.encode())
            case = case.model_copy(update={"subject": sealed})
        self.cases.put(case)
        self.happened(case, HistoryEntry(case_id=case.case_id, version=1, type="CaseOpened", at=at))
        content = InboundContent(sender=sender, display_name=called and str(called), subject=subject, text=text)
        await self.receive(case, content, message_id=case.opened_by, at=at, files=files or {})
        return case

    def happened(self, case: CaseRecord, *entries: HistoryEntry, **kept: object) -> CaseRecord:
        """Put entries into a case's history. kept: what the router would have noted of them in the case."""
        self.history.put(*entries)
        last = max((entry.version for entry in entries), default=case.version)
        now = case.model_copy(update={"version": last, **kept})
        self.cases.put(now)
        return now

    async def receive(
        self,
        case: CaseRecord,
        content: InboundContent,
        *,
        message_id: MessageId,
        at: datetime,
        files: dict[str, bytes] | None = None,
        channel: ChannelName | None = None,
    ) -> None:
        """Put an inbound message into a case."""
        key, attachments, names = await self.key(), [], {}
        for place, (name, content_bytes) in enumerate((files or {}).items()):
            attachment_id = derive_id("test-file", message_id, str(place))
            await self.objects.put(attachment_id, seal_attachment(key, message_id, attachment_id, content_bytes))
            kind = guess_type(name.strip())[0] or "image/jpeg"
            attachments.append(
                Attachment(attachment_id=attachment_id, content_type=kind, size_bytes=len(content_bytes))
            )
            names[attachment_id] = name
        named = content.model_copy(update={"attachment_names": names})
        self.messages.messages[message_id] = MessageDocument(
            _id=message_id,
            direction=Direction.INBOUND,
            channel=channel or case.channel,
            accounts=(case.account,),
            at=at,
            filed=case.case_id,
            attachments=tuple(attachments),
            automatic=case.automatic if message_id == case.opened_by else None,
            entered_by=case.entered_by if message_id == case.opened_by else None,
            content=seal_model(key, Thing("message", message_id), "content", named),
        )

    async def suspend(
        self,
        name: str,
        content: InboundContent,
        *,
        department: str = "accueil",
        account: str = "contact@mairie.example",
        why: Suspicion = Suspicion.SPAM,
        minutes: int = 0,
        files: dict[str, bytes] | None = None,
        **fields: object,
    ) -> MessageId:
        """Put a mail among those that wait for an agent, unseen; return its id."""
        message_id, at = MessageId(derive_id("test-suspended", name)), ARRIVED + timedelta(minutes=minutes)
        case = a_case(name, channel="email", account=account)
        await self.receive(case, content, message_id=message_id, at=at, files=files)
        held = Suspension(
            why=why, department=DepartmentId(department), sector=self.town.sector_of(DepartmentId(department))
        )
        document = self.messages.messages[message_id]
        self.messages.messages[message_id] = document.model_copy(update={"filed": None, "suspended": held, **fields})
        await self.unseen.note([UnseenMail(_id=message_id, department=held.department, at=at)])
        return message_id

    async def send(
        self, case: CaseRecord, text: str, *, purpose: Purpose, at: datetime, author: AgentId | None = None
    ) -> MessageId:
        """Put an outbound message into a case; the caller puts it into the history."""
        outbound = MessageId(derive_id("test-outbound", case.case_id, text))
        self.messages.messages[outbound] = MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=at,
            filed=case.case_id,
            author=author,
            purpose=purpose,
            content=seal_model(await self.key(), Thing("message", outbound), "content", OutboundContent(text=text)),
        )
        return outbound

    async def seal_reason(self, case: CaseRecord, field_name: str, reason: str) -> Sealed:
        """Seal a reason as the router keeps it."""
        return seal(await self.key(), Thing("case", case.case_id), field_name, reason.encode())


def _reference(name: str) -> str:
    letters = derive_id("test-reference", name).upper()
    return f"2026-{letters[:4]}-{letters[4:7]}"


def mail(value: str) -> Identifier:
    """Return an e-mail address."""
    return Identifier(kind=MAIL_ADDRESS, value=value)


def phone(value: str) -> Identifier:
    """Return a phone number."""
    return Identifier(kind=PHONE_NUMBER, value=value)
