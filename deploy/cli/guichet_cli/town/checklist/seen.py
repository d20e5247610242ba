"""What the town's files and variables show by themselves to be missing before the first real message. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from guichet.contracts.channels import Words
from guichet.town.town import Town
from guichet_cli.console.language import words
from guichet_cli.town.findings import Finding, State

_PAGES: Final = ("GUICHET_PORTAL_URL", "GUICHET_DESK_URL")
_ON_CALL: Final = ("GUICHET_ONCALL_EMAIL", "GUICHET_ONCALL_WEBHOOK_URL")
_BACKUPS: Final = ("GUICHET_BACKUPS", "GUICHET_VAULT_BACKUPS", "GUICHET_VAULT_COPY")
_RELAY_USER: Final = "GUICHET_SMTP_USERNAME"
_OPENS_RELAY: Final = "GUICHET_SMTP_PASSWORD"
_SECOND_FACTOR: Final = "GUICHET_DESK_SECOND_FACTOR"
_INVENTED: Final = re.compile(r"[\w.-]+\.(?:example|invalid|test)\b")


def seen(
    town: Town, variables: Mapping[str, str], secrets: Iterable[str], texts: Mapping[str, str], day: date
) -> Iterator[Finding]:
    """Yield what can be seen on a day (of Paris).

    secrets: the variables that mailboxes and accounts need; texts: of the town's files.
    """
    yield _invented(texts)
    yield _officer(town)
    yield _court(town)
    yield _agents(town, day)
    yield _pages(variables)
    yield _missing(
        variables,
        [*secrets, *([_OPENS_RELAY] if variables.get(_RELAY_USER) else [])],
        words("Mots de passe et jetons donnés", "Passwords and tokens given"),
        words("donnez une valeur à", "give a value to"),
    )
    yield _on_call(variables)
    yield _missing(
        variables,
        _BACKUPS,
        words("Sauvegardes et seconde copie du coffre", "Backups and the vault's second copy"),
        words("donnez leur dossier (docs/backup-and-restore.md) :", "give their folders (docs/backup-and-restore.md):"),
    )
    yield _second_factor(variables)


def _finding(what: Words, wrong: Words | None) -> Finding:
    return Finding(State.WELL, what) if wrong is None else Finding(State.WRONG, what, (wrong,))


def _invented(texts: Mapping[str, str]) -> Finding:
    hits = {name: _INVENTED.search(_without_comments(text)) for name, text in texts.items()}
    found = ", ".join(f"{name} ({hit[0]})" for name, hit in hits.items() if hit)
    return _finding(
        words("Rien d’inventé dans les fichiers", "Nothing invented in the files"),
        words(f"remplacez ce qui vient de l’exemple : {found}.", f"replace the example's: {found}.") if found else None,
    )


def _officer(town: Town) -> Finding:
    missing = words(
        "nommez-le dans town.yaml (dpo) : sans lui, aucun effacement ne commence.",
        "name them in town.yaml (dpo): without them no erasure begins.",
    )
    what = words("Délégué à la protection des données", "Data protection officer")
    return _finding(what, None if town.dpo else missing)


def _court(town: Town) -> Finding:
    missing = words(
        "dites dans town.yaml le tribunal administratif dont dépend la commune (court) : les accusés le nomment.",
        "say in town.yaml which administrative court is the town's (court): receipts name it.",
    )
    is_told = town.remedies.court is not None or town.remedies.said is not None
    return _finding(
        words("Voies de recours (CRPA R112-11-1)", "Where one appeals (CRPA R112-11-1)"), None if is_told else missing
    )


def _agents(town: Town, day: date) -> Finding:
    answered = {name for agent in town.agents for name in town.scope_of(agent, day).answered_departments}
    left = ", ".join(each.name for key, each in town.departments.items() if key not in answered)
    missing = words(
        f"personne ne répondrait aux demandes de : {left} (agents.yaml, profiles.yaml).",
        f"nobody would answer the cases of: {left} (agents.yaml, profiles.yaml).",
    )
    return _finding(words("Chaque service a un agent", "Each department has an agent"), missing if left else None)


def _pages(variables: Mapping[str, str]) -> Finding:
    wrong = [name for name in _PAGES if urlsplit(variables.get(name, "")).scheme != "https"]
    return _finding(
        words("Adresses publiques en https", "Public addresses by https"),
        words(f"donnez une adresse https:// à {', '.join(wrong)}.", f"give an https:// address to {', '.join(wrong)}.")
        if wrong
        else None,
    )


def _on_call(variables: Mapping[str, str]) -> Finding:
    is_told = any(variables.get(name) for name in _ON_CALL)
    return _finding(
        words("Quelqu’un est prévenu des alarmes", "Somebody is told of alarms"),
        None if is_told else words(f"donnez {' ou '.join(_ON_CALL)}.", f"give {' or '.join(_ON_CALL)}."),
    )


def _second_factor(variables: Mapping[str, str]) -> Finding:
    return _finding(
        words("Second facteur exigé des agents", "Second factor asked of agents"),
        words(f"ôtez {_SECOND_FACTOR}=optional.", f"take out {_SECOND_FACTOR}=optional.")
        if variables.get(_SECOND_FACTOR) == "optional"
        else None,
    )


def _missing(variables: Mapping[str, str], names: Iterable[str], what: Words, todo: Words) -> Finding:
    left = ", ".join(name for name in dict.fromkeys(names) if not variables.get(name))
    return _finding(what, words(f"{todo.fr} {left}.", f"{todo.en} {left}.") if left else None)


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|\s)#.*$", "", text)
