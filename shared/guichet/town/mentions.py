"""What an acknowledgement (ARE) may not leave out, and what it may not say (docs/law.md 11, 20; R3, R4). Pure."""

import re
from collections.abc import Iterator
from typing import Final

from guichet.town.texts import AcknowledgementValues

_PROVIDED_IT_IS_COMPLETE: Final = re.compile(r"\bcompl[eè]te", re.IGNORECASE)
_SAYS_WHAT_SILENCE_MEANS: Final = re.compile(r"\b(réputée?|attestation)\b", re.IGNORECASE)
_MEANS: Final = {
    "accepts": (("accept", re.compile(r"\baccept", re.IGNORECASE)), ("attestation", re.compile(r"\battestation\b"))),
    "rejects": (("rejet", re.compile(r"\brejet", re.IGNORECASE)),),
}


def missing_mentions(text: str, values: AcknowledgementValues, *, is_mail: bool) -> tuple[str, ...]:
    """Return what the text of an acknowledgement leaves out, as names of its values or words of its; in order.

    A value that is blank is left out wherever it stands.
    """
    left_out = [name for name, said in _mentions(values, is_mail=is_mail) if not said or said not in text]
    own = _without_names(text, values)
    return (*left_out, *(name for name, word in _words(values) if word.search(own) is None))


def says_too_much(text: str, values: AcknowledgementValues) -> bool:
    """Say whether a text states what silence means where nobody knows, or where it decides nothing (docs/law.md 20)."""
    return not values.silence and _SAYS_WHAT_SILENCE_MEANS.search(_without_names(text, values)) is not None


def _without_names(text: str, values: AcknowledgementValues) -> str:
    """Return a text without what may itself speak of an attestation or a rejection: a procedure may be called so."""
    for name in (values.remedies, values.procedure, values.department.name):
        text = text.replace(name, "") if name else text
    return text


def _mentions(values: AcknowledgementValues, *, is_mail: bool) -> Iterator[tuple[str, str]]:
    """Yield those of the law with what says each; a mail has the room for both addresses of the service."""
    department = values.department
    yield "received_on", values.received_on
    yield "reference", values.reference
    yield "department.name", department.name
    yield "department.phone", department.phone
    yield "department.email", department.email  # beside the telephone, also for who cannot use one
    if is_mail:
        yield "department.postal_address", department.postal_address
        yield "without_telephone", values.without_telephone
    if is_mail or values.is_first:
        yield "follow_url", values.follow_url
        yield "privacy_url", values.privacy_url
    if values.silence:
        yield "decides_on", values.decides_on
    if values.silence == "rejects":
        yield "remedies", values.remedies


def _words(values: AcknowledgementValues) -> Iterator[tuple[str, re.Pattern[str]]]:
    if values.silence:
        yield "complète", _PROVIDED_IT_IS_COMPLETE
        yield from _MEANS[values.silence]
    if not values.is_full:
        yield "incomplet", re.compile(r"\bincomplet", re.IGNORECASE)
    if values.corrects:
        yield "remplace", re.compile(r"\bremplac", re.IGNORECASE)
