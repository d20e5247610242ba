"""The settings of a process that runs channels."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from guichet.channel.settings import AdapterSettings
from guichet.runtime.settings import HttpSettings, MongoSettings, ProbingSettings, TownSettings


def names_in(written: str) -> tuple[str, ...]:
    """Return the names that commas separate."""
    return tuple(filter(None, (each.strip() for each in written.split(","))))


def _names(written: object) -> object:
    return names_in(written) if isinstance(written, str) else written


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class HostSettings(AdapterSettings, TownSettings):
    """channels: open these and no others, separated by commas; empty: all of Guichet's own that the town switched on.

    channel_packages: has one folder for each channel whose package is not part of Guichet.
    message_ids_shown: tell whoever posts a message what it is called here; for who develops a channel.
    """

    mongo: MongoSettings
    probing: ProbingSettings
    http: HttpSettings
    channels: Names = ()
    channel_packages: Path | None = None
    message_ids_shown: bool = False
