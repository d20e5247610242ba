"""Mails of one thread are one case: in any order, in any batches, with two routers, killed at any step, done twice.

The routers run on twins that give way to each other before every call, and fail when told to: what real stores do in a
thousand runs by chance happens here in each.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_router.app import Stores, build_outbox, build_router, mongo_stores
from case_router.domain.keys import RouterKeys
from case_router.entry.sweeper import Sweeper
from case_router.handlers.publish_outbox import DestroyedCases
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet.clock import SystemClock
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Event
from guichet.contracts.case_commands import CloseCase, DeclareAbuse, LiftAbuse, RerouteCase
from guichet.contracts.case_events import AbuseDeclared, CaseEvent, CaseOpened, CommandRefused
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS
from guichet.errors import TransientError
from guichet.ids import CaseId, CitizenId, MessageId, SectorCitizenId, SectorId
from guichet.kafka.records import Received
from guichet.mongo.client import Database, connect
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from guichet.town import load_town
from guichet.vault.sealing import Thing
from guichet_testing.builders.inbound import mail_content, sealed_message
from guichet_testing.sealing import seal_model
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryVault
from ingest_email.domain.parse_mail import MailReader
from ingest_email.domain.town_mailboxes import TownMailboxes
from tests.replay.corpus import CorpusMaker

TOWN = load_town(Path(__file__).parents[2] / "deploy" / "local" / "town")
ROUTER_KEYS = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
READER = MailReader(TownMailboxes(TOWN.mailboxes, TOWN.main_mailbox), b"k" * 32)
ARRIVED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Unsteady:
    """A store that lets others go first before each call, and now and then fails before or after it took effect."""

    def __init__(self, twin: Any, chance: random.Random, failures: float) -> None:
        self._twin = twin
        self._chance = chance
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._twin, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            for _ in range(self._chance.randint(0, 3)):
                await asyncio.sleep(0)
            self._maybe_fail()
            answer = await method(*args, **kwargs)
            self._maybe_fail()
            return answer

        return call

    def _maybe_fail(self) -> None:
        if self._chance.random() < self._failures:
            raise TransientError("killed here")


def twins() -> Stores:
    return Stores(
        cases=InMemoryCaseStore(),
        history=InMemoryCaseHistory(),
        messages=InMemoryMessageStore(),
        commands=InMemoryCommandStore(),
        abuse=InMemoryAbuseDeclarations(),
        rights=rights_in(TOWN.departments, "lea"),
        threads=InMemoryThreadStore(),
        identifiers=InMemoryIdentifierStore(),
        citizens=InMemoryCitizenStore(),
    )


@dataclass(frozen=True)
class Found:
    """What the stores hold in the end."""

    cases: list[CaseRecord]
    history: dict[CaseId, list[HistoryEntry]]
    filed: dict[MessageId, CaseId | None]
    identifiers: int
    citizens: int


@dataclass
class TwoRouters:
    """Two routers over the same stores."""

    chance: random.Random
    failures: float = 0.0
    stores: Stores = field(default_factory=twins)
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)

    async def run(self, queues: Sequence[Sequence[Event]], batch: int) -> None:
        """Let each router work through its queue, batch by batch, at the same time."""
        await asyncio.gather(*(self._work(queue, batch) for queue in queues))
        await self._sweep()

    async def _work(self, queue: Sequence[Event], batch: int) -> None:
        stores = Stores(**{each.name: self._unsteady(getattr(self.stores, each.name)) for each in fields(Stores)})
        router = build_router(
            stores,
            self._unsteady(self.vault),
            self._unsteady(self.publisher),
            TOWN,
            ROUTER_KEYS,
            clock=lambda: ARRIVED + timedelta(days=1),
        )
        for begin in range(0, len(queue), batch):
            records = [Received(event, "inbound-email", 0, 0) for event in queue[begin : begin + batch]]
            while True:
                try:
                    await router.handle(records)
                    break
                except TransientError:  # a kill: the same batch comes again
                    continue

    async def _sweep(self) -> None:
        """What a kill between two last steps leaves, the sweeper finds."""
        sweeper = Sweeper(
            cases=self.stores.cases,
            messages=self.stores.messages,
            outbox=build_outbox(self.stores, self.publisher),
            destroyed=DestroyedCases(InMemoryCaseStore(), self.publisher),
            file_again=build_router(
                self.stores, self.vault, self.publisher, TOWN, ROUTER_KEYS, clock=SystemClock().now
            ).file_again,
            after=timedelta(seconds=30),
            clock=lambda: ARRIVED + timedelta(days=1),
            sleep=SystemClock().sleep,
        )
        await sweeper.sweep()

    def _unsteady(self, face: Any) -> Any:
        return Unsteady(face, self.chance, self.failures)

    def found(self) -> Found:
        """Read the twins."""
        stores: Any = self.stores
        return Found(
            cases=[*stores.cases.cases.values()],
            history={case: stores.history.of(case) for case in stores.cases.cases},
            filed={key: message.filed for key, message in stores.messages.messages.items()},
            identifiers=len(stores.identifiers.identifiers),
            citizens=len(stores.citizens.citizens),
        )

    def owners(self) -> dict[CaseId, CitizenId | None]:
        """Return whose each case is, and its messages, in the registry's ids."""
        stores: Any = self.stores
        found = {}
        for case in stores.cases.cases.values():
            mine = {own_id(case.sector, each): each for each in stores.citizens.citizens}
            opening = stores.messages.messages[case.opened_by]
            assert (opening.sector, opening.citizen) == (case.sector, case.citizen)
            found[case.case_id] = mine.get(case.citizen)
        return found

    def check(self, expected: dict[str, set[MessageId]], found: Found | None = None) -> None:
        """Assert the promise: filed once, events once, versions without a gap, one case per thread."""
        found = found or self.found()
        published: dict[CaseId, dict[str, int]] = defaultdict(dict)
        for event in self.publisher.on(CASE_EVENTS):
            assert isinstance(event, CaseEvent)
            published[event.case_id].setdefault(event.event_id, event.version)
        for case in found.cases:
            history = found.history[case.case_id]
            assert [entry.version for entry in history] == list(range(1, case.version + 1))
            assert not case.outbox
            assert [*published[case.case_id].values()] == list(range(1, case.version + 1)), "in order, none missing"
            assert len({(entry.type, entry.cause) for entry in history}) == case.version
        threads = [sorted(inbound_of(history)) for history in found.history.values()]
        assert sorted(threads) == sorted(map(sorted, expected.values()))
        assert {message: case for message, case in found.filed.items() if case is None} == {}
        for case_id, history in found.history.items():
            assert all(found.filed[message] == case_id for message in inbound_of(history))
        assert found.identifiers == found.citizens


