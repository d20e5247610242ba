"""A letter to be printed and put into a window envelope: an answer on paper, or a receipt for who has no other way.

For who refused electronic answers (docs/law.md 6), and to acknowledge a letter on paper (docs/law.md 17). Pure.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from guichet.documents.sheet import Fact, Sheet, Signature, said_by
from guichet.documents.typeset import ARCHIVED_AND_ACCESSIBLE, MAIN, Typescript, template
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date

_SUBJECT: Final = {"fr": "Objet : {}", "en": "Subject: {}"}
_REQUEST: Final = {"fr": "Votre demande :", "en": "Your request:"}
_RECEIVED: Final = {"fr": "reçue le {}", "en": "received on {}"}
_FOLLOWED: Final = {"fr": "Suivi :", "en": "To follow it:"}
_RECEIPT_OF: Final = {
    "fr": "accusé de réception de votre demande",
    "en": "acknowledgement of your request",
}


@dataclass(frozen=True)
class PaperLetter:
    """An answer on paper. paragraphs: plain text; a line that breaks in one breaks on paper.

    signature: None where its words bear one already. remedies: delays and routes of appeal, set off below.
    received_on: when the citizen's request was. follow_at: where they may follow it.
    """

    sheet: Sheet
    subject: str = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    signature: Signature | None
    remedies: tuple[str, ...] = ()
    received_on: date | None = None
    follow_at: str = ""

    @property
    def file_name(self) -> str:
        """What its file is called: nobody is named there."""
        return f"lettre-{self.sheet.reference}.pdf"

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        return _typescript(self, "lettre", self.signature)


@dataclass(frozen=True)
class PaperReceipt:
    """A receipt on paper (ARE). mentions: what the law wants it to tell (docs/law.md 11), a paragraph each.

    received_on: in law. remedies: delays and routes of appeal, set off below. signature: None where nobody signs it.
    """

    sheet: Sheet
    received_on: date
    mentions: tuple[str, ...] = field(repr=False)
    signature: Signature | None = None
    remedies: tuple[str, ...] = ()
    follow_at: str = ""

    @property
    def file_name(self) -> str:
        """What its file is called: nobody is named there."""
        return f"accuse-de-reception-{self.sheet.reference}.pdf"

    @property
    def subject(self) -> str:
        """What it is."""
        return _RECEIPT_OF[self.sheet.language]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its text."""
        return self.mentions

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        return _typescript(self, "accusé de réception", self.signature)


def _typescript(letter: PaperLetter | PaperReceipt, title: str, signature: Signature | None) -> Typescript:
    language = letter.sheet.language
    facts = list[Fact]()
    if letter.received_on is not None:
        received = _RECEIVED[language].format(long_date(letter.received_on, language))
        facts.append(Fact(_REQUEST[language], received))
    if letter.follow_at:
        facts.append(Fact(_FOLLOWED[language], letter.follow_at))
    said = {
        **said_by(letter.sheet, title, signature, tuple(facts)),
        "subject": with_no_break_spaces(_SUBJECT[language].format("")) + letter.subject,
        "paragraphs": list(letter.paragraphs),
        "remedies": list(letter.remedies),
    }
    templates = {MAIN: template("letter.typ"), "sheet.typ": template("sheet.typ")}
    return Typescript(templates, said, letter.sheet.day, standards=ARCHIVED_AND_ACCESSIBLE)
