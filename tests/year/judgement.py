"""Compare what happened in the year with what must have, case by case."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from guichet.contracts.case_events import CaseOpened, ClockReached
from guichet.contracts.delivery import Purpose
from guichet.law.calendar import PARIS
from tests.year.agents import Agents
from tests.year.arrivals import Arrival
from tests.year.expected import A_DAY, Acknowledged, Expected
from tests.year.incidents import Incidents
from tests.year.messages import BY_HAND
from tests.year.post import Post
from tests.year.seen import Seen, day_of
from tests.year.town import LivingTown

OUTAGE, PROVIDER = "outage", "provider"


@dataclass
class Judgement:
    """findings: a sentence for each thing that lacked or was too much. counted: by month of receipt and by what."""

    findings: list[str] = field(default_factory=list)
    counted: Counter[tuple[int, str]] = field(default_factory=Counter)
    late: Counter[tuple[str, str]] = field(default_factory=Counter)  # by receipt and cause


def judge(
    arrivals: list[Arrival],
    seen: Seen,
    agents: Agents,
    town: LivingTown,
    incidents: Incidents,
    *,
    until: date,
) -> Judgement:
    """Return the judgement. until: the last day that was lived."""
    judgement = Judgement()
    judgement.findings += _misfiled(seen)
    judgement.findings += [f"{each.reference}: a command was refused: {each.why}" for each in seen.refused]
    judgement.findings += [
        f"{lane}: it was down, and no alarm rang" for lane in {each.lane for each in incidents.providers} - town.down
    ]
    if incidents.outages and not town.passed_over:
        judgement.findings.append("the router was away for days, and no alarm rang of a clock that it passed over")
    for arrival in arrivals:
        judgement.counted[_month(arrival), "messages"] += 1
    references = {opened.reference: case for case, opened in seen.cases.items()}
    post = Post.sorted_out(town.handed, seen.deliveries.values(), references)
    for case, opened in seen.cases.items():
        arrival = seen.arrived[opened.message_id]
        expected = Expected(day_of(arrival.at), agents.works[case], incidents, until)
        _OneCase(judgement, opened, arrival, expected, seen, post, town).judge()
    return judgement


def _month(arrival: Arrival) -> int:
    return arrival.at.astimezone(PARIS).month


def _misfiled(seen: Seen) -> Iterator[str]:
    for message, arrival in seen.arrived.items():
        if seen.filed[message] != 1:
            yield f"message {arrival.number} of {arrival.at}: it went into a case {seen.filed[message]} times"


@dataclass(frozen=True)
class _OneCase:
    judgement: Judgement
    opened: CaseOpened
    arrival: Arrival
    expected: Expected
    seen: Seen
    post: Post
    town: LivingTown

    def judge(self) -> None:
        """Add what is found of the case."""
        self._count("cases")
        if self.arrival.channel in BY_HAND or self.arrival.is_automatic:
            self._nothing_left()
        else:
            self._count("electronic")
            self._registration()
            self._acknowledgements()
            self._qualification()
        self._silence()

    def _nothing_left(self) -> None:
        for purpose in (Purpose.AEE, Purpose.ARE):
            if left := self.post.receipts(self.opened.case_id, purpose):
                self._find(f"no {purpose.value} is owed, and {len(left)} left")
        if owed := self.seen.owed[self.opened.case_id]:
            self._find(f"no acknowledgement is owed, and {len(owed)} were said to be")

    def _registration(self) -> None:
        left = self.post.receipts(self.opened.case_id, Purpose.AEE)
        if len(left) != 1:
            self._find(f"one registration receipt is owed, {len(left)} left")
            return
        self._in_time("aee", left[0], self.expected.aee_due)

    def _acknowledgements(self) -> None:
        case = self.opened.case_id
        wanted = [*self.expected.acknowledgements()]
        owed = [Acknowledged(day_of(each.occurred_at), each.is_full, each.corrects) for each in self.seen.owed[case]]
        if owed != wanted:
            self._find(f"acknowledgements: {_said(owed)}, must be {_said(wanted)}")
        left = self.post.receipts(case, Purpose.ARE)
        if len(left) != len(wanted):
            self._find(f"{len(wanted)} acknowledgements are owed, {len(left)} left")
        if left:
            self._in_time("are", left[0], self.expected.are_due)
        self.judgement.counted[_month(self.arrival), "corrected"] += max(0, len(left) - 1)

    def _in_time(self, receipt: str, left: datetime, due: date) -> None:
        if day_of(left) <= due:
            self._count(f"{receipt} in time")
            return
        self._count(f"{receipt} late")
        if not self._is_alarmed(receipt):
            self._find(f"its {receipt} left on {day_of(left)}, was due on {due}, and nobody was alarmed")
        if (cause := self._cause(due)) is None:
            self._find(f"its {receipt} left on {day_of(left)}, was due on {due}, and nothing explains it")
        else:
            self.judgement.late[receipt, cause] += 1

    def _is_alarmed(self, receipt: str) -> bool:
        reached = {(each.clock, each.stage) for each in self.seen.reached[self.opened.case_id]}
        return self.opened.case_id in self.town.late or (receipt == "are" and ("are", "late") in reached)

    def _cause(self, due: date) -> str | None:
        incidents = self.expected.incidents
        ends = datetime.combine(due + A_DAY, time(), PARIS) - timedelta(seconds=1)
        lane = self.town.town.facts[self.opened.channel].lane
        if any(each.lane == lane and each.holds(ends) for each in incidents.providers):
            return PROVIDER
        return OUTAGE if due in incidents.outages else None

    def _qualification(self) -> None:
        late = self._reached("qualification", "late")
        if len(late) != int(self.expected.is_qualified_late()):
            self._find(f"people heard {len(late)} times that nobody had said what it is")

    def _silence(self) -> None:
        decided, wanted = self._reached("silence", "decided"), None
        if not self.arrival.is_automatic:
            wanted = self.expected.silence()
        if wanted is None:
            if decided and day_of(decided[0].occurred_at) < self.expected.until:
                self._find(f"its silence decides nothing, and was said to on {day_of(decided[0].occurred_at)}")
            return
        self._count("silences")
        last, means, heard = wanted
        found = [(each.due, each.means) for each in decided]
        if found != [(last, means)]:
            self._find(f"its silence {means} on {last}, once; people heard {found}")
        elif not heard <= day_of(decided[0].occurred_at) <= self.expected.incidents.first_up(heard + A_DAY):
            self._find(f"its silence decided on {last}; people heard on {day_of(decided[0].occurred_at)}, not {heard}")

    def _reached(self, clock: str, stage: str) -> list[ClockReached]:
        return [each for each in self.seen.reached[self.opened.case_id] if (each.clock, each.stage) == (clock, stage)]

    def _count(self, what: str) -> None:
        self.judgement.counted[_month(self.arrival), what] += 1

    def _find(self, what: str) -> None:
        about = f"{self.opened.channel}, received on {self.expected.received}, {self.expected.work.procedure}"
        done = ", ".join(f"{deed} {day}" for deed, day in self.expected.work.done.items())
        self.judgement.findings.append(f"{self.opened.reference} ({about}; {done or 'nothing done'}): {what}.")


def _said(acknowledged: list[Acknowledged]) -> str:
    words = [
        f"{'full' if each.is_full else 'incomplete'}{' correction' if each.corrects else ''} on {each.on}"
        for each in acknowledged
    ]
    return ", ".join(words) or "none"
