"""Where the mailboxes of well-known providers are, so that mail.yaml need not say it. Pure.

Sources: learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/pop3-and-imap4,
developers.google.com/workspace/gmail/imap/imap-smtp, help.ovhcloud.com (MX Plan).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

SignIn = Literal["password", "xoauth2", "oauthbearer"]


@dataclass(frozen=True)
class ImapPreset:
    """What mail.yaml says of an account itself counts instead. token_url, scope: of the provider's tokens.

    keeps_refresh_tokens: one may be used by whoever tries it, and is good afterwards.
    """

    host: str | None = None
    sign_in: SignIn = "password"
    token_url: str | None = None
    scope: str | None = None
    keeps_refresh_tokens: bool = False


IMAP_PRESETS: Final[Mapping[str, ImapPreset]] = {
    "microsoft-365": ImapPreset(  # the token's address holds the town's own tenant
        host="outlook.office365.com",
        sign_in="xoauth2",
        scope="https://outlook.office365.com/.default",
        keeps_refresh_tokens=True,  # learn.microsoft.com/entra/identity-platform/refresh-tokens
    ),
    "google-workspace": ImapPreset(
        host="imap.gmail.com",
        sign_in="xoauth2",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - where tokens are asked for
        scope="https://mail.google.com/",
        keeps_refresh_tokens=True,  # it gives no other
    ),
    "ovhcloud": ImapPreset(host="imap.mail.ovh.net"),
}
"""A preset that is not here (Zimbra, Postfix) says nothing of where a mailbox is: each town has a server of its own."""
