"""Mails of one thread are one case: in any order, in any batches, with two routers, killed at any step, done twice.

The routers run on twins that give way to each other before every call, and fail when told to: what real stores do in a
thousand runs by chance happens here in each.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_router.app import Stores, build_outbox, build_router
from case_router.keys import RouterKeys
from case_router.sweeper import Sweeper
from guichet.channel.draft import Draft
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS
from guichet.errors import TransientError
from guichet.ids import CaseId, MessageId
from guichet.kafka.records import Received
from guichet.privacy.sealing import Thing, seal_model
from guichet.testing.cases import InMemoryCaseStore
from guichet.testing.citizens import InMemoryCitizenStore
from guichet.testing.commands import InMemoryCommandStore
from guichet.testing.identifiers import InMemoryIdentifierStore
from guichet.testing.messages import InMemoryMessageStore
from guichet.testing.publisher import InMemoryPublisher
from guichet.testing.threads import InMemoryThreadStore
from guichet.testing.vault import InMemoryVault
from guichet.town import load_town
from ingest_email.envelope import Envelope
from ingest_email.parse_mail import MailReader
from ingest_email.town_mailboxes import TownMailboxes

TOWN = load_town(Path(__file__).parents[2] / "deploy" / "local" / "town")
ROUTER_KEYS = RouterKeys(*(bytes([number]) * 32 for number in range(1, 7)))
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


@dataclass
class TwoRouters:
    """Two routers over the same stores."""

    chance: random.Random
    failures: float = 0.0
    vault: InMemoryVault = field(default_factory=InMemoryVault)
    publisher: InMemoryPublisher = field(default_factory=InMemoryPublisher)
    cases: InMemoryCaseStore = field(default_factory=InMemoryCaseStore)
    messages: InMemoryMessageStore = field(default_factory=InMemoryMessageStore)
    threads: InMemoryThreadStore = field(default_factory=InMemoryThreadStore)
    identifiers: InMemoryIdentifierStore = field(default_factory=InMemoryIdentifierStore)
    citizens: InMemoryCitizenStore = field(default_factory=InMemoryCitizenStore)
    commands: InMemoryCommandStore = field(default_factory=InMemoryCommandStore)

    async def run(self, queues: Sequence[Sequence[MessageReceived]], batch: int) -> None:
        """Let each router work through its queue, batch by batch, at the same time."""
        await asyncio.gather(*(self._work(queue, batch) for queue in queues))
        await self._sweep()

    async def _work(self, queue: Sequence[MessageReceived], batch: int) -> None:
        router = build_router(
            self._stores(), self._unsteady(self.vault), self._unsteady(self.publisher), TOWN, ROUTER_KEYS
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
        router = build_router(self._calm, self.vault, self.publisher, TOWN, ROUTER_KEYS)
        sweeper = Sweeper(
            cases=self.cases,
            messages=self.messages,
            outbox=build_outbox(self._calm, self.publisher),
            file_again=router.file_again,
            after=timedelta(seconds=30),
            clock=lambda: ARRIVED + timedelta(days=1),
        )
        await sweeper.sweep()

    @property
    def _calm(self) -> Stores:
        return Stores(
            cases=self.cases,
            messages=self.messages,
            commands=self.commands,
            threads=self.threads,
            identifiers=self.identifiers,
            citizens=self.citizens,
        )

    def _stores(self) -> Stores:
        return Stores(
            cases=self._unsteady(self.cases),
            messages=self._unsteady(self.messages),
            commands=self._unsteady(self.commands),
            threads=self._unsteady(self.threads),
            identifiers=self._unsteady(self.identifiers),
            citizens=self._unsteady(self.citizens),
        )

    def _unsteady(self, twin: Any) -> Any:
        return Unsteady(twin, self.chance, self.failures)

    def found_threads(self) -> dict[CaseId, set[MessageId]]:
        """Return the messages of each case, by the cases' own histories."""
        return {
            case.case_id: {entry.message_id for entry in case.history if entry.message_id is not None}
            for case in self.cases.cases.values()
        }

    def check(self, expected: dict[str, set[MessageId]]) -> None:
        """Assert the promise: filed once, events once, versions without a gap, one case per thread."""
        filed = {key: message.filed for key, message in self.messages.messages.items()}
        for case in self.cases.cases.values():
            assert [entry.version for entry in case.history] == list(range(1, case.version + 1))
            assert not case.outbox
            by_id = {event.event_id: event for event in self.publisher.on(CASE_EVENTS) if event.case_id == case.case_id}
            assert sorted(event.version for event in by_id.values()) == list(range(1, case.version + 1))
            messages = [entry.message_id for entry in case.history]
            assert len(messages) == len(set(messages)), "a message twice in a case"
            assert {filed[message] for message in messages} == {case.case_id}
        assert sorted(map(sorted, self.found_threads().values())) == sorted(map(sorted, expected.values()))
        assert len(self.identifiers.identifiers) == len(self.citizens.citizens)


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
def test_in_any_order(corpus: ModuleType, seed: int, size: int, batch: int, failures: float) -> None:
    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures)
        events, threads = await arrivals(town.vault, corpus.CorpusMaker(seed).make(size))
        chance.shuffle(events)
        await town.run(queues(events), batch)
        town.check(threads)
        chance.shuffle(events)
        before = dict(town.cases.cases)
        await town.run(queues(events), batch)
        town.check(threads)
        assert town.cases.cases == before

    asyncio.run(play())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(2, 30), batch=st.integers(1, 12))
def test_a_router_that_was_thought_dead_doubles_nothing(corpus: ModuleType, seed: int, size: int, batch: int) -> None:
    """Both work on everything at once, as after a pause longer than the session."""

    async def play() -> None:
        chance = random.Random(seed)
        town = TwoRouters(chance, failures=0.02)
        events, threads = await arrivals(town.vault, corpus.CorpusMaker(seed).make(size))
        chance.shuffle(events)
        every = [event for _, event in events]
        await town.run([every, every], batch)
        town.check(threads)

    asyncio.run(play())


async def test_the_whole_corpus(corpus: ModuleType) -> None:
    town = TwoRouters(random.Random(1))
    letters = corpus.CorpusMaker(seed=20261124).make(1000)
    assert len({letter.number for letter in letters}) == 1000
    events, threads = await arrivals(town.vault, letters)
    random.Random(2).shuffle(events)
    await town.run(queues(events), 100)
    town.check(threads)
