"""The attestation that silence accepted a request (CRPA L232-3: docs/law.md 11), which its author may ask for. Pure.

It is an act, hence in French. Who reads English gets a translation on a page of its own, which says that it is one.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from guichet.contracts.channels import Words
from guichet.documents.sheet import Fact, Language, Sheet, Signature, rows, said_by
from guichet.documents.typeset import ARCHIVED_AND_ACCESSIBLE, MAIN, Typescript, template
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date

_TITLE: Final = Words(fr="Attestation d’acceptation implicite", en="Certificate of implicit acceptance")
_BEFORE: Final = Words(
    fr="Il est attesté que la demande désignée ci-dessous est acceptée : aucune décision expresse n’est intervenue"
    " avant la date à laquelle le silence gardé par l’administration vaut acceptation.",
    en="It is hereby certified that the request named below is accepted: no express decision was taken before the day"
    " on which the silence of the administration counts as acceptance.",
)
_AFTER: Final = Words(
    fr="Cette attestation est délivrée à la personne qui l’a demandée, en application de l’article L232-3 du code des"
    " relations entre le public et l’administration.",
    en="This certificate is issued to the person who asked for it, under article L232-3 of the French code of relations"
    " between the public and the administration.",
)
_TRANSLATED: Final = "A translation for your information: the page in French is the act, and it alone is signed."
_REFERENCE: Final = Words(fr="Référence", en="Reference")
_BY: Final = Words(fr="Demande présentée par", en="Request made by")
_ASKED: Final = Words(fr="Ce qui est demandé", en="What was asked for")
_RECEIVED: Final = Words(fr="Demande reçue le", en="Received on")
_ACCEPTED: Final = Words(fr="Acceptée depuis le", en="Accepted since")
_RULE: Final = Words(fr="Règle", en="Rule")
_SOURCE: Final = Words(fr="Source", en="Source")


@dataclass(frozen=True)
class Attestation:
    """That silence accepted. applicant: whose request it was. asked: the procedure, as the catalogue calls it.

    received_on, accepted_on: in law. rule: by which silence accepts, in a sentence without its source; source: where
    that stands, such as « CRPA L231-1 ». language: what the applicant reads.
    """

    sheet: Sheet
    applicant: str = field(repr=False)
    asked: str
    received_on: date
    accepted_on: date
    rule: Words
    source: str
    signature: Signature
    language: Language = "fr"

    def __post_init__(self) -> None:
        if self.accepted_on <= self.received_on:
            raise ValueError("silence accepts after a request was received")
        if self.sheet.language != "fr":
            raise ValueError("the act is in French: `language` is its reader's")

    @property
    def file_name(self) -> str:
        """What its file is called: nobody is named there."""
        return f"attestation-{self.sheet.reference}.pdf"

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        said = {
            **said_by(self.sheet, "attestation d’acceptation implicite", self.signature),
            "act": self._version("fr"),
            "translation": self._version("en") if self.language == "en" else None,
        }
        templates = {MAIN: template("attestation.typ"), "sheet.typ": template("sheet.typ")}
        return Typescript(templates, said, self.sheet.day, standards=ARCHIVED_AND_ACCESSIBLE)

    def _version(self, language: Language) -> dict[str, Any]:
        facts = (
            Fact(_in(language, _REFERENCE), self.sheet.reference),
            Fact(_in(language, _BY), self.applicant),
            Fact(_in(language, _ASKED), self.asked, strong=True),
            Fact(_in(language, _RECEIVED), long_date(self.received_on, language)),
            Fact(_in(language, _ACCEPTED), long_date(self.accepted_on, language), strong=True),
            Fact(_in(language, _RULE), _in(language, self.rule)),
            Fact(_in(language, _SOURCE), self.source),
        )
        return {
            "title": _in(language, _TITLE),
            "before": ([_TRANSLATED] if language == "en" else []) + [_in(language, _BEFORE)],
            "facts": rows(facts),
            "after": [_in(language, _AFTER)],
        }


def _in(language: Language, words: Words) -> str:
    return with_no_break_spaces(words.fr) if language == "fr" else words.en
