"""A letter to be printed and put into a window envelope: an answer on paper, or a receipt for who has no other way.

For who refused electronic answers (docs/law.md 6), and to acknowledge a letter on paper (docs/law.md 17). Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from guichet.documents.sheet import Fact, Language, Sheet, Signature, said_by
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
_ANSWERED: Final = {"fr": "Pour répondre", "en": "To answer"}
_ONLINE: Final[Mapping[Language, str]] = {
    "fr": "En ligne, une seule fois, si possible d’ici au {until} : photographiez ce code avec votre téléphone, ou "
    "ouvrez l’adresse ci-dessous.",
    "en": "Online, once, by {until} if you can: scan this code with your telephone, or open the address below.",
}
_HOW: Final[Mapping[Language, str]] = {
    "fr": "Par courrier, à l’adresse en tête de cette lettre, ou à l’accueil de la mairie : rappelez la référence "
    "{reference}.",
    "en": "By post, to the address at the head of this letter, or at the town hall: give the reference {reference}.",
}


@dataclass(frozen=True)
class OnlineForm:
    """By which what a letter asks is answered, once. until: the last day. address: blank where there is none.

    code: the address as a QR code, in rows of 0 and 1 (dark).
    """

    address: str = field(repr=False)
    until: date
    code: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class PaperLetter:
    """An answer on paper. paragraphs: plain text; a line that breaks in one breaks on paper.

    signature: None where its words bear one already. remedies: delays and routes of appeal, set off below.
    received_on: when the citizen's request was. follow_at: where they may follow it. form: for what it asks.
    """

    sheet: Sheet
    subject: str = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    signature: Signature | None
    remedies: tuple[str, ...] = ()
    received_on: date | None = None
    follow_at: str = ""
    form: OnlineForm | None = None

    @property
    def file_name(self) -> str:
        """What its file is called: nobody is named there."""
        return f"lettre-{self.sheet.reference}.pdf"

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        return _typescript(self, "lettre", self.signature, self.form)


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


def _typescript(
    letter: PaperLetter | PaperReceipt, title: str, signature: Signature | None, form: OnlineForm | None = None
) -> Typescript:
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
        "form": None if form is None else _form(form, letter.sheet),
    }
    templates = {MAIN: template("letter.typ"), "sheet.typ": template("sheet.typ")}
    return Typescript(templates, said, letter.sheet.day, standards=ARCHIVED_AND_ACCESSIBLE)


def _form(form: OnlineForm, sheet: Sheet) -> dict[str, Any]:
    """Return what a letter says of how it is answered: in its language, and below the French in English (0105)."""
    wanted: tuple[Language, ...] = ("fr", "en") if sheet.language == "fr" else ("en",)
    lines = [
        each.format(until=long_date(form.until, language), reference=sheet.reference)
        for language in wanted
        for each in (*((_ONLINE[language],) if form.address else ()), _HOW[language])
    ]
    return {
        "title": _ANSWERED[sheet.language],
        "lines": [with_no_break_spaces(each) for each in lines],
        "address": form.address,
        "code": list(form.code),
    }
