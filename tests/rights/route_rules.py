"""For each route of the desk, what it is about: so that a new one is judged, or fails for want of a rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from guichet.rights.case_acts import CaseAct

ANSWER, SIGN, CLOSE, REROUTE = CaseAct.ANSWER, CaseAct.SIGN, CaseAct.CLOSE, CaseAct.REROUTE


class About(StrEnum):
    """What a route shows or does."""

    NO_CASE = "no case"  # whatever it does, nothing of a case is in it
    CASES = "every case that its reader sees"
    FOUND = "every case that its reader sees whole, by its words"  # test_searches.py
    TICKED = "cases that are ticked in a list, of those that its reader sees whole"
    STREAM = "every case that its reader sees, as it changes"
    CASE = "one case, as whole as its reader sees it"
    PART = "the live part of one"
    STREAM_OF_ONES_OWN = "what is addressed to its reader"  # services/agent-desk/tests/work/test_news.py
    STREAM_OF_CASE = "one case, as it changes"
    WHOLE = "what only who sees one whole may have"
    FORM = "a form about one, on a page of its own, which takes an act"
    SAVED = "one as a document, which takes an act"
    REASON = "why one is opened"
    CALLER = "who asks about one"
    ACT = "something done with one"
    ENTERED = (
        "a message of one, which becomes a request of its own: for who enters, too"  # by hand; the acts are theirs
    )
    DRAFTED = "a file of an answer to one, which takes an act, and a draft that its reader is shown"  # test_files_of_what_waits.py
    HELD = "suspended mail"
    HEADED = "how many cases there are in departments whose every case its reader sees, and whose figures"


@dataclass(frozen=True)
class Rule:
    """acts: what doing it takes. form: what is sent, beside what each form carries. files: name and content each."""

    about: About
    acts: tuple[CaseAct, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, bytes], ...] = ()


RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(
        (
            *("GET /", "GET /connexion", "POST /connexion", "POST /deconnexion"),
            *("GET /connexion/code", "POST /connexion/code", "GET /mot-de-passe", "POST /mot-de-passe"),
            *("GET /double-authentification", "POST /double-authentification"),
            *("POST /double-authentification/codes", "POST /double-authentification/retrait"),
            *("GET /absences", "POST /absences", "POST /absences/retrait", "GET /preferences", "POST /preferences"),
            # Who is on call: of which departments, and who says it, services/agent-desk/tests/work/test_on_call.py
            *("GET /astreinte", "POST /astreinte", "POST /astreinte/retrait"),
            *("GET /demandes/suite", "GET /saisie", "POST /saisie", "GET /saisie/faite"),
            # Of what is addressed to oneself, in cases that one may answer: services/agent-desk/tests/work/test_news.py
            *("GET /pour-moi", "POST /pour-moi", "GET /pour-moi/liste"),
            # Of letters that are no case yet: who sees them, services/agent-desk/tests/letters
            *("GET /saisie/courriers", "POST /saisie/courriers", "GET /saisie/courriers/intercalaires"),
            *("GET /saisie/courriers/{batch}", "GET /saisie/courriers/{batch}/{number}"),
            *("POST /saisie/courriers/{batch}/{number}", "POST /saisie/courriers/{batch}/{number}/ecart"),
            "GET /saisie/courriers/{batch}/{number}/pages/{page}",
            "POST /saisie/courriers/{batch}/{number}/personnes",
            # Of what one has begun oneself: services/agent-desk/tests/bulk
            *("GET /traitements", "GET /traitements/{bulk}", "GET /traitements/{bulk}/suivi"),
            "POST /traitements/{bulk}/etat",
        ),
        Rule(About.NO_CASE),
    ),
    **dict.fromkeys(
        (
            *("GET /administration", "GET /administration/{place}", "GET /administration/{place}/{key}"),
            *("POST /administration/{place}/{key}", "POST /administration/{place}/{key}/retrait"),
            *("POST /administration/{place}/{key}/retour", "POST /administration/agents/{key}/compte"),
            *("GET /administration/pourquoi", "GET /administration/textes", "POST /administration/textes/essai"),
        ),
        Rule(About.NO_CASE),
    ),
    "POST /administration/pourquoi": Rule(About.NO_CASE, form={"agent": "agent-12", "reference": ""}),
    **dict.fromkeys(
        (
            *("GET /reponses-types", "GET /reponses-types/{answer}", "POST /reponses-types/{answer}"),
            "POST /reponses-types/{answer}/retrait",
            *("GET /vues", "POST /vues", "POST /vues/{view}", "POST /vues/{view}/retrait"),
        ),
        Rule(About.NO_CASE),
    ),
    "GET /demandes": Rule(About.CASES),
    "POST /demandes": Rule(About.NO_CASE, form={"lieu": "zq"}),  # it leads on, and looks for nothing
    "GET /demandes/liste": Rule(About.CASES),
    "GET /demandes/a-cote": Rule(About.CASES),
    "GET /demandes/export.csv": Rule(About.CASES, acts=(CaseAct.EXPORT,)),
    "GET /demandes/direct": Rule(About.STREAM),
    "GET /pour-moi/direct": Rule(About.STREAM_OF_ONES_OWN),
    "GET /mon-service": Rule(About.HEADED),
    "GET /mon-service/chiffres.csv": Rule(About.HEADED),
    "GET /mon-service/delais": Rule(About.HEADED),
    "GET /mon-service/delais/delais.csv": Rule(About.HEADED),
    "GET /recherche": Rule(About.FOUND),
    "POST /recherche": Rule(About.NO_CASE, form={"q": "zq"}),  # it leads on, and looks for nothing
    # By whom an agent may have before them: test_searches.py
    "POST /saisie/personnes": Rule(About.FOUND, form={"name": "personne"}),
    "GET /demandes/{reference}": Rule(About.CASE),
    "GET /demandes/{reference}/fil": Rule(About.PART),
    "GET /demandes/{reference}/direct": Rule(About.STREAM_OF_CASE),
    "POST /demandes/{reference}/motif": Rule(About.REASON),
    "POST /demandes/{reference}/appelant": Rule(About.CALLER, form={"fact": "Quelqu’un d’autre"}),
    "GET /demandes/{reference}/fichiers/{message}/{number}": Rule(About.WHOLE),
    "GET /demandes/{reference}/fichiers/{message}/{number}/vignette": Rule(About.WHOLE),
    "GET /demandes/{reference}/fichiers/{message}/{number}/image": Rule(About.WHOLE),
    "GET /demandes/{reference}/fichiers/{message}/{number}/vue": Rule(About.WHOLE),
    "GET /demandes/{reference}/dossier.pdf": Rule(About.SAVED, (CaseAct.EXPORT,)),
    "GET /demandes/{reference}/courrier": Rule(About.SAVED, (ANSWER, SIGN)),
    "POST /demandes/{reference}/courrier": Rule(About.ACT, (ANSWER, SIGN), {"text": "Bonjour"}),
    "GET /demandes/{reference}/envois/{outbound_id}/lettre": Rule(About.SAVED, (ANSWER,)),
    "POST /demandes/{reference}/envois/{outbound_id}/lettre": Rule(
        About.ACT, (ANSWER,), {"recipient": "x", "subject": "x"}
    ),
    "GET /demandes/{reference}/attestation": Rule(About.SAVED, (ANSWER, SIGN)),
    "POST /demandes/{reference}/attestation": Rule(About.ACT, (ANSWER, SIGN), {"applicant": "x", "capacity": "x"}),
    "POST /demandes/{reference}/non-lue": Rule(About.ACT),
    "GET /demandes/{reference}/saisie": Rule(About.WHOLE),
    "GET /demandes/{reference}/messages/{joined}/saisie": Rule(About.ENTERED),
    "POST /demandes/{reference}/messages/{joined}/saisie": Rule(About.ENTERED, form={"text": "x"}),
    "POST /demandes/{reference}/reponse": Rule(About.ACT, (ANSWER, SIGN), {"text": "Bonjour"}),
    "POST /demandes/{reference}/transmission": Rule(About.ACT, (REROUTE,), {"department": "ccas", "reason": "x"}),
    "POST /demandes/{reference}/attribution": Rule(About.ACT, (ANSWER,), {"to": "agent-12", "handover": "x"}),
    "POST /demandes/{reference}/reouverture": Rule(About.ACT, (CLOSE,), {"reopening": "x"}),
    "GET /demandes/{reference}/delais": Rule(About.WHOLE),
    "POST /demandes/{reference}/qualification": Rule(About.ACT, (ANSWER,), {"kind": "qualified", "value": "request"}),
    "POST /demandes/{reference}/qualification/retrait": Rule(About.ACT, (ANSWER,), {"withdrawal": "x"}),
    "GET /demandes/{reference}/autre-administration": Rule(About.SAVED, (ANSWER,)),
    "POST /demandes/{reference}/autre-administration": Rule(About.ACT, (ANSWER,), {"words": "x"}),
    "GET /demandes/{reference}/autre-administration/dossier": Rule(About.SAVED, (ANSWER, CaseAct.EXPORT)),
    "POST /demandes/{reference}/autre-administration/dossier": Rule(About.ACT, (ANSWER, CaseAct.EXPORT)),
    "GET /demandes/{reference}/pieces": Rule(About.FORM, (ANSWER,)),
    "POST /demandes/{reference}/pieces": Rule(About.ACT, (ANSWER,), {"piece": "x", "own": "x"}),
    "GET /demandes/{reference}/question": Rule(About.FORM, (ANSWER,)),
    "POST /demandes/{reference}/question": Rule(About.ACT, (ANSWER,), {"label-1": "x", "own": "x"}),
    "POST /demandes/{reference}/pieces/recue": Rule(About.ACT, (ANSWER,), {"piece": "x"}),
    "GET /demandes/{reference}/etapes": Rule(About.WHOLE),
    "POST /demandes/{reference}/etapes": Rule(About.ACT, (ANSWER,), {"task": "x"}),
    "GET /demandes/{reference}/faits": Rule(About.FORM, (ANSWER,)),
    "POST /demandes/{reference}/faits": Rule(About.ACT, (ANSWER,), {"kind": "rights-requested"}),
    "GET /demandes/{reference}/decision": Rule(About.SAVED, (ANSWER,)),
    "POST /demandes/{reference}/decision": Rule(About.ACT, (ANSWER,), {"outcome": "refused", "reasons": "x"}),
    "POST /demandes/{reference}/decision/notification": Rule(About.ACT, (ANSWER,), {"way": "posted", "proof": "x"}),
    "GET /demandes/{reference}/decision/{note}.pdf": Rule(About.DRAFTED, (ANSWER,)),
    "POST /demandes/{reference}/attente": Rule(About.ACT, (ANSWER,), {"until": "-"}),
    "POST /demandes/{reference}/notes": Rule(About.ACT, (ANSWER,), {"note": "x"}),
    "POST /demandes/{reference}/ajout": Rule(About.ACT, (ANSWER,), {"text": "Il rappelle"}),
    "POST /demandes/{reference}/appel": Rule(About.ACT, (ANSWER,)),
    "POST /demandes/{reference}/brouillon": Rule(About.ACT, (ANSWER,), {"text": "x"}),
    "POST /demandes/{reference}/apercu": Rule(About.ACT, (ANSWER,), {"text": "x"}),
    "POST /demandes/{reference}/reponse-type": Rule(About.ACT, (ANSWER,), {"text": "x"}),
    "POST /demandes/{reference}/signature": Rule(About.ACT, (ANSWER,), {"text": "x"}),
    "POST /demandes/{reference}/signature/reprise": Rule(About.ACT, (ANSWER,)),
    "POST /demandes/{reference}/a-signer": Rule(About.ACT, (ANSWER, SIGN), {"text": "x"}),
    "POST /demandes/{reference}/a-signer/texte": Rule(About.ACT, (ANSWER, SIGN), {"text": "x"}),
    "POST /demandes/{reference}/a-signer/renvoi": Rule(About.ACT, (ANSWER, SIGN), {"text": "x", "send_back": "x"}),
    "GET /demandes/{reference}/depart": Rule(About.WHOLE),
    "POST /demandes/{reference}/depart/annulation": Rule(About.ACT, (ANSWER,)),
    "POST /demandes/{reference}/brouillon/retrait": Rule(About.ACT, (ANSWER,)),
    "POST /demandes/{reference}/pieces-jointes": Rule(About.ACT, (ANSWER,), {"text": "x"}, (("x.pdf", b"x"),)),
    "GET /demandes/{reference}/pieces-jointes/{file_id}": Rule(About.DRAFTED, (ANSWER,)),
    "POST /demandes/{reference}/pieces-jointes/{file_id}/retrait": Rule(About.ACT, (ANSWER,), {"text": "x"}),
    "POST /demandes/{reference}/cloture": Rule(About.ACT, (CLOSE,)),
    "POST /demandes/{reference}/identite": Rule(About.ACT, (ANSWER,)),
    "POST /demandes/{reference}/abus": Rule(About.ACT, (CLOSE,), {"ground": "number", "abuse_reason": "x"}),
    "POST /demandes/{reference}/abus/levee": Rule(About.ACT, (CLOSE,)),
    "POST /demandes/{reference}/envois/{outbound_id}": Rule(About.ACT, (ANSWER,), {"settlement": "received"}),
    "POST /traitements/apercu": Rule(About.TICKED, form={"act": "attribution", "case": ""}),
    "POST /traitements": Rule(About.TICKED, form={"act": "cloture", "case": "", "despite": "oui"}),
    "GET /courriels-suspendus": Rule(About.HELD),
    "GET /courriels-suspendus/{message}": Rule(About.HELD),
    "GET /courriels-suspendus/{message}/fichiers/{number}": Rule(About.HELD),
    "POST /courriels-suspendus/{message}/liberation": Rule(About.HELD),
    "POST /courriels-suspendus/{message}/indesirable": Rule(About.HELD),
}


# The other doors know no agent and no scope: a portal's page opens with its link, the console reads no case at all.
NOT_THE_DESKS: Final = frozenset(
    {
        *("GET /", "POST /", "GET /merci", "GET /confidentialite", "GET /accessibilite"),
        *("GET /suivi/{token}", "POST /suivi/{token}", "GET /suivi/{token}/fichiers/{file_id}"),
        *("GET /question/{token}", "POST /question/{token}", "GET /reponse-enregistree"),
        *("GET /direct", "GET /consignes", "GET /api/overview"),
    }
)


def routes_of(web: FastAPI) -> Iterator[str]:
    """Yield each route of an application, as the rules name it."""
    for route in web.routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods - {"HEAD"}):
                yield f"{method} {route.path}"
