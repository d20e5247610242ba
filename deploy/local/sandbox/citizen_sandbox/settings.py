"""What the sandbox reads from the environment, once, in `__main__`."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from citizen_sandbox.play.bounded import MAX_ITEMS
from citizen_sandbox.play.people import PACKAGED


class SandboxSettings(BaseSettings):
    """Where the sandbox listens, where the town listens, and the credentials both share.

    clock_file: what moves the clock of the whole stack (citizen_sandbox.play.clock).
    lmtp_authserv_id: the name under which the town's mail server, which the sandbox plays too, judges senders.
    """

    model_config = SettingsConfigDict(env_prefix="GUICHET_", frozen=True, extra="ignore", hide_input_in_errors=True)

    clock_file: Path | None = None

    sandbox_http_host: str = "127.0.0.1"
    sandbox_http_port: int = 8003
    sandbox_smtp_port: int = 8025
    sandbox_health_host: str = "127.0.0.1"
    sandbox_health_port: int = 9003
    sandbox_lmtp_host: str = "127.0.0.1"
    sandbox_lmtp_port: int = 8024
    lmtp_authserv_id: str = "mx.mairie.example"
    sandbox_sms_webhook_url: str = "http://127.0.0.1:8011/webhooks/twilio/messages"
    sandbox_telegram_webhook_url: str = "http://127.0.0.1:8012/webhooks/telegram"
    sandbox_citizens: Path = PACKAGED
    sandbox_first_retry: timedelta = timedelta(seconds=0.5)
    sandbox_status_pause: timedelta = timedelta(seconds=0.3)
    sandbox_kept_messages: int = Field(default=MAX_ITEMS, ge=1)

    twilio_account_sid: str
    twilio_auth_token: str = Field(repr=False)
    twilio_number: str
    twilio_whatsapp_number: str = ""
    twilio_api_url: str = ""
    twilio_public_url: str = ""

    telegram_token: str = Field(repr=False, pattern=r"^\d+:[\w-]+$")
    telegram_webhook_secret: str = Field(repr=False)
    telegram_public_url: str = ""

    @property
    def own_url(self) -> str:
        """The sandbox's address, which is also Twilio's and Telegram's for the town."""
        return f"http://{self.sandbox_http_host}:{self.sandbox_http_port}"


def explain(error: ValidationError) -> str:
    """Return one line per setting that is missing or wrong: its variable and what to do. No values."""
    lines = []
    for fault in error.errors():
        variable = f"GUICHET_{fault['loc'][0]}".upper()
        remedy = "set it in the environment (README.md says to what)"
        lines.append(f"{variable}: {fault['msg'].lower()}; {remedy}")
    return "\n".join(lines)
