"""The clocks once more, as simple as possible and written differently: somebody who looks at the case at the end of each day.

It shares no line with what it judges: months are found by walking to them, working days are those of the library `holidays`,
and no day on which something ends is reckoned beforehand.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from shared.tests.law.clocks.model_days import DAY, day_of, is_working, walk
from shared.tests.law.clocks.model_walk import Walk

DEEDS = {
    *(
        "AbuseDeclared",
        "AbuseLifted",
        "Reopened",
        "Answered",
        "Closed",
        "DecisionNotified",
        "DecisionTaken",
        "PiecesAskedFor",
    ),
    *("PriorRemedy", "ReceiptSent", "TransferAnnounced", "Transferred"),
}


class Model:
    """A history as it is known at the end of a day."""

    def __init__(self, events: list[Any], town: Any, as_of: date) -> None:
        self.told = sorted({event for event in events if day_of(event) <= as_of}, key=lambda event: event.at)
        self.events = [event for event in self.told if not self.is_withdrawn(event)]
        self.town, self.as_of = town, as_of
        self.received = self.first_received()

    def is_withdrawn(self, event: Any) -> bool:
        said = [each for each in self.told if type(each).__name__ == "Withdrawn" and each.what == event]
        return any(not self.is_withdrawn(each) for each in said)

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

    def procedure(self, day: date | None = None) -> Any:
        """What the catalogue said of it on the day of receipt, or on another."""
        listed = self.town.procedures.get(self.last("ProcedureConfirmed", "procedure"))
        asked = day or day_of(self.received)
        for version in listed.all if listed else ():
            if (version.in_force_from or asked) <= asked <= (version.until or asked):
                return version.rule
        return None

    def has_changed(self) -> bool:
        """Between the receipt by who passed it on, and ours."""
        day = self.received.elsewhere_on
        if day is None or day >= day_of(self.received):
            return False
        then, now = self.procedure(day), self.procedure()
        if then is None or now is None:
            return then is not now
        return any(getattr(then, part) != getattr(now, part) for part in ("is_request", "silence", "pieces"))

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
                ("qualification", self.qualification()),
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
            if (abusive := self.abusive()) and state[0] != "met":
                state = ("stopped", due, abusive)
            yield kind, (*state, own, None)

    def qualification(self) -> Any:
        """Somebody who asks each evening, back from today, whether it is known what the case is."""
        if self.received.saisine != "electronic":
            return None
        own = since = day_of(self.received)
        due = self.working(own, 7)
        if known := self.is_known(self.as_of):
            since = self.as_of
            while since > own and self.is_known(since - DAY):
                since -= DAY
        state = self.ended(due, [since] if known else [], self.days("Transferred"))
        if (abusive := self.abusive()) and state[0] != "met":
            state = ("stopped", due, abusive)
        return (*state, own, None)

    def is_known(self, evening: date) -> bool:
        told: dict[str, list[Any]] = {}
        for event in self.events:
            if day_of(event) <= evening:
                told.setdefault(type(event).__name__, []).append(event)
        natures, procedures = (
            {getattr(each, field) for each in told.get(name, ()) if each.at == told[name][-1].at}
            for name, field in (("Qualified", "nature"), ("ProcedureConfirmed", "procedure"))
        )
        if len(natures) > 1:
            return False
        if natures & {"information", "anonymous", "threatening"}:
            return True
        if len(procedures) > 1:
            return False
        return bool(procedures & {*self.town.procedures}) if procedures else bool(natures & {"complaint", "appeal"})

    def abusive(self) -> Any:
        """The day since which it stands declared so: told in order, at one moment the lifting last."""
        stands, own = None, day_of(self.received)
        said = [
            event for name in ("AbuseDeclared", "AbuseLifted") for event in self.named(name) if day_of(event) >= own
        ]
        for event in sorted(said, key=lambda each: (each.at, type(each).__name__ == "AbuseLifted")):
            stands = None if type(event).__name__ == "AbuseLifted" else stands or day_of(event)
        return stands

    def working(self, day: date, count: int) -> date:
        while count:
            day += DAY
            count -= is_working(day, self.town)
        return day

    def targets(self) -> Iterator[tuple[str, Any]]:
        procedure = self.procedure()
        priority = self.last("PriorityGiven", "priority") if self.named("PriorityGiven") else "normal"
        targets = procedure.targets.get(priority) if procedure else None
        if targets is None:
            return
        day, gone, closed = day_of(self.received), self.days("Transferred"), self.days("Closed")
        answered = self.days("Answered") + self.decisions()
        began, since, closed_since = day, day, closed
        if (again := self.reopened()) is not None:
            began = day_of(again)
            closed_since = [day_of(event) for event in self.named("Closed") if event.at > again.at]
            if not any(each <= began for each in answered):
                since, closed = began, closed_since
        if targets.first_answer:
            state = self.ended(self.working(since, targets.first_answer), answered, gone + closed)
            yield "first-answer", (*state, since, None)
        if targets.closing:
            yield "closing", (*self.ended(self.working(began, targets.closing), closed_since, gone), began, None)

    def reopened(self) -> Any:
        """The last reopening of a closed case that was still the town's."""
        last, is_closed, own = None, False, day_of(self.received)
        order = ["Transferred", "Closed", "Reopened"]
        said = [event for name in order for event in self.named(name) if day_of(event) >= own]
        for event in sorted(said, key=lambda each: (each.at, order.index(type(each).__name__))):
            name = type(event).__name__
            if name == "Transferred":
                return last
            is_closed = is_closed or name == "Closed"
            last = event if name == "Reopened" and is_closed else last
        return last

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
        if not self.days("PriorRemedy"):
            return None
        began = self.days("PriorRemedy")[0]
        procedure = self.procedure(began)
        if procedure is None or procedure.remedy is None:
            return None
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
        procedure = self.procedure()
        if nature in {None, "information", "anonymous", "threatening"} or self.received.saisine == "contact-only":
            return None
        complains = nature in {"complaint", "appeal"}
        if complains and not self.named("ProcedureConfirmed"):
            return "rejects", 2, "months"
        if procedure is None or self.has_changed():
            return None
        says = procedure.silence
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
        cited = getattr(self.procedure(), "pieces", {})
        walked = Walk(self, cited, means)
        found = walked.accepts(count, unit) if means == "accepts" else walked.rejects(count, unit)
        return (*found, None if found[0] == "stopped" else means)

    def decided(self) -> Any:
        found = self.silence() if self.received else None
        return (found[4], found[2]) if found and found[0] == "decided" else None

    def decided_before(self) -> bool:
        names = {"ProcedureConfirmed", "Qualified", "Withdrawn"}
        for day in {day_of(event) for event in self.told if type(event).__name__ in names}:
            then = Model([event for event in self.told if day_of(event) < day], self.town, day)
            if then.decided() and then.decided() != self.decided():
                return True
        return False

    def decided_meanwhile(self) -> bool:
        decided = self.decided()
        for event in self.told:
            if decided and type(event).__name__ == "Withdrawn" and decided[1] < day_of(event):
                day = day_of(event)
                if not Model([each for each in self.told if day_of(each) < day], self.town, day).decided():
                    return True
        return False

    def doubts(self) -> set[str]:
        """Those that a person is told of, but for what letters about pieces leave open."""
        found = (
            {"which-rights-request"} if any(len(self.meant(e)) != 1 for e in self.named("RightsExtended")) else set()
        )
        if any(type(event).__name__ == "Withdrawn" and event.what not in self.told for event in self.told):
            found.add("withdraws-nothing")
        if not self.received:
            return found | {"no-receipt"}
        taken, told = self.days("DecisionTaken"), self.days("DecisionNotified")
        moved, remedies = self.days("Transferred"), self.days("PriorRemedy")
        procedure = self.procedure()
        if taken and not self.decisions():
            found.add("not-notified")
        if told and not taken:
            found.add("notified-alone")
        if moved and not any(day >= moved[0] for day in self.days("TransferAnnounced")):
            found.add("not-announced")
        then = self.procedure(remedies[0]) if remedies else None
        if remedies and not (then and then.remedy):
            found.add("remedy-to-be-confirmed")
        if procedure and procedure.targets and self.named("PriorityGiven"):
            priority = self.last("PriorityGiven", "priority")
            if priority not in procedure.targets:
                found.add("unknown-priority" if priority else "two-priorities")
        earliest = min(min(day_of(each), each.elsewhere_on or date.max) for each in self.named("Received"))
        if any(type(event).__name__ in DEEDS and day_of(event) < earliest for event in self.events):
            found.add("dated-before-receipt")
        found |= self.doubts_of_rules()
        found |= {"decided-before"} if self.decided_before() else set()
        found |= {"decided-meanwhile"} if self.decided_meanwhile() else set()
        return found

    def doubts_of_rules(self) -> set[str]:
        nature = self.last("Qualified", "nature") if self.named("Qualified") else "request"
        if nature in {None, "information", "anonymous", "threatening"} or self.received.saisine == "contact-only":
            return set()
        if self.last("ProcedureConfirmed", "procedure") not in self.town.procedures:
            return set()
        if self.procedure() is None:
            return {"not-in-force"}
        return {"rule-changed"} if self.has_changed() else set()
