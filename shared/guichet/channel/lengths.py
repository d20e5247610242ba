"""Texts measured and cut as providers count them. Pure."""


def units(text: str) -> int:
    """Return a text's length as providers count it: in UTF-16 code units, so that an emoji counts twice."""
    return len(text.encode("utf-16-le", errors="replace")) // 2


def beginning(text: str, longest: int) -> str:
    """Return the longest beginning that fits and, if it can, ends between two words."""
    if units(text) <= longest:
        return text
    kept = text.encode("utf-16-le", errors="replace")[: 2 * longest].decode("utf-16-le", errors="ignore")
    return kept.rsplit(None, 1)[0] if any(letter.isspace() for letter in kept.strip()) else kept


def divided(text: str, longest: int) -> list[str]:
    """Return the text in pieces that fit, divided between words where it can be; together they say all of it."""
    pieces: list[str] = []
    rest = text.strip()
    while rest:
        piece = beginning(rest, longest)
        pieces.append(piece.rstrip())
        rest = rest[len(piece) :].lstrip()
    return pieces
