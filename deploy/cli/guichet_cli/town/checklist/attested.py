"""What no machine sees: a named person says that it was done, in checklist.yaml of the town's folder. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import yaml
from pydantic import Field

from guichet.contracts.channels import Words
from guichet.errors import SettingsError
from guichet.town.town import Town
from guichet.town.values import TownModel
from guichet.town.yaml_file import read_yaml
from guichet_cli.console.language import words
from guichet_cli.town.findings import Finding, State

NAME: Final = "checklist.yaml"
_HEAD: Final = "# Ce qui a été fait avant le premier message, quand et par qui ; écrit par « guichet town done ».\n"


class Done(TownModel):
    """Who says so, and when it was done."""

    by: str
    day: date


class DoneFile(TownModel):
    """checklist.yaml"""

    done: dict[str, Done] = Field(default_factory=dict)


PROCESSORS: Final = "processors"
OWN_MAIL: Final = "own-mail"


@dataclass(frozen=True)
class Duty:
    """One thing that a person does. name: by which it is said to be done; todo: how, where it is not yet."""

    name: str
    what: Words
    todo: Words


DUTIES: Final = (
    Duty(
        "register",
        words("Registre des traitements (RGPD, art. 30)", "Register of processing (GDPR, art. 30)"),  # docs/law.md 32
        words(
            "inscrivez Guichet au registre ; docs/data-map.md et docs/retention.md en donnent données et durées.",
            "enter Guichet; docs/data-map.md and docs/retention.md give data and delays.",
        ),
    ),
    Duty(
        "impact-assessment",
        words("Analyse d’impact (RGPD, art. 35)", "Impact assessment (GDPR, art. 35)"),  # docs/law.md 32
        words(
            "faites-la avec votre délégué (docs/privacy.md, docs/security.md), ou écrivez pourquoi il n’en faut pas.",
            "make it with your officer (docs/privacy.md, docs/security.md), or keep in writing why none is needed.",
        ),
    ),
    Duty(
        "privacy-notice",
        words(
            "Notice privacy.yaml relue par le délégué",
            "Privacy notice (privacy.yaml) read by the officer",
        ),
        words(
            "faites relire privacy.yaml ; le portail l’affiche à l’adresse /confidentialite.",
            "have privacy.yaml read; the portal shows it at /confidentialite.",
        ),
    ),
    Duty(
        "security-approval",
        words("Homologation de sécurité (RGS)", "Security approval (RGS)"),  # docs/law.md 54
        words(
            "faites-la prononcer par l’autorité ; docs/security.md en est la matière.",
            "have the authority pronounce it; docs/security.md is the material.",
        ),
    ),
    Duty(
        "accessibility",
        words("Déclaration d’accessibilité (RGAA) relue", "Declaration of accessibility (RGAA) read"),  # docs/law.md 52
        words(
            "relisez la page /accessibilite du portail et publiez-la sous le nom de la commune.",
            "read the portal's page /accessibilite and publish it under the town's name.",
        ),
    ),
    Duty(
        "restore",
        words("Restauration essayée", "Restore tried"),
        words(
            "restaurez une sauvegarde sur une machine vide, une fois (docs/backup-and-restore.md).",
            "restore a backup on an empty machine, once (docs/backup-and-restore.md).",
        ),
    ),
    Duty(
        OWN_MAIL,
        words("SPF, DKIM et DMARC d’un courriel de la commune", "SPF, DKIM and DMARC of a mail of the town's"),
        words(
            "lancez « guichet town mail » ; il note lui-même ce qui est en ordre.",
            "run `guichet town mail`; it notes by itself what is in order.",
        ),
    ),
)


def duties(town: Town) -> Iterator[Duty]:
    """Yield what a person of this town must have done."""
    yield from DUTIES
    if names := ", ".join(town.processors):
        yield Duty(
            PROCESSORS,
            words(f"Contrats de sous-traitance (RGPD, art. 28) : {names}", f"Contracts (GDPR, art. 28): {names}"),
            words("signez-les, et rangez-les avec le registre.", "sign them, and keep them with the register."),
        )


def attested(town: Town, done: Mapping[str, Done]) -> Iterator[Finding]:
    """Yield how each duty stands."""
    for duty in duties(town):
        if (said := done.get(duty.name)) is not None:
            by = words(f"{said.by}, le {said.day:%d/%m/%Y}", f"{said.by}, {said.day:%Y-%m-%d}")
            yield Finding(State.WELL, duty.what, (by,))
        else:
            when = f"guichet town done {duty.name} --by …"
            yield Finding(
                State.WRONG,
                duty.what,
                (Words(fr=f"{duty.todo.fr} Ensuite : {when}", en=f"{duty.todo.en} Then: {when}"),),
            )


def read_done(town: Path) -> dict[str, Done]:
    """Return what was said to be done. Raises SettingsError with a line per mistake."""
    file = town / NAME
    return read_yaml(file).parse(DoneFile).done if file.exists() else {}


def with_done(done: Mapping[str, Done], name: str, said: Done, known: Iterator[Duty]) -> str:
    """Return the file with one more. Raises SettingsError for a duty that the town has not."""
    names = [duty.name for duty in known]
    if name not in names:
        raise SettingsError(f"« {name} » n’est pas sur la liste ; s’y trouvent : {', '.join(names)}.")
    content = {"done": {key: each.model_dump() for key, each in {**done, name: said}.items()}}
    return _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None)
