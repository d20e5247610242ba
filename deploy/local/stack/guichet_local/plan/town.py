"""What of a town's files decides which processes a stack has."""

from collections.abc import Mapping
from pathlib import Path

from guichet.errors import SettingsError
from guichet.town.third_parties import ThirdParty, third_parties
from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import TOWN


def parties_of(settings: Mapping[str, str]) -> tuple[ThirdParty, ...]:
    """Return whose channels of other packages the stack's town switched on. Raises StartFailedError."""
    try:
        return third_parties(Path(settings.get("GUICHET_TOWN", TOWN)))
    except SettingsError as exc:
        raise StartFailedError(str(exc)) from exc
