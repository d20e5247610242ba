"""What `guichet ARGUMENTS` may be told where it stays root's: nothing that lets who called sudo write or run as root.

Whom a town lets call `sudo guichet …` is an operator, and not root (docs/security.md). Pure but for a look at what
`--from` names.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet_server.layout import PLACES

# Of a server there is one of each; else they name files that root would write over, and folders that root would fill.
_PLACES: Final = frozenset({"--settings", "--secrets", "--town", "--public-keys"})
_WITH_A_FOLDER: Final = frozenset({"init", "migrate"})  # of `town`: a folder may stand behind them
_WITH_A_VALUE: Final = frozenset({"--answers", "--lang"})
_PACKAGE: Final = "--from"


def refuse_what_root_must_not_be_told(arguments: Sequence[str]) -> None:
    """Raise SettingsError for it."""
    options = dict(_options(arguments))
    if named := sorted(_PLACES & options.keys()):
        raise SettingsError(f"{named[0]}: on a server it stands in guichet.env where that is, and nowhere else.")
    if [*arguments[:1]] == ["town"] and {*arguments[1:2]} & _WITH_A_FOLDER:
        for folder in _behind(arguments[2:]):
            if folder != PLACES.town:
                raise SettingsError(f"{folder}: a server's town lies in {PLACES.town}. Leave the folder out.")
    if (package := options.get(_PACKAGE)) is not None and Path(package.removeprefix("file://")).is_dir():
        raise SettingsError(f"{package} is a folder: building it would run its author's code as root. Give a wheel.")


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with what follows it, written either way."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, sign, value = word.partition("=")
        yield name, value if sign else following


def _behind(words: Sequence[str]) -> Iterator[str]:
    """Yield what is neither an option nor the value of one."""
    before = ""
    for word in words:
        if before not in _WITH_A_VALUE and not word.startswith("-"):
            yield word
        before = word
