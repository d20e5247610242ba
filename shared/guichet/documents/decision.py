"""An express decision to be signed: the act that ends silence, with its reasons and remedies (docs/law.md 22). Pure.

It is an act, hence in French. Where it refuses, its reader is told how to appeal: without that no delay of appeal runs
against them (CJA R421-5, to be confirmed by the town's lawyer; docs/decisions/0097).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from guichet.contracts.legal_facts import Outcome
from guichet.documents.sheet import Fact, Sheet, Signature, said_by
from guichet.documents.typeset import ARCHIVED_AND_ACCESSIBLE, MAIN, Typescript, template
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date

_TITLE: Final = "Décision"
_SUBJECT: Final = "Objet : "
_SEEN: Final = "Vu la demande reçue le {day} sous la référence {reference},"
_DECIDES: Final = "décide"
_DECIDED: Final[dict[Outcome, str]] = {
    "granted": "La demande est acceptée.",
    "partly-granted": "La demande est acceptée en partie, dans la mesure indiquée ci-dessous.",
    "refused": "La demande est rejetée.",
}
_REASONS: Final = "Motifs"
_REMEDIES: Final = "Voies et délais de recours"


@dataclass(frozen=True)
class ExpressDecision:
    """A decision on a request. reasons, remedies: plain text; a line that breaks in one breaks on paper.

    received_on: when the request was, in law. signature: acts_for is the delegation, in the signatory's words.
    """

    sheet: Sheet
    subject: str = field(repr=False)
    outcome: Outcome
    received_on: date
    reasons: tuple[str, ...] = field(repr=False)
    remedies: tuple[str, ...] = field(repr=False)
    signature: Signature = field(repr=False)

    def __post_init__(self) -> None:
        if self.sheet.language != "fr":
            raise ValueError("the act is in French")
        if self.outcome != "granted" and not (self.reasons and self.remedies):
            raise ValueError("what is refused says why, and where one appeals")

    @property
    def file_name(self) -> str:
        """What its file is called: nobody is named there."""
        return f"decision-{self.sheet.reference}.pdf"

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        received = long_date(self.received_on, "fr")
        facts = (Fact("Votre demande :", f"reçue le {received}"),)
        said = {
            **said_by(self.sheet, "décision", self.signature, facts),
            "heading": _TITLE,
            "subject": with_no_break_spaces(_SUBJECT) + self.subject,
            "seen": _SEEN.format(day=received, reference=self.sheet.reference),
            "decides": _DECIDES,
            "decided": _DECIDED[self.outcome],
            "reasons": {"title": _REASONS, "paragraphs": list(self.reasons)},
            "remedies": {"title": _REMEDIES, "paragraphs": list(self.remedies)},
        }
        templates = {MAIN: template("decision.typ"), "sheet.typ": template("sheet.typ")}
        return Typescript(templates, said, self.sheet.day, standards=ARCHIVED_AND_ACCESSIBLE)
