"""Which of several people at one address wrote, by the name their message gives. Pure."""

from collections.abc import Mapping

from guichet.ids import CitizenId
from guichet.privacy.blind_tokens import folded_words


def who_is_named(display_name: str | None, names: Mapping[CitizenId, str]) -> CitizenId | None:
    """Return the one citizen whose whole name is in the display name; None when nobody or several are.

    Case, accents and order do not matter: "DUPONT Marie" and "Marie Dupont (travail)" both name Marie Dupont.
    """
    given = set(folded_words(display_name or ""))
    named = [citizen for citizen, name in names.items() if (words := set(folded_words(name))) and words <= given]
    return named[0] if len(named) == 1 else None
