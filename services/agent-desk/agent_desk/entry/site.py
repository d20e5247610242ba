"""The desk's site: its pages over the ports that they are given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse

from agent_desk.domain.cases.destination import reason_against
from agent_desk.domain.cases.folded import fold
from agent_desk.domain.search.address import SearchAddresses
from agent_desk.domain.sign_in.openid.client import Client
from agent_desk.entry.absence_pages import AbsencePages, absence_routes
from agent_desk.entry.case_pages import CasePages, case_routes
from agent_desk.entry.code_pages import code_routes
from agent_desk.entry.composer_pages import ComposerPages, composer_routes
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.decision_pages import DecisionPages, decision_routes
from agent_desk.entry.entered_pages import EnteredPages, entered_routes
from agent_desk.entry.error_pages import add_desk_error_pages
from agent_desk.entry.file_pages import file_routes
from agent_desk.entry.letter_pages import LetterPages, letter_routes
from agent_desk.entry.live_pages import live_routes
from agent_desk.entry.password_pages import password_routes
from agent_desk.entry.provider_pages import provider_routes
from agent_desk.entry.saved_answer_pages import SavedAnswerPages, saved_answer_routes
from agent_desk.entry.search_pages import SearchPages, search_routes
from agent_desk.entry.second_factor_pages import second_factor_routes
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.sign_in_pages import sign_in_routes
from agent_desk.entry.staff_pages import StaffPages, staff_routes
from agent_desk.entry.suspended_pages import SuspendedPages, suspended_routes
from agent_desk.entry.work_pages import WorkPages, work_routes
from agent_desk.handlers.cases.antivirus import Antivirus
from agent_desk.handlers.cases.await_outcome import PATIENCE, Outcomes
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.export_list import ListExport
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.find_proof import SenderProofs
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.cases.recognise_caller import Callers
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.citizens.sector_index import SectorIndex
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.composer.find_doubts import DoubtFinder
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.entered.take_down import TakeDown
from agent_desk.handlers.letters.file_letter import FileLetter
from agent_desk.handlers.letters.letter_box import LetterBox
from agent_desk.handlers.letters.read_scans import ReadScans
from agent_desk.handlers.letters.recognise_text import ReadTexts, RecogniseText
from agent_desk.handlers.live.live_feed import LiveFeed
from agent_desk.handlers.open_files import FileOpener
from agent_desk.handlers.search.search_cases import CaseSearch
from agent_desk.handlers.search.search_files import SearchFilesPort
from agent_desk.handlers.sign_in.change_password import ChangePassword
from agent_desk.handlers.sign_in.change_second_factor import ChangeSecondFactor
from agent_desk.handlers.sign_in.check_code import CodeCheck
from agent_desk.handlers.sign_in.finish_sign_in import FinishSignIn
from agent_desk.handlers.sign_in.limit_tries import SignInLimits, sign_in_limits
from agent_desk.handlers.sign_in.note_refused import RefusedSignIns
from agent_desk.handlers.sign_in.openid.end_sessions import EndSessions
from agent_desk.handlers.sign_in.openid.provided_agents import ProvidedAgents
from agent_desk.handlers.sign_in.openid.provider_client import ProviderClient
from agent_desk.handlers.sign_in.openid.provision import Provision
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import SignInByProvider
from agent_desk.handlers.sign_in.openid.verify_identity import VerifyIdentity
from agent_desk.handlers.sign_in.sign_in import SignIn
from agent_desk.handlers.staff.explain_sight import SightExplainer
from agent_desk.handlers.staff.give_account import AccountGiver
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.suspended.decide_mail import MailDecisions
from agent_desk.handlers.suspended.read_suspended import ScopedSuspendedMail
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from guichet.channel.edge import Edge
from guichet.clock import Sleep
from guichet.kafka.produce.publisher import Publisher
from guichet.runtime.telemetry.probing_alarm import Probing
from guichet.runtime.web import web_app
from guichet.store.agents.absences import Absences
from guichet.store.agents.accounts import AgentAccounts
from guichet.store.agents.rights import AgentRights
from guichet.store.agents.sessions import Sessions
from guichet.store.agents.sign_in_places import SignInPlaces
from guichet.store.agents.sign_in_tries import SignInTries
from guichet.store.agents.staff import StaffStore
from guichet.store.agents.staff_changes import StaffChanges
from guichet.store.audit.trail import AuditTrail
from guichet.store.cases.history import CaseHistory
from guichet.store.cases.reader import CaseReader
from guichet.store.commands import CommandStore
from guichet.store.drafts import Drafts
from guichet.store.letters import Letters
from guichet.store.messages.store import MessageStore
from guichet.store.messages.suspended import COUNTED_UP_TO, SuspendedMailReader
from guichet.store.notes import Notes
from guichet.store.objects import ObjectStore
from guichet.store.registry.reader import CitizenReader
from guichet.store.saved_answers import SavedAnswers
from guichet.store.unseen_mail import UnseenMails
from guichet.town.provider_accounts import channels_carried
from guichet.town.town import Town
from guichet.vault.ports import Vault
from guichet.web.security_headers import SecurityHeaders
from guichet.web.static_files import serve_static
from guichet.web.templates import Templates

HERE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Choices:
    """What the town and its operator chose. secure: cookies travel over HTTPS only. patience: for the router's word.

    provider: by which agents sign in, too; None: by accounts of ours alone.
    """

    town: Town
    session_key: bytes
    message_id_key: bytes
    sector_key: bytes
    secure: bool
    second_factor_required: bool
    patience: timedelta = PATIENCE
    provider: Client | None = None


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
    saved_answers: SavedAnswers
    letters: Letters
    scans: ReadScans
    recognise: RecogniseText
    suspended: SuspendedMailReader
    unseen: UnseenMails
    registry: CitizenReader
    commands: CommandStore
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
    search_files: SearchFilesPort
    probing: Probing
    clock: Callable[[], datetime]
    sleep: Sleep
    staff: StaffStore
    rights: AgentRights
    absences: Absences
    provider: ProviderClient | None


def build_web(choices: Choices, ports: Ports) -> FastAPI:
    """Put the desk's pages together."""
    limits = sign_in_limits(tries=ports.tries, places=ports.places, key=choices.session_key)
    staff = StaffDirectory(town=choices.town, entries=ports.staff, clock=ports.clock)
    sign_in = _sign_in(choices, ports, staff, limits)
    gate = SessionGate(
        sign_in=sign_in,
        templates=Templates(
            HERE,
            town_name=choices.town.name,
            demonstration=choices.town.demonstration,
            channels=choices.town.facts,
            carried=channels_carried(choices.town),
            reason_against=partial(reason_against, town=choices.town),
            most_suspended=COUNTED_UP_TO,
            fold=fold,
            provider=choices.provider.label if choices.provider else None,
            help=choices.provider.help if choices.provider else None,
        ),
        probing=ports.probing,
        suspended=ports.suspended,
        key=choices.session_key,
        secure=choices.secure,
        second_factor_required=choices.second_factor_required,
        clock=ports.clock,
    )
    return _site(
        gate,
        *_sign_in_routes(gate, sign_in, staff, limits, choices, ports),
        *_case_routes(gate, staff, choices, ports),
        staff_routes(_staff_pages(gate, sign_in, staff, choices, ports)),
    )


