"""What a connection carries, each a frame: the sender's greeting, one request of the notifier, the sender's answer.

A trouble crosses as what it is. Its text is an operator's, as everywhere: what looks like an address is blanked all the
same, and of a bug only the exception's class is told, because a channel's code may quote what it was given.
"""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Outcome, Waiting
from guichet.channel.outgoing.wire.frames import FrameError
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.logging import redact

LONGEST_TEXT: Final = 300


class SenderBugError(Exception):
    """A bug in the code of a sender, in its process; the text is the exception's class."""


class Wire(BaseModel):
    """Base of what is sent: frozen, bytes as base64, and nothing that the other side does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )


class Greeting(Wire):
    """The first frame, once the peer is known to be the notifier. patience: how long the sender may take."""

    lane: str
    patience: timedelta


class Request(Wire):
    """trace: the context of the delivery's trace (W3C)."""

    ask: Literal["send", "settle"]
    letter: Letter = Field(repr=False)
    trace: str | None = None


class Trouble(Wire):
    """Why there is no outcome. retry_after: of throttled. reason: of permanent."""

    kind: Literal["transient", "throttled", "permanent", "bug"]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    retry_after: timedelta = timedelta(0)
    reason: str = "permanent"

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Tell of an exception."""
        text = redact(str(error))[:LONGEST_TEXT]
        match error:
            case ThrottledError():
                return cls(kind="throttled", text=text, retry_after=error.retry_after)
            case TransientError():
                return cls(kind="transient", text=text)
            case PermanentError():
                return cls(kind="permanent", text=text, reason=error.reason)
            case _:
                return cls(kind="bug", text=type(error).__name__[:LONGEST_TEXT])

    def as_error(self) -> Exception:
        """Return the exception that the notifier would have met, were the sender in its process."""
        match self.kind:
            case "throttled":
                return ThrottledError(self.text, retry_after=self.retry_after)
            case "transient":
                return TransientError(self.text)
            case "permanent":
                return PermanentError(self.text, reason=self.reason)
            case "bug":
                return SenderBugError(self.text)


class Answer(Wire):
    """Exactly one of these. candidates: what `settle` found."""

    concluded: Concluded | None = None
    deferred: Deferred | None = None
    waiting: Waiting | None = None
    doubtful: Doubtful | None = None
    candidates: tuple[Concluded, ...] | None = None
    trouble: Trouble | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(getattr(self, each) is not None for each in type(self).model_fields) != 1:
            raise ValueError("an answer is an outcome, candidates or a trouble")
        return self

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Tell of an outcome."""
        return cls(**{type(outcome).__name__.lower(): outcome})

    @property
    def outcome(self) -> Outcome | None:
        """What became of an attempt."""
        return self.concluded or self.deferred or self.waiting or self.doubtful


W = TypeVar("W", bound=Wire)


def encoded(message: Wire) -> bytes:
    """Return a frame's content."""
    return message.model_dump_json(exclude_none=True).encode()


def decoded(kind: type[W], content: bytes) -> W:
    """Return what a frame says. Raises FrameError, whose text repeats nothing of it."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as exc:
        raise FrameError(f"no {kind.__name__.lower()}: {_places(exc)}") from None


def _places(wrong: ValidationError) -> str:
    errors: list[Any] = wrong.errors(include_url=False, include_context=False, include_input=False)
    return ", ".join(sorted({str(error["type"]) for error in errors}))
