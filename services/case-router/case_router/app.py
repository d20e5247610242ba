"""The composition root of the case-router: every concrete class is chosen here, and every setting read."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from case_router.domain.admit_message import admitted
from case_router.domain.keys import RouterKeys
from case_router.entry.consumers import add_consumers
from case_router.entry.parts import RouterParts, Stores
from case_router.entry.sweeper import Sweeper
from case_router.entry.unseen_mail_watch import UnseenMailWatch
from case_router.entry.work_rounds import COUNT_EVERY, look_again
from case_router.handlers.count_days import CountDays
from case_router.handlers.count_ended import CountEnded
from case_router.handlers.days_come import DaysCome
from case_router.handlers.end_assignments import EndAssignments
from case_router.handlers.file_batch import CaseRouter
from case_router.handlers.find_due_news import DueNewsFinder
from case_router.handlers.find_on_call_news import OnCallNewsFinder
from case_router.handlers.publish_outbox import DestroyedCases, Outbox
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
from guichet.store.abuse_declarations import MongoAbuseDeclarations
from guichet.store.agents.absences import MongoAbsences
from guichet.store.agents.news import MongoAgentNews
from guichet.store.agents.on_call import MongoOnCallRota
from guichet.store.agents.rights import MongoAgentRights
from guichet.store.cases.department_days import MongoDepartmentDays
from guichet.store.cases.ended_clocks import MongoEndedClocks
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.cases.history import MongoCaseHistory
from guichet.store.cases.store import MongoCaseStore
from guichet.store.commands import MongoCommandStore
from guichet.store.messages.store import MongoMessageStore
from guichet.store.messages.suspended import MongoSuspendedMail
from guichet.store.notes import MongoNotes
from guichet.store.registry.citizens import MongoCitizenStore
from guichet.store.registry.identifiers import MongoIdentifierStore
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import MongoThreadStore
from guichet.store.unseen_mail import MongoUnseenMails
from guichet.town import Town, load_town
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import KeySource, Vault

SERVICE: Final = "case-router"
KEYS_READY: Final = 2048  # for cases and newcomers: about two batches of new ones


def build_app(settings: CaseRouterSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs."""
    town, clock = load_town(settings.town), clock_of(SERVICE)
    # A batch that met an outage is tried again whole, and finds what it wrote already.
    database = connect(settings.mongo, repeats_writes=False)
    vault = open_vault(settings.vault, clock.now, repeats_writes=False)
    keys = _keys(settings)
    stores = mongo_stores(database, keys)
    publisher = KafkaPublisher(settings.kafka, SERVICE)
    made_ahead = vault.pool(KEYS_READY)
    KEY_POOL.labels(SERVICE).set_function(made_ahead.__len__)
    router = build_router(stores, vault, publisher, town, keys, made_ahead=made_ahead, clock=clock.now)
    sweeper = Sweeper(
        cases=stores.cases,
        messages=stores.messages,
        outbox=build_outbox(stores, publisher, town, clock.now),
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
    due = DaysCome.of_snoozes(stores.cases, router.decide, clock.now)
    worker.background(partial(look_again, due.look, clock.sleep, "days that have come"))
    clocks = DaysCome.of_clocks(stores.cases, router.decide, clock.now)
    worker.background(partial(look_again, clocks.look, clock.sleep, "clocks of the law"))
    days, departments = MongoDepartmentDays(database), tuple(town.departments)
    counts = CountDays(history=stores.history, days=days, departments=departments, clock=clock.now)
    worker.background(partial(look_again, counts.look, clock.sleep, "what departments did a day", COUNT_EVERY))
    ended = CountEnded(ended=MongoEndedClocks(database), days=days, departments=departments, clock=clock.now)
    worker.background(partial(look_again, ended.look, clock.sleep, "how clocks ended", COUNT_EVERY))
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
    parts = RouterParts(stores, vault, town, keys, new_keys, clock)
    return CaseRouter(
        cases=stores.cases,
        messages=stores.messages,
        reader=parts.reader,
        commit=parts.commit(),
        change_sector=parts.change_sector(),
        remember_senders=parts.remember_senders(),
        outbox=build_outbox(stores, publisher, town, clock),
        hold_back=parts.hold_back(),
        decide_mail=parts.decide_mail(),
        admit=lambda event: admitted(event, clock(), town.facts.of_other_packages),
    )


def build_outbox(stores: Stores, publisher: Publisher, town: Town, clock: Callable[[], datetime]) -> Outbox:
    """Put the outbox together on any faces of its ports. clock: aware UTC."""
    return Outbox(
        publisher=publisher,
        cases=stores.cases,
        history=stores.history,
        messages=stores.messages,
        commands=stores.commands,
        news=stores.news,
        on_call=OnCallNewsFinder(stores.on_call, stores.absences, stores.rights, town, clock),
        due=DueNewsFinder(stores.absences, stores.rights, clock),
    )


def _keys(settings: CaseRouterSettings) -> RouterKeys:
    return RouterKeys(
        registry=settings.registry_key.get_secret_value(),
        sector=settings.sector_key.get_secret_value(),
        thread=settings.thread_key.get_secret_value(),
        reference=settings.reference_key.get_secret_value(),
    )
