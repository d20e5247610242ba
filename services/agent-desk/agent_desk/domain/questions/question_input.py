"""The form that asks a question: what is asked and how, until when, what its agent says besides. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from agent_desk.domain.decisions.form_input import once_of, shown_of
from agent_desk.domain.questions.question_mark import QUESTIONS_AT_MOST, QuestionMark
from agent_desk.domain.typed_day import typed_day
from guichet.contracts.questions import LONGEST_LABEL, FieldKind

USUAL_TIME: Final = timedelta(days=15)  # a choice of ours, which the agent changes
LONGEST_TIME: Final = timedelta(days=364)  # the case comes back the day after, within a year
LONGEST_OWN: Final = 5_000  # characters
ANSWERED: Final = "reponse"  # as the form says that it becomes an answer


@dataclass(frozen=True)
class AskedLine:
    """One question of the form. kind: as it was chosen. choices: one a line."""

    label: str = field(default="", repr=False)
    kind: str = FieldKind.WORDS
    choices: str = field(default="", repr=False)
    required: bool = False

    @property
    def line(self) -> str:
        """What the letter says of it, without its number."""
        label = " ".join(self.label.split())
        named = [" ".join(each.split()) for each in self.choices.splitlines() if each.strip()]
        return f"{label} ({' / '.join(named)})" if self.kind == FieldKind.CHOICE and named else label


@dataclass(frozen=True)
class QuestionInput:
    """What a form says. lines: as many as may be asked. errors: field → a code. problem: why it was not taken."""

    once: str
    shown: str | None
    lines: tuple[AskedLine, ...]
    until: str
    own: str = field(default="", repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    refused: None = None

    @property
    def asked(self) -> tuple[AskedLine, ...]:
        """The questions that are asked."""
        return tuple(each for each in self.lines if each.label.strip())

    @property
    def mark(self) -> QuestionMark:
        """What a sound form asks."""
        until = typed_day(self.until)
        assert until is not None  # the form is sound
        required = frozenset(place for place, each in enumerate(self.asked) if each.required)
        return QuestionMark(until, tuple(FieldKind(each.kind) for each in self.asked), required)


def first_question(once: str, shown: str | None, today: date) -> QuestionInput:
    """Return the form as it is opened: one question that is answered in words, and room for a photo."""
    blank = [AskedLine() for _ in range(QUESTIONS_AT_MOST)]
    return QuestionInput(once, shown, tuple(blank), (today + USUAL_TIME).isoformat())


def question_input(form: Mapping[str, Sequence[str]], today: date) -> QuestionInput:
    """Return what the form says. today: of Paris.

    errors: "label-1": nothing is asked; "label-n": too long, or no known kind; "choices-n": fewer than two, or a
    parenthesis or a stroke in one; "until": not ahead, or too far; "own": too long.
    """
    last = {name: values[-1] for name, values in form.items() if values}
    lines = tuple(_line(last, number) for number in range(1, QUESTIONS_AT_MOST + 1))
    errors = {name: wrong for number, each in enumerate(lines, start=1) for name, wrong in _wrong(each, number)}
    if not any(each.label.strip() for each in lines):
        errors["label-1"] = "missing"
    until, own = last.get("until", ""), last.get("own", "")
    day = typed_day(until)
    if day is None or not today < day <= today + LONGEST_TIME:
        errors["until"] = "no-such-day"
    if len(own) > LONGEST_OWN:
        errors["own"] = "too-long"
    return QuestionInput(once_of(last), shown_of(last), lines, until, own, errors)


def _line(form: Mapping[str, str], number: int) -> AskedLine:
    return AskedLine(
        label=form.get(f"label-{number}", ""),
        kind=form.get(f"kind-{number}", FieldKind.WORDS),
        choices=form.get(f"choices-{number}", ""),
        required=form.get(f"required-{number}") == "oui",
    )


def _wrong(line: AskedLine, number: int) -> list[tuple[str, str]]:
    if not line.label.strip():
        return []
    if line.kind not in set(FieldKind) or len(line.line) > LONGEST_LABEL:
        return [(f"label-{number}", "too-long")]
    is_sound = line.kind != FieldKind.CHOICE or QuestionMark(date.min, (FieldKind.CHOICE,)).asked(f"1. {line.line}")
    return [] if is_sound else [(f"choices-{number}", "choices")]
