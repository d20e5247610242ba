"""What the desk is made of: what was chosen, and what it reads from and writes to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.handlers.cases.antivirus import Antivirus
from agent_desk.handlers.cases.await_outcome import PATIENCE
from agent_desk.handlers.letters.read_scans import ReadScans
from agent_desk.handlers.letters.recognise_text import RecogniseText
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.live.presence_board import PresenceBoard
from agent_desk.handlers.pictures.draw import DrawPictures
from agent_desk.handlers.search.search_files import SearchFilesPort
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from guichet.channel.edge import Edge
from guichet.clock import Sleep
from guichet.documents.typeset import Typesetter
from guichet.kafka.produce.publisher import Publisher
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.store.agents.absences import Absences
from guichet.store.agents.accounts import AgentAccounts
from guichet.store.agents.news import AgentNewsStore
from guichet.store.agents.on_call import OnCallRota
from guichet.store.agents.preferences import Preferences
from guichet.store.agents.rights import AgentRights
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.sign_in_places import SignInPlaces
from guichet.store.agents.sign_in_tries import SignInTries
from guichet.store.agents.staff import StaffStore
from guichet.store.agents.word_trials import WordTrials
from guichet.store.audit.trail import AuditTrail
from guichet.store.bulk.acts import BulkActs
from guichet.store.bulk.cases import BulkCases
from guichet.store.cases.department_days import DepartmentDays
from guichet.store.cases.history import CaseHistory
from guichet.store.cases.reader import CaseReader
from guichet.store.commands import CommandStore
from guichet.store.drafts import Drafts
from guichet.store.letters import Letters
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import SuspendedMailReader
from guichet.store.notes import Notes
from guichet.store.objects import ObjectStore
from guichet.store.read_marks import ReadMarks
from guichet.store.registry.reader import CitizenReader
from guichet.store.saved_answers import SavedAnswers
from guichet.store.saved_views import SavedViews
from guichet.store.unseen_mail import UnseenMails
from guichet.town.town import Town
from guichet.town.town_map import TownMap
from guichet.vault.ports import Vault


@dataclass(frozen=True)
class Choices:
    """What the town and its operator chose. secure: cookies travel over HTTPS only. patience: for the router's word.

    provider: by which agents sign in, too; None: by accounts of ours alone.
    undo: for how long an answer may be taken back. town_map: on which places are drawn.
    portal_url: where a printed letter's question is answered; blank: nowhere that the desk knows of.
    """

    town: Town
    session_key: bytes
    message_id_key: bytes
    sector_key: bytes
    secure: bool
    second_factor_required: bool
    patience: timedelta = PATIENCE
    provider: Client | None = None
    undo: timedelta = timedelta(0)
    town_map: TownMap | None = None
    portal_url: str = ""


@dataclass(frozen=True)
class Ports:
    """What the desk reads from and writes to; twins of it all make a desk without servers.

    provider: by which agents sign in, too, where there is one.
    """

    cases: CaseReader
    history: CaseHistory
    messages: MessageStore
    notes: Notes
    drafts: Drafts
    bulk_acts: BulkActs
    bulk_cases: BulkCases
    saved_answers: SavedAnswers
    news: AgentNewsStore
    read_marks: ReadMarks
    saved_views: SavedViews
    letters: Letters
    scans: ReadScans
    drawing: DrawPictures
    typesetting: Typesetter
    recognise: RecogniseText
    suspended: SuspendedMailReader
    unseen: UnseenMails
    registry: CitizenReader
    commands: CommandStore
    days: DepartmentDays
    accounts: AgentAccounts
    sessions: Sessions
    tries: SignInTries
    places: SignInPlaces
    audit: AuditTrail
    vault: Vault
    objects: ObjectStore
    antivirus: Antivirus
    publisher: Publisher
    edge: Edge
    feed: LiveFeed
    board: PresenceBoard
    search_files: SearchFilesPort
    probing: Probing
    clock: Callable[[], datetime]
    sleep: Sleep
    staff: StaffStore
    rights: AgentRights
    absences: Absences
    on_call: OnCallRota
    word_trials: WordTrials
    preferences: Preferences
    provider: ProviderClient | None
