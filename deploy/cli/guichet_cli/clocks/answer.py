"""The clocks of a history, for a person or for a program."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.case_clocks import CaseClocks
from guichet.law.clocks.clock import Clock, ClockKind, ClockState
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.doubts_in_words import doubt_in_words
from guichet.law.clocks.rules import SilenceMeans
from guichet.law.clocks.sentences import sentence_of
from guichet.town.long_dates import long_date
from guichet_cli.console.language import Language, words
from guichet_cli.console.terminal_text import on_one_line

_KINDS: Final[Mapping[ClockKind, Words]] = {
    ClockKind.AEE: words("Accusé d’enregistrement (AEE)", "Registration receipt (AEE)"),
    ClockKind.ARE: words("Accusé de réception (ARE)", "Acknowledgement (ARE)"),
    ClockKind.SILENCE: words("Silence", "Silence"),
    ClockKind.MISSING_PIECES: words("Pièces manquantes", "Missing pieces"),
    ClockKind.TRANSFER: words("Transmission à l’administration compétente", "Transfer"),
    ClockKind.PRIOR_REMEDY: words("Recours préalable", "Prior remedy"),
    ClockKind.RIGHTS_REQUEST: words("Exercice des droits (RGPD)", "Request for one’s rights (GDPR)"),
    ClockKind.FIRST_ANSWER: words("Première réponse", "First answer"),
    ClockKind.CLOSING: words("Clôture", "Closing"),
}
_STATES: Final[Mapping[ClockState, Words]] = {
    ClockState.RUNNING: words("en cours", "running"),
    ClockState.SUSPENDED: words("suspendu", "suspended"),
    ClockState.NOT_BEGUN: words("pas encore commencé", "not begun"),
    ClockState.MET: words("respecté", "met"),
    ClockState.LATE: words("en retard", "late"),
    ClockState.DECIDED: words("décidé", "decided"),
    ClockState.STOPPED: words("arrêté", "stopped"),
}
_STATES_OF: Final[Mapping[tuple[ClockKind, ClockState], Words]] = {  # in French a word agrees with its kind
    (ClockKind.MISSING_PIECES, ClockState.RUNNING): words("attendues", "awaited"),
    (ClockKind.MISSING_PIECES, ClockState.MET): words("reçues", "received"),
    (ClockKind.MISSING_PIECES, ClockState.STOPPED): words("plus attendues", "awaited no more"),
    (ClockKind.TRANSFER, ClockState.RUNNING): words("à annoncer", "to be announced"),
    (ClockKind.TRANSFER, ClockState.MET): words("annoncée", "announced"),
    (ClockKind.FIRST_ANSWER, ClockState.MET): words("respectée", "met"),
    (ClockKind.FIRST_ANSWER, ClockState.STOPPED): words("arrêtée", "stopped"),
    (ClockKind.CLOSING, ClockState.MET): words("respectée", "met"),
    (ClockKind.CLOSING, ClockState.STOPPED): words("arrêtée", "stopped"),
}
_MEANS: Final[Mapping[SilenceMeans, Words]] = {
    SilenceMeans.ACCEPTS: words("vaut acceptation", "accepts"),
    SilenceMeans.REJECTS: words("vaut rejet", "rejects"),
    SilenceMeans.NOTHING: words("ne dit rien", "says nothing"),
}


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
        "rule": {"code": clock.rule.follows, **sentence_of(clock.rule).model_dump()},
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
        yield f"  {lang.of(sentence_of(clock.rule))}"
    if not found.clocks and Doubt.NO_RECEIPT not in found.doubts:
        yield lang.of(words("Aucun délai ne court.", "No clock runs."))
    yield from _due(found, lang)
    for doubt in found.doubts:
        yield lang.of(words("À regarder : ", "To be looked at: ")) + lang.of(doubt_in_words(doubt))


def _due(found: CaseClocks, lang: Language) -> Iterator[str]:
    said = [(words("Échéance passée : {}, {}", "Overdue: {}, {}"), clock) for clock in found.overdue]
    if found.next_due is not None:
        said.append((words("Prochaine échéance : {}, {}", "Due next: {}, {}"), found.next_due))
    for form, clock in said:
        if clock.due is not None:
            yield lang.of(form).format(lang.of(_KINDS[clock.kind]), long_date(clock.due, lang))


def _headline(clock: Clock, lang: Language) -> str:
    kind, state = lang.of(_KINDS[clock.kind]), lang.of(_STATES_OF.get((clock.kind, clock.state), _STATES[clock.state]))
    days = (
        (words("à compter du {}", "counted from {}"), clock.began),
        (words("échéance le {}", "due on {}"), clock.due),
        (words("fin le {}", "ended on {}"), clock.ended),
    )
    parts = [state] if clock.means is None else [state, lang.of(_MEANS[clock.means])]
    parts += [lang.of(said).format(long_date(day, lang)) for said, day in days if day is not None]
    return f"{kind} : {', '.join(parts)}" if lang is Language.FRENCH else f"{kind}: {', '.join(parts)}"
