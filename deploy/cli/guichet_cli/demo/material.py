"""What a demonstration is made of: people and messages that do not exist, written one by one and kept beside this file.

Names are invented, telephone numbers lie in the range that ARCEP keeps for fiction, mail addresses under domains that
are kept for examples.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet.contracts.inbound import ChannelName
from guichet.ids import DepartmentId

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Person:
    """Somebody of the invented town."""

    given_name: str
    family_name: str
    birth_year: int
    address: str
    mailbox: str
    telephone: str

    @property
    def name(self) -> str:
        """As they sign."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Written:
    """A message to the town, and the department of the example town that it is for."""

    channel: ChannelName
    department: DepartmentId
    subject: str | None
    text: str

    def signed(self, name: str) -> str:
        """Return what it says; where its last line is a signature, it is this name's."""
        said, end, _ = self.text.rpartition("\n")
        return f"{said}{end}{name}" if end else self.text


def people() -> list[Person]:
    """Return everybody."""
    with (HERE / "people.csv").open(encoding="utf-8", newline="") as file:
        return [_person(row) for row in csv.DictReader(file)]


def _person(row: dict[str, str]) -> Person:
    names = ("given_name", "family_name", "address", "mailbox", "telephone")
    return Person(birth_year=int(row["birth_year"]), **{name: row[name] for name in names})


def messages() -> list[Written]:
    """Return every message."""
    lines = (HERE / "messages-fr.jsonl").read_text("utf-8").splitlines()
    return [Written(**json.loads(line)) for line in lines]


ANSWERS: Final = (
    "Nous avons bien pris connaissance de votre message. Un agent se rend sur place cette semaine.",
    "C’est noté : l’intervention est programmée. Vous serez prévenu si la date change.",
    "Votre dossier est complet. Vous pouvez passer à l’accueil aux heures d’ouverture pour le retirer.",
    "Merci de votre signalement. Le nécessaire a été fait ce matin.",
    "Après vérification, la réponse est oui. Vous n’avez aucune autre démarche à faire.",
    "Ce point relève d’un règlement que nous joignons sur le site de la mairie. Nous restons à votre disposition.",
)
QUESTIONS: Final = (
    "Pour continuer, pouvez-vous nous indiquer l’adresse exacte et, si possible, un moment où vous joindre ?",
    "Il nous manque un justificatif de domicile de moins de trois mois. Pouvez-vous nous l’envoyer en réponse ?",
)
FOLLOW_UPS: Final = (
    "Bonjour, avez-vous des nouvelles de ma demande ? Merci d’avance.",
    "Merci pour votre réponse. Voici les précisions demandées : c’est devant le numéro 12, plutôt le matin.",
    "Je vous remercie, c’est réglé.",
)
WHY_HANDED_ON: Final = "La demande relève de ce service : l’objet n’est pas de notre compétence."
