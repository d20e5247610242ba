"""Two routers over one set of stores, fed in any order, with failures at every call; and what they leave."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from case_router.app import build_outbox, build_router
from case_router.domain.keys import RouterKeys
from case_router.entry.parts import Stores
from case_router.entry.sweeper import Sweeper
from case_router.handlers.publish_outbox import DestroyedCases
from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.channel.draft import Draft
from guichet.channel.envelope import Envelope
from guichet.clock import SystemClock
from guichet.contracts.base import Event
from guichet.contracts.case_events import CaseEvent, CaseOpened
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS
from guichet.errors import TransientError
from guichet.ids import CaseId, CitizenId, MessageId, SectorCitizenId, SectorId
from guichet.kafka.records import Received
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.vault.sealing import Thing
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.example_town import the_example_town
from guichet_testing.sealing import seal_model
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.abuse_declarations import InMemoryAbuseDeclarations
from guichet_testing.twins.store.agents.absences import InMemoryAbsences
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.on_call import InMemoryOnCallRota
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.history import InMemoryCaseHistory
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.commands import InMemoryCommandStore
from guichet_testing.twins.store.messages import InMemoryMessageStore
from guichet_testing.twins.store.notes import InMemoryNotes
from guichet_testing.twins.store.registry.citizens import InMemoryCitizenStore
from guichet_testing.twins.store.registry.identifiers import InMemoryIdentifierStore
from guichet_testing.twins.store.suspended_mail import InMemorySuspendedMail, InMemoryUnseenMails
from guichet_testing.twins.store.threads import InMemoryThreadStore
from guichet_testing.twins.vault import InMemoryVault
from tests.replay.corpus import CONTACT

TOWN = the_example_town()
ROUTER_KEYS = RouterKeys(*(bytes([number]) * 32 for number in range(1, 5)))
READER = MailReader(TownMailboxes(TOWN.mailboxes, TOWN.main_mailbox), b"k" * 32)
ARRIVED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


MOST_KILLS = 20
"""Of a router at one batch: whoever is killed for ever does the same first steps again and again."""


@dataclass
class Kills:
    """When a router is killed: at any call, with this probability, as long as there are kills left."""

    chance: random.Random
    probability: float
    left: int = MOST_KILLS

    def now_and_then(self) -> None:
        """Raise TransientError, or do nothing."""
        if self.chance.random() < self.probability and self.left:
            self.left -= 1
            raise TransientError("killed here")


class Unsteady:
    """A store that lets others go first before each call, and now and then fails before or after it took effect."""

    def __init__(self, twin: Any, kills: Kills) -> None:
        self._twin = twin
        self._kills = kills

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._twin, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            for _ in range(self._kills.chance.randint(0, 3)):
                await asyncio.sleep(0)
            self._kills.now_and_then()
            answer = await method(*args, **kwargs)
            self._kills.now_and_then()
            return answer

        return call


def twins() -> Stores:
    messages = InMemoryMessageStore()
    return Stores(
        cases=InMemoryCaseStore(),
        history=InMemoryCaseHistory(),
        messages=messages,
        suspended=InMemorySuspendedMail(messages),
        unseen=InMemoryUnseenMails(),
        commands=InMemoryCommandStore(),
        abuse=InMemoryAbuseDeclarations(),
        rights=rights_in(TOWN.departments, "lea", "max", suspended_mail=True),
        news=InMemoryAgentNews(),
        on_call=InMemoryOnCallRota(),
        absences=InMemoryAbsences(),
        notes=InMemoryNotes(),
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
        kills = Kills(self.chance, self.failures)
        stores = Stores(**{each.name: Unsteady(getattr(self.stores, each.name), kills) for each in fields(Stores)})
        router = build_router(
            stores,
            Unsteady(self.vault, kills),
            Unsteady(self.publisher, kills),
            TOWN,
            ROUTER_KEYS,
            clock=lambda: ARRIVED + timedelta(days=1),
        )
        for begin in range(0, len(queue), batch):
            records = [Received(event, "inbound-email", 0, 0) for event in queue[begin : begin + batch]]
            kills.left = MOST_KILLS
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
            outbox=build_outbox(self.stores, self.publisher, TOWN, lambda: ARRIVED + timedelta(days=1)),
            destroyed=DestroyedCases(InMemoryCaseStore(), self.publisher),
            file_again=build_router(
                self.stores, self.vault, self.publisher, TOWN, ROUTER_KEYS, clock=SystemClock().now
            ).file_again,
            after=timedelta(seconds=30),
            clock=lambda: ARRIVED + timedelta(days=1),
            sleep=SystemClock().sleep,
        )
        await sweeper.sweep()

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

    def check_copies(self, threads: dict[str, list[set[MessageId]]]) -> None:
        """Assert that of each mail's two copies one is a message of the thread's case, and the other lies beside it."""
        stores: Any = self.stores
        messages = stores.messages.messages
        spoken = {
            name: {
                case.case_id for case in self.found().cases if name in inbound_of(self.found().history[case.case_id])
            }
            for name in messages
        }
        for mails in threads.values():
            cases = set()
            for copies in mails:
                [first] = [name for name in copies if spoken[name]]
                [copy] = copies - {first}
                assert (messages[copy].copy_of, messages[copy].filed) == (first, messages[first].filed)
                assert messages[first].copy_of is None
                cases |= spoken[first]
            assert len(cases) == 1
        opened = [each for each in self.publisher.on(CASE_EVENTS) if isinstance(each, CaseOpened)]
        assert len({each.event_id for each in opened}) == len(threads), "a receipt more than there are requests"
        heads = [each.mail_head for each in messages.values() if each.mail_head]
        assert len(heads) == len(set(heads)) == sum(map(len, threads.values()))


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
        event_id=f"event-of-{draft.message_id}",
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


async def by_two_routes(
    vault: InMemoryVault, letters: Sequence[Any]
) -> tuple[list[tuple[str, MessageReceived]], dict[str, list[set[MessageId]]]]:
    """Return what the adapter publishes of mails as they were sent and with a banner, and which are one, by thread."""
    events, threads = [], defaultdict[str, list[set[MessageId]]](list)
    for letter in letters:
        ids = set()
        for content in (letter.to_bytes(), with_banner(letter.to_bytes())):
            draft = READER.read(Envelope(letter.sender, (CONTACT,), content), ARRIVED)
            events.append((letter.sender, await sealed(vault, draft)))
            ids.add(draft.message_id)
        assert len(ids) == 2, "the adapter sees no difference: nothing is tried"
        threads[letter.thread].append(ids)
    return events, threads


def with_banner(mail: bytes) -> bytes:
    """Return a mail as a route to the town may have changed it."""
    head, _, body = mail.partition(b"\r\n\r\n")
    head = head.replace(b"Subject: ", b"Subject: [EXT] ")
    return head + b"\r\n\r\nATTENTION : courriel externe\r\n\r\n" + body


def queues(events: Sequence[tuple[str, MessageReceived]]) -> list[list[MessageReceived]]:
    """Share senders out between two routers, as partitions do."""
    shared: list[list[MessageReceived]] = [[], []]
    for sender, event in events:
        shared[sum(sender.encode()) % 2].append(event)
    return shared