def _sign_in(choices: Choices, ports: Ports, staff: StaffDirectory, limits: SignInLimits) -> SignIn:
    key = choices.session_key
    return SignIn(
        staff=staff,
        accounts=ports.accounts,
        sessions=ports.sessions,
        limits=limits,
        audit=ports.audit,
        refused=RefusedSignIns(tries=ports.tries, audit=ports.audit, probing=ports.probing, key=key),
        key=key,
        clock=ports.clock,
    )


def _sign_in_routes(
    gate: SessionGate, sign_in: SignIn, staff: StaffDirectory, limits: SignInLimits, choices: Choices, ports: Ports
) -> Sequence[APIRouter]:
    accounts, sessions, audit, clock = ports.accounts, ports.sessions, ports.audit, ports.clock
    check = CodeCheck(
        accounts=accounts,
        opener=ports.vault,
        limits=limits.codes,
        queue=sign_in.check.known,
        audit=audit,
        probing=ports.probing,
        clock=clock,
    )
    finish = FinishSignIn(
        sign_in=sign_in,
        check=check,
        staff=staff,
        accounts=accounts,
        sessions=sessions,
        key=choices.session_key,
        clock=clock,
    )
    password = ChangePassword(sign_in=sign_in, accounts=accounts, sessions=sessions, audit=audit, clock=clock)
    second_factor = ChangeSecondFactor(
        sign_in=sign_in, check=check, accounts=accounts, sessions=sessions, keys=ports.vault, audit=audit, clock=clock
    )
    by_provider, told = _by_provider(choices, ports, staff)
    return (
        sign_in_routes(gate, sign_in, by_provider),
        *((provider_routes(gate, by_provider, told),) if by_provider and told else ()),
        code_routes(gate, finish),
        password_routes(gate, password),
        second_factor_routes(gate, second_factor, town_name=choices.town.name),
    )


