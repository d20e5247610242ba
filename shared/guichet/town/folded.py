"""A town's words as they are compared: without capitals and accents. Pure."""

import unicodedata


def folded(written: str) -> str:
    """Return a text in small letters without accents. A letter that is no accented one stays (œ)."""
    if written.isascii():
        return written.lower()
    apart = unicodedata.normalize("NFKD", written.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
