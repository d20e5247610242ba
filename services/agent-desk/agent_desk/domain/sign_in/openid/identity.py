"""Who somebody is, as the provider says, in ProConnect's names of claims. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST: Final = 100  # characters of a name on our pages
_SIRET: Final = re.compile(r"[0-9]{14}", re.ASCII)


@dataclass(frozen=True)
class Identity:
    """subject: the provider's own name of them, which never goes to somebody else; all that tells two people apart.

    The rest says where they work and what they are called; it may change. email: where they are written to, which says
    nothing of who they are: it goes to somebody else once they leave. Only one that the provider has verified.
    """

    subject: str = field(repr=False)
    name: str = field(repr=False)
    siret: str | None
    organizational_unit: str | None
    uid: str | None = field(repr=False)
    email: str | None = field(default=None, repr=False)


def read_identity(subject: str, claims: Mapping[str, Any]) -> Identity:
    """Return who it is. claims: of the ID token and of the user info together."""
    return Identity(
        subject=subject,
        name=_name(claims),
        siret=_siret(claims.get("siret")),
        organizational_unit=_text(claims.get("organizational_unit")),
        uid=_text(claims.get("uid")),
        email=_text(claims.get("email")) if claims.get("email_verified") is True else None,
    )


def _name(claims: Mapping[str, Any]) -> str:
    """Return how colleagues call them. ProConnect says usual_name, others family_name or the whole."""
    given, usual = _text(claims.get("given_name")), _text(claims.get("usual_name") or claims.get("family_name"))
    whole = " ".join(filter(None, (given, usual))) or _text(claims.get("name")) or ""
    return whole[:LONGEST].strip()


def _siret(said: Any) -> str | None:
    """Return 14 digits; written with spaces, or as a number, it is the same establishment."""
    digits = "".join(str(said).split()) if isinstance(said, str | int) and not isinstance(said, bool) else ""
    return digits if _SIRET.fullmatch(digits) else None


def _text(said: Any) -> str | None:
    """Return a text on one line, without what a page cannot show; None for nothing."""
    if not isinstance(said, str):
        return None
    shown = "".join(" " if unicodedata.category(each)[0] in "ZC" else each for each in said[: 4 * LONGEST])
    return " ".join(shown.split())[: 2 * LONGEST] or None
