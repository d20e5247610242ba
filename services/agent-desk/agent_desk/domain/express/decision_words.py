"""The words of an express decision, as a note keeps them: people read them, and the document is made of them. Pure.

A label stands at the beginning of a line; what may have several lines stands below its label, indented. So nothing that
was typed is taken for a label, and all of it is read back as it was written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from guichet.contracts.legal_facts import Outcome

_OUTCOMES: Final[Mapping[Outcome, str]] = {
    "granted": "demande acceptée",
    "partly-granted": "demande acceptée en partie",
    "refused": "demande refusée",
}
_DECIDED: Final = "Décision expresse"
_DAY: Final = "Signée le"
_LINES: Final = {
    "subject": "Objet",
    "place": "Fait à",
    "given_name": "Prénom du signataire",
    "surname": "Nom du signataire",
    "capacity": "Qualité du signataire",
    "delegation": "Délégation",
}
_TEXTS: Final = {"recipient": "Destinataire", "reasons": "Motifs", "remedies": "Voies et délais de recours"}
_COLON: Final = "\u00a0:"
_INDENT: Final = "    "
_DAY_FORM: Final = "%d/%m/%Y"


@dataclass(frozen=True)
class DecisionWords:
    """An express decision. day: of signature. recipient: as on an envelope. delegation: by which its author signs.

    Spaces at the end of a line, and blank lines around a text, are nobody's words.
    """

    outcome: Outcome
    day: date
    subject: str = field(repr=False)
    recipient: str = field(repr=False)
    reasons: str = field(repr=False)
    remedies: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)
    capacity: str = field(repr=False)
    delegation: str = field(repr=False)
    place: str

    def __post_init__(self) -> None:
        for name in _LINES:
            object.__setattr__(self, name, " ".join(getattr(self, name).split()))
        for name in _TEXTS:
            lines = (line.rstrip() for line in getattr(self, name).splitlines())
            object.__setattr__(self, name, "\n".join(lines).strip())

    @property
    def signatory(self) -> str:
        """Given name and surname."""
        return " ".join(filter(None, (self.given_name, self.surname)))


def written(words: DecisionWords) -> str:
    """Return them as a note keeps them."""
    return "\n".join(_lines_of(words))


def _lines_of(words: DecisionWords) -> Iterator[str]:
    yield f"{_DECIDED}{_COLON} {_OUTCOMES[words.outcome]}"
    yield f"{_DAY}{_COLON} {words.day.strftime(_DAY_FORM)}"
    yield from (f"{label}{_COLON} {getattr(words, name)}" for name, label in _LINES.items() if getattr(words, name))
    for name, label in _TEXTS.items():
        if text := getattr(words, name):
            yield from ("", f"{label}{_COLON}")
            yield from (_INDENT + line if line else "" for line in text.split("\n"))


def read_back(note: str) -> DecisionWords | None:
    """Return the words that a note keeps; None: it is no decision's."""
    said = dict(_parts_of(note))
    outcome = next((each for each, name in _OUTCOMES.items() if name == said.get(_DECIDED)), None)
    try:
        day = datetime.strptime(said.get(_DAY, ""), _DAY_FORM).replace(tzinfo=UTC).date()
    except ValueError:
        return None
    if outcome is None:
        return None
    rest = {name: said.get(label, "") for name, label in (_LINES | _TEXTS).items()}
    return DecisionWords(outcome=outcome, day=day, **rest)


def _parts_of(note: str) -> Iterator[tuple[str, str]]:
    label, lines = "", list[str]()
    for line in note.split("\n"):
        if not line or line.startswith(_INDENT):
            lines.append(line.removeprefix(_INDENT))
            continue
        yield label, "\n".join(lines)
        label, _, rest = line.partition(_COLON)
        lines = [rest.strip()]
    yield label, "\n".join(lines)
