"""What the sandbox reads from the environment, once, in `__main__`; each tile reads its own (play.settings)."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from citizen_sandbox.play.bounded import MAX_ITEMS
from citizen_sandbox.play.people import PACKAGED


class SandboxSettings(BaseSettings):
    """Where the sandbox listens, and whom one plays.

    clock_file: what moves the clock of the whole stack (citizen_sandbox.play.clock).
    channel_packages: GUICHET_CHANNEL_PACKAGES, a folder whose folders hold third parties' packages, with their tiles.
    """

    model_config = SettingsConfigDict(env_prefix="GUICHET_", frozen=True, extra="ignore", hide_input_in_errors=True)

    clock_file: Path | None = None
    channel_packages: Path | None = None

    sandbox_http_host: str = "127.0.0.1"
    sandbox_http_port: int = 8003
    sandbox_health_host: str = "127.0.0.1"
    sandbox_health_port: int = 9003
    sandbox_citizens: Path = PACKAGED
    sandbox_first_retry: timedelta = timedelta(seconds=0.5)
    sandbox_kept_messages: int = Field(default=MAX_ITEMS, ge=1)

    @property
    def own_url(self) -> str:
        """The sandbox's address, which is also every provider's for the town."""
        return f"http://{self.sandbox_http_host}:{self.sandbox_http_port}"
