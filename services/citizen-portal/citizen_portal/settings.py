"""What the citizen portal reads from the environment, once, in `__main__`."""

from pydantic import AnyHttpUrl

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, MongoSettings, OpeningSettings, SecretKey, TownSettings


class PortalSettings(AdapterSettings, MongoSettings, OpeningSettings, TownSettings, HttpSettings):
    """follow_lookup_key: from a follow link's token to what its case stores. session_key: marks forms as ours.

    portal_url: as citizens' browsers see the portal.
    """

    follow_lookup_key: SecretKey
    session_key: SecretKey
    portal_url: AnyHttpUrl
