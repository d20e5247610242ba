"""The composition root of gdpr-worker."""

from datetime import UTC, datetime
from functools import partial

from gdpr_worker.agents import add_agents
from gdpr_worker.handlers import keep_trimming, record_request
from gdpr_worker.settings import GdprWorkerSettings
from gdpr_worker.turning import NightlyTurn
from guichet.kafka.dead_letters import DeadLetters
from guichet.kafka.publisher import KafkaPublisher
from guichet.kafka.worker import Worker
from guichet.store.client import connect_vault
from guichet.store.erasures import MongoErasureLedger
from guichet.store.turns import Turns
from guichet.store.vault import open_vault
from guichet.store.vault_turn import open_turn

SERVICE = "gdpr-worker"


def build_app(settings: GdprWorkerSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs."""
    vault, publisher = open_vault(settings), KafkaPublisher(settings, client_id=SERVICE)
    worker = Worker(SERVICE, settings, settings, DeadLetters(settings, vault, service=SERVICE))
    vault_database = connect_vault(settings)
    ledger = MongoErasureLedger(vault_database)
    turn = open_turn(settings, vault_database)
    nightly = NightlyTurn(turn, Turns(vault_database), settings.vault_turn_at, lambda: datetime.now(UTC))
    add_agents(worker, record=partial(record_request, ledger=ledger, publisher=publisher))
    worker.background(partial(keep_trimming, settings, pause=settings.trim_every, clock=lambda: datetime.now(UTC)))
    worker.background(nightly.run)
    worker.on_start(publisher.start)
    worker.on_stop(publisher.stop)
    worker.health.add("vault", vault.check)
    return worker
