"""Erasures from the ledger to the certificate, in memory: resumed after a kill anywhere, by two at once, retried."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

import pytest
from prometheus_client import REGISTRY

from gdpr_worker.entry.erasure_rounds import AFTER_A_FAILED_ROTATION, ErasureWork
from gdpr_worker.handlers.erase_person import ErasureSteps
from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseState
from guichet.contracts.privacy import ErasureCompleted
from guichet.contracts.topics import PRIVACY_EVENTS
from guichet.data_subject.personal_data import PersonalData, Spared
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, CitizenId, DepartmentId, EventId, IdentifierId, KeyId, MessageId, Reference
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.audit.trail import Act
from guichet.vault.erasure_ledger.entry import BarrierOffset, ErasedCase, ErasureEntry, ErasureStep, Noted, Refusal
from guichet_testing.twins.clock import Clock
from guichet_testing.twins.erasure_ledger import InMemoryErasureLedger
from guichet_testing.twins.publisher import InMemoryPublisher
from guichet_testing.twins.store.audit import InMemoryAuditTrail
from guichet_testing.twins.vault import InMemoryRotation

ASKED = datetime(2026, 5, 1, 8, tzinfo=UTC)
REMEMBERED: Final = timedelta(minutes=5)
CASE = ErasedCase(
    reference=Reference("2026-7F3K-29Q"),
    department=DepartmentId("voirie"),
    state=CaseState.CLOSED,
    received_at=ASKED - timedelta(days=9),
)


class KilledError(BaseException):
    """The process is gone."""


class World:
    """All that outlives a process: what is a person's, the ledger, the broker. It can end a process at any call."""

    def __init__(self, *, with_case: bool = True) -> None:
        self.clock = Clock(ASKED)
        self.ledger, self.audit, self.publisher = InMemoryErasureLedger(), InMemoryAuditTrail(), InMemoryPublisher()
        self.rotation = InMemoryRotation(self.clock)
        self.things = {"messages": {"m1", "m2"}, "citizens": {"c1"}} | ({"cases": {"case-1"}} if with_case else {})
        self.keys: dict[str, datetime | None] = {"k-m1": None, "k-m2": None, "k-copy": None}
        self.not_filed: frozenset[tuple[str, str]] = frozenset()
        self.calls: list[str] = []
        self.kill_at: int | None = None
        self.alone = True  # at the person's address; until they are diverted
        self.aside = False  # the person and their cases
        self.noted: list[Noted | None] = []
        self.signed: set[str] = set()
        self.waits, self.told, self.relay_away = timedelta(0), list[tuple[str, datetime]](), False
        self.spared = Spared()
        self.late: set[str] = set()  # messages that come up after the deleting

    def called(self, name: str) -> None:
        self.calls.append(name)
        if self.kill_at is not None and len(self.calls) == self.kill_at:
            self.kill_at = None
            raise KilledError

    def work(self) -> ErasureWork:
        """Return a process: it knows nothing but what the world kept."""
        steps = ErasureSteps(
            finder=self,
            removal=self,
            logs=Copies(self),
            barrier=self,
            audit=Before(self, self.audit),
            publisher=Before(self, self.publisher),
            authority=self,
            dpo=self,
            begins=lambda told_at: told_at + self.waits,
            tag=lambda citizen: f"tag-{citizen[:1]}",
            keys_remembered_for=REMEMBERED,
            last_copy=lambda turned_at: (turned_at + timedelta(days=35)).date(),
            clock=self.clock,
        )
        ledger, rotation = Before(self, self.ledger), Before(self, self.rotation)
        return ErasureWork(
            ledger, steps, rotation, stuck_after=timedelta(hours=6), clock=self.clock, sleep=SystemClock().sleep
        )

    async def ask(self, name: str = "r1", **more: Any) -> EventId:
        entry = ErasureEntry(
            **{
                **{"_id": EventId(name), "citizen": CitizenId("c1"), "requested_by": AgentId("operator:jo")},
                **{"requested_at": self.clock(), "decision": "DPO-1", "visa": "AD-1", **more},
            }
        )
        self.signed.add(entry.request_id)
        await self.ledger.add(entry)
        return entry.request_id

    def asked_for(self, entry: ErasureEntry) -> bool:
        return entry.request_id in self.signed

    def mark(self, entry: ErasureEntry) -> str:
        return "mark"

    async def notify(self, entry: ErasureEntry, begins_at: datetime) -> None:
        self.called("tell")
        if self.relay_away:
            raise TransientError("the relay is away")
        self.told.append((entry.request_id, begins_at))
        self.called("told")

    async def find(self, *citizens: CitizenId, noted: Noted | None = None) -> PersonalData:
        """Once diverted, a newcomer holds the address: nothing but what was noted tells whose it was."""
        self.called("find")
        assert CitizenId("c1") in citizens
        self.noted.append(noted)
        alone = {"identifiers": frozenset({"i1"})} if self.alone else {}
        return PersonalData(
            citizens=frozenset({CitizenId("c1"), CitizenId("before")}),
            documents=alone | {name: frozenset(ids) for name, ids in self.things.items() if ids},
            unfiled=frozenset({MessageId("m1")}) if self.alone else frozenset(),
            keys=frozenset(KeyId(f"k-{message}") for message in self.things["messages"]),
            listed=(CASE,) if self.things.get("cases") else (),
            spared=self.spared,
        )

    async def divert(self, *citizens: CitizenId) -> None:
        self.called("divert")
        self.alone = False
        self.aside = True

    async def release(self, *citizens: CitizenId) -> None:
        self.called("release")
        self.aside = False
        self.called("released")

    async def destroy_keys(self, personal_data: PersonalData) -> None:
        self.called("destroy_keys")
        for key in personal_data.keys:
            self.keys[key] = self.keys[key] or self.clock()

    async def delete(self, personal_data: PersonalData, at: datetime) -> None:
        self.called("delete")
        if personal_data.documents:
            self.things["messages"] |= self.late
            self.keys |= {f"k-{message}": None for message in self.late}
            self.late = set()
        for name, ids in personal_data.documents.items():
            self.things[name] -= ids
            self.called(f"deleted {name}")

    async def now(self) -> tuple[BarrierOffset, ...]:
        self.called("ends")
        return (BarrierOffset(topic="inbound-sms", partition=0, offset=7),)

    async def behind(self, barrier: Any) -> frozenset[tuple[str, str]]:
        self.called("behind")
        assert [place.offset for place in barrier] == [7]
        return self.not_filed


