"""The settings of ingest-email, read once, in `__main__`."""

from pydantic import Field

from guichet.channel.settings import AdapterSettings
from guichet.contracts.topics import MIB
from guichet.runtime.settings import HealthSettings, TownSettings


class IngestEmailSettings(AdapterSettings, TownSettings):
    """lmtp_host, lmtp_port: where the mail server hands mail over. lmtp_max_bytes: the largest mail taken.

    lmtp_max_connections: more are told to come back (421). lmtp_max_bytes_in_flight: of mails that are
    being received or kept, all together; a mail beyond that is refused for now (452).
    lmtp_authserv_id: the name under which the town's mail server writes Authentication-Results; None: DMARC unknown.
    """

    health: HealthSettings
    lmtp_host: str = "127.0.0.1"
    lmtp_port: int = Field(default=8024, ge=0, le=65535)
    lmtp_max_bytes: int = Field(default=25 * MIB, ge=MIB)
    lmtp_max_connections: int = Field(default=100, ge=1)
    lmtp_max_bytes_in_flight: int = Field(default=100 * MIB, ge=2 * MIB)
    lmtp_authserv_id: str | None = None
