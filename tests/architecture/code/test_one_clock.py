"""What time it is, one port says; whoever asks the machine, or waits by it, is named here with the reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ASKS_THE_MACHINE = re.compile(
    r"\bdatetime\.now\b|\bdatetime\.utcnow\b|\bdatetime\.today\b|\bdate\.today\b|\btime\.time(_ns)?\("
    r"|\bfrom time import\b.*\btime\b|\blocaltime\(|\bformatdate\("
)
WAITS_BY_THE_MACHINE = re.compile(r"\basyncio\.sleep\((?!0\))|\bcall_later\(|\bcall_at\(")

MAY_ASK = {
    "shared/guichet/clock.py": "the clock's own room",
    "shared/guichet/kafka/admin/offsets.py": "up to when Kafka is searched: the broker stamps records with its own clock",
    "services/ops-console/ops_console/handlers/send_notices.py": "the date of its own mail: it watches machines",
    "deploy/local/sandbox/citizen_sandbox/play/clock.py": "the room of the world outside, which knows nothing of Guichet",
    "deploy/local/stack/guichet_local/machine/certificates.py": "TLS libraries judge certificates by the machine's clock",
}
MAY_KEEP_THE_MACHINES = {
    "services/ops-console/ops_console/app.py": "it watches machines: Kafka's records, and when processes began",
}
MAY_WAIT = {  # short, and for a technical reason: no decision waits for them
    "shared/guichet/clock.py": "the clock's own room",
    "shared/guichet/kafka/dead_letters/publish.py": "how long the edge's flood of unreadable payloads must have ended",
    "shared/guichet/kafka/groupless/follow.py": "a broker that is away",
    "shared/guichet/kafka/admin/offsets.py": "a coordinator that is coming",
    "shared/guichet/kafka/consume/reader.py": "Kafka's polls, in its sessions' time",
    "shared/guichet/kafka/admin/topics.py": "a topic that is being made",
    "shared/guichet/migrations/run.py": "another process that migrates, in a command that somebody watches",
    "shared/guichet/search_files/readers.py": "a file that is being swapped: hundredths of a second",
    "shared/guichet/vault/pool.py": "a store that is away",
    "shared/guichet/vault/keys/second_copy.py": "a disk that is being written",
    "shared/guichet/runtime/telemetry/access_alarm.py": "how long nothing must have been refused",
    "services/agent-desk/agent_desk/handlers/live/refresh_queue.py": "a list that hangs: two seconds; a click that takes long: one",
    "services/notifier/notifier/handlers/announce_changes.py": "a tenth of a second, to announce in bulk",
    "services/notifier/notifier/handlers/attempt_letter.py": "a store that is away: a second",
    "services/notifier/notifier/entry/gathered_lane.py": "the account's pace: two seconds at most",
    "services/notifier/notifier/entry/lane.py": "until a lease is renewed: leases keep the store's clock",
    "services/ops-console/ops_console/handlers/rounds.py": "it watches machines",
    "deploy/cli/guichet_cli/backup/restore.py": "a broker that was just started, in a command that somebody watches",
    "deploy/cli/guichet_cli/erase/request.py": "a command that somebody watches",
    "deploy/cli/guichet_cli/town/own_mail.py": "a mail under way, in a command that somebody watches",
    "deploy/cli/guichet_cli/upgrade/command.py": "decisions on their way, in a command that somebody watches",
    "deploy/local/sandbox/citizen_sandbox/play/courier.py": "the world outside",
    "deploy/local/sandbox/citizen_sandbox/play/lost_answer.py": "the world outside",
    "shared/channels/mail/guichet_mail/tile/sink.py": "the world outside",
    "shared/channels/twilio/guichet_twilio/tile/network.py": "the world outside",
}


def sources() -> Iterator[tuple[str, str]]:
    """Yield what runs in a town or on a laptop, path and text; no tests, no twins."""
    for folder in ("shared/guichet", "shared/channels", "services", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            place = path.relative_to(ROOT).as_posix()
            if not re.search(r"/tests/", place):
                yield place, path.read_text()


def offenders(pattern: re.Pattern[str]) -> set[str]:
    return {place for place, text in sources() if pattern.search(text)}


def test_nobody_asks_the_machine_what_time_it_is_but_those_named() -> None:
    assert offenders(ASKS_THE_MACHINE) == set(MAY_ASK)


def test_nobody_waits_by_the_machine_for_a_decision() -> None:
    assert offenders(WAITS_BY_THE_MACHINE) == set(MAY_WAIT)


def test_the_clock_of_the_environment_is_handed_to_whoever_needs_one() -> None:
    """Nobody has a clock by default: a root that forgot to hand it on would not be noticed."""
    assert offenders(re.compile(r"\bSystemClock\(\)")) == {"shared/guichet/runtime/clock.py", *MAY_KEEP_THE_MACHINES}


@pytest.mark.parametrize("service", sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir()))
def test_every_service_makes_one_clock(service: str) -> None:
    app = ROOT / "services" / service / service.replace("-", "_") / "app.py"
    expected = 0 if app.relative_to(ROOT).as_posix() in MAY_KEEP_THE_MACHINES else 1
    makes_one = re.findall(r"\bclock_of\(SERVICE\)|\brun_host\(SERVICE,", app.read_text())
    assert len(makes_one) == expected


def test_a_host_of_channels_makes_one_clock() -> None:
    assert (ROOT / "shared/guichet/channel/host/run.py").read_text().count("clock_of(service)") == 1


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("now = datetime.now(UTC)", True),
        ("now=partial(datetime.now, UTC)", True),
        ("int(time.time())", True),
        ("time.time_ns()", True),
        ("date.today()", True),
        ("from time import time", True),
        ("format_datetime(localtime())", True),
        ("time.monotonic()", False),
        ("self._clock.now()", False),
        ("from datetime import time", False),
    ],
)
def test_the_rule_tells_them_apart(line: str, asks: bool) -> None:
    assert bool(ASKS_THE_MACHINE.search(line)) is asks
