"""The pure parts of a run, and the clients against a door that answers as it is told."""

import base64
from collections import Counter, deque
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from guichet.ids import MessageId
from guichet.town import load_town
from guichet_local.machine.paths import TOWN
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.town.processes import last_error
from guichet_testing.town.services import SERVICES
from tests.faults.form import full_form, short_form
from tests.faults.load import clients
from tests.faults.load.accepted import Accepted
from tests.faults.load.clients import AwayError, LostError, Pace, send_all
from tests.faults.load.plan import TRIPLE_IN, Names, Plan, PlanMaker, Sending, Way, singles
from tests.faults.load.poison import POISONED, poison_records
from tests.faults.town.town import TOWN_NUMBER
from tests.faults.trouble.chaos import Strike
from tests.faults.trouble.in_flight import in_work
from tests.faults.trouble.schedule import BROKERS, FULL, PRIMARY, SECONDARY, SENDERS, SHORT, Act, Doses, make_schedule
from tests.faults.verdicts.excuses import excuses
from tests.faults.verdicts.found import Copy
from tests.faults.verdicts.outcome import Outcome
from tests.faults.verdicts.report import render
from tests.replay.corpus import CorpusMaker

KEY = base64.b64decode("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=")


@pytest.fixture(scope="module")
def names() -> Names:
    town = load_town(TOWN)
    return Names(MailReader(TownMailboxes(town.mailboxes, town.main_mailbox), KEY), KEY, TOWN_NUMBER, "AC0", "123456")


def test_one_seed_is_one_plan(names: Names) -> None:
    one, again, other = (PlanMaker(seed, names, now=lambda: 1_764_000_000.0).make(200) for seed in (1, 1, 2))
    assert one == again != other


def test_a_plan_holds_its_messages_on_three_channels_and_its_poison(names: Names) -> None:
    plan = PlanMaker(3, names).make(1000)
    known = {each.message_id or each.poison for each in plan.sendings}
    assert len(known) == plan.messages == 1000
    assert {each.way for each in plan.sendings} == set(Way)
    assert {adapter for _, adapter in plan.poison.values()} == {way.value for way in Way}
    assert any(len(thread) > 3 for thread in plan.threads)
    assert any(each.twice for each in plan.sendings)


