"""What procedures.yaml says of a procedure's clocks (docs/clocks.md): silence, remedy, pieces, targets, by date."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, model_validator

from guichet.law.clocks.delay import Delay, read_delay
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.rules import Piece, ProcedureRule, SilenceMeans, SilenceRule, Targets, source_of
from guichet.town.values import IdText, TownModel

MOST_WORKING_DAYS: Final = 1000


def _delay(value: object) -> object:
    return value if isinstance(value, Delay) else read_delay(str(value))


def listed(value: object) -> object:
    """Return a list as it was written. Raises ValueError for one rule that stands without its dash."""
    if isinstance(value, dict):
        raise ValueError("write a list, though there is one rule alone: begin its first line with “- ”.")
    return value


DelayText = Annotated[Delay, BeforeValidator(_delay)]
WorkingDayCount = Annotated[int, Field(ge=1, le=MOST_WORKING_DAYS)]
_NO_MATTER: Final = Delay(1)  # of a silence that says nothing


class SilenceEntry(TownModel):
    """means: what silence says. after: its delay, as “2 months” or “45 days”. source: the text that says so.

    Without a source, or with one that says « à confirmer », no date is given and no acceptance said (docs/law.md 20).
    """

    means: SilenceMeans
    after: DelayText | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _need_a_delay(self) -> "SilenceEntry":
        if self.after is None and self.means is not SilenceMeans.NOTHING:
            raise ValueError(f"say after how long silence {self.means}: `after`, such as “2 months” or “45 days”.")
        return self

    @property
    def rule(self) -> SilenceRule:
        """What the clocks ask for."""
        return SilenceRule(self.means, self.after or _NO_MATTER, _source(self.source))


class RemedyEntry(TownModel):
    """A remedy that comes before a court (recours préalable), on which silence rejects."""

    after: DelayText
    source: str | None = None

    @property
    def rule(self) -> SilenceRule:
        """What the clocks ask for."""
        return SilenceRule(SilenceMeans.REJECTS, self.after, _source(self.source))


class PieceEntry(TownModel):
    """A piece of a request. label: as a letter names it. required_by: the text that does; without it no clock moves.

    indispensable: work waits for it.
    """

    label: str
    required_by: str | None = None
    indispensable: bool = False

    @model_validator(mode="after")
    def _need_a_text(self) -> "PieceEntry":
        if self.indispensable and self.required_by is None:
            raise ValueError("work waits only for a piece that a text requires: give `required_by` (docs/law.md 61).")
        return self

    @property
    def piece(self) -> Piece:
        """What the clocks ask for."""
        return Piece(_source(self.required_by), self.indispensable)


class TargetsEntry(TownModel):
    """The town's own targets, in working days from receipt."""

    first_answer: WorkingDayCount | None = None
    closing: WorkingDayCount | None = None


class ClocksEntry(TownModel):
    """One version of a procedure's rules; in_force_from: its first day, until: its last (docs/law.md 63)."""

    in_force_from: date | None = None
    until: date | None = None
    silence: SilenceEntry | None = None
    remedy: RemedyEntry | None = None
    pieces: dict[Annotated[str, IdText], PieceEntry] = Field(default_factory=dict)
    targets: dict[Annotated[str, IdText], TargetsEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _hold_some_day(self) -> "ClocksEntry":
        if self.in_force_from and self.until and self.until < self.in_force_from:
            raise ValueError(f"`until` ({self.until}) lies before `in_force_from` ({self.in_force_from}).")
        return self

    def version(self, is_request: bool) -> Version[ProcedureRule]:
        """Return it as the clocks ask for it."""
        rule = ProcedureRule(
            is_request=is_request,
            silence=self.silence.rule if self.silence else None,
            remedy=self.remedy.rule if self.remedy else None,
            pieces={name: entry.piece for name, entry in self.pieces.items()},
            targets={name: Targets(each.first_answer, each.closing) for name, each in self.targets.items()},
        )
        return Version(rule, self.in_force_from, self.until)


ClocksEntries = Annotated[tuple[ClocksEntry, ...], BeforeValidator(listed)]


def wrong_versions(entries: tuple[ClocksEntry, ...], is_request: bool) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield what is wrong between the versions of a procedure, with where: the way to it from `clocks` on."""
    for nth, entry in enumerate(entries):
        if not is_request and entry.silence is not None and entry.silence.means is not SilenceMeans.NOTHING:
            yield (
                (nth, "silence"),
                f"a procedure that asks for no decision (is_request: false) has no silence that {entry.silence.means}; "
                "take `silence` away, or say is_request: true.",
            )
        for other in entries[:nth]:
            day = entry.version(is_request).first_together(other.version(is_request))
            if day is not None:
                yield (nth, "in_force_from"), _both_hold(day)


def _both_hold(day: date) -> str:
    if day == date.min:
        return "two versions hold on every day: the older needs `until`, the newer `in_force_from`, the day after."
    return f"two versions hold on {day}: the older needs `until`, the newer `in_force_from`, the day after."


def _source(written: str | None) -> str | None:
    return None if written is None else source_of(written)
