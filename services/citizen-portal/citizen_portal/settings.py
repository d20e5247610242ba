"""What the citizen portal reads from the environment, once, in `__main__`."""

from pydantic import AnyHttpUrl

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, MongoSettings, ProbingSettings, SecretKey, TownSettings


class PortalSettings(AdapterSettings, TownSettings):
    """portal_form_key: marks forms as ours, the portal's alone. portal_url: as citizens' browsers see the portal."""

    mongo: MongoSettings
    probing: ProbingSettings
    http: HttpSettings
    portal_form_key: SecretKey
    portal_url: AnyHttpUrl
