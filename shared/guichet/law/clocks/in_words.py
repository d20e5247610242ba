"""A clock's kind, its state and what its silence means, in a word or two: French first. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from guichet.contracts.channels import Words
from guichet.law.clocks.clock import Clock, ClockKind, ClockState
from guichet.law.clocks.rules import SilenceMeans

_KINDS: Final[Mapping[ClockKind, tuple[str, str]]] = {
    ClockKind.AEE: ("Accusé d’enregistrement (AEE)", "Registration receipt (AEE)"),
    ClockKind.ARE: ("Accusé de réception (ARE)", "Acknowledgement (ARE)"),
    ClockKind.QUALIFICATION: ("Qualification de la demande", "What the request is"),
    ClockKind.SILENCE: ("Silence", "Silence"),
    ClockKind.MISSING_PIECES: ("Pièces manquantes", "Missing pieces"),
    ClockKind.TRANSFER: ("Transmission à l’administration compétente", "Transfer"),
    ClockKind.PRIOR_REMEDY: ("Recours préalable", "Prior remedy"),
    ClockKind.RIGHTS_REQUEST: ("Exercice des droits (RGPD)", "Request for one’s rights (GDPR)"),
    ClockKind.FIRST_ANSWER: ("Première réponse", "First answer"),
    ClockKind.CLOSING: ("Clôture", "Closing"),
}
_STATES: Final[Mapping[ClockState, tuple[str, str]]] = {
    ClockState.RUNNING: ("en cours", "running"),
    ClockState.SUSPENDED: ("suspendu", "suspended"),
    ClockState.NOT_BEGUN: ("pas encore commencé", "not begun"),
    ClockState.MET: ("respecté", "met"),
    ClockState.LATE: ("en retard", "late"),
    ClockState.DECIDED: ("décidé", "decided"),
    ClockState.STOPPED: ("arrêté", "stopped"),
}
_STATES_OF: Final[Mapping[tuple[ClockKind, ClockState], tuple[str, str]]] = {  # in French a word agrees with its kind
    (ClockKind.MISSING_PIECES, ClockState.RUNNING): ("attendues", "awaited"),
    (ClockKind.MISSING_PIECES, ClockState.MET): ("reçues", "received"),
    (ClockKind.MISSING_PIECES, ClockState.LATE): ("hors délai", "out of time"),
    (ClockKind.MISSING_PIECES, ClockState.STOPPED): ("plus attendues", "awaited no more"),
    (ClockKind.QUALIFICATION, ClockState.RUNNING): ("à faire", "to be said"),
    (ClockKind.QUALIFICATION, ClockState.MET): ("faite", "said"),
    (ClockKind.QUALIFICATION, ClockState.STOPPED): ("sans objet", "of no use any more"),
    (ClockKind.TRANSFER, ClockState.RUNNING): ("à annoncer", "to be announced"),
    (ClockKind.TRANSFER, ClockState.MET): ("annoncée", "announced"),
    (ClockKind.FIRST_ANSWER, ClockState.MET): ("respectée", "met"),
    (ClockKind.FIRST_ANSWER, ClockState.STOPPED): ("arrêtée", "stopped"),
    (ClockKind.CLOSING, ClockState.MET): ("respectée", "met"),
    (ClockKind.CLOSING, ClockState.STOPPED): ("arrêtée", "stopped"),
}
_MEANS: Final[Mapping[SilenceMeans, tuple[str, str]]] = {
    SilenceMeans.ACCEPTS: ("vaut acceptation", "accepts"),
    SilenceMeans.REJECTS: ("vaut rejet", "rejects"),
    SilenceMeans.NOTHING: ("ne dit rien", "says nothing"),
}
_BEGAN: Final = ("à compter du {}", "counted from {}")
_DUE: Final = ("échéance le {}", "due on {}")
_ENDED: Final = ("fin le {}", "ended on {}")
IN_FORCE_SINCE: Final = Words(fr="En vigueur depuis le {}", en="In force since {}")
NO_CLOCK: Final = Words(fr="Aucun délai ne court.", en="No clock runs.")
TO_BE_LOOKED_AT: Final = Words(fr="À regarder", en="To be looked at")


def kind_in_words(kind: ClockKind) -> Words:
    """Return what is waited for."""
    return _words(_KINDS[kind])


def state_in_words(clock: Clock) -> Words:
    """Return how it stands."""
    return _words(_STATES_OF.get((clock.kind, clock.state), _STATES[clock.state]))


def means_in_words(means: SilenceMeans) -> Words:
    """Return what a silence says."""
    return _words(_MEANS[means])


def days_in_words(clock: Clock) -> Iterator[tuple[Words, date]]:
    """Yield each of its days, with what is said of it: {} stands for the day."""
    days = (_BEGAN, clock.began), (_DUE, clock.due), (_ENDED, clock.ended)
    return ((_words(said), day) for said, day in days if day is not None)


def _words(said: tuple[str, str]) -> Words:
    fr, en = said
    return Words(fr=fr, en=en)
