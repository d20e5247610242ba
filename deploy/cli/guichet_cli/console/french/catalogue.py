"""In French what the town's files and channels' code say in English: to a town's operator, whose commands are French.

What is said there is a sentence with places for names (`{}`), each table's left side; a test reads them from the code.
A sentence that is not known, such as one of another package's channel, stays as it is. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from guichet.town.channel_facts import french_sentences
from guichet_cli.console.french.accounts import ACCOUNTS
from guichet_cli.console.french.mailboxes import MAILBOXES
from guichet_cli.console.french.town_files import TOWN_FILES

_DEEPEST: Final = 4  # a sentence in a place of another's


@cache
def sentences() -> Mapping[str, str]:
    """Return every sentence that has its French: of the town's files, of mail, and of the installed channels."""
    return {**TOWN_FILES, **MAILBOXES, **ACCOUNTS, **french_sentences()}


def in_french(line: str) -> str:
    """Return it in French, with what stands before its sentence (a file, a line, a name); else as it is."""
    return _said(line, _DEEPEST) or line


def _said(line: str, depth: int) -> str | None:
    if depth == 0:
        return None
    if (whole := _sentence(line, depth)) is not None:
        return whole
    for end in _ends_of_prefixes(line):
        if (rest := _sentence(line[end:], depth)) is not None:
            return line[:end] + rest
    return None


def _sentence(line: str, depth: int) -> str | None:
    bare = line.strip()
    for pattern, french in _patterns():
        if found := pattern.fullmatch(bare):
            places = [_said(place, depth - 1) or place for place in found.groups()]
            indent = line[: len(line) - len(line.lstrip())]
            return indent + french.format(*places) + line[len(line.rstrip()) :]
    return None


def _ends_of_prefixes(line: str) -> Iterator[int]:
    return (found.end() for found in re.finditer(r": ", line))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """What says most comes first: of two that fit, the one with fewer words left to its places."""
    told = sorted(sentences().items(), key=lambda each: len(each[0].replace("{}", "")), reverse=True)
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), french) for english, french in told
    ]
