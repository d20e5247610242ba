"""Make citizens.csv: invented people of Saint-Aubin-des-Prés, the same at every run. Run: python make_citizens.py

Numbers lie in the ranges that ARCEP keeps for fiction (06 39 98 xx xx, 01 99 00 xx xx), addresses end in .example.
The sandbox's people (citizen_sandbox/play/citizens.yaml) are among them, except Ngọc Ánh Trần, unknown to the registry.
Families share a telephone; namesakes share a name and nothing else.
"""

# ruff: noqa: SIM905  a column of names reads better than quoted ones

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path

HEADER = "given_name family_name birth_year emails phones telegram_ids address provenance verified".split()
HERE = Path(__file__).parent

SANDBOX = (
    ("Amina", "Benali", 1984, "amina.benali@courriel.example;a.benali@travail.example", "+33639980101", "710000101",
     "12 rue des Tilleuls", "inscription-scolaire", "yes"),
    ("Louis", "Marchand", 1951, "louis.marchand@courriel.example", "+33639980102;+33199001302", "710000102",
     "4 impasse du Lavoir", "guichet", "yes"),
    ("Jeanne", "Marchand", 1953, "jeanne.marchand@courriel.example", "+33639980102;+33199001302", "710000103",
     "4 impasse du Lavoir", "guichet", "yes"),
    ("Thomas", "Lefèvre", 1978, "thomas.lefevre@courriel.example;boulangerie@lefevre.example", "+33639980104",
     "710000104", "2 place du Marché", "guichet", "yes"),
    ("Thomas", "Lefèvre", 2004, "tlefevre@etudiant.example", "+33639980105", "710000105",
     "31 avenue du Stade", "portail", "no"),
)  # fmt: skip
FAMILY_NAMES = (
    "Aubert;Barbier;Boucher;Carpentier;Chevalier;Colin;Da Silva;Delattre;Diop;Dupuis;Faure;Fernandes;Fleury;Garnier;"
    "Girard;Guérin;Haddad;Hamon;Jacquet;Kaya;Keller;Lambert;Lebrun;Legrand;Le Goff;Maillard;Martinez;Mérieux;Michaud;"
    "Moulin;Nguyễn;Noël;Perrin;Picard;Pons;Rey;Rolland;Roussel;Sanchez;Schneider;Tessier;Traoré;Vidal;Weiss;Yılmaz"
).split(";")
GIVEN_NAMES = (
    "Adèle Aïcha Antoine Béatrice Camille Célestin Chloé Damien Élodie Émile Fabrice Françoise Gaëlle Hugo Ibrahim "
    "Inaya Jacques Joëlle Karine Léa Lucien Maël Maria Mathis Mehmet Nadia Noémie Océane Oumar Pascal Quentin Raphaël "
    "Rosa Salomé Sébastien Simone Théo Ugo Valérie Yasmine Zoé"
).split()
STREETS = (
    "rue des Écoles;rue des Forges;chemin du Moulin;allée des Cerisiers;rue du Puits;avenue du Stade;rue Basse;"
    "place de la Fontaine;rue des Lilas;route de la Vallée;impasse du Four;rue de l'Abreuvoir"
).split(";")
PROVENANCES = ("guichet", "inscription-scolaire", "portail", "liste-electorale", "bibliotheque")
HOUSEHOLDS = 70
DOMAINS = ("courriel.example", "messagerie.example", "boite.example")


def main() -> None:
    """Write citizens.csv beside this file."""
    with (HERE / "citizens.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(SANDBOX)
        writer.writerows(invented())


def invented() -> Iterator[tuple[object, ...]]:
    """Yield 70 households of 1 to 5, each on its own telephone, then 12 namesakes of the first of some of them."""
    nth = 0
    for household in range(HOUSEHOLDS):
        family = FAMILY_NAMES[household % len(FAMILY_NAMES)]
        for member in range(1 + household * 7 % 5 if household % 3 else 3):
            yield _person(nth, GIVEN_NAMES[(household * 11 + member * 5) % len(GIVEN_NAMES)], family, household)
            nth += 1
    for twin in range(12):
        household = twin * 5
        given, family = GIVEN_NAMES[household * 11 % len(GIVEN_NAMES)], FAMILY_NAMES[household % len(FAMILY_NAMES)]
        yield _person(nth + twin, given, family, 100 + twin)


def _person(nth: int, given: str, family: str, household: int) -> tuple[object, ...]:
    own = f"{_plain(given)}.{_plain(family)}{nth}@{DOMAINS[nth % len(DOMAINS)]}"
    second = f";{_plain(family)}{household}@famille.example" if nth % 6 == 0 else ""
    phones = [f"+336399820{household:02d}" if household < 100 else f"+33639982{household}"]
    if nth % 4 == 0:
        phones.append(f"+33639983{nth:03d}")
    if nth % 9 == 0:
        phones.append(f"+3319900{4000 + household}")
    return (
        given,
        family,
        1935 + nth * 13 % 75 if nth % 8 else "",
        "" if nth % 10 == 7 else own + second,
        ";".join(phones),
        720000000 + nth if nth % 5 == 0 else "",
        f"{1 + household * 3 % 40} {STREETS[household % len(STREETS)]}",
        PROVENANCES[nth % len(PROVENANCES)],
        "yes" if nth % 3 else "no",
    )


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace(" ", "-"))
    return "".join(letter for letter in folded if letter.isascii())


if __name__ == "__main__":
    main()
