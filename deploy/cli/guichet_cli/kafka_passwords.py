"""The file with the passwords of the broker's users: lines of KAFKA_PASSWORD_CASE_ROUTER=…, for its owner alone."""

from collections.abc import Iterable
from pathlib import Path

from guichet.errors import SettingsError


def read_passwords(file: Path, users: Iterable[str]) -> dict[str, str]:
    """Return the passwords of these users that the file has; other lines are skipped. Raises SettingsError."""
    try:
        lines = file.read_text().splitlines()
    except OSError as exc:
        raise SettingsError(f"GUICHET_KAFKA_USERS_FILE is '{file}', which cannot be read: {exc.strerror}.") from exc
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    names = {user: f"KAFKA_PASSWORD_{user.upper().replace('-', '_')}" for user in users}
    return {user: said[name] for user, name in names.items() if said.get(name)}
