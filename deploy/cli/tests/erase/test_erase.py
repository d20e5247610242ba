"""An operator has a person erased: what is listed, what is refused, what is asked for."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseState
from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.contracts.topics import PRIVACY_REQUESTS
from guichet.data_subject.personal_data import PersonalData, Spared
from guichet.errors import TransientError
from guichet.ids import AgentId, CitizenId, DepartmentId, EventId, Reference
from guichet.kafka.admin.offsets import Offsets
from guichet.law.calendar import PARIS
from guichet.mongo.client import connect, connect_vault
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.runtime.settings import KafkaSettings, MongoSettings, OpeningSettings, read_settings
from guichet.store.audit.trail import Act, MongoAuditTrail
from guichet.vault.erasure_ledger.entry import ErasedCase, ErasureEntry, ErasureStep, Refusal
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.mongo_vault import open_vault
from guichet_cli.__main__ import app
from guichet_cli.erase.detach import when_it_begins
from guichet_cli.erase.request import ErasureRequests, WhatWouldGo, missing_for
from guichet_cli.erase.texts import STEPS, cannot_be_cancelled, listing, news, no_certificate, nothing_left
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.shared_phone import AMINA, REGISTRY_KEY, SECTOR_KEY, SharedPhone
from guichet_testing.builders.signers import a_seed, a_signer
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.store.objects import InMemoryObjects

CITIZEN = CitizenId("c1")


def listed(name: str = "2026-7F3K-29Q", state: CaseState = CaseState.CLOSED) -> ErasedCase:
    return ErasedCase(reference=Reference(name), department=DepartmentId("voirie"), state=state, received_at=ARRIVED)


def personal_data(*cases: ErasedCase) -> PersonalData:
    ids = frozenset(case.reference for case in cases)
    return PersonalData(documents={"messages": frozenset({"m1"}), "cases": ids}, listed=cases)


def an_entry(**more: Any) -> ErasureEntry:
    asked = ErasureRequested(
        event_id=EventId("r1"), occurred_at=ARRIVED, citizen=CITIZEN, requested_by=AgentId("operator:jo"), decision="D"
    )
    return ErasureEntry.of(asked).model_copy(update=more)


@pytest.mark.parametrize(("decision", "visa", "cases", "named"), [
    (None, None, (), "--decision"),
    ("  ", "AD-1", (), "--decision"),
    ("D", None, (listed(),), "L212-2"),
    ("D", " ", (listed(),), "--visa"),
    ("D", None, (), None),
    ("D", "AD-1", (listed(),), None),
])  # fmt: skip
def test_what_is_missing_is_named_with_the_reason(
    decision: str | None, visa: str | None, cases: tuple[ErasedCase, ...], named: str | None
) -> None:
    missing = missing_for(personal_data(*cases), decision, visa)
    assert (missing is None) is (named is None)
    assert named is None or (missing is not None and named in missing and "\n" not in missing)


def test_what_is_kept_as_evidence_is_named_and_needs_the_visa_too() -> None:
    threat = listed().model_copy(update={"threat_said_on": date(2026, 11, 24)})
    found = PersonalData(documents={"messages": frozenset({"m1"})}, spared=Spared(listed=(threat,)))
    corrected = PersonalData(spared=Spared(listed=(listed(),)))
    assert "2026-7F3K-29Q (withdrawn since)." in "\n".join(listing(WhatWouldGo(CITIZEN, corrected, ())))
    text = "\n".join(listing(WhatWouldGo(CITIZEN, found, ())))
    assert "! Kept as evidence, as an agent said that it is a threat: 2026-7F3K-29Q (on 2026-11-24)." in text
    assert "Cases that would be destroyed" not in text
    assert "Kept as evidence" not in "\n".join(listing(WhatWouldGo(CITIZEN, personal_data(listed()), ())))
    assert "1 case(s)" in (missing_for(found, "D", None) or "")
    assert missing_for(found, "D", "AD-1") is None


def test_the_list_has_every_case_and_points_out_the_open_ones() -> None:
    cases = (listed(), listed("2026-0000-000", CaseState.IN_PROGRESS))
    text = "\n".join(listing(WhatWouldGo(CITIZEN, personal_data(*cases), ())))
    assert "1  messages" in text
    assert re.search(r"^  2026-7F3K-29Q +voirie +closed +2026-11-24$", text, re.MULTILINE)
    assert re.search(r"^! 2026-0000-000 +voirie +in_progress", text, re.MULTILINE)
    assert "! Open: 1." in text


def test_a_citizen_of_whom_nothing_is_left_is_told_from_one_who_never_was() -> None:
    assert "citizens find" in nothing_left("c1", (an_entry(),))
    assert "is not finished" in no_certificate(an_entry())
    assert "without a visa" in no_certificate(an_entry(step=ErasureStep.REFUSED))


def test_what_cannot_be_cancelled_is_told_with_the_reason() -> None:
    assert "has begun" in cannot_be_cancelled(an_entry(step=ErasureStep.BEGUN))
    assert "was cancelled already" in cannot_be_cancelled(an_entry(step=ErasureStep.CANCELLED))
    assert "refused" in cannot_be_cancelled(an_entry(step=ErasureStep.REFUSED))
    assert "nobody signed" in no_certificate(an_entry(step=ErasureStep.REFUSED, refusal=Refusal.NOT_SIGNED))
    waiting = an_entry(step=ErasureStep.WAITING, begins_at=ARRIVED, reached={"waiting": ARRIVED})
    for told in (no_certificate(waiting), *news(waiting, set())):
        assert "guichet erase --cancel" in told
        assert f"{ARRIVED.astimezone(PARIS):%Y-%m-%d %H:%M} (Paris)" in told


def test_every_time_of_an_erasure_is_that_of_paris_and_says_so() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    [step] = news(an_entry(reached={"recorded": late}), set())
    assert step.startswith("00:30:00 (Paris)  recorded ")
    assert "at 2026-11-25 00:30 (Paris)" in cannot_be_cancelled(
        an_entry(step=ErasureStep.CANCELLED, reached={"cancelled": late})
    )


def test_no_step_is_explained_by_its_own_name_alone() -> None:
    for step in ErasureStep:
        assert STEPS[step] != step.value, f"{step} is told twice"


class Ledgers:
    """A ledger that gdpr-worker writes the answer into."""

    def __init__(self, *entries: ErasureEntry | None) -> None:
        self.entries = entries

    async def follow(self, _: EventId) -> AsyncIterator[ErasureEntry | None]:
        for entry in self.entries:
            yield entry


async def test_who_leaves_an_erasure_to_itself_is_told_when_it_begins_and_how_to_cancel() -> None:
    begins = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)
    recorded, waiting = an_entry(), an_entry(step=ErasureStep.WAITING, begins_at=begins)
    told = await when_it_begins(Ledgers(None, recorded, waiting), EventId("r1"))
    assert "2026-11-27 00:00 (Paris)" in told
    assert "guichet erase --cancel r1" in told
    refused = an_entry(step=ErasureStep.REFUSED, refusal=Refusal.NOT_SIGNED, finished=True)
    assert "nobody signed" in await when_it_begins(Ledgers(refused), EventId("r1"))


async def test_a_worker_that_does_not_answer_keeps_nobody_who_leaves() -> None:
    operator = Operator()
    told = await when_it_begins(operator.requests, EventId("r1"), at_most=timedelta(milliseconds=20))
    assert "gdpr-worker has not taken it yet" in told
    assert "guichet erase --cancel r1" in told


def test_each_step_is_told_once() -> None:
    told: set[str] = set()
    assert len(news(an_entry(), told)) == 1
    further = an_entry(reached={"recorded": ARRIVED, "diverted": ARRIVED, "passed": ARRIVED})
    assert [line.split()[2] for line in news(further, told)] == ["diverted", "passed"]
    assert news(further, told) == []
    assert set(STEPS) == set(ErasureStep)


class Finder:
    def __init__(self, found: PersonalData) -> None:
        self.found, self.asked = found, [()]

    async def find(self, *citizens: CitizenId) -> PersonalData:
        self.asked.append(citizens)
        return self.found


class Operator:
    """An operator's requests with everything in memory."""

    def __init__(self) -> None:
        self.finder, self.ledger = Finder(personal_data(listed())), InMemoryErasureLedger()
        self.audit, self.publisher = InMemoryAuditTrail(), InMemoryPublisher(signer=a_signer("guichet-cli"))
        self.requests = ErasureRequests(
            self.finder,
            self.ledger,
            self.audit,
            self.publisher,
            AgentId("operator:jo"),
            tag=lambda citizen: f"tag-{citizen}",
            now=lambda: ARRIVED,
        )


