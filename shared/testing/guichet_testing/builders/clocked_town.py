"""The example town with procedures of the streets department, one for each way in which silence may be ruled."""

from dataclasses import replace
from functools import cache
from typing import Any, Final

from guichet.ids import ProcedureId
from guichet.town.procedures import Procedure
from guichet.town.town import Town
from guichet_testing.builders.example_town import the_example_town

TERRACE: Final = ProcedureId("terrasse")  # rejects after two months
SIGN: Final = ProcedureId("enseigne")  # accepts, to be confirmed
GARLAND: Final = ProcedureId("guirlande")  # accepts after fifteen days
PIECES: Final[dict[str, dict[str, Any]]] = {
    "plan": {"label": "Plan coté", "required_by": "arrêté municipal 12, article 3", "indispensable": True},
    "assurance": {"label": "Attestation d’assurance", "required_by": "arrêté municipal 12, article 4"},
    "photo": {"label": "Photographie du lieu"},  # which no text requires
    "bail": {"label": "Bail commercial", "required_by": "à confirmer"},
}
_TARGETS: Final = {"normal": {"first_answer": 5, "closing": 30}, "urgent": {"first_answer": 1}}
_SILENCE: Final[dict[ProcedureId, tuple[str, dict[str, str]]]] = {
    TERRACE: ("Terrasse sur le domaine public", {"means": "rejects", "after": "2 months", "source": "CRPA L231-4"}),
    SIGN: ("Enseigne", {"means": "accepts", "after": "2 months", "source": "à confirmer"}),
    GARLAND: ("Guirlande d’un commerce", {"means": "accepts", "after": "15 days", "source": "CRPA L231-1"}),
}


@cache
def clocked_town() -> Town:
    """Return the town."""
    town = the_example_town()
    return replace(town, procedures={**town.procedures, **{name: _procedure(*said) for name, said in _SILENCE.items()}})


def _procedure(label: str, silence: dict[str, str]) -> Procedure:
    clocks: list[dict[str, Any]] = [{"silence": silence, "pieces": PIECES, "targets": _TARGETS}]
    about = {"department": "voirie", "category": "domaine-public", "is_request": True}
    return Procedure.model_validate({"label": label, "clocks": clocks, **about})
