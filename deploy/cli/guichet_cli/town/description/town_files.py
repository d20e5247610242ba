"""A town's folder, written from what was answered. Pure but for the example's texts, which are read."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from guichet.contracts.channels import KnownChannels
from guichet.town.migrations.table import CURRENT
from guichet.town.organisation import Department
from guichet_cli.town.description.mail_file import mail_file
from guichet_cli.town.description.procedures_file import procedures_file
from guichet_cli.town.example import EXAMPLE, department_id, sector_of, usual_rules
from guichet_cli.town.questions.kinds import YES, parts, plain
from guichet_cli.town.questions.of_agents import sign_ins
from guichet_cli.town.questions.of_channels import opened, takes_mail
from guichet_cli.town.questions.of_costs import costs_of
from guichet_cli.town.questions.of_departments import contact, mailboxes_of
from guichet_cli.town.questions.question import Given

_HEADS: Final = {
    "town.yaml": "Ce que la commune décide ; deploy/local/town/README.md explique chaque fichier.",
    "organisation.yaml": "Secteurs étanches et services, tels que les citoyens les lisent dans un accusé.",
    "agents.yaml": "agent_id ne change jamais ; les mots de passe sont faits par « guichet agents add ».",
    "procedures.yaml": "Démarches et délais (docs/clocks.md) ; votre juriste confirme ce qui est « à confirmer ».",
    "authorities.yaml": "À qui la commune transmet (CRPA L114-2) ; exemple : deploy/local/town/authorities.yaml.",
    "rules.yaml": "Dans l’ordre : la première règle qui convient décide.",
    "channels.yaml": "Les canaux ouverts. saisine : l’accusé de réception est dû.",
    "costs.yaml": "Ce que les envois peuvent coûter. Les prix sont des exemples : demandez les vôtres à l’opérateur.",
    "mail.yaml": "Les boîtes relevées, et ce que dit votre messagerie (docs/mailboxes.md). Aucun secret n’est ici.",
    "privacy.yaml": "Affiché par le portail à l’adresse /confidentialite. À relire par votre délégué.",
}
_CONVERSATION: Final = {"idle_window": "24 hours", "new_case_words": ["NOUVELLE DEMANDE", "/nouvelle"]}
_EXAMPLES_OWN: Final = "Saint-Aubin-des-Prés, 1 place de la Mairie, 99999 Saint-Aubin-des-Prés"
_EXAMPLES_CONTACT: Final = "contact@mairie.example"


def town_files(given: Given, known: KnownChannels) -> dict[str, str]:
    """Return each file's text, by its path in the town's folder."""
    contents = {
        "town.yaml": _town(given),
        "organisation.yaml": _organisation(given),
        "agents.yaml": _agents(given),
        "rules.yaml": _rules(given),
        "procedures.yaml": procedures_file(given),
        "authorities.yaml": {"authorities": {}},
        "channels.yaml": {"channels": {name: _channel(name, known) for name in opened(given)}},
        "privacy.yaml": _privacy(given),
    }
    if takes_mail(given, known):
        contents["mail.yaml"] = mail_file(given)
    if costs := costs_of(given, known):
        contents["costs.yaml"] = {"accounts": costs}
    texts = {f"templates/{each.name}": each.read_text("utf-8") for each in sorted(EXAMPLE.glob("templates/*.txt"))}
    return {name: _yaml(name, content) for name, content in contents.items()} | texts


def _yaml(name: str, content: Any) -> str:
    return f"# {_HEADS[name]}\n" + yaml.safe_dump(
        content, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None
    )


def _town(given: Given) -> dict[str, Any]:
    mailboxes = {address: {"department": whose} if whose else {} for address, whose in mailboxes_of(given).items()}
    terms = {}
    if given["terms"] == YES:
        terms = {
            "terms": {
                "published_on": given["terms_date"],
                "url": given["terms_url"],
                "seize_at": given["terms_seize_at"],
            }
        }
    return {
        "version": CURRENT,
        "name": given["name"],
        "main_mailbox": given["main_mailbox"],
        "dpo": given["dpo"],
        "mailboxes": mailboxes,
        "fallback_department": department_id(given["fallback_department"]),
        "territory": given["territory"],
        "court": given["court"],
        **terms,
    }


def _organisation(given: Given) -> dict[str, Any]:
    sectors: dict[str, Any] = {}
    departments: dict[str, Any] = {}
    for name in parts(given["departments"]):
        key = department_id(name)
        sector, described = sector_of(name)
        sectors[sector] = described.model_dump(exclude_defaults=True)
        departments[key] = Department(
            name=name,
            sector=sector,
            email=contact(given, key, "mailbox"),
            phone=contact(given, key, "telephone"),
            postal_address=contact(given, key, "postal_address"),
        ).model_dump()
    return {"sectors": sectors, "departments": departments}


def _agents(given: Given) -> dict[str, Any]:
    return {
        "agents": [
            {
                "agent_id": f"agent-{nth}",
                "name": name,
                "sign_in": sign_in,
                "departments": [*map(department_id, parts(given[f"agent.{plain(name)}.departments"]))],
            }
            for nth, (sign_in, name) in enumerate(sign_ins(given).items(), start=1)
        ]
    }


def _rules(given: Given) -> dict[str, Any]:
    departments = {*map(department_id, parts(given["departments"]))}
    by_mailbox = [
        {"id": f"boite-{whose}", "mailbox": address, "department": whose}
        for address, whose in mailboxes_of(given).items()
        if whose is not None
    ]
    by_words = [
        {"id": rule.id, "keywords": [*rule.keywords], "department": str(rule.department)}
        for rule in usual_rules()
        if rule.keywords and rule.department in departments
    ]
    return {"rules": [*by_mailbox, *by_words]}


def _channel(name: str, known: KnownChannels) -> dict[str, Any]:
    return {"sve_status": "saisine", **(_CONVERSATION if known[name].is_conversation else {})}


def _privacy(given: Given) -> Any:
    town = f"{given['name']}, {given['postal_address']}"
    replaced = {_EXAMPLES_OWN: town, _EXAMPLES_CONTACT: given["dpo"]}
    return _replaced(yaml.safe_load((EXAMPLE / "privacy.yaml").read_text("utf-8")), replaced)


def _replaced(content: Any, words: Mapping[str, str]) -> Any:
    match content:
        case dict():
            return {key: _replaced(value, words) for key, value in content.items()}
        case list():
            return [_replaced(each, words) for each in content]
        case str():
            for old, new in words.items():
                content = content.replace(old, new)
            return content
        case _:
            return content
