"""Who the town is, and how citizens reach it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from guichet.contracts.channels import Words
from guichet.law.territories import Territory
from guichet_cli.town.questions.kinds import (
    NO,
    TO_BE_CONFIRMED,
    YES,
    day,
    mailbox,
    one_of,
    public_address,
    telephone,
    yes_or_no,
)
from guichet_cli.town.questions.of_departments import mailboxes_of
from guichet_cli.town.questions.question import Given, Question

_POSTCODE: Final = re.compile(r"\b\d{5}\b")
_BY_POSTCODE: Final[Mapping[str, Territory]] = {  # the longest beginning wins
    **dict.fromkeys(("57", "67", "68"), Territory.ALSACE_MOSELLE),
    "971": Territory.GUADELOUPE,
    "97133": Territory.SAINT_BARTHELEMY,
    "97150": Territory.SAINT_MARTIN,
    "972": Territory.MARTINIQUE,
    "973": Territory.GUYANE,
    "974": Territory.LA_REUNION,
    "976": Territory.MAYOTTE,
}


def of_town(given: Given) -> Iterator[Question]:
    """Yield what is asked first: name, addresses, telephone, main mailbox."""
    yield Question("name", Words(fr="Nom de la commune", en="Name of the town"))
    yield Question(
        "postal_address",
        Words(
            fr="Adresse postale de la mairie, sur une ligne (elle figure dans les accusés de réception)",
            en="Postal address of the town hall, on one line (receipts tell it)",
        ),
    )
    yield Question("telephone", Words(fr="Téléphone de la mairie", en="Telephone of the town hall"), read=telephone)
    yield Question(
        "main_mailbox",
        Words(fr="Adresse électronique principale de la mairie", en="Main mail address of the town hall"),
        read=mailbox,
    )
    yield Question(
        "territory",
        Words(
            fr=f"Partie de la France, dont les jours fériés comptent ({', '.join(Territory)})",
            en=f"Part of France, whose public holidays count ({', '.join(Territory)})",
        ),
        default=_territory_of(given["postal_address"]).value,
        read=one_of(each.value for each in Territory),
    )


def of_responsibility(given: Given) -> Iterator[Question]:
    """Yield who is told of what, and the terms that the town published."""
    yield Question(
        "dpo",
        Words(
            fr="Adresse du délégué à la protection des données, prévenu avant chaque effacement",
            en="Address of the data protection officer, told before each erasure",
        ),
        default=f"dpo@{domain(given)}",
        read=mailbox,
    )
    yield Question(
        "court",
        Words(
            fr="Tribunal administratif dont dépend la commune, nom et adresse (les accusés de réception le disent)",
            en="Administrative court of the town, name and address (receipts tell it)",
        ),
        default=TO_BE_CONFIRMED,
    )
    yield Question(
        "oncall",
        Words(
            fr="Adresse qui reçoit les alarmes du service (astreinte informatique)",
            en="Address that gets the service's alarms (whoever is on call)",
        ),
        default=f"informatique@{domain(given)}",
        read=mailbox,
    )
    yield Question(
        "terms",
        Words(
            fr="La commune a-t-elle publié des conditions d’utilisation de ses téléservices (CRPA L112-9) ?",
            en="Has the town published terms of use of its online services (CRPA L112-9)?",
        ),
        default=NO,
        read=yes_or_no,
    )
    if given["terms"] == YES:
        yield Question(
            "terms_url", Words(fr="Où sont-elles publiées", en="Where are they published"), read=public_address
        )
        yield Question("terms_date", Words(fr="Depuis quel jour", en="Since which day"), read=day)
        yield Question(
            "terms_seize_at",
            Words(
                fr="Où écrire pour saisir valablement la mairie (courriel, ou adresse d’une page)",
                en="Where to write so that the town is validly seized (mail address, or a page's)",
            ),
            default=given["terms_url"],
            read=_way_in(mailboxes_of(given)),
        )


def of_addresses(given: Given) -> Iterator[Question]:
    """Yield the public addresses of Guichet's own pages."""
    at = domain(given)
    yield Question(
        "citizens_url",
        Words(
            fr="Adresse du portail, que les citoyens voient (son nom doit mener à ce serveur)",
            en="Address of the portal, which citizens see (its name must lead to this server)",
        ),
        default=f"https://guichet.{at}",
        read=public_address,
    )
    yield Question(
        "agents_url",
        Words(fr="Adresse du guichet des agents", en="Address of the agents' desk"),
        default=f"https://agents.{at}",
        read=public_address,
    )


def domain(given: Given) -> str:
    """Return the domain of the town's mail."""
    return given["main_mailbox"].partition("@")[2]


def _way_in(mailboxes: Collection[str]) -> Callable[[str], str]:
    """A mailbox of the town, or the address of a page."""
    own = one_of(mailboxes)
    return lambda text: own(text) if "@" in text and "://" not in text else public_address(text)


def _territory_of(postal_address: str) -> Territory:
    postcode = ["", *_POSTCODE.findall(postal_address)][-1]
    found = [begins for begins in _BY_POSTCODE if postcode.startswith(begins)]
    return _BY_POSTCODE[max(found, key=len)] if found else Territory.METROPOLITAN
