"""The rule that a clock follows, in one sentence with its source; and why a person has to look. French first. Pure.

What nobody has read in the law's own text (docs/law.md) says « à confirmer » in its sentence: an agent or a lawyer reads it,
and no citizen does before somebody has looked.
"""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.clock import Follows, Rule
from guichet.law.clocks.delay import Delay, Unit
from guichet.law.clocks.silence_rule import Doubt

_RULES: Final[Mapping[Follows, tuple[str, str]]] = {
    Follows.AEE: (
        "L’accusé d’enregistrement part au plus tard un jour ouvré après la réception (CRPA R112-11-2)",
        "The registration receipt (AEE) leaves at the latest one working day after receipt (CRPA R112-11-2)",
    ),
    Follows.ARE: (
        "L’accusé de réception part au plus tard dix jours ouvrés après la réception (CRPA R112-11-2)",
        "The acknowledgement (ARE) leaves at the latest ten working days after receipt (CRPA R112-11-2)",
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
        "Le silence de {delay} vaut acceptation ({source}), au jour dit, même un dimanche ou un jour férié, si la demande est complète",
        "Silence of {delay} accepts ({source}), on its very day, a Sunday or a holiday too, provided that the request is complete",
    ),
    Follows.ACCEPTANCE_OF_WHOLE: (
        "Le silence de {delay} vaut acceptation ({source}), et ce délai ne court que de la réception des pièces exigées par un texte (CRPA L114-5, à confirmer)",
        "Silence of {delay} accepts ({source}), and this delay runs only from receipt of the pieces that a text requires (CRPA L114-5, to be confirmed)",
    ),
    Follows.REJECTION: (
        "Le silence de {delay} vaut rejet ({source}), au jour dit, même un dimanche ou un jour férié",
        "Silence of {delay} rejects ({source}), on its very day, a Sunday or a holiday too",
    ),
    Follows.REJECTION_SUSPENDED: (
        "Le silence de {delay} vaut rejet ({source}), et ce délai est suspendu du jour où les pièces sont demandées jusqu’à leur arrivée, ou jusqu’à la fin du temps donné (CRPA L114-5, à confirmer)",
        "Silence of {delay} rejects ({source}), and this delay is suspended from the day on which the pieces are asked for until they come, or until the time given ends (CRPA L114-5, to be confirmed)",
    ),
    Follows.DECISION: (
        "Une décision expresse et notifiée arrête le silence (CRPA L212-1, à confirmer)",
        "An express decision that was notified stops silence (CRPA L212-1, to be confirmed)",
    ),
    Follows.PIECES_OF_ACCEPTANCE: (
        "Des pièces exigées par un texte manquent : le délai d’acceptation ne court que de leur réception (CRPA L114-5, à confirmer), {work}",
        "Pieces that a text requires lack: the delay of acceptance runs only from their receipt (CRPA L114-5, to be confirmed), {work}",
    ),
    Follows.PIECES_OF_REJECTION: (
        "Des pièces exigées par un texte manquent : le délai de rejet est suspendu jusqu’à leur arrivée, ou jusqu’à la fin du temps donné (CRPA L114-5, à confirmer), {work}",
        "Pieces that a text requires lack: the delay of rejection is suspended until they come, or until the time given ends (CRPA L114-5, to be confirmed), {work}",
    ),
    Follows.PIECES_ALONE: (
        "Des pièces exigées par un texte manquent (CRPA L114-5, à confirmer), {work}",
        "Pieces that a text requires lack (CRPA L114-5, to be confirmed), {work}",
    ),
    Follows.TRANSFER: (
        "La demande est transmise à {to}, et la personne en est informée : un rejet implicite court de la première réception, une acceptation de la réception par {to} seulement (CRPA L114-2 et L114-3, à confirmer)",
        "The request was passed on to {to}, and the person is told: a rejection runs from the first receipt, an acceptance only from receipt by {to} (CRPA L114-2 and L114-3, to be confirmed)",
    ),
    Follows.REMEDY: (
        "Le silence de {delay} sur un recours préalable vaut rejet ({source})",
        "Silence of {delay} on a prior remedy rejects ({source})",
    ),
    Follows.RIGHTS: (
        "Une demande de droits reçoit une réponse en un mois (RGPD, art. 12(3)){rolls}",
        "A request for one’s rights is answered within one month (GDPR, art. 12(3)){rolls}",
    ),
    Follows.RIGHTS_EXTENDED: (
        "Une demande de droits reçoit une réponse en trois mois quand la personne a su pourquoi dans le premier (RGPD, art. 12(3)){rolls}",
        "A request for one’s rights is answered within three months where the person was told why within the first (GDPR, art. 12(3)){rolls}",
    ),
    Follows.FIRST_ANSWER: (
        "Objectif de la commune, et non de la loi : une première réponse en {days} jours ouvrés",
        "A target of the town’s, and not the law’s: a first answer within {days} working days",
    ),
    Follows.CLOSING: (
        "Objectif de la commune, et non de la loi : une demande close en {days} jours ouvrés",
        "A target of the town’s, and not the law’s: the case closed within {days} working days",
    ),
}
_WORK: Final = {
    False: (
        "et l’instruction continue (CRPA L114-5-1, à confirmer)",
        "and work goes on (CRPA L114-5-1, to be confirmed)",
    ),
    True: (
        "et l’instruction attend une pièce indispensable (CRPA L114-5-1, à confirmer)",
        "and work waits for an indispensable piece (CRPA L114-5-1, to be confirmed)",
    ),
}
_ROLLS: Final = {
    False: ("", ""),
    True: (
        " ; un délai qui finit un jour non ouvré va au jour ouvré suivant (règlement 1182/71, à confirmer)",
        "; a delay that ends on no working day ends on the next (Regulation 1182/71, to be confirmed)",
    ),
}
_UNITS: Final = {
    Unit.DAYS: (("jour", "jours"), ("day", "days")),
    Unit.MONTHS: (("mois", "mois"), ("month", "months")),
}
_DOUBTS: Final[Mapping[Doubt, tuple[str, str]]] = {
    Doubt.NO_PROCEDURE: (
        "Aucune démarche n’est confirmée : rien n’est dit du silence.",
        "No procedure is confirmed: nothing is said of silence.",
    ),
    Doubt.TWO_PROCEDURES: (
        "Deux démarches sont confirmées au même instant : rien n’est dit du silence.",
        "Two procedures are confirmed at one moment: nothing is said of silence.",
    ),
    Doubt.UNKNOWN_PROCEDURE: (
        "La démarche confirmée n’est pas au catalogue : rien n’est dit du silence.",
        "The procedure that is confirmed is not in the catalogue: nothing is said of silence.",
    ),
    Doubt.TWO_NATURES: (
        "La demande est qualifiée de deux façons au même instant : rien n’est dit du silence.",
        "The request is said to be two things at one moment: nothing is said of silence.",
    ),
    Doubt.TO_BE_CONFIRMED: (
        "Ce que vaut le silence sur cette démarche reste à confirmer : rien n’en est dit.",
        "What silence means for this procedure is to be confirmed: nothing is said of it.",
    ),
    Doubt.DECIDED_BEFORE: (
        "Sous la démarche d’avant, le silence avait déjà décidé : une personne dit ce qui reste acquis.",
        "Under the procedure of before, silence had decided already: a person says what stands of it.",
    ),
    Doubt.NOT_NOTIFIED: (
        "Une décision est prise et sa notification n’est pas prouvée : elle n’arrête pas le silence.",
        "A decision was taken, and there is no proof of its notification: it does not stop silence.",
    ),
}


def sentence_of(rule: Rule) -> Words:
    """Return what a clock follows, in one sentence."""
    return Words(fr=with_no_break_spaces(_said(rule, 0)), en=_said(rule, 1))


def doubt_in_words(doubt: Doubt) -> Words:
    """Return why a person has to look."""
    fr, en = _DOUBTS[doubt]
    return Words(fr=with_no_break_spaces(fr), en=en)


def _said(rule: Rule, language: int) -> str:
    return (
        _RULES[rule.follows][language].format(
            delay=_delay(rule.delay, language),
            source=rule.source,
            days=rule.days,
            to=rule.to,
            work=_WORK[rule.waits][language],
            rolls=_ROLLS[rule.rolls][language],
        )
        + "."
    )


def _delay(delay: Delay | None, language: int) -> str:
    if delay is None:
        return ""
    one, several = _UNITS[delay.unit][language]
    return f"{delay.count} {one if delay.count == 1 else several}"