async def test_looking_is_in_the_audit_trail_first_and_follows_every_id_that_the_ledger_knows() -> None:
    operator = Operator()
    await operator.ledger.add(an_entry(citizens=(CitizenId("before"),), finished=True))
    would_go = await operator.requests.what_would_go(CITIZEN)
    assert operator.finder.asked[-1] == ("before", "c1")
    assert would_go.under_way is None
    assert [(entry.act, entry.things) for entry in operator.audit.entries] == [(Act.LISTED, ("tag-c1",))]
    operator.audit.away = True
    with pytest.raises(TransientError):
        await operator.requests.what_would_go(CITIZEN)


async def test_nothing_is_asked_for_while_the_audit_trail_is_away() -> None:
    operator = Operator()
    asked = ErasureRequested(
        event_id=EventId("r1"), occurred_at=ARRIVED, citizen=CITIZEN, requested_by=operator.requests.by, decision="D"
    )
    operator.audit.away = True
    with pytest.raises(TransientError):
        await operator.requests.ask(asked)
    assert operator.publisher.published == []
    operator.audit.away = False
    await operator.requests.ask(asked)
    assert operator.publisher.on(PRIVACY_REQUESTS) == [asked]
    [entry] = operator.audit.entries
    assert (entry.act, entry.things, entry.reason) == (Act.ERASURE_ASKED, ("r1",), "D")


