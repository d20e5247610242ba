"""What a town answered, kept as it is answered: each answer is in its file before the next question is asked."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from guichet.errors import SettingsError
from guichet.town.yaml_file import read_yaml
from guichet_cli.console.private_file import replace_private
from guichet_cli.town.questions.kinds import NO, YES, joined
from guichet_cli.town.questions.question import Given, Question
from guichet_cli.town.secrets_file import write_secrets
from guichet_topology.env_file import read_env

_HEAD: Final = (
    "# Les réponses données à « guichet town init », qui reprend où elles s’arrêtent. Aucun secret n’est ici.\n"
)


class Answers:
    """Answers lie in one file, which may be written by hand; secrets in another, and nowhere else."""

    def __init__(self, file: Path, secrets_file: Path) -> None:
        """Read what was answered before. Raises SettingsError for a file that cannot be read."""
        self.file = file
        self.secrets_file = secrets_file
        self._given = _read(file) if file.exists() else {}
        self._secrets = read_env(_text_of(secrets_file), file=str(secrets_file))

    @property
    def given(self) -> Given:
        """Every answer by its question's name, without the secrets."""
        return self._given

    @property
    def secrets(self) -> Given:
        """The secrets that are known, by variable."""
        return self._secrets

    def has(self, question: Question) -> bool:
        """Return whether it was answered. A secret is, too, once its variable has a value."""
        return question.name in self._given or bool(question.variable and self._secrets.get(question.variable))

    def keep(self, question: Question, answer: str) -> None:
        """Note an answer, durably. Raises GuichetError."""
        if question.variable is None:
            self._given[question.name] = answer
            self._save()
        elif answer:
            self._secrets[question.variable] = answer
            write_secrets(self.secrets_file, {question.variable: answer})
        else:
            self._given[question.name] = ""  # to be given later
            self._save()

    def take(self, question: Question, answer: str) -> None:
        """Note an answer for this run alone: a file that was written by hand stays as it is."""
        if question.variable is None:
            self._given[question.name] = answer
        else:
            self._secrets[question.variable] = answer

    def forget(self, question: Question) -> None:
        """Have a question asked once more. Raises GuichetError."""
        self._given.pop(question.name, None)
        if question.variable is not None:
            self._secrets.pop(question.variable, None)
        self._save()

    def unknown(self, asked: Iterable[Question]) -> list[str]:
        """Return the names that no question has."""
        return sorted(self._given.keys() - {each.name for each in asked})

    def _save(self) -> None:
        text = yaml.safe_dump(self._given, allow_unicode=True, sort_keys=False, width=1000)
        replace_private(self.file, (_HEAD + text).encode())


def _read(file: Path) -> dict[str, str]:
    content = read_yaml(file).content
    if not isinstance(content, dict):
        raise SettingsError(f"{file}: write a line for each answer, name: answer.")
    return {str(name): _as_typed(value) for name, value in content.items()}


def _as_typed(value: Any) -> str:
    """Return what one would type for a value that YAML read as another thing than text."""
    match value:
        case bool():
            return YES if value else NO
        case list():
            return joined(map(_as_typed, value))
        case date():
            return value.isoformat()
        case None:
            return ""
        case _:
            return " ".join(str(value).split())


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file} cannot be read ({type(exc).__name__}).") from exc
