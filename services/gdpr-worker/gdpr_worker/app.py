"""The composition root of gdpr-worker."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from gdpr_worker.domain.erasure import begins_at
from gdpr_worker.domain.last_copy import Keeping, last_copy_gone_by
from gdpr_worker.entry.consumers import add_consumers
from gdpr_worker.entry.ended_round import EVERY_DAY, FIRST_REST, PAUSE, EndedRound
from gdpr_worker.entry.erasure_rounds import ErasureWork
from gdpr_worker.entry.nightly_rotation import NightlyRotation
from gdpr_worker.entry.trim_rounds import keep_trimming
from gdpr_worker.handlers import destroy_search_keys, watch_backups
from gdpr_worker.handlers.destroy_search_keys import FormerSearchKeys
from gdpr_worker.handlers.erase_person import ErasureSteps
from gdpr_worker.handlers.files_on_topics import files_on_topics
from gdpr_worker.handlers.mail_dpo import DpoMail
from gdpr_worker.handlers.read_barrier import KafkaBarrier
from gdpr_worker.handlers.record_requests import cancel_erasure, record_request
from gdpr_worker.handlers.refuse_older_machine import MachineAge
from gdpr_worker.handlers.remove_evidence import FormerEvidence
from gdpr_worker.handlers.remove_late_copies import remove_late_copies
from gdpr_worker.handlers.remove_leavers import Leavers
from gdpr_worker.handlers.remove_orphans import OrphanedFiles, claim_files
from gdpr_worker.handlers.remove_spam import ConfirmedSpam
from gdpr_worker.handlers.remove_with_case import remove_with_case
from gdpr_worker.handlers.watch_backups import BackupWatch
from gdpr_worker.settings import GdprWorkerSettings
from guichet.clock import Clock
from guichet.contracts.topics import TOPICS
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.data_subject.authority import Authority
from guichet.data_subject.topics import LogPass
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import Database, connect, connect_vault
from guichet.mongo.ended import MongoEnded
from guichet.privacy.data_map.retention import Executor
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.privacy.signing.public_keys import PublicKeyFolder
from guichet.privacy.signing.records import Verifier
from guichet.runtime.clock import clock_of
from guichet.runtime.rounds import in_rounds
from guichet.store.agents.leavers import MongoLeftBehind
from guichet.store.agents.rights import MongoAgentRights
from guichet.store.agents.staff import MongoStaff
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.cases.erase import MongoCaseErasing
from guichet.store.documents import MongoDocumentFinder
from guichet.store.messages.suspended import MongoSuspendedMail
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.schema import ENDING
from guichet.store.verified_backups import MongoVerifiedBackups
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet.vault.copy.keep import CopyKeeper, keep_no_copy
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.keys.locked import VaultLock
from guichet.vault.mongo_vault import open_vault
from guichet.vault.ports import Vault
from guichet.vault.rotation.records import Rotations
from guichet.vault.rotation.rotate import open_rotation
from guichet.vault.search_keys import MongoGivenUpKeys

SERVICE = "gdpr-worker"


def build_app(settings: GdprWorkerSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs."""
    clock = clock_of(SERVICE)
    now = clock.now
    vault, publisher = open_vault(settings.vault, now), KafkaPublisher(settings.kafka, client_id=SERVICE)
    database, vault_database = connect(settings.mongo), connect_vault(settings.vault)
    dead_letters = DeadLetters(settings.kafka, vault, service=SERVICE, now=now)
    verifier, town = Verifier(PublicKeyFolder(settings.public_keys)), load_town(settings.town)
    worker = Worker(SERVICE, settings.kafka, settings.health, dead_letters, verifier=verifier)
    rotation = open_rotation(settings.vault, vault_database, now)
    authority = Authority(verifier, settings.ledger_key.get_secret_value())
    steps = erasure_steps(settings, town, authority, database, vault, publisher, now)
    late_copies = partial(remove_late_copies, steps.logs, steps.removal, now)
    nightly = NightlyRotation(
        rotation, Rotations(vault_database), settings.vault.vault_turn_at, now, late_copies, clock.sleep
    )
    ledger = MongoErasureLedger(vault_database)
    erasures = ErasureWork(
        ledger,
        steps,
        rotation,
        stuck_after=settings.erasure_stuck_after,
        clock=now,
        sleep=clock.sleep,
    )
    add_consumers(
        worker,
        record=partial(record_request, ledger=ledger, publisher=publisher, wake=erasures.wake),
        cancel=partial(cancel_erasure, ledger=ledger, tag=steps.tag, clock=now),
        remove=partial(remove_with_case, finder=steps.finder, removal=steps.removal, clock=now),
    )
    worker.background(erasures.run)
    worker.background(nightly.run)
    worker.background(_second_copy(vault_database, settings.vault.vault_copy, clock))
    ended = MongoEnded(database, ENDING, partial(clock.sleep, PAUSE), vault.destroy_keys)
    worker.background(EndedRound(ended, now, clock.sleep).run)
    objects = ObstoreObjects(settings.objects_url)
    orphans = OrphanedFiles(
        objects=objects,
        documents=MongoDocumentFinder(database),
        on_topics=partial(files_on_topics, settings.kafka, vault),
        claim=partial(claim_files, objects, settings.kafka),
        check_whole=vault.check,
        sleep=clock.sleep,
    )
    worker.background(
        EndedRound(orphans, now, clock.sleep, Executor.ORPHANS, every=EVERY_DAY, first_after=FIRST_REST).run
    )
    spam = ConfirmedSpam(MongoSuspendedMail(database), steps.finder, steps.removal, clock.sleep)
    worker.background(EndedRound(spam, now, clock.sleep, Executor.SPAM).run)
    evidence = FormerEvidence(
        MongoCaseErasing(database), steps.finder, steps.removal, MongoAuditTrail(database), town.threats_kept
    )
    worker.background(
        EndedRound(evidence, now, clock.sleep, Executor.EVIDENCE, every=EVERY_DAY, first_after=FIRST_REST).run
    )
    leavers = Leavers(
        MongoLeftBehind(database),
        MongoAgentRights(database),
        partial(load_town, settings.town),
        MongoStaff(database),
        MongoAuditTrail(database),
        vault.destroy_keys,
    )
    worker.background(
        EndedRound(leavers, now, clock.sleep, Executor.LEAVERS, every=EVERY_DAY, first_after=FIRST_REST).run
    )
    worker.background(partial(keep_trimming, settings.kafka, pause=settings.trim_every, clock=now, sleep=clock.sleep))
    former = FormerSearchKeys(MongoGivenUpKeys(vault_database), vault)
    every = destroy_search_keys.LOOK_EVERY
    worker.background(
        partial(in_rounds, former.destroy, every, clock.sleep, "former keys of search files are destroyed later")
    )
    watch = BackupWatch(MongoVerifiedBackups(database), now, settings.backup_alarm_after)
    worker.background(
        partial(in_rounds, watch.look, watch_backups.LOOK_EVERY, clock.sleep, "looked for the last backup later")
    )
    machine = MachineAge(settings.vault.root_key_file, settings.vault.root_key_copy, VaultLock(vault_database))
    worker.on_start(machine.check)
    worker.on_start(partial(require_ready_store, database, settings.mongo, settings.vault))
    worker.on_start(publisher.start)
    worker.on_stop(publisher.stop)
    worker.health.add("vault", vault.check)
    return worker


