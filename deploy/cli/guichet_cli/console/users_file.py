"""A file with the passwords of users to make, VARIABLE=password as services are told them: for its owner alone."""

from collections.abc import Callable, Iterable
from pathlib import Path

from guichet.errors import SettingsError
from guichet_topology.env_file import read_env


def read_passwords(
    file: Path, users: Iterable[str], variable_of: Callable[[str], str], *, setting: str
) -> dict[str, str]:
    """Return the passwords of these users that the file has.

    variable_of: a user's line. setting: which names the file. Raises SettingsError where it cannot be read.
    """
    said = read_env(read_text(file, setting=setting), file=str(file))
    names = {user: variable_of(user) for user in users}
    return {user: said[name] for user, name in names.items() if said.get(name)}


def read_text(file: Path, *, setting: str) -> str:
    """Return what a file of the deployment's says. Raises SettingsError, which names the setting."""
    try:
        return file.read_text()
    except OSError as exc:
        raise SettingsError(f"{setting} is '{file}', which cannot be read: {exc.strerror}.") from exc
