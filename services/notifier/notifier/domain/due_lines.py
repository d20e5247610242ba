"""The part of a mail to an agent that says what is due: how many cases, and the gravest by name. Pure.

However many come to their day at once, it is one list of ten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from guichet.contracts.channels import Words
from guichet.ids import Reference
from guichet.law.clocks.notice import Stage
from guichet.law.clocks.reached_in_words import GRAVEST_FIRST, INCOMPLETE, gravity, reached_in_words
from guichet.store.agents.news import ReachedDay
from guichet.town.long_dates import long_date

NAMED: Final = 10
_MANY: Final = Words(fr="Échéances, {} demandes :", en="Due, {} cases:")
_ONE: Final = Words(fr="Échéance :", en="Due:")
_AT_LEAST: Final = Words(fr="Échéances, au moins {} demandes :", en="Due, at least {} cases:")
_GRAVEST: Final = Words(fr="Les plus graves :", en="The gravest:")
_COUNTED: Final[Mapping[str, Words]] = {
    Stage.DECIDED: Words(fr="- silence échu : {}", en="- decided by silence: {}"),
    Stage.LATE: Words(fr="- échéance dépassée : {}", en="- late: {}"),
    INCOMPLETE: Words(fr="- accusé de réception incomplet : {}", en="- acknowledgement incomplete: {}"),
    Stage.DUE: Words(fr="- échéance du jour : {}", en="- due on the day: {}"),
    Stage.NEAR: Words(fr="- échéance proche : {}", en="- due soon: {}"),
}


class DueCase(NamedTuple):
    """A case, and the day that a clock came to in it."""

    reference: Reference
    reached: ReachedDay


def due_lines(due: Sequence[DueCase], language: str, *, is_more: bool = False) -> str:
    """Return the lines; none of nothing. language: French, of one that we do not write. is_more: at least so many."""
    gravest = _gravest(due)
    if not gravest:
        return ""
    lines = [_heading(len(gravest), language, is_more=is_more)]
    if len(gravest) > NAMED:
        counts = Counter(each.reached.stage for each in gravest)
        lines += [_of(_COUNTED[stage], language).format(counts[stage]) for stage in GRAVEST_FIRST if counts[stage]]
        lines += ["", _of(_GRAVEST, language)]
    return "\n".join((*lines, *(_line(each, language) for each in gravest[:NAMED])))


def _gravest(due: Sequence[DueCase]) -> list[DueCase]:
    """Return of each case what is gravest in it, the gravest first: of as grave ones what is over longest."""
    found: dict[Reference, DueCase] = {}
    for each in sorted(due, key=lambda each: (gravity(each.reached.stage), each.reached.on, each.reference)):
        found.setdefault(each.reference, each)
    return [*found.values()]


def _heading(count: int, language: str, *, is_more: bool) -> str:
    words = _AT_LEAST if is_more else _ONE if count == 1 else _MANY
    return _of(words, language).format(count)


def _line(case: DueCase, language: str) -> str:
    clock, stage, on, means = case.reached.clock, case.reached.stage, case.reached.on, case.reached.means
    day = Words(fr=long_date(on, "fr"), en=long_date(on, "en"))
    return f"- {case.reference}, {_of(reached_in_words(clock, stage, means, day), language)}"


def _of(words: Words, language: str) -> str:
    return words.en if language == "en" else words.fr
