"""Why a person has to look, in words: French first. Pure."""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.clocks.doubt import Doubt

_DOUBTS: Final[Mapping[Doubt, tuple[str, str]]] = {
    Doubt.NO_RECEIPT: (
        "Aucune réception n’est connue à cette date : ni accusé ni silence ne se compte.",
        "No receipt is known at this date: neither receipts nor silence are counted.",
    ),
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
    Doubt.NOT_IN_FORCE: (
        "Aucune règle connue n’était en vigueur au jour de la réception : rien n’est dit du silence.",
        "No rule that is known was in force on the day of receipt: nothing is said of silence.",
    ),
    Doubt.RULE_CHANGED: (
        "La règle a changé entre la réception par la première administration et la nôtre : rien n’est dit du silence.",
        "The rule changed between receipt by the first administration and ours: nothing is said of silence.",
    ),
    Doubt.TO_BE_CONFIRMED: (
        "Ce que vaut le silence sur cette démarche reste à confirmer : rien n’en est dit.",
        "What silence means for this procedure is to be confirmed: nothing is said of it.",
    ),
    Doubt.DECIDED_BEFORE: (
        "Selon ce qui était dit auparavant (démarche, nature, ou fait retiré depuis), le silence valait déjà décision : un agent doit dire ce qui reste acquis.",
        "By what was said before (procedure, nature, or a fact that is withdrawn since), silence had decided already: an agent has to say what stands of it.",
    ),
    Doubt.DECIDED_MEANWHILE: (
        "Un fait retiré depuis cachait que le silence valait décision : un agent doit dire à la personne ce qu’il en est.",
        "A fact that is withdrawn since hid that silence had decided: an agent has to tell the person how it stands.",
    ),
    Doubt.WITHDRAWS_NOTHING: (
        "Un retrait ne désigne aucun fait connu : vérifiez sa date et ses termes.",
        "A withdrawal names no fact that is known: see its day and its words.",
    ),
    Doubt.NOT_NOTIFIED: (
        "Une décision est prise et sa notification n’est pas prouvée : elle n’arrête pas le silence.",
        "A decision was taken, and there is no proof of its notification: it does not stop silence.",
    ),
    Doubt.NOTIFIED_ALONE: (
        "Une notification est prouvée et aucune décision n’est dite prise : elle n’arrête pas le silence.",
        "A notification is proved, and no decision is said to be taken: it does not stop silence.",
    ),
    Doubt.DATED_BEFORE_RECEIPT: (
        "Un fait est daté d’avant la réception : il ne compte pas ; vérifiez sa date.",
        "A fact is dated before receipt: it does not count; see its date.",
    ),
    Doubt.LETTER_TOO_LATE: (
        "Des pièces ont été demandées après que le silence avait décidé, ou après une décision ou une transmission : aucun délai n’en est changé.",
        "Pieces were asked for after silence had decided, or after a decision or a transfer: it changes no delay.",
    ),
    Doubt.HELD_ALREADY: (
        "Une pièce demandée était déjà arrivée : elle ne compte pas comme manquante ; un agent doit dire si elle était inutilisable.",
        "A piece that was asked for had come already: it does not count as lacking; an agent has to say whether it was of no use.",
    ),
    Doubt.PIECE_NOT_ASKED_FOR: (
        "Une pièce est arrivée qu’aucune lettre ne demandait : vérifiez son nom.",
        "A piece came that no letter asked for: see its name.",
    ),
    Doubt.NOT_ANNOUNCED: (
        "La demande est transmise et la personne n’en est pas informée : elle doit l’être (CRPA L114-2, à confirmer).",
        "The request was passed on, and the person was not told: they must be (CRPA L114-2, to be confirmed).",
    ),
    Doubt.REMEDY_TO_BE_CONFIRMED: (
        "Ce que vaut le silence sur ce recours préalable reste à confirmer : rien n’en est dit.",
        "What silence on this prior remedy means is to be confirmed: nothing is said of it.",
    ),
    Doubt.TWO_PRIORITIES: (
        "Deux priorités sont données au même instant : aucun objectif n’est compté.",
        "Two priorities are given at one moment: no target is counted.",
    ),
    Doubt.UNKNOWN_PRIORITY: (
        "La démarche n’a pas d’objectif pour cette priorité : aucun n’est compté.",
        "The procedure has no target for this priority: none is counted.",
    ),
    Doubt.RIGHTS_BEFORE_THE_LAW: (
        "Un droit a été demandé avant l’entrée en application du RGPD : son délai n’est pas compté.",
        "A right was asked for before the GDPR applied: its delay is not counted.",
    ),
    Doubt.WHICH_RIGHTS_REQUEST: (
        "Une prolongation ne dit pas de quelle demande elle est : la première échéance reste.",
        "An extension does not say of which request it is: the earlier day stays.",
    ),
}


def doubt_in_words(doubt: Doubt) -> Words:
    """Return why a person has to look, in one sentence."""
    fr, en = _DOUBTS[doubt]
    return Words(fr=with_no_break_spaces(fr), en=en)
