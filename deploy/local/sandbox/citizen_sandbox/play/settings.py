"""What a tile reads from the environment: its provider's account as the town knows it, and the town's doors."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

Settings = TypeVar("Settings", bound="TileSettings")


class TileSettings(BaseModel):
    """A field `pigeon_token` is read from GUICHET_PIGEON_TOKEN, unless its tile names another variable."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def variable_of(field: str) -> str:
    """Return the variable that a field is read from."""
    return f"GUICHET_{field.upper()}"


def read_settings(
    kind: type[Settings], environment: Mapping[str, str], variable: Callable[[str], str] = variable_of
) -> Settings:
    """Read the fields that are set. Raises pydantic's ValidationError."""
    variables = {field: variable(field) for field in kind.model_fields}
    return kind.model_validate({field: environment[name] for field, name in variables.items() if name in environment})


def explain(error: ValidationError, variable: Callable[[str], str] = variable_of) -> list[str]:
    """Return one line per setting that is missing or wrong: its variable and what to do. No values."""
    return [_line(fault, variable) for fault in error.errors()]


def _line(fault: ErrorDetails, variable: Callable[[str], str]) -> str:
    remedy = "set it in the environment (README.md says to what)"
    return f"{variable(str(fault['loc'][0]))}: {fault['msg'].lower()}; {remedy}"