def _by_provider(
    choices: Choices, ports: Ports, staff: StaffDirectory
) -> tuple[SignInByProvider | None, EndSessions | None]:
    """Return the way in by the provider, and what it tells us by itself; None where there is none."""
    client = ports.provider
    if choices.provider is None or client is None:
        return None, None
    key, sessions, tries, audit, clock = choices.session_key, ports.sessions, ports.tries, ports.audit, ports.clock
    agents = ProvidedAgents(
        town=choices.town,
        staff=staff,
        store=ports.staff,
        rights=ports.rights,
        sessions=sessions,
        audit=audit,
        clock=clock,
    )
    agent_key = choices.sector_key  # stays, while the session key may be given anew
    provision = Provision(issuer=choices.provider.issuer, agents=agents, key=agent_key, clock=clock)
    by_provider = SignInByProvider(
        verify=VerifyIdentity(client=choices.provider, provider=client, tries=tries, key=key, clock=clock),
        provision=provision,
        sessions=sessions,
        tries=tries,
        audit=audit,
        refused=RefusedSignIns(tries=tries, audit=audit, probing=ports.probing, key=key),
        key=key,
        clock=clock,
    )
    told = EndSessions(
        by_provider=by_provider,
        provider=client,
        provision=provision,
        sessions=sessions,
        tries=tries,
        audit=audit,
        key=key,
        clock=clock,
    )
    return by_provider, told


def _case_routes(gate: SessionGate, staff: StaffDirectory, choices: Choices, ports: Ports) -> Sequence[APIRouter]:
    index = SectorIndex(reader=ports.registry, sector_master_key=choices.sector_key, clock=ports.clock)
    files = FileOpener(opener=ports.vault, objects=ports.objects, antivirus=ports.antivirus)
    citizens = CitizenDirectory(reader=ports.registry, index=index, opener=ports.vault)
    cases = ScopedCases(
        cases=ports.cases,
        story=StoryPages(ports.messages, ports.history),
        notes=ports.notes,
        citizens=citizens,
        opener=ports.vault,
        files=files,
        audit=ports.audit,
        sessions=ports.sessions,
        town=choices.town,
        clock=ports.clock,
    )
    outcomes = Outcomes(commands=ports.commands, feed=ports.feed, patience=choices.patience)
    exports = ListExport(cases=ports.cases, audit=ports.audit, town=choices.town, clock=ports.clock)
    callers = Callers(
        messages=ports.messages,
        citizens=citizens,
        opener=ports.vault,
        sessions=ports.sessions,
        audit=ports.audit,
        gives=choices.town.staff.caller_gives,
        clock=ports.clock,
    )
    assignees = Assignees(staff, clock=ports.clock)
    drafts = DraftKeeper(drafts=ports.drafts, vault=ports.vault, audit=ports.audit, clock=ports.clock)
    absences = AbsenceBook(absences=ports.absences, assignees=assignees, audit=ports.audit, clock=ports.clock)
    shelf = SavedAnswerShelf(answers=ports.saved_answers, vault=ports.vault, audit=ports.audit, clock=ports.clock)
    writer = AnswerWriter(choices.town)
    pages = CasePages(
        gate=gate,
        cases=cases,
        callers=callers,
        drafts=drafts,
        shelf=shelf,
        writer=writer,
        exports=exports,
        assignees=assignees,
        absences=absences,
        feed=ports.feed,
        outcomes=outcomes,
        town=choices.town,
    )
    answers = DecisionAnswers(pages=pages, outcomes=outcomes, clock=ports.clock)
    decisions = DecisionPages(
        pages=pages,
        answers=answers,
        gate=gate,
        cases=cases,
        ports=_decision_ports(choices, ports),
        destinations=Destinations(messages=ports.messages, citizens=citizens, opener=ports.vault),
        sender_proofs=SenderProofs(messages=ports.messages, opener=ports.vault, channels=choices.town.facts),
        drafts=drafts,
        writer=writer,
        doubts=DoubtFinder(cases=cases, town=choices.town),
        outcomes=outcomes,
        town=choices.town,
    )
    return (
        live_routes(gate=gate, cases=cases, feed=ports.feed),
        case_routes(pages),
        file_routes(gate=gate, cases=cases),
        decision_routes(decisions),
        composer_routes(
            ComposerPages(
                gate=gate,
                pages=pages,
                cases=cases,
                drafts=drafts,
                writer=writer,
                shelf=shelf,
                facts=CaseFactsReader(town=choices.town, clock=ports.clock),
            )
        ),
        saved_answer_routes(SavedAnswerPages(gate=gate, shelf=shelf, town=choices.town)),
        work_routes(
            WorkPages(
                pages=pages,
                answers=answers,
                gate=gate,
                cases=cases,
                assignees=assignees,
                notes=ports.notes,
                ports=_decision_ports(choices, ports),
            )
        ),
        absence_routes(AbsencePages(gate=gate, absences=absences, staff=staff)),
        entered_routes(_entered_pages(gate, choices, ports)),
        search_routes(_search_pages(gate, citizens, choices, ports)),
        letter_routes(_letter_pages(gate, choices, ports)),
        suspended_routes(_suspended_pages(gate, outcomes, files, choices, ports)),
    )


