"""The composition root of the notifier: every concrete class is chosen here, and every setting read."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import Outgoing
from guichet.channel.outgoing.wire.lane_socket import socket_path
from guichet.channel.outgoing.wire.remote_sender import RemoteSender
from guichet.contracts.channels import Sending
from guichet.follow_pages.view_writer import ViewWriter
from guichet.kafka.consume.worker import Worker
from guichet.kafka.dead_letters.publish import DeadLetters
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.migrations.checks import require_ready_store
from guichet.mongo.client import Database, connect
from guichet.runtime.clock import clock_of
from guichet.runtime.rounds import in_rounds
from guichet.runtime.telemetry.metrics import KEY_POOL
from guichet.store.agents.agent_mails import MongoAgentMails
from guichet.store.agents.preferences import MongoPreferences
from guichet.store.agents.staff import MongoStaff
from guichet.store.cases.followed import MongoFollowedCases
from guichet.store.cases.reader import MongoCaseReader
from guichet.store.cases.store import MongoCaseStore
from guichet.store.deliveries.decisions import MongoDeliveryDecisions
from guichet.store.deliveries.receipt_counts import MongoReceiptCounts, ReceiptCounts
from guichet.store.deliveries.spending import MongoSpending, Spending
from guichet.store.deliveries.store import Deliveries, MongoDeliveries
from guichet.store.deliveries.watched import MongoWatchedDeliveries
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.messages.store import MongoMessageStore
from guichet.store.objects import ObstoreObjects
from guichet.store.sending_journal import SendingJournal, SqliteJournal
from guichet.town import Town, load_town
from guichet.town.provider_accounts import accounts_of, paced
from guichet.vault.mongo_vault import open_vault
from notifier.domain.agent_letter import agent_letter, mails_of
from notifier.domain.mail_message import MailWriter
from notifier.domain.wording import Wording
from notifier.entry import agent_lane, gathered_lane
from notifier.entry.agent_lane import AgentLane
from notifier.entry.consumers import add_consumers
from notifier.entry.gathered_lane import GatheredLane
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers import end_links, watch_clocks, watch_costs, watch_deliveries
from notifier.handlers.account import NO_JOURNAL, Account, Taken
from notifier.handlers.announce_changes import SWEEP_EVERY, Announcer
from notifier.handlers.judge_agent_mail import AgentMailJudge
from notifier.handlers.keep_budget import Budget
from notifier.handlers.keep_letters import KeptLetters
from notifier.handlers.limit_receipts import Ceiling
from notifier.handlers.owe_another_way import OtherWays
from notifier.handlers.owe_letters import Handlers
from notifier.handlers.redirect_letters import Redirects
from notifier.handlers.watch_clocks import WatchClocks
from notifier.handlers.watch_costs import WatchCosts
from notifier.handlers.watch_deliveries import Watch
from notifier.handlers.write_bundles import BundleWriter
from notifier.handlers.write_letters import LetterWriter
from notifier.settings import NotifierSettings

SERVICE: Final = "notifier"
FORGET_EVERY: Final = timedelta(days=1)
KEYS_READY: Final = 1024  # receipts' keys, made ahead: half a second of them when everybody writes at once
# How long a killed sender keeps others from what it had; one that lives renews it, however slow its provider.
_LEASE: Final = timedelta(seconds=30)


def build_app(settings: NotifierSettings) -> Worker:
    """Choose every concrete class of the service. Nothing connects before the worker runs. Raises SettingsError."""
    town, clock = load_town(settings.town), clock_of(SERVICE)
    now = clock.now
    database, vault = connect(settings.mongo), open_vault(settings.vault, now)
    publisher = KafkaPublisher(settings.kafka, SERVICE)
    deliveries, cases, messages = MongoDeliveries(database), MongoCaseStore(database), MongoMessageStore(database)
    views, keys = MongoFollowViews(database), vault.pool(KEYS_READY)
    KEY_POOL.labels(SERVICE).set_function(keys.__len__)
    counts = MongoReceiptCounts(database)
    ceiling = Ceiling(counts, settings.reference_key.get_secret_value(), settings.notifier_receipts_a_day, now)
    wording = Wording(town, str(settings.portal_url))
    ways = OtherWays(deliveries, cases, messages, vault, town, wording, now)
    announcer = Announcer(deliveries, publisher, now, ways.go_on)
    mails = MailWriter(town, settings.reference_key.get_secret_value())
    objects = ObstoreObjects(settings.objects_url)
    writer = LetterWriter(cases, messages, keys, vault, wording, ceiling, mails, objects, now)
    journal = NO_JOURNAL if settings.notifier_journal is None else SqliteJournal(settings.notifier_journal, now)
    spending = MongoSpending(database)
    dead_letters = DeadLetters(settings.kafka, vault, service=SERVICE, now=now)
    worker = Worker(SERVICE, settings.kafka, settings.health, dead_letters)
    accounts = _accounts(settings, town, deliveries.taken, journal, spending, now, worker.share)
    redirects = Redirects(deliveries, cases, messages, vault, town, announcer.announce_soon, now)
    lanes = _lanes(accounts, deliveries, writer, announcer, redirects, now)
    gathered = _gathered_lanes(accounts, deliveries, counts, BundleWriter(writer, wording), redirects, now)
    closed = sorted({facts.lane for facts in town.facts.values() if facts.lane} - {each.name for each in lanes})
    watch = Watch(MongoWatchedDeliveries(database), now, deliveries.has_due, closed)
    handlers = Handlers(
        deliveries=deliveries,
        decisions=MongoDeliveryDecisions(database),
        cases=cases,
        messages=messages,
        announcer=announcer,
        town=town,
        wording=wording,
        wake=_waking(lanes),
        note_owed=watch.note_owed,
        clock=now,
    )
    add_consumers(worker, handlers, ViewWriter(MongoFollowedCases(database), messages, views, vault, town))
    worker.on_start(partial(require_ready_store, database, settings.mongo, settings.vault))
    worker.on_start(vault.check)
    worker.on_start(publisher.start)
    worker.on_stop(publisher.stop)
    worker.on_stop(announcer.announce_gathered)  # after the lanes, before the publisher
    for lane in lanes:
        worker.on_start(lane.start)
        worker.on_stop(lane.stop)
        worker.background(lane.run)
    for each in gathered:
        worker.background(
            partial(
                in_rounds, each.step, gathered_lane.LOOK_EVERY, clock.sleep, "what was gathered waits", lane=each.name
            )
        )
    to_agents = _agent_lane(settings, town, accounts, database, now)
    worker.background(
        partial(in_rounds, to_agents.step, agent_lane.LOOK_EVERY, clock.sleep, "agents are written to later")
    )
    worker.background(keys.run)
    worker.background(announcer.announce_on)
    worker.background(partial(in_rounds, announcer.sweep, SWEEP_EVERY, clock.sleep, "swept later"))
    rounds = (
        (watch.look, watch_deliveries.LOOK_EVERY, "what is outstanding"),
        (WatchClocks(cases, now).look, watch_clocks.LOOK_EVERY, "clocks that were passed over"),
        (WatchCosts(town, spending, deliveries, now).look, watch_costs.LOOK_EVERY, "costs"),
        (partial(end_links.end_links, views, now), end_links.LOOK_EVERY, "links that end"),
    )
    for look, every, what in rounds:
        worker.background(partial(in_rounds, look, every, clock.sleep, f"{what}: looked later"))
    forgotten = partial(in_rounds, journal.forget_old, FORGET_EVERY, clock.sleep, "the journal forgets later")
    worker.background(forgotten)
    worker.health.add("vault", vault.check)
    worker.health.add("sending-journal", journal.check)
    return worker


def _lanes(
    accounts: Iterable[tuple[Account, LaneOptions]],
    deliveries: Deliveries,
    writer: LetterWriter,
    announcer: Announcer,
    redirects: Redirects,
    now: Callable[[], datetime],
) -> list[Lane]:
    return [
        Lane(
            account,
            options,
            deliveries=deliveries,
            write=writer.write,
            announce=announcer.announce_soon,
            clock=now,
            redirects=redirects,
        )
        for account, options in accounts
    ]


def _gathered_lanes(
    accounts: Iterable[tuple[Account, LaneOptions]],
    deliveries: Deliveries,
    counts: ReceiptCounts,
    bundles: BundleWriter,
    redirects: Redirects,
    now: Callable[[], datetime],
) -> list[GatheredLane]:
    return [
        GatheredLane(
            account,
            options.settle_after,
            deliveries=deliveries,
            counts=counts,
            write=bundles.write,
            clock=now,
            redirects=redirects,
        )
        for account, options in accounts
    ]


def _agent_lane(
    settings: NotifierSettings,
    town: Town,
    accounts: Iterable[tuple[Account, LaneOptions]],
    database: Database,
    now: Callable[[], datetime],
) -> AgentLane:
    """Return what writes to agents, by the account that carries the town's mail."""
    mails, preferences = MongoAgentMails(database), MongoPreferences(database)
    judge = AgentMailJudge(town, MongoStaff(database), preferences, mails, MongoCaseReader(database), now)
    channel = mails_of(town.facts)
    [mail] = [account for account, _ in accounts if account.name == channel.lane]
    desk = str(settings.desk_url).rstrip("/")
    return AgentLane(
        account=mail,
        mails=mails,
        preferences=preferences,
        judge=judge,
        write=lambda each, content: agent_letter(each.mail_id, content, town, desk, channel.name),
        channel=channel.name,
        working_days=town.working_days,
        clock=now,
    )


