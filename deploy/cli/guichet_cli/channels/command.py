"""`guichet channels check`: does each provider take our credentials, and where must it reach us?

Each credential is tried with the provider's own SDK, without sending anything. A channel none of whose variables is set
is not configured; one with half of them is a mistake.
"""

import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from pydantic_settings import BaseSettings

from guichet.errors import GuichetError, SettingsError
from guichet.runtime.settings import SmtpSettings, read_settings
from guichet_cli.channels.check_one import check_one
from guichet_cli.channels.enable import disable, enable
from guichet_cli.channels.new import new
from guichet_cli.channels.overview import list_channels
from guichet_cli.console.command import command_group, run
from guichet_mail.send.check import check_relay
from guichet_telegram.check import check_telegram, register_telegram
from guichet_telegram.settings import TelegramSettings
from guichet_twilio.check import check_twilio
from guichet_twilio.settings import TwilioSettings

app = command_group("Try the providers that citizens' messages come through.")
app.command()(new)
app.command()(enable)
app.command()(disable)
app.command("list")(list_channels)


@dataclass(frozen=True)
class Provider:
    """check: raises GuichetError when the provider refuses; returns what an operator must know, a line each."""

    name: str
    settings: type[BaseSettings]
    check: Callable[[Any], Awaitable[list[str]]]


PROVIDERS = (
    Provider("Twilio (SMS, WhatsApp)", TwilioSettings, check_twilio),
    Provider("Telegram", TelegramSettings, check_telegram),
    Provider("Mail out (SMTP)", SmtpSettings, check_relay),
)


Name = Annotated[str | None, typer.Argument(help="One channel alone, of whatever package; by default Guichet's own.")]


@app.command()
def check(name: Name = None) -> None:
    """Try each provider's credentials and print the webhook addresses to register. Status 1 if one is refused."""
    if not run(_check_all if name is None else lambda: check_one(name)):
        raise typer.Exit(1)


@app.command()
def register() -> None:
    """Tell Telegram the webhook's address and secret. Twilio's addresses are set in its console: see `check`."""
    run(_register)


async def _check_all() -> bool:
    return all([await _is_well(provider) for provider in PROVIDERS])


async def _is_well(provider: Provider) -> bool:
    if not is_configured(provider.settings):
        _print(provider.name, "not configured")
        return True
    try:
        _print(provider.name, "ok", *await provider.check(read_settings(provider.settings)))
    except GuichetError as error:
        _print(provider.name, "REFUSED", *str(error).splitlines())
        return False
    return True


async def _register() -> None:
    if not is_configured(TelegramSettings):
        raise SettingsError("Telegram is not configured: set the GUICHET_TELEGRAM_… variables.")
    _print("Telegram", "registered", *await register_telegram(read_settings(TelegramSettings)))


def is_configured(settings: type[BaseSettings]) -> bool:
    """Return whether any variable that the settings require is set."""
    return any(os.environ.get(variable) for variable in _required(settings))


def _required(settings: type[BaseSettings]) -> Iterator[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return (f"{prefix}{name}".upper() for name, field in settings.model_fields.items() if field.is_required())


def _print(name: str, verdict: str, *lines: str) -> None:
    typer.echo(f"{name}: {verdict}")
    for line in lines:
        typer.echo(f"  {line}")