def _search_pages(gate: SessionGate, citizens: CitizenDirectory, choices: Choices, ports: Ports) -> SearchPages:
    search = CaseSearch(
        files=ports.search_files,
        cases=ports.cases,
        messages=ports.messages,
        citizens=citizens,
        opener=ports.vault,
        audit=ports.audit,
        feed=ports.feed,
        town=choices.town,
        clock=ports.clock,
    )
    return SearchPages(gate=gate, search=search, addresses=SearchAddresses(choices.session_key), town=choices.town)


def _suspended_pages(
    gate: SessionGate, outcomes: Outcomes, files: FileOpener, choices: Choices, ports: Ports
) -> SuspendedPages:
    mail = ScopedSuspendedMail(
        suspended=ports.suspended,
        unseen=ports.unseen,
        cases=ports.cases,
        opener=ports.vault,
        files=files,
        audit=ports.audit,
        clock=ports.clock,
    )
    decisions = MailDecisions(
        publisher=ports.publisher,
        audit=ports.audit,
        outcomes=outcomes,
        patience=choices.patience,
        clock=ports.clock,
        sleep=ports.sleep,
    )
    return SuspendedPages(gate=gate, mail=mail, decisions=decisions, outcomes=outcomes, town=choices.town)


def _entered_pages(gate: SessionGate, choices: Choices, ports: Ports) -> EnteredPages:
    take_down = TakeDown(
        edge=ports.edge,
        cases=ports.cases,
        feed=ports.feed,
        audit=ports.audit,
        message_id_key=choices.message_id_key,
        account=choices.town.main_mailbox,
        patience=choices.patience,
        clock=ports.clock,
    )
    return EnteredPages(gate=gate, take_down=take_down, town=choices.town)


def _letter_pages(gate: SessionGate, choices: Choices, ports: Ports) -> LetterPages:
    texts = ReadTexts(ports.recognise)
    box = LetterBox(
        letters=ports.letters,
        vault=ports.vault,
        scans=ports.scans,
        texts=texts,
        audit=ports.audit,
        key=choices.message_id_key,
        clock=ports.clock,
    )
    return LetterPages(gate=gate, box=box, filing=letter_filing(choices, ports, texts), town=choices.town)


def letter_filing(choices: Choices, ports: Ports, texts: ReadTexts | None = None) -> FileLetter:
    """Return who files letters: for the pages, and for whoever goes on with what was left behind."""
    return FileLetter(
        letters=ports.letters,
        vault=ports.vault,
        edge=ports.edge,
        audit=ports.audit,
        texts=texts or ReadTexts(ports.recognise),
        message_id_key=choices.message_id_key,
        channel=next(name for name, facts in choices.town.facts.items() if facts.on_paper),
        account=choices.town.main_mailbox,
        clock=ports.clock,
    )


def _staff_pages(
    gate: SessionGate, sign_in: SignIn, staff: StaffDirectory, choices: Choices, ports: Ports
) -> StaffPages:
    changes = StaffChanges(
        town=choices.town,
        entries=ports.staff,
        rights=ports.rights,
        sessions=ports.sessions,
        audit=ports.audit,
        clock=ports.clock,
    )
    return StaffPages(
        gate=gate,
        changes=changes,
        directory=staff,
        accounts=AccountGiver(accounts=ports.accounts, check=sign_in.check, audit=ports.audit, clock=ports.clock),
        sight=SightExplainer(staff=staff, cases=ports.cases, audit=ports.audit, clock=ports.clock),
        town=choices.town,
    )


def _decision_ports(choices: Choices, ports: Ports) -> DecisionPorts:
    return DecisionPorts(
        messages=ports.messages,
        vault=ports.vault,
        publisher=ports.publisher,
        audit=ports.audit,
        channels=choices.town.facts,
        digest_key=choices.session_key,
        clock=ports.clock,
    )


def _site(gate: SessionGate, *routes: APIRouter) -> FastAPI:
    web = web_app()
    web.add_middleware(SecurityHeaders)
    serve_static(web, HERE)
    for router in routes:
        web.include_router(router)

    @web.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse("/demandes", 303)

    add_desk_error_pages(web, gate)
    return web
