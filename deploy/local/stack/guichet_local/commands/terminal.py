"""What the person at the terminal sees."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from guichet_local.commands.status import PartStatus

READY = "Guichet is ready"
SERVERS_READY = "Kafka and MongoDB run, no service does. `make stop` when you are done, then `make run`."


class Terminal:
    """Progress, tables and errors on one console."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True, markup=False)
        self._begun = time.monotonic()

    def step(self, text: str) -> None:
        """One step of a longer work, with the seconds since the beginning."""
        self._console.print(f"{time.monotonic() - self._begun:5.1f} s  {text}")

    def line(self, text: str) -> None:
        """One plain line."""
        self._console.print(text)

    def addresses(self, addresses: Mapping[str, str], titles: Mapping[str, str]) -> None:
        """The table of addresses, in the order of their titles."""
        table = Table("What", "Address", title="Guichet on this machine", title_justify="left")
        for name, title in titles.items():
            table.add_row(title, addresses[name])
        self._console.print(table)

    def agents(self, passwords: Path) -> None:
        """Who can sign in on the desk, and where the passwords lie."""
        names = sign_in_names(passwords.read_text()) if passwords.exists() else []
        if names:
            self._console.print(f"Agents sign in as {', '.join(names)}.")
            self._console.print(f"Their passwords: {passwords}")
            self._console.print("Who is who, and what to try with each: docs/profiles-and-sign-in.md")

    def parts(self, parts: Sequence[PartStatus], logs: Path) -> None:
        """The table of `make status`."""
        table = Table(box=SIMPLE, pad_edge=False, show_edge=False)  # 80 columns are enough
        for heading in ("Part", "State", "Ready", "Since", "Address"):
            table.add_column(heading, no_wrap=True)
        for part in parts:
            table.add_row(part.name, part.state, part.ready, part.since, part.address)
        self._console.print(table)
        self._console.print(f"Each part's log: {logs}/<part>.log")

    def stopped(self, folder: Path) -> None:
        """The farewell."""
        self.line(f"Guichet has stopped. Its data stays in {folder}.")

    def error(self, message: str) -> None:
        """What went wrong and what to do."""
        self._console.print(message, style="red")


def sign_in_names(text: str) -> list[str]:
    """The names in a passwords file: the first word of each line that is no comment."""
    return [line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("#")]
