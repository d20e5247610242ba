"""The base of what a channel's file says."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Frozen, and a field that we do not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)
