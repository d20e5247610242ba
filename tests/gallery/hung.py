"""All that hangs in the gallery, and the routes of the desk that are no page of their own."""

from typing import Final

from tests.gallery.exhibit import Exhibit, State
from tests.gallery.scenes import account, by_hand, case, clocks, decision, heads, lists, many, paper

EXHIBITS: Final[tuple[Exhibit, ...]] = (
    *lists.SCENES,
    *case.SCENES,
    *clocks.SCENES,
    *decision.SCENES,
    *many.SCENES,
    *by_hand.SCENES,
    *account.SCENES,
    *heads.SCENES,
    *paper.SCENES,
)

NO_PAGE: Final[frozenset[str]] = frozenset(
    {
        # Lead elsewhere.
        *("GET /", "GET /administration", "GET /connexion/fournisseur/retour", "GET /saisie/courriers/{batch}"),
        "GET /demandes/suite",
        # Parts of pages, which are seen in theirs, and streams.
        *(
            "GET /demandes/liste",
            "GET /demandes/a-cote",
            "GET /demandes/direct",
            "GET /demandes/{reference}/fil",
            "GET /pour-moi/liste",
        ),
        *("GET /demandes/{reference}/direct", "GET /demandes/{reference}/depart", "GET /pour-moi/direct"),
        "GET /traitements/{bulk}/suivi",
        # Files and pictures.
        *("GET /demandes/export.csv", "GET /mon-service/chiffres.csv", "GET /mon-service/delais/delais.csv"),
        "GET /demandes/{reference}/fichiers/{message}/{number}/image",
        "GET /demandes/{reference}/fichiers/{message}/{number}/vignette",
        "GET /demandes/{reference}/pieces-jointes/{file_id}",
        "GET /demandes/{reference}/decision/{note}.pdf",
        "GET /courriels-suspendus/{message}/fichiers/{number}",
        "GET /saisie/courriers/{batch}/{number}/pages/{page}",
        # The form of a call, filled from its case: GET /saisie is that page.
        "GET /demandes/{reference}/saisie",
    }
)
"""Routes that are read and have no picture of their own. What is done leads to a page, or comes back to its own."""

LISTS: Final = frozenset(
    {
        *("GET /demandes", "GET /recherche", "GET /vues", "GET /pour-moi", "GET /traitements", "GET /absences"),
        *("GET /astreinte", "GET /reponses-types", "GET /saisie/courriers", "GET /courriels-suspendus"),
        *("GET /mon-service", "GET /mon-service/delais", "GET /administration/{place}"),
    }
)
"""Pages that may have nothing on them, and say so."""

FORMS: Final = frozenset(
    {
        *("GET /connexion", "GET /connexion/code", "GET /mot-de-passe", "GET /double-authentification"),
        *("GET /absences", "GET /astreinte", "GET /saisie", "GET /saisie/courriers", "GET /vues"),
        *("GET /saisie/courriers/{batch}/{number}", "GET /reponses-types/{answer}", "GET /demandes/{reference}"),
        *("GET /demandes/{reference}/pieces", "GET /demandes/{reference}/faits"),
        "GET /demandes/{reference}/question",
        *("POST /traitements/apercu", "GET /courriels-suspendus/{message}", "GET /administration/{place}/{key}"),
        *("GET /demandes/{reference}/autre-administration", "GET /demandes/{reference}/messages/{joined}/saisie"),
    }
)
"""Pages that come back with what was wrong."""

GIVE_COMMANDS: Final = frozenset(
    {
        *("GET /demandes/{reference}", "GET /saisie", "GET /saisie/courriers/{batch}/{number}"),
        *("GET /courriels-suspendus/{message}", "GET /demandes/{reference}/messages/{joined}/saisie"),
    }
)
"""Pages that need the broker for what is done on them."""

DEMANDED: Final = {
    State.EMPTY: LISTS,
    State.REFUSED: FORMS,
    State.BROKER_AWAY: GIVE_COMMANDS,
    State.TAMPERED: frozenset({"GET /demandes", "GET /demandes/{reference}", "GET /courriels-suspendus/{message}"}),
    State.STORE_AWAY: frozenset({"GET /demandes", "GET /demandes/{reference}"}),
    State.SIGNED_OUT: frozenset({"GET /demandes", "GET /demandes/{reference}"}),
    State.THOUSANDS: frozenset({"GET /demandes", "GET /demandes/{reference}"}),
}
"""In which states which pages are seen at the least."""