def test_who_quotes_a_late_root_s_answer_writes_at_the_same_time_as_both(names: Names) -> None:
    bodies = [each.body for each in PlanMaker(3, names).make(1000).sendings if each.way is Way.MAIL]
    triples, letters = 1000 * 2 // 5 // TRIPLE_IN, CorpusMaker(3, 0)
    letters.make(1000 * 2 // 5 - 3 * triples)
    for _ in range(triples):
        places = sorted(bodies.index(letter.to_bytes()) for letter in letters.make_triples(1))
        assert places[2] - places[0] == 2


@pytest.mark.timeout(480)  # half a minute alone: it writes as many messages as the full form
def test_the_parts_of_a_run_never_meet(names: Names) -> None:
    plans = [PlanMaker(5, names, part).make(size) for part, size in enumerate((20_000, 60, 60))]
    numbers = [each.number for plan in plans for each in plan.sendings]
    ids = [thread for plan in plans for thread in plan.threads]
    assert len(set(numbers)) == len(numbers)
    assert len(frozenset().union(*ids)) == sum(map(len, ids))
    phones = {each.sender for plan in plans for each in plan.sendings if each.way is Way.SMS and each.sender}
    assert all(phone.startswith("+3363998") for phone in phones)
    assert TOWN_NUMBER not in phones
    assert len({chat for plan in plans for chat in set(plan.chats)}) == sum(len(set(plan.chats)) for plan in plans)


def test_a_message_alone_in_its_thread_can_be_sent_alone(names: Names) -> None:
    alone = singles(PlanMaker(5, names, 2).make(300))
    assert all(len(plan.sendings) == 1 and plan.threads for plan in alone)
    assert len(alone) >= 2


def test_poison_goes_onto_every_topic_that_is_read() -> None:
    poison = list(poison_records(7, 16))
    assert {each.record.topic for each in poison} == {topic.name for topic in POISONED}
    assert all(each.word.encode() in each.record.value for each in poison)


@pytest.mark.parametrize("seed", range(5))
def test_a_schedule_holds_every_fault_and_never_two_servers_in_a_row(seed: int) -> None:
    faults = make_schedule(seed, FULL)
    killed = Counter(fault.process.removesuffix("-2") for fault in faults if fault.act is Act.KILL)
    assert len(faults) == FULL.faults
    assert sum(killed[service] for service in FULL.kills) >= 40
    assert all(sum(fault.process == broker for fault in faults) == 3 for broker in BROKERS)
    servers = [fault.process in (*BROKERS, PRIMARY, SECONDARY) for fault in faults]
    assert not any(one and other for one, other in pairwise(servers))
    assert [fault.due for fault in faults] == sorted(fault.due for fault in faults)
    assert faults[-1].due < 1
    assert faults == make_schedule(seed, FULL)


@pytest.mark.parametrize("doses", [FULL, SHORT])
def test_senders_die_in_either_form_and_there_is_one_of_each(doses: Doses) -> None:
    struck = {fault.process for fault in make_schedule(4, doses) if fault.process.startswith("sender-")}
    assert struck
    assert struck <= {service.name for service in SERVICES}
    assert doses is SHORT or struck == set(SENDERS)


@pytest.mark.parametrize("doses", [FULL, SHORT])
def test_every_clock_jumps_ahead_and_back_in_the_middle_of_either_form(doses: Doses) -> None:
    faults = make_schedule(3, doses)
    ahead, back = (next(fault for fault in faults if fault.act is act) for act in (Act.AHEAD, Act.BACK))
    assert 0.2 < ahead.due < back.due < 0.8


@pytest.mark.parametrize("doses", [FULL, SHORT])
def test_primaries_die_and_step_down_in_either_form(doses: Doses) -> None:
    struck = Counter((fault.act, fault.process) for fault in make_schedule(2, doses))
    assert struck[Act.KILL, PRIMARY]
    assert struck[Act.STEP_DOWN, PRIMARY]


def test_a_stepdown_counts_apart_from_the_kills_of_the_store() -> None:
    down = Strike(1.0, Act.STEP_DOWN, "mongodb-3", 2)
    assert (down.counts, down.service) == (True, "mongodb stepped down")
    assert Strike(1.0, Act.KILL, "mongodb-2", 2).service == "mongodb"
    assert not Strike(1.0, Act.PAUSE, "mongodb", 2).counts


def test_the_short_form_kills_one_broker() -> None:
    faults = make_schedule(1, SHORT, one_broker=True)
    assert sum(fault.process in BROKERS for fault in faults) == 1
    assert len(faults) == SHORT.faults + 1


def test_what_a_worker_has_in_work_is_read_from_its_metrics() -> None:
    text = 'guichet_records_in_work{service="notifier"} 3.0\nguichet_sends_in_work{provider="mail"} 2.0\nx 9\n'
    assert in_work(text) == 5
    assert in_work("") == 0


def test_the_reason_of_an_end_is_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "notifier.log"
    log.write_text('{"level": "info"}\n{"event": "crashed", "error": "KafkaError", "level": "critical"}\nfarewell\n')
    assert last_error(log) == "KafkaError"
    log.write_text('{"event": "crashed", "level": "critical", "exception": [{"class": "A"}, {"class": "B"}]}\n')
    assert last_error(log) == "B"
    log.write_text("farewell\n")
    assert "does not say" in last_error(log)


def test_an_excuse_is_a_dead_sender_or_a_lost_answer() -> None:
    strike = Strike(12.3, Act.KILL, "sender-mail", 4, orphans=["a"])
    unanswered = [Copy("mail", "m", 1.0, is_unanswered=True), Copy("mail", "m", 2.0)]
    found = excuses({MessageId("b"): unanswered, MessageId("c"): unanswered[1:]}, [strike])
    assert found.keys() == {"a", "b"}
    assert "sender-mail, second 12" in found[MessageId("a")][0]


class Door:
    """Answers with the next of `answers`, then always 200."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = deque(answers)
        self.seen: list[int] = []

    async def hand_over(self, sending: Sending) -> str:
        self.seen.append(sending.number)
        answer = self.answers.popleft() if self.answers else "200"
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass


class OneDoor:
    def __init__(self, door: Door) -> None:
        self.door = door

    def connections(self, way: Way) -> list[tuple[str, Door]]:
        return [("ingest-sms", self.door)] if way is Way.SMS else []


async def test_what_is_refused_or_unanswered_is_handed_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "BEFORE_AGAIN", 0.0)
    door, accepted = Door("503", LostError(), AwayError()), Accepted()
    plan = Plan((Sending(1, Way.SMS, b"", MessageId("m"), "t"), Sending(2, Way.SMS, b"", None, "t", twice=True)), 2)
    await send_all(plan, OneDoor(door), accepted)  # type: ignore[arg-type]
    assert accepted.numbers == {1, 2}
    assert accepted.answers == {"503": 1, "nobody listens": 1, "200": 3}
    assert accepted.never_answered == {"ingest-sms": 1}
    assert Counter(door.seen)[2] >= 2
    assert not any(accepted.in_flight.values())


async def test_clients_that_are_too_far_ahead_go_on_in_a_trickle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "TRICKLE", 0.01)
    door, accepted = Door(), Accepted()
    plan = Plan((Sending(1, Way.SMS, b"", None, "t"),), 1)
    await send_all(plan, OneDoor(door), accepted, Pace(ceiling=0.1), lambda: 0.9)  # type: ignore[arg-type]
    assert accepted.numbers == {1}


def test_a_report_says_what_does_not_hold() -> None:
    outcome = Outcome(7, short_form(), datetime(2026, 11, 24, tzinfo=UTC))
    outcome.strikes.append(Strike(1.0, Act.PAUSE, "notifier", 3, "out of its group"))
    text = render(outcome)
    assert "It does NOT hold" in text
    assert "| 1.0 | SIGSTOP | notifier | 3 | out of its group |" in text
    assert not outcome.holds


def test_the_full_form_is_the_issues() -> None:
    form = full_form()
    assert form.messages == 20_000
    assert form.services_together >= 40
    servers = {"kafka": 3, "kafka-2": 3, "kafka-3": 3, "mongodb": 4, "mongodb stepped down": 2}
    assert form.at_least == {**servers, **dict.fromkeys(SENDERS, 1)}
