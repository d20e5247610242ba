"""When what is broken: a seeded order of faults, each due when so much of the work is done. Pure."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

BROKERS = ("kafka", "kafka-2", "kafka-3")
PRIMARY, SECONDARY = "mongodb primary", "mongodb secondary"  # which of three that is, is seen when it is struck
WORKERS = ("case-router", "notifier", "gdpr-worker", "search-indexer")
ADAPTERS = ("ingest-email", "ingest-sms", "ingest-social")
SENDERS = ("sender-mail", "sender-twilio", "sender-telegram")
ALONE = ("gdpr-worker", "search-indexer", *SENDERS)  # one process each
LAST_DUE = 0.95  # of the messages accepted: an adapter has nothing in flight once the clients are done


class Act(StrEnum):
    """What is done to a process."""

    KILL = "kill -9"
    PAUSE = "SIGSTOP"
    STEP_DOWN = "replSetStepDown"
    CUT = "power cut"
    AHEAD = "an hour ahead"
    BACK = "an hour back"


MOVES = {Act.AHEAD: timedelta(hours=1), Act.BACK: timedelta(hours=-1)}
CLOCK = "every clock"


@dataclass(frozen=True)
class Fault:
    """One fault. process: as the stack calls it, or PRIMARY, SECONDARY, CLOCK. due: share of the messages that are accepted by then, 0 to 1."""

    act: Act
    process: str
    due: float


@dataclass(frozen=True)
class Doses:
    """How often each service is killed, each broker, a member of the replica set.

    primaries, secondaries: kills; step_downs: of a primary; frozen: primaries that sleep until another leads.
    pauses: of workers, past their session.
    """

    kills: dict[str, int]
    per_broker: int
    primaries: int
    secondaries: int
    step_downs: int
    frozen: int
    pauses: int

    @property
    def members(self) -> list[tuple[Act, str]]:
        """Return what is done to the replica set."""
        return [
            *[(Act.KILL, PRIMARY)] * self.primaries,
            *[(Act.KILL, SECONDARY)] * self.secondaries,
            *[(Act.STEP_DOWN, PRIMARY)] * self.step_downs,
            *[(Act.PAUSE, PRIMARY)] * self.frozen,
        ]

    @property
    def faults(self) -> int:
        """Return how many faults that makes."""
        return sum(self.kills.values()) + self.per_broker * len(BROKERS) + len(self.members) + self.pauses + len(MOVES)


FULL = Doses(
    kills={
        "case-router": 14, "notifier": 12, "gdpr-worker": 5, "search-indexer": 4,
        "ingest-email": 6, "ingest-sms": 6, "ingest-social": 6,
        "sender-mail": 4, "sender-twilio": 4, "sender-telegram": 4,
    },
    per_broker=3,
    primaries=4,
    secondaries=2,
    step_downs=3,
    frozen=2,
    pauses=6,
)  # fmt: skip
SHORT = Doses(
    kills={
        "case-router": 2, "notifier": 1, "gdpr-worker": 1,
        "ingest-email": 1, "ingest-sms": 1, "ingest-social": 1,
        "sender-mail": 1,
    },
    per_broker=0,
    primaries=1,
    secondaries=0,
    step_downs=1,
    frozen=0,
    pauses=1,
)  # fmt: skip


def make_schedule(seed: int, doses: Doses, processes: int = 2, one_broker: bool = False) -> list[Fault]:
    """Return the faults in their order. processes: of each service but those that are one: gdpr-worker, search-indexer, and each account's sender.

    Servers are spread out, never two in a row: two of three brokers away at once would only make everybody wait.
    one_broker: kill one of the three once, for a run too short for all. Every clock jumps ahead after a third of it,
    and back after two.
    """
    chance = random.Random(seed)
    small = [
        (Act.KILL, _one_of(service, processes, chance)) for service, times in doses.kills.items() for _ in range(times)
    ]
    small += [(Act.PAUSE, _one_of(WORKERS[nth % 2], processes, chance)) for nth in range(doses.pauses)]
    servers = [(Act.KILL, broker) for broker in BROKERS for _ in range(doses.per_broker)]
    servers += doses.members
    servers += [(Act.KILL, chance.choice(BROKERS))] if one_broker else []
    chance.shuffle(small)
    chance.shuffle(servers)
    order = _spread(small, servers)
    order.insert(len(order) * 2 // 3, (Act.BACK, CLOCK))
    order.insert(len(order) // 3, (Act.AHEAD, CLOCK))
    return [Fault(act, process, LAST_DUE * (nth + 1) / (len(order) + 1)) for nth, (act, process) in enumerate(order)]


def _one_of(service: str, processes: int, chance: random.Random) -> str:
    nth = 1 if service in ALONE else chance.randint(1, processes)
    return service if nth == 1 else f"{service}-{nth}"


def _spread(many: list[tuple[Act, str]], few: list[tuple[Act, str]]) -> list[tuple[Act, str]]:
    """Put the few between the many at equal distances."""
    order = list(many)
    for nth, each in enumerate(few):
        order.insert(round((nth + 1) * len(many) / (len(few) + 1)) + nth, each)
    return order
