"""What signs the town in at a mailbox, read from the environment: GUICHET_IMAP_<NAME>_PASSWORD and its like.

They are variables of the town's own names, so no settings class lists them; they are written nowhere.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from guichet.errors import SettingsError
from guichet_mail.mail_file import ImapAccount


@dataclass(frozen=True)
class Secrets:
    """Of one account. A blank one is none."""

    password: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


def variable_of(name: str, secret: str) -> str:
    """Return what the variable of an account's secret is called."""
    return f"GUICHET_IMAP_{name.upper().replace('-', '_')}_{secret}"


def secrets_of(name: str, account: ImapAccount, environment: Mapping[str, str] = os.environ) -> Secrets:
    """Return an account's secrets. Raises SettingsError, in a sentence that names the variable that is missing."""
    found = Secrets(
        *(environment.get(variable_of(name, each), "") for each in ("PASSWORD", "CLIENT_SECRET", "REFRESH_TOKEN"))
    )
    needed, has = needed_by(account), {"PASSWORD": found.password, "CLIENT_SECRET": found.client_secret}
    has["REFRESH_TOKEN"] = found.refresh_token
    if not has[needed]:
        raise SettingsError(f"{variable_of(name, needed)} is not set: the mailbox {name} cannot be opened without it.")
    return found


def needed_by(account: ImapAccount) -> str:
    """Return which secret an account cannot be opened without."""
    if account.oauth is None:
        return "PASSWORD"
    return "CLIENT_SECRET" if account.oauth.grant == "client-credentials" else "REFRESH_TOKEN"
