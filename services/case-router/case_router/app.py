"""The composition root of the case-router: every concrete class is chosen here, and every setting read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from case_router.domain.admit_message import admitted
from case_router.domain.keys import RouterKeys
from case_router.domain.open_case import CaseOpener
from case_router.domain.suspension import Suspend
from case_router.entry.consumers import add_consumers
from case_router.entry.sweeper import Sweeper
from case_router.entry.unseen_mail_watch import UnseenMailWatch
from case_router.entry.work_rounds import COUNT_EVERY, look_again
from case_router.handlers.apply_declarations import ApplyDeclarations
from case_router.handlers.bring_back import BringBack
from case_router.handlers.change_sector import ChangeSector
from case_router.handlers.commit_batch import CommitBatch
from case_router.handlers.count_days import CountDays
from case_router.handlers.decide_mail import DecideMail
from case_router.handlers.end_assignments import EndAssignments
from case_router.handlers.file_batch import CaseRouter
from case_router.handlers.find_on_call_news import OnCallNewsFinder
from case_router.handlers.gather import GatherContext
from case_router.handlers.hold_back import HoldBack
from case_router.handlers.open_messages import MessageReader
from case_router.handlers.publish_outbox import DestroyedCases, Outbox
from case_router.handlers.recognise_citizens import RecogniseCitizens
from case_router.handlers.remember_senders import RememberSenders
from case_router.handlers.search_sector import SectorSearch
from case_router.settings import CaseRouterSettings
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher, Publisher
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import Database, connect
from guichet.privacy.signing.public_keys import PublicKeyFolder
from guichet.privacy.signing.records import Verifier
from guichet.runtime.clock import clock_of
from guichet.runtime.telemetry.metrics import KEY_POOL
from guichet.store.abuse_declarations import AbuseDeclarations, MongoAbuseDeclarations
from guichet.store.agents.absences import Absences, MongoAbsences
from guichet.store.agents.news import AgentNewsStore, MongoAgentNews
from guichet.store.agents.on_call import MongoOnCallRota, OnCallRota
from guichet.store.agents.rights import AgentRights, MongoAgentRights
from guichet.store.cases.department_days import MongoDepartmentDays
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.cases.history import CaseHistory, MongoCaseHistory
from guichet.store.cases.store import CaseStore, MongoCaseStore
from guichet.store.commands import CommandStore, MongoCommandStore
from guichet.store.messages.store import MessageStore, MongoMessageStore
from guichet.store.messages.suspended import MongoSuspendedMail, SuspendedMail
from guichet.store.notes import MongoNotes, Notes
from guichet.store.registry.citizens import CitizenStore, MongoCitizenStore
from guichet.store.registry.identifiers import IdentifierStore, MongoIdentifierStore
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import MongoThreadStore, ThreadStore
from guichet.store.unseen_mail import MongoUnseenMails, UnseenMails
from guichet.town import Town, load_town
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import KeySource, Vault

SERVICE: Final = "case-router"
KEYS_READY: Final = 2048  # for cases and newcomers: about two batches of new ones


@dataclass(frozen=True)
class Stores:
    """Every collection that the router writes, and the rights, notes, absences and rota that it reads."""

    cases: CaseStore
    history: CaseHistory
    messages: MessageStore
    suspended: SuspendedMail
    unseen: UnseenMails
    commands: CommandStore
    abuse: AbuseDeclarations
    rights: AgentRights
    news: AgentNewsStore
    on_call: OnCallRota
    absences: Absences
    notes: Notes
    threads: ThreadStore
    identifiers: IdentifierStore
    citizens: CitizenStore


def build_app(settings: CaseRouterSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs."""
    town, clock = load_town(settings.town), clock_of(SERVICE)
    database, vault = connect(settings.mongo), open_vault(settings.vault, clock.now)
    keys = _keys(settings)
    stores = mongo_stores(database, keys)
    publisher = KafkaPublisher(settings.kafka, SERVICE)
    made_ahead = vault.pool(KEYS_READY)
    KEY_POOL.labels(SERVICE).set_function(made_ahead.__len__)
    router = build_router(stores, vault, publisher, town, keys, made_ahead=made_ahead, clock=clock.now)
    sweeper = Sweeper(
        cases=stores.cases,
        messages=stores.messages,
        outbox=build_outbox(stores, publisher, town),
        destroyed=DestroyedCases(MongoCaseErasing(database), publisher),
        file_again=router.file_again,
        after=settings.case_router_sweep_after,
        clock=clock.now,
        sleep=clock.sleep,
    )
    dead_letters = DeadLetters(settings.kafka, vault, service=SERVICE, now=clock.now)
    verifier = Verifier(PublicKeyFolder(settings.public_keys))
    worker = Worker(SERVICE, settings.kafka, settings.health, dead_letters, verifier=verifier)
    add_consumers(worker, router.handle, town.facts, dead_letters.keep_given_up)
    worker.on_start(partial(require_ready_store, database, settings.mongo, settings.vault))
    worker.on_start(vault.check)
    worker.on_start(publisher.start)
    worker.on_stop(publisher.stop)
    worker.background(sweeper.sweep_on)
    worker.background(made_ahead.run)
    lost = EndAssignments(rights=stores.rights, cases=stores.cases, decide=router.decide, clock=clock.now)
    worker.background(partial(look_again, lost.look, clock.sleep, "lost rights"))
    due = BringBack(cases=stores.cases, decide=router.decide, clock=clock.now)
    worker.background(partial(look_again, due.look, clock.sleep, "days that have come"))
    counts = CountDays(
        history=stores.history,
        days=MongoDepartmentDays(database),
        departments=tuple(town.departments),
        clock=clock.now,
    )
    worker.background(partial(look_again, counts.look, clock.sleep, "what departments did a day", COUNT_EVERY))
    worker.background(UnseenMailWatch(stores.unseen, town.working_days, clock=clock.now, sleep=clock.sleep).run)
    worker.health.add("vault", vault.check)
    return worker


