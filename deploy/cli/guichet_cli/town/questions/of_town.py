"""Who the town is, and how citizens reach it."""

import re
from collections.abc import Iterator
from typing import Final

from guichet.contracts.channels import Words
from guichet_cli.town.questions.kinds import NO, YES, day, mailbox, public_address, telephone, yes_or_no
from guichet_cli.town.questions.question import Given, Question

_POSTCODE: Final = re.compile(r"\b(\d{2})\d{3}\b")
_ALSACE_MOSELLE: Final = ("57", "67", "68")


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
        "alsace_moselle",
        Words(
            fr="La commune est-elle en Alsace-Moselle (Vendredi saint et 26 décembre fériés) ?",
            en="Is the town in Alsace-Moselle (Good Friday and 26 December are holidays)?",
        ),
        default=YES if _is_there(given["postal_address"]) else NO,
        read=yes_or_no,
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


def _is_there(postal_address: str) -> bool:
    found = _POSTCODE.findall(postal_address)
    return bool(found) and found[-1] in _ALSACE_MOSELLE
