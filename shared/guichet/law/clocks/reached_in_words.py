"""A day that a clock reached, in words for agents: what it waits for, how it stands, which day. French first. Pure.

By the codes that events and news bear: of one that only a newer version knows it says that something is due.
"""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.in_words import kind_in_words, means_in_words
from guichet.law.clocks.notice import Stage
from guichet.law.clocks.rules import SilenceMeans

INCOMPLETE: Final = "incomplete"
"""The stage of an acknowledgement that says less than the law asks for, since nobody has confirmed what the case is."""
GRAVEST_FIRST: Final = (Stage.DECIDED, Stage.LATE, INCOMPLETE, Stage.DUE, Stage.NEAR)
"""What silence has decided nobody takes back; of what is near there is time."""

_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    Stage.NEAR: ("échéance proche, le {day}", "due soon, on {day}"),
    Stage.DUE: ("échéance le {day}", "due on {day}"),
    Stage.LATE: ("échéance du {day} dépassée", "late, was due on {day}"),
    Stage.DECIDED: ("{means}, échéance du {day}", "{means}, was due on {day}"),
    INCOMPLETE: ("incomplet le {day}, démarche non confirmée", "incomplete on {day}, procedure not confirmed"),
}


def reached_in_words(clock: str, stage: str, means: str | None, day: Words) -> Words:
    """Return what is waited for and how it stands. day: in both languages. means: of a silence that has decided."""
    what, fr, en = _kind(clock), *_STAGES.get(stage, ("échéance le {day}", "due on {day}"))
    said = _means(means)
    return Words(
        fr=f"{what.fr}\N{NO-BREAK SPACE}: {fr.format(day=day.fr, means=said.fr)}",
        en=f"{what.en}: {en.format(day=day.en, means=said.en)}",
    )


def gravity(stage: str) -> int:
    """Return by what stages are sorted: the gravest first, one of which nobody knows last."""
    return GRAVEST_FIRST.index(stage) if stage in GRAVEST_FIRST else len(GRAVEST_FIRST)


def _kind(clock: str) -> Words:
    if clock in [*ClockKind]:
        return kind_in_words(ClockKind(clock))
    return Words(fr="Échéance", en="Deadline")


def _means(means: str | None) -> Words:
    if means is not None and means in [*SilenceMeans]:
        return means_in_words(SilenceMeans(means))
    return Words(fr="décidé", en="decided")
