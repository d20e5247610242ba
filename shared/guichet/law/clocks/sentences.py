"""The rule that a clock follows, in one sentence with its source. French first. Pure.

What nobody has read in the law's own text (docs/law.md) says « à confirmer » in its sentence: an agent or a lawyer reads it,
and no citizen does before somebody has looked.
"""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.clock import Basis, Follows, Lack
from guichet.law.clocks.delay import Delay, Unit

_RULES: Final[Mapping[Follows, tuple[str, str]]] = {
    Follows.AEE: (
        "L’accusé d’enregistrement part au plus tard {days} après la réception ({source})",
        "The registration receipt (AEE) leaves at the latest {days} after receipt ({source})",
    ),
    Follows.ARE: (
        "L’accusé de réception part au plus tard {days} après la réception ({source})",
        "The acknowledgement (ARE) leaves at the latest {days} after receipt ({source})",
    ),
    Follows.QUALIFICATION: (
        "Règle de Guichet, et non de la loi : dire en {days} de quelle démarche ou de quelle nature est la demande, pour que l’accusé de réception parte complet et à temps",
        "A rule of Guichet’s, and not the law’s: to say within {days} of which procedure or of what nature the request is, so that its acknowledgement leaves whole and in time",
    ),
    Follows.ABUSE: (
        "Aucun accusé n’est dû pour des envois abusifs (CRPA L112-11)",
        "No receipt is owed for abusive messages (CRPA L112-11)",
    ),
    Follows.COMPETENT_ONE: (
        "La demande est transmise : l’administration compétente délivre l’accusé de réception et décide (CRPA L114-2 et L114-3, à confirmer)",
        "The request was passed on: the competent administration acknowledges it and decides (CRPA L114-2 and L114-3, to be confirmed)",
    ),
    Follows.ACCEPTANCE: (
        "Le silence de {delay} vaut acceptation ({source}), au jour dit, même un dimanche ou un jour férié (à confirmer), si la demande est complète",
        "Silence of {delay} accepts ({source}), on its very day, a Sunday or a holiday too (to be confirmed), provided that the request is complete",
    ),
    Follows.ACCEPTANCE_OF_WHOLE: (
        "Le silence de {delay} vaut acceptation ({source}), et ce délai ne court qu’à compter de la réception des pièces exigées par un texte (CRPA L114-5, à confirmer)",
        "Silence of {delay} accepts ({source}), and this delay runs only from receipt of the pieces that a text requires (CRPA L114-5, to be confirmed)",
    ),
    Follows.REJECTION: (
        "Le silence de {delay} vaut rejet ({source}), au jour dit, même un dimanche ou un jour férié (à confirmer){passed}",
        "Silence of {delay} rejects ({source}), on its very day, a Sunday or a holiday too (to be confirmed){passed}",
    ),
    Follows.REJECTION_SUSPENDED: (
        "Le silence de {delay} vaut rejet ({source}), prolongé des jours où manquaient des pièces exigées par un texte, à partir du lendemain de la demande (CRPA L114-5, à confirmer){passed}",
        "Silence of {delay} rejects ({source}), put off by the days on which pieces that a text requires lacked, from the day after they were asked for (CRPA L114-5, to be confirmed){passed}",
    ),
    Follows.DECISION: (
        "Une décision expresse et notifiée arrête le silence (CRPA L212-1, à confirmer)",
        "An express decision that was notified stops silence (CRPA L212-1, to be confirmed)",
    ),
    Follows.PIECES_OF_ACCEPTANCE: (
        "Des pièces exigées par un texte {lack} : le délai d’acceptation ne court qu’à compter de leur réception (CRPA L114-5, à confirmer){work}",
        "Pieces that a text requires {lack}: the delay of acceptance runs only from their receipt (CRPA L114-5, to be confirmed){work}",
    ),
    Follows.PIECES_OF_REJECTION: (
        "Des pièces exigées par un texte {lack} : le délai de rejet {suspended} (CRPA L114-5, à confirmer){work}",
        "Pieces that a text requires {lack}: the delay of rejection {suspended} (CRPA L114-5, to be confirmed){work}",
    ),
    Follows.PIECES_ALONE: (
        "Des pièces exigées par un texte {lack} (CRPA L114-5, à confirmer){work}",
        "Pieces that a text requires {lack} (CRPA L114-5, to be confirmed){work}",
    ),
    Follows.TRANSFER: (
        "La demande est transmise à {to}, et la personne doit en être informée : un rejet implicite court à compter de la première réception, une acceptation seulement de la réception par {to} (CRPA L114-2 et L114-3, à confirmer)",
        "The request was passed on to {to}, and the person must be told: a rejection runs from the first receipt, an acceptance only from receipt by {to} (CRPA L114-2 and L114-3, to be confirmed)",
    ),
    Follows.REMEDY: (
        "Le silence de {delay} sur un recours préalable vaut rejet ({source} ; à confirmer)",
        "Silence of {delay} on a prior remedy rejects ({source}; to be confirmed)",
    ),
    Follows.RIGHTS: (
        "L’exercice d’un droit reçoit une réponse en {delay} (RGPD, art. 12(3), à confirmer){rolls}",
        "A request for one’s rights is answered within {delay} (GDPR, art. 12(3), to be confirmed){rolls}",
    ),
    Follows.RIGHTS_EXTENDED: (
        "L’exercice d’un droit reçoit une réponse en {delay} si la personne a été informée des motifs dans le premier mois (RGPD, art. 12(3), à confirmer){rolls}",
        "A request for one’s rights is answered within {delay} where the person was told why within the first (GDPR, art. 12(3), to be confirmed){rolls}",
    ),
    Follows.FIRST_ANSWER: (
        "Objectif de la commune, et non de la loi : une première réponse en {days}",
        "A target of the town’s, and not the law’s: a first answer within {days}",
    ),
    Follows.CLOSING: (
        "Objectif de la commune, et non de la loi : une demande close en {days}",
        "A target of the town’s, and not the law’s: the case closed within {days}",
    ),
}
_ACCEPTED: Final = (
    "Le silence gardé pendant {} vaut acceptation, la demande étant complète.",
    "Silence kept for {} counts as acceptance, the request being complete.",
)
_ACCEPTED_WHOLE: Final = (
    "Le silence gardé pendant {} à compter de la réception des pièces exigées vaut acceptation, la demande étant complète.",
    "Silence kept for {} from receipt of the required pieces counts as acceptance, the request being complete.",
)
_WORK: Final = {
    False: (
        ", et l’instruction continue (CRPA L114-5-1, à confirmer)",
        ", and work goes on (CRPA L114-5-1, to be confirmed)",
    ),
    True: (
        ", et l’instruction attend une pièce indispensable (CRPA L114-5-1, à confirmer)",
        ", and work waits for an indispensable piece (CRPA L114-5-1, to be confirmed)",
    ),
}
_LACK: Final = {
    Lack.LASTS: ("manquent", "lack"),
    Lack.LAPSED: ("manquent", "lack"),
    Lack.ENDED: ("manquaient", "lacked"),
}
_SUSPENDED: Final = {
    Lack.LASTS: (
        "est suspendu jusqu’à leur arrivée, ou jusqu’à la fin du délai imparti",
        "is suspended until they come, or until the time given ends",
    ),
    Lack.LAPSED: (
        "a été suspendu jusqu’à la fin du délai imparti, et court de nouveau",
        "was suspended until the time given ended, and runs again",
    ),
    Lack.ENDED: ("a été suspendu", "was suspended"),
}
_PASSED: Final = (
    " ; la demande est transmise à {to}, dont une décision n’est pas connue ici : ce délai court toujours à compter de la première réception (CRPA L114-3, à confirmer)",
    "; the request was passed on to {to}, of which no decision is known here: this delay still runs from the first receipt (CRPA L114-3, to be confirmed)",
)
_ROLLS: Final = {
    False: ("", ""),
    True: (
        " ; un délai qui finit un jour non ouvré est reporté au jour ouvré suivant (règlement 1182/71, à confirmer)",
        "; a delay that ends on no working day ends on the next (Regulation 1182/71, to be confirmed)",
    ),
}
_UNITS: Final = {
    Unit.DAYS: (("jour", "jours"), ("day", "days")),
    Unit.MONTHS: (("mois", "mois"), ("month", "months")),
}