def _second_copy(vault_database: Database, folder: Path | None, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Return what keeps the vault's second copy, or says that there is none."""
    if folder is None:
        return partial(keep_no_copy, vault_database, clock.sleep)
    return CopyKeeper(vault_database, folder, now=clock.now, sleep=clock.sleep).run


def erasure_steps(
    settings: GdprWorkerSettings,
    town: Town,
    authority: Authority,
    database: Database,
    vault: Vault,
    publisher: KafkaPublisher,
    now: Callable[[], datetime],
) -> ErasureSteps:
    """Choose what an erasure is done with."""
    registry_key = settings.registry_key.get_secret_value()
    documents, objects = MongoDocumentFinder(database), ObstoreObjects(settings.objects_url)
    sector_key = settings.sector_key.get_secret_value()
    finder = open_finder(database, vault, registry_key=registry_key, sector_key=sector_key)
    keeping = Keeping(oplog=settings.oplog_kept_for, backups=settings.backups_kept_for)
    return ErasureSteps(
        finder=finder,
        removal=open_removal(database, vault, objects, finder),
        logs=LogPass(
            kafka=settings.kafka, documents=documents, vault=vault, objects=objects, registry_key=registry_key
        ),
        barrier=KafkaBarrier(settings.kafka),
        audit=MongoAuditTrail(database),
        publisher=publisher,
        authority=authority,
        dpo=DpoMail(settings.smtp, town, now),
        begins=partial(begins_at, waits=settings.erasure_waits, days=town.working_days),
        tag=partial(erased_citizen_tag, settings.ledger_key.get_secret_value()),
        keys_remembered_for=settings.vault.keys_remembered_for,
        last_copy=lambda turned_at: last_copy_gone_by(turned_at, TOPICS, keeping),
        clock=now,
    )