def mongo_stores(database: Database, keys: RouterKeys) -> Stores:
    """Return the stores in MongoDB."""
    return Stores(
        cases=MongoCaseStore(database),
        history=MongoCaseHistory(database),
        messages=MongoMessageStore(database),
        suspended=MongoSuspendedMail(database),
        unseen=MongoUnseenMails(database),
        commands=MongoCommandStore(database),
        abuse=MongoAbuseDeclarations(database),
        rights=MongoAgentRights(database),
        news=MongoAgentNews(database),
        on_call=MongoOnCallRota(database),
        absences=MongoAbsences(database),
        notes=MongoNotes(database),
        threads=MongoThreadStore(database, ClaimSealing(keys.thread, keys.registry)),
        identifiers=MongoIdentifierStore(database),
        citizens=MongoCitizenStore(database),
    )


def build_router(
    stores: Stores,
    vault: Vault,
    publisher: Publisher,
    town: Town,
    keys: RouterKeys,
    *,
    made_ahead: KeySource | None = None,
    clock: Callable[[], datetime],
) -> CaseRouter:
    """Put the router together on any faces of its ports.

    made_ahead: where new keys come from; None: the vault. clock: aware UTC.
    """
    new_keys: KeySource = vault if made_ahead is None else made_ahead  # an empty reserve is false, and still the source
    registry = RecogniseCitizens(
        identifiers=stores.identifiers,
        citizens=stores.citizens,
        new_keys=new_keys,
        vault=vault,
        registry_key=keys.registry,
    )
    search = SectorSearch(citizens=stores.citizens, sector_key=keys.sector)
    reader = MessageReader(vault=vault, registry=registry, keys=keys, town=town)
    abuse = ApplyDeclarations(
        declarations=stores.abuse, messages=stores.messages, reader=reader, opener=vault, keys=keys
    )
    gather = GatherContext(
        threads=stores.threads,
        cases=stores.cases,
        history=stores.history,
        messages=stores.messages,
        reader=reader,
        registry=registry,
        search=search,
        abuse=abuse,
        rights=stores.rights,
        notes=stores.notes,
        opener=vault,
    )
    commit = CommitBatch(
        gather=gather,
        threads=stores.threads,
        cases=stores.cases,
        commands=stores.commands,
        abuse=abuse,
        new_keys=new_keys,
        town=town,
        keys=keys,
        clock=clock,
    )
    opener = CaseOpener(town, keys)
    return CaseRouter(
        cases=stores.cases,
        messages=stores.messages,
        reader=reader,
        commit=commit,
        change_sector=ChangeSector(
            messages=stores.messages,
            history=stores.history,
            reader=reader,
            registry=registry,
            search=search,
            opener=opener,
        ),
        remember_senders=RememberSenders(
            messages=stores.messages,
            history=stores.history,
            reader=reader,
            registry=registry,
            town=town,
            keys=keys,
        ),
        outbox=build_outbox(stores, publisher, town),
        hold_back=HoldBack(
            suspend=Suspend(town, opener.rules),
            messages=stores.messages,
            suspended=stores.suspended,
            unseen=stores.unseen,
            gather=gather,
            reader=reader,
            opener=opener,
            town=town,
        ),
        decide_mail=DecideMail(
            messages=stores.messages,
            suspended=stores.suspended,
            unseen=stores.unseen,
            commands=stores.commands,
            rights=stores.rights,
            clock=clock,
        ),
        admit=lambda event: admitted(event, clock(), town.facts.of_other_packages),
    )


def build_outbox(stores: Stores, publisher: Publisher, town: Town) -> Outbox:
    """Put the outbox together on any faces of its ports."""
    return Outbox(
        publisher=publisher,
        cases=stores.cases,
        history=stores.history,
        messages=stores.messages,
        commands=stores.commands,
        news=stores.news,
        on_call=OnCallNewsFinder(stores.on_call, stores.absences, stores.rights, town),
    )


def _keys(settings: CaseRouterSettings) -> RouterKeys:
    return RouterKeys(
        registry=settings.registry_key.get_secret_value(),
        sector=settings.sector_key.get_secret_value(),
        thread=settings.thread_key.get_secret_value(),
        reference=settings.reference_key.get_secret_value(),
    )
