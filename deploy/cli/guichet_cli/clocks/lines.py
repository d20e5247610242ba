"""The three kinds of line in a history: the town, a procedure, something that happened (docs/clocks.md)."""

from collections.abc import Callable, Mapping
from typing import Final

from guichet.law.calendar import WorkingDays
from guichet.law.clocks import facts
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.in_force import Version
from guichet.law.clocks.rules import Piece, ProcedureRule, SilenceMeans, SilenceRule, Targets
from guichet.law.territories import Territory
from guichet_cli.clocks.fields import Fields, day, delay, flag, moment, number, one_of, source, text, wrong

_NO_MATTER: Final = Delay(1)
"""Of a silence that says nothing."""


def read_town(line: Fields) -> tuple[WorkingDays, bool]:
    """Return the town's calendar, and whether months of the GDPR roll. Raises UnreadableError."""
    territory = line.take("territory", one_of(Territory), Territory.METROPOLITAN)
    calendar = WorkingDays(territory, good_friday=line.take("good_friday", flag, True))
    rolls = line.take("rights_roll", flag, True)
    line.end()
    return calendar, rolls


def read_procedure(line: Fields) -> tuple[str, Version[ProcedureRule]]:
    """Return a procedure's id, and one version of its rule. Raises UnreadableError."""
    name = line.take("procedure", text)
    rule = ProcedureRule(
        is_request=line.take("is_request", flag),
        silence=line.inside("silence", _silence),
        remedy=line.inside("remedy", _remedy),
        pieces=line.each("pieces", _piece),
        targets=line.each("targets", _targets),
    )
    since, until = line.take("in_force_from", day, None), line.take("until", day, None)
    line.end()
    if since is not None and until is not None and until < since:
        raise wrong(
            "« until » précède « in_force_from » ; donnez le dernier jour de cette règle.",
            "“until” lies before “in_force_from”; give the last day of this rule.",
        )
    return name, Version(rule, since, until)


def _silence(given: Fields) -> SilenceRule:
    means = given.take("means", one_of(SilenceMeans))
    after = given.take("after", delay, _NO_MATTER) if means is SilenceMeans.NOTHING else given.take("after", delay)
    rule = SilenceRule(means, after, given.take("source", source, None))
    given.end()
    return rule


def _remedy(given: Fields) -> SilenceRule:
    rule = SilenceRule(SilenceMeans.REJECTS, given.take("after", delay), given.take("source", source, None))
    given.end()
    return rule


def _piece(given: Fields) -> Piece:
    piece = Piece(given.take("required_by", source, None), given.take("indispensable", flag, False))
    given.end()
    return piece


def _targets(given: Fields) -> Targets:
    targets = Targets(given.take("first_answer", number, None), given.take("closing", number, None))
    given.end()
    return targets


def read_event(line: Fields) -> facts.LegalFact:
    """Return what happened. Raises UnreadableError."""
    name = line.take("event", text)
    read = EVENTS.get(name)
    if read is None:
        names = ", ".join(EVENTS)
        raise wrong(
            f"« {name} » n’est pas un événement ; écrivez l’un de : {names}.",
            f"“{name}” is no event; write one of: {names}.",
        )
    event = read(line)
    line.end()
    return event


def _plain(kind: type[facts.LegalFact]) -> Callable[[Fields], facts.LegalFact]:
    return lambda line: kind(line.take("at", moment))


def _received(line: Fields) -> facts.LegalFact:
    saisine = line.take("saisine", one_of(facts.Saisine), facts.Saisine.ELECTRONIC)
    return facts.Received(line.take("at", moment), saisine, line.take("elsewhere_on", day, None))


def _procedure_confirmed(line: Fields) -> facts.LegalFact:
    return facts.ProcedureConfirmed(line.take("at", moment), line.take("procedure", text))


def _qualified(line: Fields) -> facts.LegalFact:
    return facts.Qualified(line.take("at", moment), line.take("nature", one_of(facts.Nature)))


def _pieces_asked_for(line: Fields) -> facts.LegalFact:
    pieces = line.each("pieces", _asked_piece)
    asked = facts.PiecesAskedFor(
        line.take("at", moment),
        tuple(facts.AskedPiece(name, required_by) for name, required_by in pieces.items()),
        line.take("until", day),
    )
    if not pieces:
        raise wrong("il manque « pieces » ; nommez au moins une pièce.", "“pieces” is missing; name a piece at least.")
    if asked.until < asked.on:
        raise wrong(
            "« until » précède « at » ; donnez le dernier jour du délai laissé pour les pièces.",
            "“until” lies before “at”; give the last day of the time for the pieces.",
        )
    return asked


def _asked_piece(given: Fields) -> str | None:
    required_by = given.take("required_by", source, None)
    given.end()
    return required_by


def _piece_arrived(line: Fields) -> facts.LegalFact:
    return facts.PieceArrived(line.take("at", moment), line.take("piece", text))


def _transferred(line: Fields) -> facts.LegalFact:
    return facts.Transferred(line.take("at", moment), line.take("to", text))


def _rights_extended(line: Fields) -> facts.LegalFact:
    return facts.RightsExtended(line.take("at", moment), line.take("asked_on", day, None))


def _receipt_sent(line: Fields) -> facts.LegalFact:
    return facts.ReceiptSent(line.take("at", moment), line.take("receipt", one_of(facts.Receipt)))


def _priority_given(line: Fields) -> facts.LegalFact:
    return facts.PriorityGiven(line.take("at", moment), line.take("priority", text))


def _withdrawn(line: Fields) -> facts.LegalFact:
    at, what = line.take("at", moment), line.inside("what", read_event)
    if what is None:
        raise wrong(
            "il manque « what » ; écrivez-y l’événement retiré, comme il était écrit.",
            "“what” is missing; write in it the event that is withdrawn, as it was written.",
        )
    return facts.Withdrawn(at, what)


EVENTS: Final[Mapping[str, Callable[[Fields], facts.LegalFact]]] = {
    "received": _received,
    "procedure-confirmed": _procedure_confirmed,
    "qualified": _qualified,
    "pieces-asked-for": _pieces_asked_for,
    "piece-arrived": _piece_arrived,
    "question-asked": _plain(facts.QuestionAsked),
    "re-routed": _plain(facts.ReRouted),
    "transferred": _transferred,
    "transfer-announced": _plain(facts.TransferAnnounced),
    "file-complete": _plain(facts.FileComplete),
    "decision-taken": _plain(facts.DecisionTaken),
    "decision-notified": _plain(facts.DecisionNotified),
    "abuse-declared": _plain(facts.AbuseDeclared),
    "abuse-lifted": _plain(facts.AbuseLifted),
    "prior-remedy": _plain(facts.PriorRemedy),
    "rights-requested": _plain(facts.RightsRequested),
    "rights-extended": _rights_extended,
    "rights-answered": _plain(facts.RightsAnswered),
    "receipt-sent": _receipt_sent,
    "priority-given": _priority_given,
    "answered": _plain(facts.Answered),
    "closed": _plain(facts.Closed),
    "reopened": _plain(facts.Reopened),
    "withdrawn": _withdrawn,
}
