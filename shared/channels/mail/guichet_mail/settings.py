"""What the channel mail reads from the environment.

Beside it the secrets of each mailbox are variables of the town's own names (guichet_mail.imap_secrets).
"""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from guichet.contracts.topics import MIB
from guichet.runtime.settings import SecretKey, SettingsGroup


class MailSettings(SettingsGroup):
    """Of who takes mail in. Who sends it reads where the relay is, and not this (guichet.runtime.settings)."""

    lmtp_host: str = Field(default="127.0.0.1", description="Where the town's mail server hands mail over.")
    lmtp_port: int = Field(default=8024, ge=0, le=65535, description="The port there.")
    lmtp_max_bytes: int = Field(default=25 * MIB, ge=MIB, description="The largest mail taken; announced as SIZE.")
    lmtp_max_connections: int = Field(default=100, ge=1, description="More are told to come back (421).")
    lmtp_max_bytes_in_flight: int = Field(
        default=100 * MIB,
        ge=2 * MIB,
        description="Of mails that are being received or kept, all together; one beyond that is refused for now (452).",
    )
    lmtp_authserv_id: str | None = Field(
        default=None,
        description="The name under which the town's mail server writes Authentication-Results; unset: no author is"
        " proven.",
    )
    lmtp_local_users: str = Field(
        default="",
        pattern=r"^(\d+(,\d+)*)?$",
        description="Of this machine, only these users may hand mail in: their numbers; unset: all. Linux alone.",
    )
    imap_poll_every: timedelta = Field(
        default=timedelta(minutes=1),
        gt=timedelta(0),
        le=timedelta(minutes=5),
        description="How often each mailbox is looked into, whether its server tells of new mail (IDLE) or not.",
    )
    imap_unreadable_after: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        description="For how long a mailbox cannot be read until that is an alarm; a refused sign-in is one at once.",
    )
    imap_max_bytes_in_flight: int = Field(
        default=64 * MIB, ge=MIB, description="Of mails that are being fetched or kept, of all mailboxes together."
    )
    imap_ca_file: Path | None = Field(
        default=None, description="Whose certificates are believed beside the system's: the town's own authority."
    )
    imap_token_key: SecretKey | None = Field(
        default=None,
        description="What refresh tokens that a provider renews are sealed under; needed where an account has one.",
    )

    @property
    def may_hand_in(self) -> frozenset[int] | None:
        """Who of this machine may hand mail in; None: anybody."""
        return frozenset(map(int, self.lmtp_local_users.split(","))) if self.lmtp_local_users else None


class TownFolder(SettingsGroup):
    """Where mail.yaml lies; every host knows it, so it is none of the account's own variables."""

    town: Path | None = None
