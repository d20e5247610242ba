"""The letter that asks for pieces: which, by which text, by when, and what that does to a delay (docs/law.md 23, 61).

The number of the article by which a delay waits is not said: nobody has verified it. French first, then English, in
which the pieces are those named above. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from agent_desk.domain.clocks.clocks_now import ClocksNow
from agent_desk.domain.clocks.pieces_to_ask import PieceToAsk, asked_pieces
from guichet.case.legal_facts import as_the_law_says
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind, Follows
from guichet.town.long_dates import long_date
from guichet.town.town import Town


class Effect(StrEnum):
    """What a letter does to the delay of silence."""

    NONE = "none"
    SUSPENDED = "suspended"  # of a rejection
    NOT_BEGUN = "not-begun"  # of an acceptance


@dataclass(frozen=True)
class PiecesLetter:
    """pieces: at least one. until: the last day of the time that it gives. own: the agent's words, above the list."""

    reference: str
    about: str
    received_on: date
    pieces: Sequence[PieceToAsk]
    until: date
    effect: Effect
    own: str = ""

    @property
    def text(self) -> str:
        """What it says, without a signature."""
        return "\n\n".join(filter(None, (*self._paragraphs(), "In English:", *self._in_english())))

    @property
    def says_work_goes_on(self) -> bool:
        """Whether nothing that is asked for is indispensable."""
        return not self._awaited

    @property
    def _awaited(self) -> list[PieceToAsk]:
        return [each for each in self.pieces if each.indispensable and each.required_by]

    @property
    def _required(self) -> list[PieceToAsk]:
        return [each for each in self.pieces if each.required_by]

    def _paragraphs(self) -> Iterator[str]:
        one, until = len(self.pieces) == 1, long_date(self.until, "fr")
        received = long_date(self.received_on, "fr")
        yield "Bonjour,"
        yield self.own.strip()
        lacks = "il nous manque la pièce suivante :" if one else "il nous manque les pièces suivantes :"
        yield with_no_break_spaces(
            f"Nous avons reçu le {received} votre demande {self.reference} ({self.about}). Pour la traiter, {lacks}"
        )
        yield "\n".join(_line(each) for each in self.pieces)
        yield f"Merci de {'la' if one else 'les'} envoyer au plus tard le {until}, en rappelant la référence ci-dessus."
        yield self._on_the_delay(until)
        yield self._on_the_work()

    def _on_the_delay(self, until: str) -> str:
        if self.effect is Effect.NONE:
            return ""
        which = self._which()
        if self.effect is Effect.NOT_BEGUN:
            return (
                f"Le délai à l’issue duquel votre demande serait acceptée sans réponse de la mairie ne commence que "
                f"le jour où nous aurons reçu {which}."
            )
        return (
            f"Le délai à l’issue duquel votre demande serait rejetée sans réponse de la mairie est suspendu jusqu’au "
            f"jour où nous aurons reçu {which}, et au plus tard jusqu’au {until}."
        )

    def _which(self) -> str:
        """Return what a delay waits for: no more than what a text requires."""
        required = self._required
        if len(required) == len(self.pieces):
            return "cette pièce" if len(required) == 1 else "toutes ces pièces"
        return (
            "la pièce exigée par le texte cité ci-dessus"
            if len(required) == 1
            else ("toutes les pièces exigées par les textes cités ci-dessus")
        )

    def _on_the_work(self) -> str:
        awaited = self._awaited
        if not awaited:
            return "En attendant, votre demande continue d’être traitée."
        one, each = len(awaited) == 1, len(awaited) == len(self.pieces)
        if each:
            which = "cette pièce, indispensable" if one else "ces pièces, indispensables"
            return f"Sans {which}, votre demande ne peut pas être traitée."
        names = ", ".join(each.label for each in awaited)
        which = "la pièce suivante, indispensable" if one else "les pièces suivantes, indispensables"
        return with_no_break_spaces(f"Sans {which}, votre demande ne peut pas être traitée : {names}.")

    def _in_english(self) -> Iterator[str]:
        one, until = len(self.pieces) == 1, long_date(self.until, "en")
        yield (
            f"We received your request {self.reference} on {long_date(self.received_on, 'en')}. To deal with it we lack"
            f" the {'document' if one else 'documents'} named above. Please send {'it' if one else 'them'} by {until}"
            " at the latest, with the reference of your request."
        )
        yield self._on_the_delay_in_english(until)
        yield self._on_the_work_in_english()

    def _on_the_delay_in_english(self, until: str) -> str:
        if self.effect is Effect.NONE:
            return ""
        one, each = len(self._required) == 1, len(self._required) == len(self.pieces)
        which = ("this document" if one else "all these documents") if each else "what a text cited above requires"
        if self.effect is Effect.NOT_BEGUN:
            return (
                "The time after which your request would be accepted without an answer from the town hall begins only"
                f" on the day on which we have received {which}."
            )
        return (
            "The time after which your request would be refused without an answer from the town hall is suspended until"
            f" the day on which we have received {which}, and until {until} at the latest."
        )

    def _on_the_work_in_english(self) -> str:
        awaited = self._awaited
        if not awaited:
            return "Meanwhile we go on dealing with your request."
        if len(awaited) == len(self.pieces):
            which = "this document, which is" if len(awaited) == 1 else "these documents, which are"
            return f"Without {which} indispensable, your request cannot be dealt with."
        which = "the document" if len(awaited) == 1 else "the documents"
        return f"Without {which} said above to be indispensable, your request cannot be dealt with."


def _line(piece: PieceToAsk) -> str:
    return f"– {piece.label}" + (f" ({piece.required_by})" if piece.required_by else "")


def effect_of(case: CaseRecord, town: Town, at: datetime, pieces: Sequence[PieceToAsk], until: date) -> Effect:
    """Return what it does to ask for pieces at a moment: by the functions by which the clocks are reckoned."""
    now = ClocksNow(case, town, at)
    asked = as_the_law_says(StatedFact(event=FactKind.PIECES_ASKED_FOR, at=at, asked=asked_pieces((*pieces,), until)))
    found = case_clocks((*now.facts, asked), town.clock_rules, paris_date(at))
    own = (each for each in found.clocks if each.kind is ClockKind.MISSING_PIECES and each.of == at)
    clock = next(own, None)
    effects = {Follows.PIECES_OF_ACCEPTANCE: Effect.NOT_BEGUN, Follows.PIECES_OF_REJECTION: Effect.SUSPENDED}
    return Effect.NONE if clock is None or clock.ended is not None else effects.get(clock.basis.follows, Effect.NONE)
