"""What each result of SPF, DKIM and DMARC means for the town's mail, and what to do about it. Pure.

The results' words: RFC 8601 2.7, RFC 7489 11.2.
"""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet_cli.console.language import words
from guichet_cli.town.findings import Finding, State

_UNBELIEVED: Final = words(
    "votre messagerie l’a écrit, mais mail.yaml ne dit pas à quoi la reconnaître : docs/mailboxes.md, 4.",
    "your mail system wrote it, but mail.yaml does not say how to know it: docs/mailboxes.md, 4.",
)
_AGAIN: Final = words("le DNS n’a pas répondu ; recommencez plus tard.", "the DNS did not answer; try again later.")
_TEMPORARY: Final = frozenset({"temperror"})

_TODO: Final[Mapping[str, Mapping[str, Words]]] = {
    "spf": {
        "none": words(
            "{domain} ne publie pas de SPF : ajoutez au DNS un TXT « v=spf1 … -all » qui nomme votre relais.",
            "{domain} publishes no SPF: add a TXT “v=spf1 … -all” to the DNS that names your relay.",
        ),
        "fail": words(
            "le relais n’est pas parmi ceux que le SPF de {domain} permet : ajoutez-y son adresse ou son « include: ».",
            "the relay is not among those that the SPF of {domain} allows: add its address or its “include:”.",
        ),
        "": words(
            "votre messagerie n’en dit rien (souvent, d’un courriel interne) : envoyez-en un vers une adresse ailleurs "
            "et lisez-y Authentication-Results.",
            "your mail system says nothing of it (often, of an internal mail): send one to an address elsewhere, and "
            "read Authentication-Results there.",
        ),
    },
    "dkim": {
        "none": words(
            "le courriel n’est pas signé : faites signer votre relais au nom de {domain} et publiez sa clé.",
            "the mail is not signed: have your relay sign as {domain}, and publish its key.",
        ),
        "fail": words(
            "la signature ne vaut rien : la clé publiée n’est pas celle du relais, ou un serveur change le courriel "
            "après la signature.",
            "the signature is worth nothing: the key that is published is not the relay's, or a server changes the "
            "mail after it was signed.",
        ),
        "": words(
            "votre messagerie ne dit rien de la signature de {by} : envoyez un courriel vers une adresse ailleurs.",
            "your mail system says nothing of the signature of {by}: send a mail to an address elsewhere.",
        ),
    },
    "dmarc": {
        "none": words(
            "{domain} ne publie pas de DMARC : ajoutez au DNS un TXT _dmarc.{domain} « v=DMARC1; p=quarantine; … ».",
            "{domain} publishes no DMARC: add a TXT _dmarc.{domain} “v=DMARC1; p=quarantine; …” to the DNS.",
        ),
        "fail": words(
            "ni SPF ni DKIM ne vaut pour {domain} lui-même : signez au nom de {domain}, et envoyez avec lui pour "
            "expéditeur d’enveloppe.",
            "neither SPF nor DKIM is good for {domain} itself: sign as {domain}, and send with it in the envelope.",
        ),
        "": words(
            "votre messagerie ne le juge pas : envoyez un courriel vers une adresse ailleurs, et lisez-y le résultat.",
            "your mail system does not judge it: send a mail to an address elsewhere, and read the result there.",
        ),
    },
}
_AS: Final = {"neutral": "none", "softfail": "fail", "policy": "fail", "permerror": "fail", "hardfail": "fail"}
"""Results that ask for the same as others do."""


def finding_of(method: str, result: str, by: str, domain: str, *, is_own: bool) -> Finding:
    """Return how one method stands, with what to do. by: who signed; blank: nobody."""
    what = Words(fr=f"{method.upper()} ({result or '–'})", en=f"{method.upper()} ({result or '–'})")
    if result == "pass":
        return Finding(State.WELL, what) if is_own else Finding(State.TO_SEE, what, (_UNBELIEVED,))
    if result in _TEMPORARY:
        return Finding(State.WRONG, what, (_AGAIN,))
    known = "none" if method == "dkim" and not by else _AS.get(result, result)
    todo = _TODO[method].get(known, _TODO[method]["fail"])
    return Finding(State.WRONG, what, (_filled(todo, domain, by),))


def _filled(todo: Words, domain: str, by: str) -> Words:
    return Words(fr=todo.fr.format(domain=domain, by=by), en=todo.en.format(domain=domain, by=by))
