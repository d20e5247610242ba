"""The table that a person reads after a run. Pure: an outcome in, Markdown out."""

from collections.abc import Iterable, Sequence

from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.schedule import Act
from tests.faults.verdicts.outcome import Outcome
from tests.faults.verdicts.verdicts import Verdict

HEAD = """\
# The fault run

Written by `make faults`; [tests/faults](../tests/faults) has the code. Every accepted message is filed once and answered
once, whichever process dies. Seed {seed}: `make faults FAULTS_SEED={seed} FAULTS_MESSAGES={messages}` breaks the same
things in the same order (what is in flight just then differs).

**{verdict}** {began:%Y-%m-%d}, {took:.0f} s in all, {load:.0f} s of it full load ({rate:.0f} messages/s accepted), on \
three brokers (min.insync.replicas 2), a replica set of three mongods (w: majority, journaled), two processes each of \
router, notifier and adapters, one of each account's sender. Everybody signs in (SCRAM-SHA-256) and speaks TLS, brokers and members among each other too.
"""
WRONG_SHOWN = 20  # lines of each verdict
WHAT_IS_TRIED = """\
Beside kills: primaries of the store that step down, and primaries that sleep until another leads; workers that sleep past
their session; an exception in the first batch of a new group and in a batch of one; three mails of which each quotes the
next, all at one time; a relay that takes a mail at once and says so after 25 s, which is no reason to send it again; every
clock, the providers' too, an hour ahead and back (leases keep the store's clock and records Kafka's: neither is moved).

Not tried here: a network that parts (members and brokers are one machine: who is asleep stands for who is cut off); two of
three away at once (nobody confirms then, and everybody waits); a disk that lies about what it flushed. Power that fails and a
disk that is full have runs of their own, on one broker and one mongod: `make power-cut`, `make full-disk`
([reliability.md](reliability.md)).
"""
IN_FLIGHT = """\
A fault is carried out only while messages are in flight in that process, asked just before: records and sends that a \
worker has in work and letters that a sender was handed (their own gauges), messages that an adapter was handed and has not answered (by the clients' own notes), \
records not handled on partitions that a broker leads, operations of the store's primary. The last column is what was seen after it. "its group was \
moving partitions": Kafka was sharing the group's partitions out anew, so nobody could say which records it left; \
"never answered": messages whose source was told nothing, and which it sends again; "sends left to others", of a sender: \
letters that it took along, so that the notifier does not know whether they left.
"""


def render(outcome: Outcome) -> str:
    """Return the whole report."""
    accepted = outcome.accepted
    parts = [
        HEAD.format(
            seed=outcome.seed,
            messages=outcome.form.messages,
            verdict="Everything holds." if outcome.holds else "It does NOT hold.",
            began=outcome.began,
            took=outcome.took_s,
            load=outcome.load_s,
            rate=len(accepted.numbers) / max(outcome.load_s, 1),
        ),
        "## What must hold\n",
        verdicts_table(outcome.verdicts),
        "\n## What was sent\n",
        _table(("answer of an adapter", "times"), _counted(accepted.answers)),
        _table(("process", "accepted", "never answered"), _by_process(outcome)),
        "## What was broken\n",
        WHAT_IS_TRIED,
        IN_FLIGHT,
        _table(("service", "kills and stepdowns that count"), _counted(outcome.counted)),
        _table(
            ("second", "fault", "process", "in flight", "seen after it"),
            [(f"{each.second:.1f}", each.act, each.process, each.in_flight, _seen(each)) for each in outcome.strikes],
        ),
        "### Exceptions\n",
        _table(("thrown in", "records in the batch", "then"), [(t.where, t.batch, t.told) for t in outcome.thrown]),
        "### Providers that misbehaved\n",
        _table(("trouble", "times"), _counted(outcome.struck)),
        f"Processes that ended unbidden: {', '.join(outcome.ended) or 'none'}.\n",
        "## Receipts that came twice, one by one\n",
        _doubled(outcome),
    ]
    return "\n".join(parts)


def verdicts_table(verdicts: Sequence[Verdict]) -> str:
    """Return what holds and what does not, a line each, then what is wrong."""
    rows = [("holds" if each.holds else "FAILS", each.name, each.figures) for each in verdicts]
    wrong = [f"- {each.name}: {line}" for each in verdicts for line in each.wrong[:WRONG_SHOWN]]
    return "\n".join([_table(("", "what", "counted"), rows), *wrong])


def _seen(strike: Strike) -> str:
    return strike.proof + (f"; {len(strike.orphans)} sends left to others" if strike.orphans else "")


def _doubled(outcome: Outcome) -> str:
    if not outcome.doubled:
        return "None.\n"
    rows = [
        (receipt, copies[0].way, ", ".join(f"{copy.at_s:.0f}" for copy in copies), "; ".join(why) or "NO EXCUSE")
        for receipt, (copies, why) in sorted(outcome.doubled.items(), key=lambda each: each[1][0][0].at_s)
    ]
    return _table(("receipt", "by", "seen by the sandbox at second", "why"), rows)


def _by_process(outcome: Outcome) -> list[tuple[object, ...]]:
    accepted = outcome.accepted
    names = sorted({*accepted.by_process, *accepted.never_answered})
    return [(name, accepted.by_process[name], accepted.never_answered[name]) for name in names]


def _counted(counts: object) -> list[tuple[object, ...]]:
    return [(name, times) for name, times in sorted(dict(counts).items())]  # type: ignore[call-overload]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return str(value.value if isinstance(value, Act) else value).replace("|", "\\|")
