"""The certificate of an erasure in French: for the DPO to file, and to hand to the person. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.ids import DepartmentId
from guichet.law.calendar import PARIS
from guichet.vault.erasure_ledger.entry import SPARED, Certificate, SlipLine

PLACES: Final[Mapping[str, str]] = {
    "case_history": "lignes d’historique de ces demandes",
    "cases": "demandes",
    "messages": "messages reçus et envoyés",
    "notes": "notes internes",
    "bulk_cases": "traitements groupés",
    "drafts": "brouillons de réponse",
    "agent_news": "avertissements aux agents",
    "read_marks": "marques de lecture des agents",
    "letters": "courriers numérisés",
    "citizens": "fiches d’usager",
    "identifiers": "adresses et numéros",
    "follow_views": "pages de suivi",
    "unseen_mail": "courriels que personne n’a encore examinés",
    "threads": "fils de conversation",
    "abuse_declarations": "déclarations d’envois abusifs",
    "deliveries": "envois",
    "commands": "actes d’agents et comptes rendus d’envoi",
    "objects": "fichiers",
    "keys": "clés détruites",
}
STATES: Final[Mapping[CaseState, str]] = {
    CaseState.RECEIVED: "reçue",
    CaseState.IN_PROGRESS: "en cours",
    CaseState.WAITING_FOR_CITIZEN: "en attente de réponse",
    CaseState.CLOSED: "close",
    CaseState.ARCHIVED: "archivée",
    CaseState.DESTROYED: "détruite",
    CaseState.TRANSFERRED: "transmise",
}
DepartmentNames = Callable[[DepartmentId], str]


def certificate_text(certificate: Certificate, town: str, department_name: DepartmentNames) -> str:
    """Return the certificate as text. town: the name that it speaks for."""
    return "\n".join(
        (
            "CERTIFICAT D’EFFACEMENT DE DONNÉES PERSONNELLES",
            town,
            "",
            f"Effacement n°               {certificate.request_id}",
            f"Demandé le                  {_minute(certificate.requested_at)} (par {certificate.requested_by})",
            f"Décision du délégué         {certificate.decision}",
            f"Visa des archives           {certificate.visa or 'sans objet : aucune demande détruite'}",
            "",
            f"Clés détruites le           {_minute(certificate.keys_destroyed_at)}",
            "    Depuis, la mairie ne peut plus lire ce que ces clés protégeaient.",
            f"Coffre renouvelé le         {_minute(certificate.turned_at)}",
            "    Depuis, aucune copie ancienne du coffre ne permet de lire ces données.",
            f"Dernière copie disparue le  {_day(certificate.last_copy_gone_by)} au plus tard",
            "    D’ici là, des restes illisibles peuvent subsister dans des journaux et des sauvegardes.",
            "",
            "Ce qui a été effacé",
            *(_counted(certificate.counts) or ["    rien : rien ne restait de cette personne"]),
            *_kept(certificate.counts),
            *_slip(certificate.slip, department_name),
            "",
            f"Établi le {_minute(certificate.certified_at)}.",
            "Ce certificat ne contient aucune donnée de la personne effacée.",
        )
    )


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"    {count:>6}  {_place(place)}" for place, count in counts.items() if place != SPARED]


def _kept(counts: Mapping[str, int]) -> list[str]:
    if SPARED not in counts:
        return []
    return [
        "",
        "Gardé comme preuve d’une menace (RGPD, article 17, § 3, e) ; effacé dès que cette preuve ne sert plus",
        f"    {counts[SPARED]:>6}  demandes, avec leurs messages",
    ]


def _place(place: str) -> str:
    name, _, rest = place.partition(" (")
    suffix = {"shared)": " (part de la personne ; le reste appartient à d’autres)", "copies)": " (copies en transit)"}
    return PLACES.get(name, name) + suffix.get(rest, "")


def _slip(lines: tuple[SlipLine, ...], department_name: DepartmentNames) -> list[str]:
    """Return the lines of the bordereau d'élimination (Code du patrimoine, art. L212-2)."""
    if not lines:
        return []
    head = ["", "Bordereau d’élimination (Code du patrimoine, art. L212-2)"]
    return head + [
        f"    {line.count:>6}  {_kind(line, department_name)}  dates extrêmes : {_years(line)}" for line in lines
    ]


def _kind(line: SlipLine, department_name: DepartmentNames) -> str:
    return f"{department_name(line.department)} ({STATES[line.state]})"


def _years(line: SlipLine) -> str:
    return f"{line.from_year}" if line.from_year == line.to_year else f"{line.from_year}-{line.to_year}"


def _day(at: datetime | date) -> str:
    local = at.astimezone(PARIS) if isinstance(at, datetime) else at
    return f"{local:%d/%m/%Y}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H:%M}"
