"""Write a town's folder, its settings and its secrets: whole and checked, or not at all."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from guichet.channel.host.errand import Request
from guichet.errors import GuichetError, SettingsError
from guichet.town.channel_facts import known_channels
from guichet.town.load import load_town
from guichet_cli.console.language import Language, words
from guichet_cli.console.private_file import replace_file
from guichet_cli.town.description.settings import settings_of
from guichet_cli.town.description.town_files import town_files
from guichet_cli.town.intake_code import MAIL_FILE, ask_intake
from guichet_cli.town.places import USUAL_TOWN, Places
from guichet_cli.town.questions.of_channels import takes_mail
from guichet_cli.town.questions.question import Given
from guichet_cli.town.secrets_file import write_secrets
from guichet_topology.env_file import with_values

_HEAD = "# Réglages sans secret, lus par tous les services ; .env.example explique chaque variable.\n"
_ON_A_SERVER = words(
    "Ensuite : « guichet-server apply » (en conteneurs « guichet-server containers » ; docs/going-live.md) ; après, "
    "« guichet town check » essaie les comptes, « guichet town checklist » dit ce qui manque encore.",
    "Then: `guichet-server apply` (in containers `guichet-server containers`; docs/going-live.md); after it "
    "`guichet town check` tries the accounts, `guichet town checklist` says what is still missing.",
)
_NEXT = words(
    "Ensuite : « guichet town check » essaie les comptes, « guichet town checklist » dit ce qui manque encore.",
    "Then: `guichet town check` tries the accounts, `guichet town checklist` says what is still missing.",
)


@dataclass(frozen=True)
class Written:
    """What was written, and the variables of secrets that are still to be given."""

    places: Places
    missing: tuple[str, ...]

    def told(self, lang: Language) -> Iterator[str]:
        """Yield it in sentences."""
        places = self.places
        yield lang.of(
            words(
                f"Écrits : {places.town} (la ville), {places.settings} (réglages), {places.secrets} (secrets).",
                f"Written: {places.town} (the town), {places.settings} (settings), {places.secrets} (secrets).",
            )
        )
        if self.missing:
            missing = ", ".join(self.missing)
            yield lang.of(
                words(
                    f"Il manque encore la valeur de {missing} : complétez ces lignes dans {places.secrets}.",
                    f"Still without a value: {missing}. Complete these lines in {places.secrets}.",
                )
            )
        yield lang.of(_ON_A_SERVER if places.town == USUAL_TOWN else _NEXT)


async def write_town(places: Places, given: Given, secrets: Mapping[str, str], asked: tuple[str, ...]) -> Written:
    """Write it all. asked: variables of the secrets that the answers need. Raises GuichetError, and then leaves the
    folder as it was."""
    known = known_channels(places.town)
    partial = places.town.with_name(f".{places.town.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write_files(partial, town_files(given, known))
        load_town(partial)
        if takes_mail(given, known):
            await _check_mail_file(partial)
        write_secrets(places.secrets, {name: secrets.get(name, "") for name in asked})
        replace_file(places.settings, _settings(places, settings_of(given, known, places.town)).encode())
        partial.rename(places.town)
    except OSError as exc:
        raise GuichetError(f"{exc.filename or places.town}: cannot be written ({exc.strerror}).") from exc
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Written(places, tuple(each for each in asked if not secrets.get(each)))


def _write_files(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)  # services read them as users of their own, whatever this one's umask is
        file.parent.chmod(0o755)


async def _check_mail_file(town: Path) -> None:
    answer = await ask_intake(town, Request(ask="act", name=MAIL_FILE))
    if answer.verdict != "done":
        raise SettingsError("\n".join(answer.lines))


def _settings(places: Places, values: Mapping[str, str]) -> str:
    return with_values(places.settings.read_text("utf-8") if places.settings.exists() else _HEAD, values)