class Copies:
    """Second copies on topics: one key of its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def find(self, personal_data: PersonalData) -> PersonalData:
        self._world.called("logs")
        living = self._world.keys["k-copy"] is None and personal_data.documents.get("messages")
        return PersonalData(keys=frozenset({KeyId("k-copy")}) if living else frozenset())


class Before:
    """Notes every call of a twin before it is made, and again after it: a process may end on either side."""

    def __init__(self, world: World, twin: Any) -> None:
        self._world, self._twin = world, twin

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any) -> Any:
            self._world.called(name)
            answer = await getattr(self._twin, name)(*arguments)
            self._world.called(f"{name} done")
            return answer

        return call


async def to_the_end(world: World, *, rounds: int = 4) -> None:
    """Let processes work until nothing is open; a killed one is followed by the next. Time passes between rounds."""
    work = world.work()
    for _ in range(rounds):
        try:
            await work.one_round()
        except KilledError:
            work = world.work()
        world.clock.now += REMEMBERED


def completed(world: World) -> list[ErasureCompleted]:
    return [event for event in world.publisher.on(PRIVACY_EVENTS) if isinstance(event, ErasureCompleted)]


async def test_an_erasure_takes_its_steps_in_order_and_ends_with_a_certificate() -> None:
    world = World()
    request = await world.ask()
    await to_the_end(world)
    entry = await world.ledger.find(request)
    assert entry is not None
    assert entry.certificate is not None
    assert (entry.step, entry.finished) == (ErasureStep.CERTIFIED, True)
    assert (entry.person, entry.tags) == (frozenset(), ("tag-b", "tag-c"))
    assert list(entry.reached) == [
        *("waiting", "begun", "diverted", "passed", "destroyed", "deleted", "checked", "turned", "certified"),
    ]
    assert entry.certificate.counts == {"cases": 1, "citizens": 1, "keys": 2, "keys (copies)": 1, "messages": 2}
    [line] = entry.certificate.slip
    assert (line.department, line.state, line.count, line.from_year) == (CASE.department, CASE.state, 1, 2026)
    assert entry.certificate.last_copy_gone_by == date(2026, 6, 5)
    assert None not in world.keys.values()
    assert not any(world.things.values())
    [event] = completed(world)
    assert (event.request_id, event.counts) == (request, entry.certificate.counts)
    assert "c1" not in event.model_dump_json()
    [act] = world.audit.entries
    assert (act.act, act.things) == (Act.ERASED, (request,))


async def test_once_certified_neither_ledger_nor_audit_leads_to_the_person_or_their_cases() -> None:
    world = World()
    request = await world.ask()
    await to_the_end(world)
    entry = await world.ledger.find(request)
    assert entry is not None
    kept = "\n".join(each.model_dump_json() for each in (entry, *world.audit.entries))
    left = {name for name in ("c1", "before", "case-1", CASE.reference, f"{CASE.received_at:%Y-%m-%d}") if name in kept}
    assert left == set(), f"the ledger keeps {left} of someone who is erased"


async def test_ends_are_read_only_after_the_diverting_and_keys_go_before_documents() -> None:
    world = World()
    await world.ask()
    await to_the_end(world)
    order = [name for name in world.calls if name in {"divert", "ends", "destroy_keys", "delete", "run"}]
    assert order == [
        *("divert", "ends"),
        *("divert", "delete", "destroy_keys", "destroy_keys"),  # copies on topics, then all that is found
        *("destroy_keys", "delete", "delete", "destroy_keys", "run"),  # documents, then copies that came since
    ]


async def test_what_was_theirs_alone_is_noted_before_the_diverting_and_known_until_the_certificate() -> None:
    noted = Noted(at=ASKED, addresses=(IdentifierId("i1"),), unfiled=(MessageId("m1"),))
    for kill_at in range(1, 12):  # also between the mark and the ledger
        world = World()
        request, world.kill_at = await world.ask(), kill_at
        await to_the_end(world, rounds=6)
        at_last = await world.ledger.find(request)
        assert at_last is not None
        assert (at_last.finished, at_last.noted) == (True, None)  # a pseudonym of an address is not kept for ever
        told = [each for each in world.noted if each]
        since = world.noted.index(told[0])
        assert None not in world.noted[since:]
        assert {(each.addresses, each.unfiled) for each in told} == {(noted.addresses, noted.unfiled)}


async def test_nothing_is_destroyed_before_what_was_on_its_way_is_filed_and_keys_are_forgotten() -> None:
    world = World()
    request, work = await world.ask(), world.work()
    world.not_filed = frozenset({("case-router", "inbound-sms")})
    await work.one_round()
    world.clock.now += timedelta(days=7)
    await work.one_round()
    assert "destroy_keys" not in world.calls
    world.not_filed = frozenset()
    other = World()
    await other.ask()
    await other.work().one_round()
    other.clock.now += REMEMBERED - timedelta(seconds=1)
    await other.work().one_round()
    assert "destroy_keys" not in other.calls  # filed, but a process may still remember a key
    await work.one_round()
    assert (await world.ledger.find(request)).finished  # type: ignore[union-attr]


async def test_a_case_is_not_destroyed_without_the_archives_visa() -> None:
    world = World()
    request = await world.ask(visa=None)
    await to_the_end(world)
    entry = await world.ledger.find(request)
    assert entry is not None
    assert (entry.step, entry.finished, entry.certificate) == (ErasureStep.REFUSED, True, None)
    assert {"divert", "destroy_keys", "delete"} & set(world.calls) == set()
    assert world.things["cases"]
    assert completed(world) == []


@pytest.mark.parametrize("kill_at", [None, *range(1, 12)])
async def test_a_case_that_is_filed_late_needs_the_visa_too_and_all_is_given_back(kill_at: int | None) -> None:
    world = World(with_case=False)
    request, work = await world.ask(visa=None), world.work()
    await work.one_round()
    assert world.aside
    world.things["cases"] = {"case-1"}
    world.kill_at = kill_at and len(world.calls) + kill_at
    await to_the_end(world)
    entry = await world.ledger.find(request)
    assert entry is not None
    assert (entry.step, entry.finished, entry.noted, world.aside) == (ErasureStep.REFUSED, True, None, False)
    assert world.keys["k-m1"] is None
    assert world.calls.count("divert") == 1  # the late case was never set aside


async def test_evidence_of_a_threat_is_spared_and_the_certificate_says_so() -> None:
    """GDPR art. 17(3)(e); docs/law.md 68."""
    world = World(with_case=False)
    world.spared = Spared(cases=frozenset({CaseId("case-2")}), listed=(CASE,))
    refused, world.late = await world.ask(visa=None), {"m3"}  # what comes late is found in a pass of its own
    await to_the_end(world)
    assert (await world.ledger.find(refused)).refusal is Refusal.NO_VISA  # type: ignore[union-attr]
    request = await world.ask("r2")
    await to_the_end(world)
    certificate = (await world.ledger.find(request)).certificate  # type: ignore[union-attr]
    assert certificate is not None
    assert (certificate.counts["cases (kept)"], "cases" in certificate.counts) == (1, False)
    assert [line.count for line in certificate.slip] == [1], "its visa was given ahead"


async def test_without_a_case_no_visa_is_needed() -> None:
    world = World(with_case=False)
    request = await world.ask(visa=None)
    await to_the_end(world)
    assert (await world.ledger.find(request)).certificate.slip == ()  # type: ignore[union-attr]


async def test_what_came_late_is_destroyed_deleted_and_counted_too() -> None:
    world = World()
    request, world.late = await world.ask(), {"m3"}
    await to_the_end(world)
    certificate = (await world.ledger.find(request)).certificate  # type: ignore[union-attr]
    assert certificate is not None
    assert certificate.counts["messages"] == 3
    assert world.keys["k-m3"] is not None
    assert not any(world.things.values())


async def test_asked_for_twice_it_ends_once_and_the_second_certificate_says_that_nothing_was_left() -> None:
    world = World()
    first = await world.ask()
    world.clock.now += timedelta(seconds=1)
    second = await world.ask("r2")
    await to_the_end(world, rounds=8)
    certificates = [(await world.ledger.find(each)).certificate for each in (first, second)]  # type: ignore[union-attr]
    assert [bool(each and each.counts) for each in certificates] == [True, False]
    assert certificates[1] is not None
    assert certificates[1].slip == ()
    assert [event.request_id for event in completed(world)] == [first, second]


async def an_undisturbed_run(late: set[str]) -> World:
    world = World()
    await world.ask()
    world.late = {*late}
    await to_the_end(world)
    return world


@pytest.mark.parametrize("late", [set(), {"m3"}])
async def test_killed_at_any_point_it_ends_complete_and_once(late: set[str]) -> None:
    undisturbed = await an_undisturbed_run(late)
    for nth in range(1, len(undisturbed.calls) + 1):
        world = World()
        request = await world.ask()
        world.late, world.kill_at = {*late}, nth
        await to_the_end(world, rounds=7)
        entry = await world.ledger.find(request)
        assert entry is not None
        assert entry.finished, f"killed at call {nth}"
        assert entry.certificate is not None
        assert [line.count for line in entry.certificate.slip] == [1]
        if not late:  # what comes up in the moment before a kill is destroyed and not always counted
            assert counts_in(entry) == counts_in(*undisturbed.ledger.entries.values()), f"killed at call {nth}"
        assert not any(world.things.values())
        assert None not in world.keys.values()
        assert len({event.event_id for event in completed(world)}) == 1
        assert len(world.audit.entries) == 1, f"killed at call {nth}"


def counts_in(entry: ErasureEntry) -> dict[str, int]:
    """Return what a certificate counts; copies only while they live, so that a kill may leave them out."""
    assert entry.certificate is not None
    return {place: count for place, count in entry.certificate.counts.items() if place != "keys (copies)"}


async def test_killed_again_and_again_it_ends_once() -> None:
    world = World()
    request = await world.ask()
    for nth in count(2):
        world.kill_at = len(world.calls) + nth
        await to_the_end(world, rounds=1)
        if (await world.ledger.find(request)).finished:  # type: ignore[union-attr]
            break
    assert len({event.event_id for event in completed(world)}) == 1
    assert len(world.audit.entries) == 1


async def test_two_processes_at_once_make_one_certificate() -> None:
    world = World()
    request = await world.ask()
    for _ in range(4):
        await asyncio.gather(world.work().one_round(), world.work().one_round())
        world.clock.now += REMEMBERED
    entry = await world.ledger.find(request)
    assert entry is not None
    assert entry.finished
    assert entry.certificate is not None
    assert entry.certificate.counts["messages"] == 2
    assert len({event.event_id for event in completed(world)}) == 1
    assert len(world.audit.entries) == 1


@pytest.mark.parametrize("part", ["ledger", "audit", "publisher", "rotation"])
async def test_a_part_that_is_away_is_asked_again(part: str) -> None:
    world = World()
    request, work = await world.ask(), world.work()
    await work.one_round()
    world.clock.now += REMEMBERED
    getattr(world, part).away = True
    for _ in range(2):
        try:
            await work.one_round()
        except TransientError:
            assert part == "ledger"
    assert completed(world) == []
    getattr(world, part).away = False
    world.clock.now += AFTER_A_FAILED_ROTATION
    await work.one_round()
    assert (await world.ledger.find(request)).finished  # type: ignore[union-attr]


async def test_a_bug_with_one_person_holds_up_nobody_else_and_raises_an_alarm() -> None:
    world = World()
    odd = await world.ask("odd", citizen=CitizenId("c2"))  # the twin knows one person only: an AssertionError
    right, work = await world.ask(), world.work()
    await work.one_round()
    world.clock.now += REMEMBERED
    await work.one_round()
    assert (await world.ledger.find(right)).finished  # type: ignore[union-attr]
    assert not (await world.ledger.find(odd)).finished  # type: ignore[union-attr]
    assert REGISTRY.get_sample_value("guichet_alarm", {"alarm": "bug", "cause": "gdpr-worker:erasure"}) == 1


def alarm(cause: str) -> float | None:
    return REGISTRY.get_sample_value("guichet_alarm", {"alarm": "erasure-stuck", "cause": cause})


async def test_an_erasure_that_waits_for_too_long_raises_an_alarm_until_it_goes_on() -> None:
    world = World()
    await world.ask()
    world.not_filed, work = frozenset({("case-router", "inbound-portal")}), world.work()
    await work.one_round()
    assert not alarm("case-router:inbound-portal")
    world.clock.now += timedelta(hours=7)
    await work.one_round()
    assert alarm("case-router:inbound-portal") == 1
    assert REGISTRY.get_sample_value("guichet_erasures_open") == 1
    assert REGISTRY.get_sample_value("guichet_oldest_erasure_seconds") == 7 * 3600
    world.not_filed = frozenset()
    await work.one_round()
    assert alarm("case-router:inbound-portal") == 0
    assert REGISTRY.get_sample_value("guichet_erasures_open") == 0
    assert REGISTRY.get_sample_value("guichet_oldest_erasure_seconds") == 0


async def test_several_erasures_share_one_rotation() -> None:
    world = World(with_case=False)
    work = world.work()
    for name in ("r1", "r2"):
        await world.ask(name, citizen=CitizenId("c1" if name == "r1" else "other"))
    world.things = {}
    await work.one_round()
    assert len(world.rotation.done) <= 1


async def test_a_rotation_that_failed_is_tried_again_after_a_minute_not_at_every_round() -> None:
    world = World()
    request, work = await world.ask(), world.work()
    await work.one_round()
    world.clock.now += REMEMBERED
    tries: list[datetime] = []

    async def fails() -> Any:
        tries.append(world.clock.now)
        raise TransientError("a damaged key")

    work.rotation.run = fails
    for _ in range(5):
        await work.one_round()
        world.clock.now += timedelta(seconds=20)
    assert len(tries) == 2
    assert (await world.ledger.find(request)).step is ErasureStep.CHECKED  # type: ignore[union-attr]


async def test_a_rotation_counts_also_where_another_process_clock_is_ahead() -> None:
    world = World()
    request, work = await world.ask(), world.work()
    await work.one_round()
    world.clock.now += REMEMBERED
    report = await world.rotation.run()

    async def by_a_slow_clock() -> Any:
        return type(report)(1, report.began_at - timedelta(minutes=3), report.ended_at, buckets=0, keys=0)

    work.rotation.run = by_a_slow_clock
    await work.one_round()
    assert (await world.ledger.find(request)).finished  # type: ignore[union-attr]


@pytest.mark.parametrize("step", [step for step in ErasureStep if step not in {"certified", "refused", "cancelled"}])
async def test_a_forged_ledger_entry_destroys_nobody(step: ErasureStep) -> None:
    """Somebody who writes into the vault's database enters an erasure that no door has signed, at whatever step."""
    world = World()
    reached = {each.value: ASKED for each in ErasureStep}
    request = await world.ask(step=step, reached=reached, noted=Noted(at=ASKED), begins_at=ASKED)
    world.signed.clear()
    world.clock.now += timedelta(days=30)
    await to_the_end(world)
    destroyed = {key for key, at in world.keys.items() if at}
    assert destroyed == set(), f"an entry that nobody signed has destroyed {sorted(destroyed)}"
    assert world.things["messages"]
    entry = await world.ledger.find(request)
    assert entry is not None
    assert (entry.step, entry.refusal, entry.finished) == (ErasureStep.REFUSED, Refusal.NOT_SIGNED, True)
    cause = {"alarm": Alarm.FORGED.value, "cause": f"erasure:{request}"}
    assert REGISTRY.get_sample_value("guichet_alarm", cause) == 1


