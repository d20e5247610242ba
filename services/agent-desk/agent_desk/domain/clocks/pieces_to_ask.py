"""The pieces of a case's procedure, and whether an answer asks for them as the law wants (docs/law.md 23, 61). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from agent_desk.domain.decisions.asked_mark import AskedMark
from guichet.case.legal_facts import standing
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import AskedPiece, AskedPieces, FactKind, StatedFact
from guichet.ids import ProcedureId
from guichet.law.calendar import paris_date
from guichet.town.long_dates import long_date
from guichet.town.procedures import Procedure
from guichet.town.town import Town


@dataclass(frozen=True)
class PieceToAsk:
    """A piece. label: as a letter names it. required_by: the text that does; None: none that anybody confirmed.

    is_here: it came. asked_until: the last day of the time that a letter gave for it, while it lacks.
    """

    name: str
    label: str
    required_by: str | None = None
    indispensable: bool = False
    is_here: bool = False
    asked_until: date | None = None


@dataclass(frozen=True)
class PiecesToAsk:
    """Of a case, by the town's rules, at a moment: aware."""

    case: CaseRecord = field(repr=False)
    town: Town = field(repr=False)
    at: datetime

    @property
    def today(self) -> date:
        """The day in Paris."""
        return paris_date(self.at)

    @cached_property
    def facts(self) -> tuple[StatedFact, ...]:
        """What stands of what was said."""
        return standing(self.case.facts)

    @cached_property
    def procedure(self) -> Procedure | None:
        """The one that an agent confirmed."""
        confirmed = [each.procedure for each in self.facts if each.event is FactKind.PROCEDURE_CONFIRMED]
        return self.town.procedures.get(ProcedureId(str(confirmed[-1]))) if confirmed else None

    @cached_property
    def pieces(self) -> tuple[PieceToAsk, ...]:
        """Those of the version under which the case was received, in the catalogue's order."""
        return tuple(self._piece(name, *said) for name, said in self._catalogue.items())

    @cached_property
    def lacking(self) -> tuple[PieceToAsk, ...]:
        """What a letter asked for and is not here, under whatever procedure."""
        return tuple(self._piece(name, *self._catalogue.get(name, (name, None, False))) for name in self._asked_until)

    @cached_property
    def _catalogue(self) -> Mapping[str, tuple[str, str | None, bool]]:
        received_on = paris_date(self.case.received_at)
        version = self.procedure.version_on(received_on) if self.procedure is not None else None
        entries = version.pieces if version is not None else {}
        return {name: (each.label, each.piece.required_by, each.indispensable) for name, each in entries.items()}

    @cached_property
    def _here(self) -> frozenset[str]:
        return frozenset(each.piece for each in self.facts if each.piece is not None)

    @cached_property
    def _asked_until(self) -> Mapping[str, date]:
        asked = [each.asked for each in self.facts if each.asked is not None]
        return {piece.name: each.until for each in asked for piece in each.pieces if piece.name not in self._here}

    def _piece(self, name: str, label: str, required_by: str | None, indispensable: bool) -> PieceToAsk:
        return PieceToAsk(name, label, required_by, indispensable, name in self._here, self._asked_until.get(name))

    def asked_at(self, name: str) -> datetime | None:
        """Return when the last letter left that asks for a piece; None: none did."""
        letters = [each for each in self.facts if each.asked is not None]
        return next((each.at for each in reversed(letters) if name in _names(each)), None)

    def chosen(self, mark: str) -> tuple[PieceToAsk, ...] | None:
        """Return what a form asks for; None where it may not: a piece that is none, or is here, or a day gone by."""
        read, known = AskedMark.read(mark), {each.name: each for each in self.pieces if not each.is_here}
        if read is None or read.until <= self.today or {*read.names} - {*known}:
            return None
        return tuple(known[name] for name in read.names)

    def until(self, mark: str) -> date | None:
        """Return the last day of the time that a form gives."""
        read = AskedMark.read(mark)
        return None if read is None else read.until

    def wrong(self, mark: str, words: str) -> str | None:
        """Return why an answer of these words may not go that asks for pieces; None: it may.

        "pieces-changed": what it asks for is no more to be asked for so. "pieces-unnamed": its words do not say each
        piece, the text that requires it and the last day, and so it would ask for nothing.
        """
        pieces = self.chosen(mark)
        if pieces is None:
            return "pieces-changed"
        return None if all(_says(words, each) for each in _said_of(pieces, mark)) else "pieces-unnamed"

    def asked_by(self, mark: str, words: str) -> AskedPieces | None:
        """Return what an answer asks for that may go; None: for nothing."""
        pieces, read = self.chosen(mark), AskedMark.read(mark)
        if pieces is None or read is None or self.wrong(mark, words) is not None:
            return None
        return asked_pieces(pieces, read.until)


def asked_pieces(pieces: tuple[PieceToAsk, ...], until: date) -> AskedPieces:
    """Return what a letter asks for that names them."""
    return AskedPieces(
        pieces=tuple(AskedPiece(name=each.name, required_by=each.required_by) for each in pieces), until=until
    )


def _said_of(pieces: tuple[PieceToAsk, ...], mark: str) -> list[str]:
    read = AskedMark.read(mark)
    days = [long_date(read.until, "fr")] if read is not None else []
    return [*days, *(each.label for each in pieces), *(each.required_by for each in pieces if each.required_by)]


def _says(words: str, said: str) -> bool:
    """Say whether words hold these, however they are spaced and whichever apostrophe they have."""
    return _plain(said) in _plain(words)


def _plain(words: str) -> str:
    return " ".join(words.replace("’", "'").split()).casefold()


def _names(fact: StatedFact) -> frozenset[str]:
    return frozenset(each.name for each in fact.asked.pieces) if fact.asked is not None else frozenset()
