"""The file from which an operator hands out new passwords: a line each, sign-in name and password, mode 0600."""

import os
from collections.abc import Iterable
from pathlib import Path

from guichet.errors import SettingsError
from guichet.privacy.passwords import new_password

HEADING = "# Sign-in name and password of each agent. Hand them out, then delete this file.\n"


class PasswordsFile:
    """Adds lines, and never changes one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def give(self, names: Iterable[str]) -> dict[str, str]:
        """Return a password for each name: the file's, from a run that was cut short, or a new one, by then on disk.

        Raises SettingsError when the file cannot be read or written.
        """
        try:
            known = self._read()
            wanted = {name: known.get(name) or new_password() for name in names}
            self._append({name: password for name, password in wanted.items() if name not in known})
        except (OSError, ValueError) as exc:
            raise SettingsError(f"{self._path}: the passwords file cannot be used ({exc}).") from exc
        return wanted

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        lines = [line.split() for line in self._path.read_text("utf-8").splitlines() if not line.startswith("#")]
        return {line[0]: line[1] for line in lines if len(line) == 2}

    def _append(self, passwords: dict[str, str]) -> None:
        if not passwords:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o600)
            if file.tell() == 0:
                file.write(HEADING)
            file.writelines(f"{name} {password}\n" for name, password in passwords.items())
            file.flush()
            os.fsync(descriptor)
