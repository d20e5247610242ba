"""Mails a second from the town's mailboxes, beside those from its mail server's hands."""

import asyncio
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from email.utils import format_datetime, localtime
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import yaml

from guichet.contracts.topics import INBOUND_EMAIL
from guichet.kafka.admin.offsets import Offsets
from guichet_bench.benchmark import Benchmark, Measure, Workbench, interleaved
from guichet_bench.cases import CaseCount, counted_cases
from guichet_bench.payloads.mail_payloads import mail, mails
from guichet_bench.rows import Row
from guichet_bench.wires.lmtp_wire import LMTP
from guichet_bench.wires.load import do_all
from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN
from guichet_local.stack import LocalStack
from guichet_testing.real.dovecot import Dovecot, running_dovecot, why_no_dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.town.services import only

MAILS: Final = 2_000
CONNECTIONS: Final = 32
MAILBOX: Final = "voirie@mairie.example"
BOXES: Final = 8
NEEDED: Final = only("ingest-email", "case-router")
WITHIN_S: Final = 120.0
PASSWORD: Final = "un mot de passe"


async def measure_mailboxes(bench: Workbench) -> list[Row]:
    """Hand as many new mails over by LMTP, lay them into one mailbox, and into several, in turn."""
    with _town(bench) as (stack, boxes), counted_cases(stack) as cases:
        async with Offsets(stack.kafka_admin) as offsets:
            rounds = _Rounds(stack, cases, offsets)
            for warm_up in (rounds.by_lmtp, partial(rounds.by_imap, boxes)):
                await warm_up()
            measures: dict[str, Measure] = {"LMTP": rounds.by_lmtp}
            measures |= {"one": partial(rounds.by_imap, boxes[:1]), "several": partial(rounds.by_imap, boxes)}
            rates = await interleaved(bench, measures)
    return [
        Row("mails by LMTP, accepted (250)", tuple(rates["LMTP"]), "/s"),
        Row(f"mails of {BOXES} mailboxes by IMAP, accepted", tuple(rates["several"]), "/s"),
        Row("mails of one mailbox by IMAP, accepted", tuple(rates["one"]), "/s"),
        Row.ratio(f"IMAP ÷ LMTP, {BOXES} mailboxes", rates["several"], rates["LMTP"]),
        Row.ratio("IMAP ÷ LMTP, one mailbox", rates["one"], rates["LMTP"]),
    ]


class _Rounds:
    """Each returns mails a second, up to the last one that the broker took, and waits for the last case."""

    def __init__(self, stack: LocalStack, cases: CaseCount, offsets: Offsets) -> None:
        self._stack = stack
        self._cases = cases
        self._offsets = offsets
        self._turns = count()

    async def by_lmtp(self) -> float:
        """Hand them over on connections that are kept."""
        exchanges, expected = list(mails(self._numbers(), MAILBOX)), self._cases.now() + MAILS
        begun = time.perf_counter()
        await do_all(LMTP, self._stack.ports["ingest-email-lmtp"], exchanges, CONNECTIONS)
        taken = time.perf_counter() - begun
        await asyncio.wait_for(self._cases.reach(expected), WITHIN_S)
        return MAILS / taken

    async def by_imap(self, boxes: Sequence[Mailbox]) -> float:
        """Lay them into these mailboxes, all at one moment."""
        written, numbers = format_datetime(localtime()), self._numbers()
        letters = [mail(each, f"citoyen.{each}@courriel.example", MAILBOX, written) for each in numbers]
        staged = [box.stage(letters[nth :: len(boxes)]) for nth, box in enumerate(boxes)]
        expected, on_topic = self._cases.now() + MAILS, await self._on_topic() + MAILS
        begun = time.perf_counter()
        for put_in in staged:
            put_in()
        async with asyncio.timeout(WITHIN_S):
            while await self._on_topic() < on_topic:  # noqa: ASYNC110  another process puts them there
                await asyncio.sleep(0.01)
            taken = time.perf_counter() - begun
            await self._cases.reach(expected)
        return MAILS / taken

    async def _on_topic(self) -> int:
        places = await self._offsets.partitions([INBOUND_EMAIL.name])
        return sum((await self._offsets.ends(places)).values())

    def _numbers(self) -> range:
        turn = next(self._turns)
        return range(turn * MAILS, (turn + 1) * MAILS)


@contextmanager
def _town(bench: Workbench) -> Iterator[tuple[LocalStack, list[Mailbox]]]:
    """Run a town that reads mailboxes. Raises StartFailedError where there can be no Dovecot."""
    folder = Path(mkdtemp(dir=bench.folder))
    if reason := why_no_dovecot(folder / "try"):
        raise StartFailedError(reason)
    with running_dovecot(folder / "dovecot") as dovecot:
        boxes = [dovecot.add_user(f"boite-{nth}@mairie.example", PASSWORD) for nth in range(BOXES)]
        files = folder / "town"
        shutil.copytree(TOWN, files, ignore=shutil.ignore_patterns("tests"))
        accounts = {f"boite-{nth}": _account(dovecot, box) for nth, box in enumerate(boxes)}
        (files / "mail.yaml").write_text(yaml.safe_dump({"imap": accounts}))
        settings = {f"GUICHET_IMAP_BOITE_{nth}_PASSWORD": PASSWORD for nth in range(BOXES)}
        settings |= {"GUICHET_TOWN": str(files), "GUICHET_IMAP_CA_FILE": str(dovecot.authority)}
        with bench.stack(settings, services=NEEDED) as stack:
            yield stack, boxes


def _account(dovecot: Dovecot, box: Mailbox) -> dict[str, object]:
    where = {"host": dovecot.host, "port": dovecot.tls_port, "user": box.user}
    return {**where, "mailboxes": [MAILBOX], "since": date(2026, 1, 1)}


MAILBOXES: Final = Benchmark(
    name="mailboxes",
    title="Mail, from the town's mailboxes beside LMTP",
    reading=(
        f"{MAILS:,} new mails of as many new citizens, each way in turn: handed over by LMTP on {CONNECTIONS} connections, "
        f"laid at one moment into {BOXES} mailboxes of a real Dovecot, and into one, which ingest-email reads over TLS; until the "
        "broker has the last one. Dovecot shares the machine with ingest-email, case-router, Kafka and mongod. A mailbox "
        "is read over one connection, a batch at a time, and its place is noted after each."
    ),
    run=measure_mailboxes,
)
