"""The clocks once more, as simple as possible and written differently: somebody who looks at the case at the end of each day.

It shares no line with what it judges: months are found by walking to them, working days are those of the library `holidays`,
and no day on which something ends is reckoned beforehand.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from shared.tests.law.test_calendar import CUSTOMS, SUBDIVISIONS

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
DEEDS = {
    *("AbuseDeclared", "Answered", "Closed", "DecisionNotified", "DecisionTaken", "PiecesAskedFor"),
    *("PriorRemedy", "ReceiptSent", "TransferAnnounced", "Transferred"),
}
FAR = 800  # days: nothing of a history ends later


class Model:
    """A history as it is known at the end of a day."""

    def __init__(self, events: list[Any], town: Any, as_of: date) -> None:
        self.events = sorted({*events}, key=lambda event: event.at)
        self.events = [event for event in self.events if day_of(event) <= as_of]
        self.town, self.as_of = town, as_of
        self.received = self.first_received()

    def named(self, name: str) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == name]

    def days(self, name: str, since: date | None = None) -> list[date]:
        """Of what cannot have been before receipt, those from then on."""
        first = day_of(self.received) if since is None else since
        return [day for day in map(day_of, self.named(name)) if day >= first]

    def last(self, name: str, field: str) -> Any:
        """What was said last; None if nothing, or two things at once."""
        found = self.named(name)
        said = {getattr(event, field) for event in found if event.at == found[-1].at}
        return said.pop() if len(said) == 1 else None

    def first_received(self) -> Any:
        found = self.named("Received")
        if not found:
            return None
        found = [event for event in found if event.saisine != "contact-only"] or found
        return sorted(
            (event for event in found if event.at == found[0].at),
            key=lambda event: ("esc".index(event.saisine[0]), event.elsewhere_on or date.max),
        )[0]

    def clocks(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every clock by kind, as (state, due, ended, began, means); due and began are None where they do not matter."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        if self.received:
            for kind, each in (
                *self.receipts(),
                ("silence", self.silence()),
                ("transfer", self.transfer()),
                ("prior-remedy", self.remedy()),
                *self.targets(),
            ):
                if each is not None:
                    found.setdefault(kind, []).append(each)
        rights = list(self.rights())
        return {**found, "rights-request": rights} if rights else found

    def ended(self, due: date, done: list[date], stops: list[date]) -> tuple[Any, ...]:
        for day in sorted({*done, *stops}):
            if day in done:
                return ("met" if day <= due else "late", due, day)
            if day <= due and not any(other <= due for other in done):
                return ("stopped", due, day)
            if day > due:
                return ("late", due, day)
        return ("late" if self.as_of > due else "running", due, None)

    def receipts(self) -> Iterator[tuple[str, Any]]:
        if self.received.saisine != "electronic":
            return
        for kind, count, serve in (("aee", 1, {"aee", "are"}), ("are", 10, {"are"})):
            due = self.working(day_of(self.received), count)
            own = day_of(self.received)
            sent = [day_of(event) for event in self.named("ReceiptSent") if event.receipt in serve]
            state = self.ended(due, [day for day in sent if day >= own], self.days("Transferred"))
            if self.days("AbuseDeclared") and state[0] != "met":
                state = ("stopped", due, self.days("AbuseDeclared")[0])
            yield kind, (*state, own, None)

    def working(self, day: date, count: int) -> date:
        while count:
            day += DAY
            count -= is_working(day, self.town)
        return day

    def targets(self) -> Iterator[tuple[str, Any]]:
        procedure = self.town.procedures.get(self.last("ProcedureConfirmed", "procedure"))
        priority = self.last("PriorityGiven", "priority") if self.named("PriorityGiven") else "normal"
        targets = procedure.targets.get(priority) if procedure else None
        if targets is None:
            return
        day, gone, closed = day_of(self.received), self.days("Transferred"), self.days("Closed")
        answered = self.days("Answered") + self.decisions()
        if targets.first_answer:
            state = self.ended(self.working(day, targets.first_answer), answered, gone + closed)
            yield "first-answer", (*state, day, None)
        if targets.closing:
            yield "closing", (*self.ended(self.working(day, targets.closing), closed, gone), day, None)

    def decisions(self, since: date | None = None, after: Any = None) -> list[date]:
        first = day_of(self.received) if since is None else since
        found = []
        for told in self.named("DecisionNotified"):
            for taken in self.named("DecisionTaken"):
                in_order = taken.at <= told.at and (after is None or after.at < taken.at)
                if in_order and day_of(taken) >= first:
                    found.append(day_of(told))
        return found

    def rights(self) -> Iterator[tuple[Any, ...]]:
        for request in self.named("RightsRequested"):
            began = day_of(request)
            due = self.rolled(walk(began, 1, "months"))
            if any(self.meant(each) == [request] and day_of(each) <= due for each in self.named("RightsExtended")):
                due = self.rolled(walk(began, 3, "months"))
            done = [day_of(each) for each in self.named("RightsAnswered") if each.at >= request.at]
            yield (*self.ended(due, done, []), began, None)

    def meant(self, extension: Any) -> list[Any]:
        """The requests that an extension may be of."""
        answers, found = self.named("RightsAnswered"), []
        for request in self.named("RightsRequested"):
            if request.at > extension.at:
                continue
            if extension.asked_on:
                is_meant = extension.asked_on == day_of(request)
            else:
                is_meant = not any(request.at <= each.at < extension.at for each in answers)
            if is_meant:
                found.append(request)
        return found

    def rolled(self, day: date) -> date:
        while self.town.rights_roll and not is_working(day, self.town):
            day += DAY
        return day

    def transfer(self) -> Any:
        if not (moved := self.days("Transferred")):
            return None
        told = [day for day in self.days("TransferAnnounced") if day >= moved[0]]
        return ("met", None, told[0], moved[0], None) if told else ("running", None, None, moved[0], None)

    def remedy(self) -> Any:
        procedure = self.town.procedures.get(self.last("ProcedureConfirmed", "procedure"))
        if not self.days("PriorRemedy") or procedure is None or procedure.remedy is None:
            return None
        began = self.days("PriorRemedy")[0]
        remedy = next(each for each in self.named("PriorRemedy") if day_of(each) == began)
        due = walk(began, procedure.remedy.after.count, procedure.remedy.after.unit)
        for day in self.decisions(after=remedy):
            if day <= due:
                return ("stopped", None, day, began, None)
        state = ("decided", due, due) if self.as_of > due else ("running", due, None)
        return (*state, began, "rejects")

    def rule(self) -> Any:
        """What silence says, the delay: None where nothing may be said."""
        nature = self.last("Qualified", "nature") if self.named("Qualified") else "request"
        procedure = self.town.procedures.get(self.last("ProcedureConfirmed", "procedure"))
        if nature in {None, "information", "anonymous", "threatening"} or self.received.saisine == "contact-only":
            return None
        if procedure is None:
            return None
        says, complains = procedure.silence, nature in {"complaint", "appeal"}
        if procedure.is_request and (says is None or says.source is None):
            return None
        if not procedure.is_request or says.means == "nothing":
            return ("rejects", 2, "months") if complains else None
        if complains and says.means == "accepts":
            return "rejects", 2, "months"
        return says.means, says.after.count, says.after.unit

    def silence(self) -> Any:
        if (rule := self.rule()) is None:
            return None
        means, count, unit = rule
        cited = self.town.procedures[self.last("ProcedureConfirmed", "procedure")].pieces
        walked = Walk(self, cited, means)
        found = walked.accepts(count, unit) if means == "accepts" else walked.rejects(count, unit)
        return (*found, None if found[0] == "stopped" else means)

    def decided(self) -> Any:
        found = self.silence() if self.received else None
        return (found[4], found[2]) if found and found[0] == "decided" else None

    def decided_before(self) -> bool:
        for day in {day_of(event) for event in self.named("ProcedureConfirmed") + self.named("Qualified")}:
            then = Model([event for event in self.events if day_of(event) < day], self.town, day)
            if then.decided() and then.decided() != self.decided():
                return True
        return False

    def doubts(self) -> set[str]:
        """Those that a person is told of, but for what letters about pieces leave open."""
        found = (
            {"which-rights-request"} if any(len(self.meant(e)) != 1 for e in self.named("RightsExtended")) else set()
        )
        if not self.received:
            return found | {"no-receipt"}
        taken, told = self.days("DecisionTaken"), self.days("DecisionNotified")
        moved, remedies = self.days("Transferred"), self.days("PriorRemedy")
        procedure = self.town.procedures.get(self.last("ProcedureConfirmed", "procedure"))
        if taken and not self.decisions():
            found.add("not-notified")
        if told and not taken:
            found.add("notified-alone")
        if moved and not any(day >= moved[0] for day in self.days("TransferAnnounced")):
            found.add("not-announced")
        if remedies and not (procedure and procedure.remedy):
            found.add("remedy-to-be-confirmed")
        if procedure and procedure.targets and self.named("PriorityGiven"):
            priority = self.last("PriorityGiven", "priority")
            if priority not in procedure.targets:
                found.add("unknown-priority" if priority else "two-priorities")
        earliest = min(min(day_of(each), each.elsewhere_on or date.max) for each in self.named("Received"))
        if any(type(event).__name__ in DEEDS and day_of(event) < earliest for event in self.events):
            found.add("dated-before-receipt")
        if self.decided_before():
            found.add("decided-before")
        return found


class Walk:
    """Day by day: letters first, then pieces, then what stops silence, then silence itself."""

    def __init__(self, model: Model, cited: Any, means: str) -> None:
        self.model = model
        self.own = day_of(model.received)
        if means == "rejects":
            self.own = min(self.own, model.received.elsewhere_on or self.own)
        moved = model.days("Transferred", self.own)
        self.asked, self.came = dict[date, list[Any]](), dict[date, list[str]]()
        for event in model.named("PiecesAskedFor"):
            if day_of(event) < self.own or (moved and day_of(event) > moved[0]):
                continue
            names = {piece.name for piece in event.pieces if piece.required_by and piece.name in cited}
            names = {name for name in names if cited[name].required_by}
            names -= {each.piece for each in model.named("PieceArrived") if each.at < event.at}
            self.asked.setdefault(day_of(event), []).append((names, event.until))
        for event in model.named("PieceArrived"):
            self.came.setdefault(day_of(event), []).append(event.piece)
        stops = model.decisions(self.own) + (moved if means == "accepts" else [])
        self.stop = min(stops) if stops else None
        self.first = min(day_of(model.events[0]), day_of(model.received))

    def accepts(self, count: int, unit: str) -> tuple[Any, ...]:
        model, here, lacking, start = self.model, set[str](), set[str](), self.own
        for nth in range(FAR):
            day = self.first + nth * DAY
            for names, _ in self.asked.get(day, ()):
                lacking |= names - here
            came = {*self.came.get(day, ())}
            if lacking and lacking <= came:
                start = max(start, day)
            here, lacking = here | came, lacking - came
            if day == self.stop:
                return ("stopped", None, day, None)
            if not lacking and day == walk(start, count, unit):
                return ("decided", day, day, start) if model.as_of > day else ("running", day, None, start)
        return ("not-begun", None, None, None)

    def rejects(self, count: int, unit: str) -> tuple[Any, ...]:
        model, here, state = self.model, set[str](), "running"
        start = self.own
        needed, counted, open_letters = (walk(start, count, unit) - start).days, 0, list[tuple[set[str], date]]()
        for nth in range(FAR):
            day = min(self.first, start) + nth * DAY
            open_letters = [each for each in open_letters if each[1] >= day]
            if day > start and not open_letters:
                counted += 1
            open_letters += [(names - here, until) for names, until in self.asked.get(day, ())]
            came = {*self.came.get(day, ())}
            here |= came
            open_letters = [(names - came, until) for names, until in open_letters if names - came]
            if day == model.as_of and open_letters:
                state = "suspended"
            if day == self.stop:
                return ("stopped", None, day, None)
            if day >= start and counted >= needed and not any(until > day for _, until in open_letters):
                return ("decided", day, day, start) if model.as_of > day else (state, day, None, start)
        raise AssertionError("it never rejects")


def day_of(event: Any) -> date:
    found: date = event.at.astimezone(PARIS).date()
    return found


@cache
def walk(start: date, count: int, unit: str) -> date:
    """Walk so many days, or to the same day so many months later; where that month has none, to its last."""
    if unit == "days":
        return start + count * DAY
    day, months = start, 0
    while True:
        day += DAY
        months += day.day == 1
        if months == count and (day.day == start.day or ((day + DAY).day == 1 and day.day < start.day)):
            return day


def is_working(day: date, town: Any) -> bool:
    return day.weekday() not in {5, 6} and day not in _holidays(town.working_days._territory)


@cache
def _holidays(territory: Any) -> set[date]:
    by_law = holidays.country_holidays("FR", subdiv=SUBDIVISIONS[territory], years=range(2025, 2050), language="fr")
    custom = set() if territory == "alsace-moselle" else CUSTOMS
    return {day for day, name in by_law.items() if name not in custom}
