"""A silence of the second model: lived through day by day."""

from datetime import date
from typing import Any

from shared.tests.law.clocks.model_days import DAY, day_of, walk

FAR = 800  # days: nothing of a history ends later


class Walk:
    """Day by day: letters first, then pieces, then what stops silence, then silence itself."""

    def __init__(self, model: Any, cited: Any, means: str) -> None:
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
