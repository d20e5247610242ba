"""What the test API takes, whoever the provider is."""

from pydantic import Field

from citizen_sandbox.play.wishes import FileWish, Wish


class MessageWish(Wish):
    """A message by any tile. Either citizen or address; fields: of its form; edits: an earlier entry's number."""

    citizen: str = ""
    address: str = ""
    name: str = ""
    text: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    files: list[FileWish] = Field(default_factory=list)
    edits: int | None = None


class TroubleWish(Wish):
    """The next `count` times; retry_after in seconds, for the throttled ones."""

    trouble: str
    count: int = Field(default=1, ge=0, le=10_000)
    retry_after: int = Field(default=1, ge=1, le=3600)
