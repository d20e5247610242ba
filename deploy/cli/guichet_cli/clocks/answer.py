"""The clocks of a history, for a person or for a program."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.case_clocks import CaseClocks
from guichet.law.clocks.clock import Clock
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.doubts_in_words import doubt_in_words
from guichet.law.clocks.in_words import (
    IN_FORCE_SINCE,
    NO_CLOCK,
    TO_BE_LOOKED_AT,
    days_in_words,
    kind_in_words,
    means_in_words,
    state_in_words,
)
from guichet.law.clocks.sentences import sentence_of, source_in_words
from guichet.town.long_dates import long_date
from guichet_cli.console.language import Language, words
from guichet_cli.console.terminal_text import on_one_line


def as_json(found: CaseClocks) -> dict[str, Any]:
    """Return the whole of it: days as YYYY-MM-DD, words in both languages."""
    return {
        "on": found.as_of.isoformat(),
        "clocks": [_clock(each) for each in found.clocks],
        "overdue": [_next(each) for each in found.overdue],
        "next_due": _next(found.next_due),
        "changes_on": _day(found.changes_on),
        "work_waits": found.work_waits,
        "to_look_at": [{"code": each, **doubt_in_words(each).model_dump()} for each in found.doubts],
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "kind": clock.kind,
        "state": clock.state,
        "began": _day(clock.began),
        "due": _day(clock.due),
        "ended": _day(clock.ended),
        "means": clock.means,
        "of": None if clock.of is None else clock.of.isoformat(),
        "rule": {
            "code": clock.basis.follows,
            **sentence_of(clock.basis).model_dump(),
            "source": source_in_words(clock.basis),
            "in_force_from": _day(clock.basis.in_force_from),
        },
    }


def _next(clock: Clock | None) -> dict[str, Any] | None:
    return None if clock is None else {"kind": clock.kind, "due": _day(clock.due)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def as_text(found: CaseClocks, lang: Language) -> Iterator[str]:
    """Yield lines for a person."""
    for line in _lines(found, lang):
        yield on_one_line(with_no_break_spaces(line) if lang is Language.FRENCH else line)


def _lines(found: CaseClocks, lang: Language) -> Iterator[str]:
    yield lang.of(words("Au ", "On ")) + long_date(found.as_of, lang)
    for clock in found.clocks:
        yield f"- {_headline(clock, lang)}"
        yield f"  {lang.of(sentence_of(clock.basis))}"
        if clock.basis.in_force_from is not None:
            noted = "" if clock.basis.noted is None else f" (docs/law.md {clock.basis.noted})"
            yield f"  {lang.of(IN_FORCE_SINCE).format(long_date(clock.basis.in_force_from, lang))}{noted}."
    if not found.clocks and Doubt.NO_RECEIPT not in found.doubts:
        yield lang.of(NO_CLOCK)
    yield from _due(found, lang)
    for doubt in found.doubts:
        colon = " : " if lang is Language.FRENCH else ": "
        yield lang.of(TO_BE_LOOKED_AT) + colon + lang.of(doubt_in_words(doubt))


def _due(found: CaseClocks, lang: Language) -> Iterator[str]:
    said = [(words("Échéance passée : {}, {}", "Overdue: {}, {}"), clock) for clock in found.overdue]
    if found.next_due is not None:
        said.append((words("Prochaine échéance : {}, {}", "Due next: {}, {}"), found.next_due))
    for form, clock in said:
        if clock.due is not None:
            yield lang.of(form).format(lang.of(kind_in_words(clock.kind)), long_date(clock.due, lang))


def _headline(clock: Clock, lang: Language) -> str:
    kind, state = lang.of(kind_in_words(clock.kind)), lang.of(state_in_words(clock))
    parts = [state] if clock.means is None else [state, lang.of(means_in_words(clock.means))]
    parts += [lang.of(said).format(long_date(day, lang)) for said, day in days_in_words(clock)]
    return f"{kind} : {', '.join(parts)}" if lang is Language.FRENCH else f"{kind}: {', '.join(parts)}"