async def test_a_cancelling_is_in_the_audit_trail_first() -> None:
    operator = Operator()
    asked = CancelErasure(
        event_id=EventId("x"), occurred_at=ARRIVED, request_id="r1", cancelled_by=operator.requests.by
    )
    await operator.requests.cancel(asked)
    assert operator.publisher.on(PRIVACY_REQUESTS) == [asked]
    assert [(entry.act, entry.things) for entry in operator.audit.entries] == [(Act.ERASURE_CANCELLED, ("r1",))]


async def test_an_erasure_is_followed_until_it_ends() -> None:
    operator = Operator()
    seen: list[Any] = []
    async for entry in operator.requests.follow(EventId("r1")):
        seen.append(entry and entry.step)
        if entry is None:
            await operator.ledger.add(an_entry())
        else:
            await operator.ledger.replace_if_unchanged(
                entry.model_copy(update={"version": 2, "step": ErasureStep.REFUSED, "finished": True})
            )
    assert seen == [None, ErasureStep.RECORDED, ErasureStep.REFUSED]


def guichet(*arguments: str, typed: str | None = None) -> Any:
    return CliRunner().invoke(app, list(arguments), input=typed)


@pytest.fixture
def _town(
    kafka_server: Any, mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people on one phone, in a real database."""
    zeros = "A" * 43 + "="
    for name, value in {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "GUICHET_MONGODB_URI": mongo_server.uri,
        "GUICHET_MONGODB_DATABASE": mongo_database,
        "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
        "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root-key.json"),
        "GUICHET_REGISTRY_KEY": zeros,
        "GUICHET_LEDGER_KEY": zeros,
        "GUICHET_SECTOR_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "GUICHET_TOWN": str(EXAMPLE_TOWN),
        "GUICHET_SIGNING_KEY": b64encode(a_seed("guichet-cli")).decode(),
    }.items():
        monkeypatch.setenv(name, value)
    assert (bytes(32), bytes(range(32))) == (REGISTRY_KEY, SECTOR_KEY)
    assert guichet("prepare").exit_code == 0
    asyncio.run(_insert())


async def _insert() -> None:
    database = connect(read_settings(MongoSettings))
    await SharedPhone(
        database, open_vault(read_settings(OpeningSettings), clock=SystemClock().now), InMemoryObjects()
    ).insert()
    database.client.close()


async def requests() -> int:
    async with Offsets(read_settings(KafkaSettings)) as offsets:
        return sum((await offsets.ends(await offsets.partitions([PRIVACY_REQUESTS.name]))).values())


async def acts_about(thing: str) -> list[Act]:
    database = connect(read_settings(MongoSettings))
    try:
        return [entry.act for entry in reversed(await MongoAuditTrail(database).about(thing))]
    finally:
        database.client.close()


async def enter(entry: ErasureEntry) -> None:
    vault = connect_vault(read_settings(OpeningSettings))
    await MongoErasureLedger(vault).add(entry)
    vault.client.close()


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_an_operator_finds_who_it_is_sees_what_would_go_and_asks_for_it() -> None:
    found = guichet("citizens", "find", typed="amina@courriel.example\n")
    assert found.exit_code == 0, found.output
    assert found.output.splitlines()[-1] == "amina  registered  email, phone"
    assert "amina@" not in found.output
    asked_before = asyncio.run(requests())

    looked = guichet("erase", AMINA, "--dry-run")
    assert looked.exit_code == 0, looked.output
    for needed in ("--decision", "--visa"):
        refused = guichet("erase", AMINA, *(["--decision", "DPO-1"] if needed == "--visa" else []))
        assert refused.exit_code == 2
        assert needed in refused.output.splitlines()[-1]
        assert refused.output.startswith(looked.output)
    declined = guichet("erase", AMINA, "--decision", "DPO-1", "--visa", "AD-1", typed="n\n")
    assert declined.exit_code == 1
    assert asyncio.run(requests()) == asked_before

    asked = guichet("erase", AMINA, "--decision", "DPO-1", "--visa", "AD-1", "--detach", typed="y\n")
    assert asked.exit_code == 0, asked.output
    assert asyncio.run(requests()) == asked_before + 1
    assert "guichet erase --cancel" in asked.output
    tag = erased_citizen_tag(bytes(32), AMINA)
    assert asyncio.run(acts_about(AMINA)) == [Act.FOUND]
    assert asyncio.run(acts_about(tag)) == [Act.LISTED] * 5
    [request] = re.findall(r"Erasure ([0-9a-f]{32})", asked.output)
    assert asyncio.run(acts_about(request)) == [Act.ERASURE_ASKED]


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_a_citizen_that_nobody_knows_and_a_request_that_nobody_made_are_told() -> None:
    unknown = guichet("erase", "nobody", "--decision", "D", "--yes")
    assert (unknown.exit_code, "citizens find" in unknown.output) == (1, True)
    for arguments in (["--certificate", "r9"], ["--certificate", "r9", "--json"], ["--cancel", "r9"]):
        missing = guichet("erase", *arguments)
        assert (missing.exit_code, "has no erasure r9" in missing.output) == (1, True)
    assert guichet("erase").exit_code == 2
    assert guichet("erase", "c1", "--certificate", "r1").exit_code == 2
    assert guichet("citizens", "find", "--reference", "2026-0000-000").exit_code == 1


@pytest.mark.real
@pytest.mark.usefixtures("_town")
def test_an_erasure_that_is_under_way_is_not_asked_for_again() -> None:
    asyncio.run(enter(an_entry(citizen=AMINA, requested_at=ARRIVED + timedelta(days=1))))
    asked_before = asyncio.run(requests())
    again = guichet("erase", AMINA, "--decision", "D", "--visa", "V", "--yes", "--detach")
    assert again.exit_code == 0, again.output
    assert "is not finished: recorded since" in again.output
    assert asyncio.run(requests()) == asked_before
    pending = guichet("erase", "--certificate", "r1")
    assert (pending.exit_code, "is not finished" in pending.output) == (1, True)