def own_id(sector: SectorId, citizen: CitizenId) -> SectorCitizenId:
    return sector_citizen_id(ROUTER_KEYS.sector, sector, citizen)


def inbound_of(history: Sequence[HistoryEntry]) -> list[MessageId]:
    """Return the citizens' messages of a case, by its own history."""
    filings = ("CaseOpened", "MessageFiled")
    return [entry.message_id for entry in history if entry.type in filings and entry.message_id is not None]


async def sealed(vault: InMemoryVault, draft: Draft) -> MessageReceived:
    [key] = await vault.new_keys(1)
    content = seal_model(key, Thing("message", draft.message_id), "content", draft.content)
    return MessageReceived(
        event_id=f"event of {draft.message_id}",
        occurred_at=draft.received_at,
        message_id=draft.message_id,
        channel=draft.channel,
        accounts=draft.accounts,
        received_at=draft.received_at,
        automatic=draft.automatic,
        content=content,
    )


async def arrivals(vault: InMemoryVault, letters: Sequence[Any]) -> tuple[list[tuple[str, MessageReceived]], dict]:
    """Return what the adapter would publish, with its sender, and the threads as they should be found."""
    events, threads = [], defaultdict(set)
    for letter in letters:
        for recipients in letter.deliveries:
            draft = READER.read(Envelope(letter.sender, recipients, letter.to_bytes()), ARRIVED)
            events.append((letter.sender, await sealed(vault, draft)))
            threads[letter.thread].add(draft.message_id)
    return events, threads


def queues(events: Sequence[tuple[str, MessageReceived]]) -> list[list[MessageReceived]]:
    """Share senders out between two routers, as partitions do."""
    shared: list[list[MessageReceived]] = [[], []]
    for sender, event in events:
        shared[sum(sender.encode()) % 2].append(event)
    return shared


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(2, 40),
    batch=st.integers(1, 25),
    failures=st.sampled_from([0.0, 0.0, 0.02, 0.1]),
)
def test_in_any_order(seed: int, size: int, batch: int, failures: float) -> None:
    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        await town.run(queues(events), batch)
        town.check(threads)
        chance.shuffle(events)
        before = town.found()
        await town.run(queues(events), batch)
        town.check(threads)
        assert town.found() == before

    asyncio.run(play())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), count=st.integers(1, 5), batch=st.integers(1, 6))
def test_a_root_that_comes_late_splits_no_thread(seed: int, count: int, batch: int) -> None:
    """The answer's own anchor is there, since a stranger quoted it, and the root's is not."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make_triples(count))
        chance.shuffle(events)
        await town.run(queues(events), batch)
        town.check(threads)

    asyncio.run(play())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(2, 30), batch=st.integers(1, 12))
def test_a_router_that_was_thought_dead_doubles_nothing(seed: int, size: int, batch: int) -> None:
    """Both work on everything at once, as after a pause longer than the session."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.02)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        every = [event for _, event in events]
        await town.run([every, every], batch)
        town.check(threads)

    asyncio.run(play())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(2, 20), batch=st.integers(1, 12))
