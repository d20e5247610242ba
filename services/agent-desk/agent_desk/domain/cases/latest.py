"""How the newest message of a case begins: the line of it that a list shows. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent_desk.domain.cases.folded import fold
from agent_desk.domain.cases.moments import Words
from agent_desk.domain.decisions.decision import outbound_of
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.ids import AgentId, EventId, MessageId
from guichet.town.new_case_words import without_new_case_word

NAME: Final = 40  # signs of what a row is called that the narrowest list shows
LINE: Final = 110  # signs: what the widest window has room for
_READ: Final = 2_000  # signs in which a line is looked for
_WROTE: Final = re.compile(r"(?:écrit|wrote)\s?:$")  # ends what says who is quoted, in one line or two
_BEGINS: Final = ("Le ", "On ")  # and so it begins
# What stands above all that is quoted; what is passed on (« Message transféré ») is no quotation.
_ORIGINAL: Final = re.compile(r"-{2,} ?(?:Message d.origine|Original Message) ?-{2,}", re.IGNORECASE)
# Only a text with such a line is looked through for a quotation (0.6 ms): most rows have none.
_MAY_QUOTE: Final = re.compile(r">|De :|From:|[-_]{2,}")


@dataclass(frozen=True)
class Latest:
    """by: the agent who wrote it; None: the citizen. line: one line; empty where it has no words."""

    line: str = field(repr=False)
    by: AgentId | None = None


def may_be_latest(case: CaseRecord) -> tuple[MessageId, ...]:
    """Return the messages of which the newest is one, the newest first: perhaps an agent's answer."""
    last = case.newest[-1] if case.newest else None
    answer = (outbound_of(EventId(last.id)),) if last is not None and last.by is not None else ()
    return (*answer, case.last_inbound)


def latest_of(
    case: CaseRecord, words: Mapping[MessageId, Words], subject: str = "", new_case_words: Iterable[str] = ()
) -> Latest | None:
    """Return what is shown of the newest message; None where it is gone. words: of `may_be_latest`.

    subject: what the row is called; of a message without one of its own it is how that begins, and is not said twice.
    new_case_words: those that begin a case in the channel's conversations, which are said to us.
    """
    found = next((message for message in may_be_latest(case) if message in words), None)
    if found is None:
        return None
    said = words[found]
    by = None if isinstance(said, InboundContent) else case.newest[-1].by
    text = without_new_case_word(said.text or "", new_case_words)
    return Latest(one_line(_after(subject, text) if found == case.opened_by else text), by)


def row_name(
    case: CaseRecord, words: Mapping[MessageId, Words], subject: str, new_case_words: Iterable[str] = ()
) -> str:
    """Return what a row is called. Where that is how its newest message begins, no more of it than is surely seen.

    The line beside it goes on from there (`latest_of`): words that a list cut off would stand nowhere.
    """
    found = next((message for message in may_be_latest(case) if message in words), None)
    beginning = subject.removesuffix("…").rstrip()
    if found is None or found != case.opened_by or len(beginning) <= NAME:
        return subject
    said = " ".join(without_new_case_word(words[found].text or "", new_case_words).split())
    return f"{beginning[:NAME].rsplit(' ', 1)[0]}…" if said.startswith(beginning) else subject


def one_line(text: str) -> str:
    """Return the beginning of a text in a line, without what it quotes and who wrote that.

    By the line: a pattern over a whole text takes a second of one that somebody wrote for that, in each list of it.
    """
    lines = _with_words(text[:_READ])
    if any(_MAY_QUOTE.match(line) or _WROTE.search(line) for line in lines):
        lines = _with_words(fold("\n".join(lines)).shown)
    original = next((place for place, line in enumerate(lines) if _ORIGINAL.fullmatch(line)), 0)
    own = " ".join(" ".join(_own(lines[: original or None])).split())
    return own if len(own) <= LINE else f"{own[:LINE].rsplit(' ', 1)[0]}…"


def _with_words(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.strip())]


def _own(lines: list[str]) -> Iterable[str]:
    """Return the lines that neither are quoted nor say, right above what is, whose it is."""
    own: list[str] = []
    for line in lines:
        if not line.startswith(">"):
            own.append(line)
        elif own and _WROTE.search(own[-1]):
            said = 1 if own[-1].startswith(_BEGINS) else 2 if own[-2:][0].startswith(_BEGINS) else 0
            del own[len(own) - said :]
    return own


def _after(subject: str, text: str) -> str:
    """Return what a text says beyond its beginning, where the row is called by that."""
    beginning, said = subject.removesuffix("…").rstrip(), " ".join(text.split())
    return said.removeprefix(beginning).lstrip() if beginning and said.startswith(beginning) else text


def wanted_for(cases: Iterable[CaseRecord]) -> set[MessageId]:
    """Return the messages that must be opened for a list of these cases."""
    return {message for case in cases for message in may_be_latest(case)}
