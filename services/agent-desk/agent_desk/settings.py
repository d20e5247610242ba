"""What the agent desk reads from the environment, once, in `__main__`."""

from typing import Literal

from pydantic import AnyHttpUrl

from guichet.runtime.settings import (
    EdgeSettings,
    HttpSettings,
    KafkaSettings,
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    ProbingSettings,
    SecretKey,
    ServiceSettings,
    SigningSettings,
    TownSettings,
)


class DeskSettings(ServiceSettings, TownSettings, ObjectSettings, SigningSettings):
    """edge: the keys that name what agents take down. sector_key: leads from a sector's citizen id to the registry.

    session_key: names sessions and guards forms.

    clamav_url: ClamAV's daemon, asked before a citizen's file is given out; None: nobody is, and pages say so.
    desk_url: as the agents' browsers see the desk; under https their cookies travel over https only.
    desk_second_factor: whether an agent sees cases without one.
    """

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: OpeningSettings
    probing: ProbingSettings
    http: HttpSettings
    edge: EdgeSettings
    sector_key: SecretKey
    session_key: SecretKey
    desk_url: AnyHttpUrl
    desk_second_factor: Literal["required", "optional"] = "required"
    clamav_url: str | None = None
