"""Documents to print, of people who do not exist; any of their fields may be given."""

from datetime import date
from typing import Any, Final

from guichet.contracts.channels import Words
from guichet.documents.attestation import Attestation
from guichet.documents.decision import ExpressDecision
from guichet.documents.paper_letter import PaperLetter, PaperReceipt
from guichet.documents.sheet import Letterhead, Recipient, Sheet, Signature

ADDRESS: Final = ("1, place de la Mairie", "00000 Exemple")
LETTERHEAD: Final = Letterhead(
    "Mairie d’Exemple", "Service Stationnement", ADDRESS, "01 99 00 12 00", "stationnement@mairie.example"
)
SIGNATURE: Final = Signature(
    "Pour le maire et par délégation,", "Nadia Ferrière", "Responsable du service Stationnement", ADDRESS
)
RECIPIENT: Final = Recipient(("Madame Aïcha Le Goff", "Bâtiment C", "22, avenue du Général-de-Gaulle", "00000 Exemple"))
RULE: Final = Words(
    fr="Le silence gardé pendant deux mois vaut acceptation, la demande étant complète.",
    en="Silence kept for two months counts as acceptance, the request being complete.",
)
PARAGRAPHS: Final = (
    "Madame,",
    "Votre demande nous est parvenue. Pour l’étudier, il nous manque :\n– la carte grise ;\n– un justificatif.",
    "Je vous prie d’agréer, Madame, l’expression de ma considération distinguée.",
)


def sheet(**fields: Any) -> Sheet:
    """Return what each document has."""
    said: dict[str, Any] = {
        "letterhead": LETTERHEAD,
        "recipient": RECIPIENT,
        "reference": "2026-W4HD-93R",
        "place": "Exemple",
        "day": date(2026, 10, 15),
        "footer": "Vos données servent à traiter cette demande.",
    }
    return Sheet(**(said | fields))


def letter(**fields: Any) -> PaperLetter:
    """Return an answer on paper."""
    said: dict[str, Any] = {
        "sheet": sheet(),
        "subject": "votre recours",
        "paragraphs": PARAGRAPHS,
        "signature": SIGNATURE,
    }
    return PaperLetter(**(said | fields))


def receipt(**fields: Any) -> PaperReceipt:
    """Return a receipt on paper."""
    said: dict[str, Any] = {"sheet": sheet(), "received_on": date(2026, 10, 14), "mentions": PARAGRAPHS}
    return PaperReceipt(**(said | fields))


def attestation(**fields: Any) -> Attestation:
    """Return an attestation."""
    said: dict[str, Any] = {
        "sheet": sheet(),
        "applicant": "Mme Aïcha Le Goff",
        "asked": "Abonnement de stationnement résident",
        "received_on": date(2026, 8, 14),
        "accepted_on": date(2026, 10, 14),
        "rule": RULE,
        "source": "CRPA L231-1",
        "signature": SIGNATURE,
    }
    return Attestation(**(said | fields))


def decision(**fields: Any) -> ExpressDecision:
    """Return an express decision that refuses."""
    said: dict[str, Any] = {
        "sheet": sheet(),
        "subject": "Terrasse sur le domaine public",
        "outcome": "refused",
        "received_on": date(2026, 9, 14),
        "reasons": (
            "Le trottoir mesure 1,60 m au droit de votre commerce.",
            "La terrasse demandée laisserait moins de 1,40 m aux piétons (règlement de voirie, article 12).",
        ),
        "remedies": ("Vous disposez de deux mois pour saisir le tribunal administratif.",),
        "signature": SIGNATURE,
    }
    return ExpressDecision(**(said | fields))