def sentence_of(basis: Basis) -> Words:
    """Return what a clock follows, in one sentence."""
    return Words(fr=with_no_break_spaces(_said(basis, 0)), en=_said(basis, 1))


def acceptance_in_words(basis: Basis) -> Words:
    """Return by which rule silence accepted, as an attestation says it: the source stands beside it, and nothing in it
    is still to be confirmed."""
    whole = basis.follows is Follows.ACCEPTANCE_OF_WHOLE
    fr, en = _ACCEPTED_WHOLE if whole else _ACCEPTED
    return Words(fr=with_no_break_spaces(fr.format(_delay(basis.delay, 0))), en=en.format(_delay(basis.delay, 1)))


def source_in_words(basis: Basis) -> str | None:
    """Return what a rule cites, with its number in docs/law.md where that says it: CRPA R112-11-2 (docs/law.md 8)."""
    noted = None if basis.noted is None else f"docs/law.md {basis.noted}"
    return noted if basis.source is None else basis.source + (f" ({noted})" if noted else "")


def _said(basis: Basis, language: int) -> str:
    sentence = _RULES[basis.follows][language].format(
        delay=_delay(basis.delay, language),
        source=basis.source,
        days=_working_days(basis.days, language),
        to=basis.to,
        lack=_LACK[basis.lack][language],
        suspended=_SUSPENDED[basis.lack][language],
        work="" if basis.lack is Lack.ENDED else _WORK[basis.waits][language],
        rolls=_ROLLS[basis.rolls][language],
        passed="" if basis.to is None else _PASSED[language].format(to=basis.to),
    )
    return f"{sentence}."


def _working_days(days: int | None, language: int) -> str:
    one, several = (("jour ouvré", "jours ouvrés"), ("working day", "working days"))[language]
    return f"{days} {one if days == 1 else several}"


def _delay(delay: Delay | None, language: int) -> str:
    if delay is None:
        return ""
    one, several = _UNITS[delay.unit][language]
    return f"{delay.count} {one if delay.count == 1 else several}"
