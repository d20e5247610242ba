"""What others wrote, as an operator's terminal may show it. Pure."""

import unicodedata


def legible(text: str) -> str:
    """Return text whose lines stay lines and in which whatever a terminal would obey is written out instead."""
    return "".join(_written(letter) for letter in text.replace("\r\n", "\n"))


def on_one_line(text: str) -> str:
    """Return the same, and a line's end is written out, too."""
    return legible(text).replace("\n", "\\n")


def _written(letter: str) -> str:
    is_shown = (
        letter.isprintable() or letter in "\n\t" or unicodedata.category(letter) == "Zs"
    )  # French has many of these
    return letter if is_shown else letter.encode("unicode_escape").decode()