def _accounts(
    settings: NotifierSettings,
    town: Town,
    taken: Taken,
    journal: SendingJournal,
    spending: Spending,
    now: Callable[[], datetime],
    share: Callable[[], float],
) -> list[tuple[Account, LaneOptions]]:
    """Return the accounts of the town's lanes, each behind its sender's socket, and how each lane works."""
    accounts: list[tuple[Account, LaneOptions]] = []
    for lane, sending in accounts_of(town).items():
        sender = _sender(settings, town, lane, sending)
        used = paced(sending, settings.notifier_sms_per_second) if lane == town.facts["sms"].lane else sending
        rate = Rate(used.per_second, used.burst, used.per_recipient)
        budget = Budget(town.facts, town.costs_of(lane), spending, now) if lane in town.charging else None
        accounts.append((Account(sender, rate, now, taken, journal, budget, share), _options(used, settings)))
    return accounts


def _sender(settings: NotifierSettings, town: Town, lane: str, sending: Sending) -> Outgoing:
    if town.demonstration:
        return KeptLetters(lane)
    return RemoteSender(lane, socket_path(settings.sender_sockets, lane), sending.repeats)


def _options(sending: Sending, settings: NotifierSettings) -> LaneOptions:
    """Return how a lane works. A provider that can be asked is, once its list must show what it took."""
    settle_after = sending.settle_after
    if settle_after and settings.notifier_settle_after is not None:
        settle_after = settings.notifier_settle_after
    return LaneOptions(hold=_LEASE + settle_after, settle_after=settle_after, at_once=sending.at_once)


def _waking(lanes: list[Lane]) -> Callable[[str], None]:
    by_name = {lane.name: lane for lane in lanes}

    def wake(name: str) -> None:
        if lane := by_name.get(name):
            lane.wake()

    return wake
