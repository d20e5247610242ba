"""What was found of a town, one thing at a time: well or not, and in a sentence why. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from guichet.contracts.channels import Words
from guichet_cli.console.french.catalogue import in_french
from guichet_cli.console.language import Language, words
from guichet_cli.console.terminal_text import on_one_line


class State(Enum):
    """How a thing stands. TO_SEE: a person must look."""

    WELL = words("ok", "ok")
    TO_SEE = words("à voir", "look")
    WRONG = words("NON", "NO")


@dataclass(frozen=True)
class Finding:
    """One thing. what: its name; said: what there is to know of it, a line each."""

    state: State
    what: Words
    said: tuple[Words, ...] = ()


def told(findings: Iterable[Finding], lang: Language) -> Iterator[str]:
    """Yield the lines that an operator reads."""
    for each in findings:
        yield f"[{lang.of(each.state.value)}] {on_one_line(lang.of(each.what))}"
        yield from (f"     {on_one_line(lang.of(line))}" for line in each.said)


def as_said(lines: Iterable[str]) -> tuple[Words, ...]:
    """Return lines that others' code says in English alone; in French too, where Guichet's own said them."""
    return tuple(Words(fr=in_french(line), en=line) for line in lines if line)


def is_well(findings: Iterable[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(each.state is not State.WRONG for each in findings)
