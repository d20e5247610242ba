"""A desk over in-memory twins, with a small town's cases, for tests and for looking at the pages."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx
from fastapi import FastAPI

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.entry.site.answers import leaving_answers
from agent_desk.entry.site.bulk import bulk_giving
from agent_desk.entry.site.by_hand import letter_filing
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.web import build_web
from agent_desk.handlers.bulk.give_in_bulk import GiveInBulk
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
from guichet.channel.edge import Edge
from guichet.clock import SystemClock
from guichet.documents.typeset import Typesetter
from guichet.privacy.passwords import hash_password
from guichet.runtime.settings import EdgeSettings, ProbingSettings
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.agents.accounts import AgentAccount
from guichet.store.audit.watched import WatchedAudit
from guichet.store.objects import ObjectStore
from guichet.town.town import Town
from guichet.town.town_map import TownMap
from guichet.vault.ports import Vault
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.doors.deciding_router import DecidingRouter
from guichet_testing.doors.drawing import DrawsHere, WordsAlone
from guichet_testing.doors.filled_hall import KEY, FilledHall
from guichet_testing.doors.read_once import signatures_read_once
from guichet_testing.twins.clock import Clock
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
from guichet_testing.twins.store.agents.word_trials import InMemoryWordTrials
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

PASSWORD = "correct-horse-battery"  # noqa: S105  only ever in memory


NOBODY_ANSWERS: Final = httpx.MockTransport(lambda _: httpx.Response(503))  # and no certificates are read for it


@dataclass
class TownHall(FilledHall):
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
    typesetting: Typesetter = field(default_factory=WordsAlone)
    recognise: RecogniseText = field(default_factory=NoTextRecognition)
    suspended: InMemorySuspendedMail = field(init=False)
    unseen: InMemoryUnseenMails = field(default_factory=InMemoryUnseenMails)
    registry: InMemoryCitizenReader = field(default_factory=InMemoryCitizenReader)
    vault: Vault = field(default_factory=InMemoryVault)
    objects: ObjectStore = field(default_factory=InMemoryObjects)
    commands: InMemoryCommandStore = field(default_factory=InMemoryCommandStore)
    days: InMemoryDepartmentDays = field(default_factory=InMemoryDepartmentDays)
    publisher: DecidingRouter = field(init=False)
    audit: InMemoryAuditTrail = field(default_factory=InMemoryAuditTrail)
    accounts: InMemoryAgentAccounts = field(init=False)
    sessions: InMemorySessions = field(default_factory=InMemorySessions)
    rights: InMemoryAgentRights = field(default_factory=InMemoryAgentRights)
    staff: InMemoryStaff = field(default_factory=InMemoryStaff)
    absences: InMemoryAbsences = field(default_factory=InMemoryAbsences)
    on_call: InMemoryOnCallRota = field(default_factory=InMemoryOnCallRota)
    word_trials: InMemoryWordTrials = field(default_factory=InMemoryWordTrials)
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
        self.publisher = DecidingRouter(self.commands, self.suspended)
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
            portal_url="https://portail.example/",
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
            word_trials=self.word_trials,
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
