"""What a channel is called in each of the places that name it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pydantic import TypeAdapter, ValidationError

from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError

_NAME: Final[TypeAdapter[str]] = TypeAdapter(ChannelName)


@dataclass(frozen=True)
class Names:
    """name: the channel's, and its provider's."""

    name: str

    def __post_init__(self) -> None:
        try:
            _NAME.validate_python(self.name)
        except ValidationError:
            raise SettingsError(
                f"{self.name!r} is no name of a channel: lower-case letters, digits, hyphens and dots, at most 32,"
                " a letter first."
            ) from None

    @cached_property
    def field(self) -> str:
        """What its settings begin with: app_webhook."""
        return re.sub(r"[.-]", "_", self.name)

    @property
    def package(self) -> str:
        """The Python package: guichet_app_webhook."""
        return f"guichet_{self.field}"

    @property
    def distribution(self) -> str:
        """What is installed: guichet-app-webhook."""
        return f"guichet-{self.field.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """What its variables begin with, after GUICHET_: APP_WEBHOOK."""
        return self.field.upper()

    @property
    def prefix(self) -> str:
        """What its classes begin with: AppWebhook."""
        return "".join(word.capitalize() for word in self._words)

    @property
    def header(self) -> str:
        """What the provider's headers begin with, after X-: App-Webhook."""
        return "-".join(word.capitalize() for word in self._words)

    @property
    def title(self) -> str:
        """What people read until somebody types better: App webhook."""
        return " ".join(self._words).capitalize()

    @property
    def _words(self) -> list[str]:
        return [word for word in self.field.split("_") if word]
