"""What the channel mail reads from the environment."""

from pydantic import Field

from guichet.contracts.topics import MIB
from guichet.runtime.settings import SettingsGroup


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
