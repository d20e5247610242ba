"""Settings of ops-console, read once in `__main__`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field
from pydantic_settings import NoDecode

from guichet.runtime.settings import (
    HttpSettings,
    KafkaSettings,
    OnCallSettings,
    ServiceSettings,
    SmtpSettings,
    TownSettings,
)
from ops_console.domain.targets import parse_targets

_HANDBOOK = Path(__file__).parents[3] / "docs" / "operations.md"


class OpsConsoleSettings(ServiceSettings, TownSettings, OnCallSettings, SmtpSettings):
    """smtp_host: needed where an on-call mail address is set.

    ops_targets: the services to look at, name → base URL. ops_url: where people open the console; notices link to it.
    ops_published: on which of the machine's addresses its port is published, where it runs in a container.
    ops_sender: From of notices; the town's main mailbox by default. ops_handbook: docs/operations.md.
    """

    kafka: KafkaSettings
    http: HttpSettings
    smtp_host: str = ""
    ops_targets: Annotated[dict[str, str], NoDecode, BeforeValidator(parse_targets)] = Field(default_factory=dict)
    ops_url: AnyHttpUrl | None = None
    ops_published: Literal["loopback"] | None = None
    ops_sender: str | None = None
    ops_handbook: Path = _HANDBOOK
    ops_sample_every: timedelta = Field(default=timedelta(seconds=2), gt=timedelta(0))
    ops_lag_alarm: timedelta = timedelta(minutes=5)
    ops_down_after: timedelta = timedelta(seconds=20)  # a restart takes less