def test_commands_in_between_are_each_done_once(seed: int, size: int, batch: int) -> None:
    """Agents close cases and hand them over while further mails arrive; both routers, kills, and all of it twice."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.05)
        events, threads = await arrivals(town.vault, CorpusMaker(seed).make(size))
        chance.shuffle(events)
        half = len(events) // 2
        await town.run(queues(events[:half]), batch)
        owners = town.owners()
        clicks = [click for case in town.found().cases for click in commands(case, chance)]
        chance.shuffle(clicks)  # what two agents decide about one case comes in one batch or in two
        rest: list[list[Event]] = [[*queue, *clicks[nth::2]] for nth, queue in enumerate(queues(events[half:]))]
        for _ in range(2):
            for queue in rest:
                chance.shuffle(queue)
            await town.run(rest, batch)
        town.check(threads)
        answered = Counter(entry.cause for history in town.found().history.values() for entry in history)
        assert all(answered[click.event_id] == 1 for click in clicks)
        after = town.owners()
        assert {case: after[case] for case in owners} == owners, "handed over, a case is somebody else's or nobody's"

    asyncio.run(play())


def commands(case: CaseRecord, chance: random.Random) -> list[Event]:
    """Return what two agents who do not see each other decide about a case."""
    assert case.subject is not None
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": ARRIVED + timedelta(hours=1)}
    return [
        CloseCase(event_id=f"close {case.case_id}", **about),
        *(
            RerouteCase(
                event_id=f"reroute {case.case_id} {nth}",
                department=chance.choice([*TOWN.departments]),
                reason=case.subject,
                **about,
            )
            for nth in range(2)
        ),
        declaration(case),
        LiftAbuse(event_id=f"lift {case.case_id}", sector=case.sector, **about),
    ]


def declaration(case: CaseRecord) -> DeclareAbuse:
    """Return what an agent says who has had enough of a case's sender."""
    assert case.subject is not None
    return DeclareAbuse(
        event_id=f"declare {case.case_id}",
        case_id=case.case_id,
        issued_by="lea",
        occurred_at=ARRIVED + timedelta(hours=1),
        sector=case.sector,
        ground=AbuseGround.NUMBER,
        reason=case.subject,
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(2, 8), batch=st.integers(1, 4))
def test_of_all_who_declare_one_sender_abusive_one_does(seed: int, size: int, batch: int) -> None:
    """So the sender is told once: two routers, kills, and all of it twice."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.05)
        contents = [mail_content("zoe@courriel.example", message_id=f"{nth}@courriel.example") for nth in range(size)]
        mails = [await sealed_message(town.vault, f"m{nth}", each) for nth, each in enumerate(contents)]
        await town.run([mails], batch)
        clicks = [declaration(case) for case in town.found().cases]
        assert len(clicks) == size
        for _ in range(2):
            chance.shuffle(clicks)
            await town.run([clicks[::2], clicks], batch)
        told = {event.event_id: type(event) for event in town.publisher.on(CASE_EVENTS)}
        assert Counter(told.values()) == {CaseOpened: size, AbuseDeclared: 1, CommandRefused: size - 1}

    asyncio.run(play())


async def test_the_whole_corpus() -> None:
    town = TwoRouters(random.Random(1))
    letters = CorpusMaker(seed=20261124).make(1000)
    assert len({letter.number for letter in letters}) == 1000
    events, threads = await arrivals(town.vault, letters)
    random.Random(2).shuffle(events)
    await town.run(queues(events), 100)
    town.check(threads)


@pytest.mark.real
@pytest.mark.parametrize("both", [False, True], ids=["shared-out", "both-all-of-it"])
async def test_on_mongodb(mongo_server: Any, mongo_database: str, both: bool) -> None:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    await prepare(database, clock=SystemClock().now)
    town = TwoRouters(random.Random(5), failures=0.005, stores=mongo_stores(database, ROUTER_KEYS))
    events, threads = await arrivals(town.vault, CorpusMaker(seed=6).make(300))
    random.Random(7).shuffle(events)
    every = [event for _, event in events]
    await town.run([every, every] if both else queues(events), 40)
    town.check(threads, await read(database))
    before = await read(database)
    await town.run(queues(events), 60)
    assert await read(database) == before


async def read(database: Database) -> Found:
    cases = await database["cases"].find({}).sort("_id").to_list(None)
    messages = await database["messages"].find({}, {"filed": 1}).to_list(None)
    history: dict[CaseId, list[HistoryEntry]] = {case["_id"]: [] for case in cases}
    async for entry in database["case_history"].find({}).sort("version"):
        history[entry["case_id"]].append(HistoryEntry.model_validate(entry))
    return Found(
        cases=[CaseRecord.model_validate(case) for case in cases],
        history=history,
        filed={message["_id"]: message["filed"] for message in messages},
        identifiers=await database["identifiers"].count_documents({}),
        citizens=await database["citizens"].count_documents({}),
    )