async def test_an_erasure_does_not_begin_before_its_waiting_time_is_over() -> None:
    world = World()
    world.waits = timedelta(days=1)
    request = await world.ask()
    await world.work().one_round()
    assert "divert" not in world.calls, "it began at once, and nobody could have stopped it"
    assert world.told == [(request, ASKED + world.waits)]
    world.clock.now += world.waits - timedelta(seconds=1)
    await world.work().one_round()
    entry = await world.ledger.find(request)
    assert entry is not None
    assert (entry.step, entry.can_be_cancelled) == (ErasureStep.WAITING, True)
    world.clock.now += timedelta(seconds=1)
    await world.work().one_round()
    assert "divert" in world.calls
    assert len(world.told) == 1


async def test_a_ledger_entry_that_was_moved_on_waits_as_long_as_its_request_says() -> None:
    """It was signed; somebody who writes into the database wants it before anybody can stop it."""
    world = World()
    world.waits = timedelta(days=1)
    await world.ask(step=ErasureStep.PASSED, noted=Noted(at=ASKED), begins_at=ASKED)
    await world.work().one_round()
    assert not {"divert", "destroy_keys"} & set(world.calls)


async def test_while_the_dpo_cannot_be_told_nothing_begins_and_the_time_counts_from_the_telling() -> None:
    world = World()
    world.waits, world.relay_away = timedelta(hours=1), True
    request, work = await world.ask(), world.work()
    for _ in range(3):
        await work.one_round()
        world.clock.now += timedelta(hours=3)
    assert "divert" not in world.calls
    assert await stuck(work) == {f"recorded:{request}"}
    world.clock.now += timedelta(hours=3)
    world.relay_away = False
    await work.one_round()
    assert world.told == [(request, world.clock.now + world.waits)]
    assert await stuck(work) == set(), "it waits as it is meant to"


async def stuck(work: ErasureWork) -> set[str]:
    await work.one_round()
    return work._alarms


async def test_a_killed_telling_is_done_again() -> None:
    world = World()
    world.waits = timedelta(days=1)
    request = await world.ask()
    await world.work().one_round()
    told = world.calls.index("told") + 1
    for kill_at, mails in ((told - 1, 1), (told, 2), (told + 1, 2), (told + 2, 1)):
        world = World()
        world.waits = timedelta(days=1)
        request, world.kill_at = await world.ask(), kill_at
        await to_the_end(world)
        assert len(world.told) == mails, kill_at
        entry = await world.ledger.find(request)
        assert entry is not None
        assert entry.step is ErasureStep.WAITING
