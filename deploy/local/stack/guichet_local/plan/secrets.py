"""The stack's secrets: made at first start, kept in one file that only its owner can read."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from guichet_local.machine.private_file import write_private
from guichet_local.plan.local_values import local_secrets
from guichet_local.plan.town import Account
from guichet_topology.secrets import Maker, Secrets, makers_for, parse, render


def stack_makers(accounts: Iterable[Account]) -> dict[str, Maker]:
    """What a stack with these accounts needs: what any has, and what lets the sandbox play providers."""
    accounts = [*accounts]
    return local_secrets(accounts) | makers_for(accounts)


def load_or_make_secrets(folder: Path, accounts: Iterable[Account] = ()) -> Secrets:
    """Read `secrets.env` in the folder (0700), made or completed (0600) where something is missing."""
    return complete_secrets(folder / "secrets.env", stack_makers(accounts))


def complete_secrets(file: Path, makers: Mapping[str, Maker]) -> Secrets:
    """Read a file of secrets in a folder of its owner's, made or completed where something is missing.

    What is there is never replaced: a new key would make unreadable what the old one sealed.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = parse(file.read_text()) if file.exists() else {}
    missing = {name: make() for name, make in makers.items() if name not in known}
    if missing:
        write_private(file, render(known | missing))
    return known | missing
