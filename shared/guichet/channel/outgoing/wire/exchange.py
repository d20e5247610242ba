"""What a connection carries, each a frame: the sender's greeting, one request of the notifier, the sender's answer.

A trouble crosses as what it is. Its text is an operator's, as everywhere: what looks like an address is blanked all the
same, and of a bug only the exception's class is told, because a channel's code may quote what it was given.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Outcome, Waiting
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.channel.outgoing.wire.frames import FrameError
from guichet.contracts.delivery import DeliveryState
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.runtime.telemetry.logging import redact

LONGEST_TEXT: Final = 300
LONGEST_ID: Final = 200
MOST_CANDIDATES: Final = 1000
LONGEST_PAUSE: Final = timedelta(days=1)
LONGEST_PATIENCE: Final = timedelta(hours=1)
FROM_PROVIDERS: Final = frozenset(
    {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED}
)
"""What a sender may say of a message; the other states are the notifier's own."""

_REASON: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")


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
    patience: timedelta = Field(ge=timedelta(0), le=LONGEST_PATIENCE)


class Request(Wire):
    """trace: the context of the delivery's trace (W3C)."""

    ask: Literal["send", "settle"]
    letter: Letter = Field(repr=False)
    trace: str | None = None


class Trouble(Wire):
    """Why there is no outcome. retry_after: of throttled. reason: of permanent. unsent-bug: nothing had left."""

    kind: Literal["transient", "throttled", "permanent", "bug", "unsent-bug"]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    retry_after: timedelta = Field(default=timedelta(0), ge=timedelta(0), le=LONGEST_PAUSE)
    reason: Annotated[str, StringConstraints(pattern=f"^{_REASON.pattern}$")] = "permanent"

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Tell of an exception."""
        text = redact(str(error)).encode(errors="replace").decode()[:LONGEST_TEXT]
        match error:
            case ThrottledError():
                return cls(kind="throttled", text=text, retry_after=_in_bounds(error.retry_after))
            case TransientError():
                return cls(kind="transient", text=text)
            case PermanentError():
                reason = error.reason if _REASON.fullmatch(error.reason) else "permanent"
                return cls(kind="permanent", text=text, reason=reason)
            case UnsentBugError():
                return cls(kind="unsent-bug", text=text)
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
            case "unsent-bug":
                return UnsentBugError(self.text)
            case "bug":
                return SenderBugError(self.text)


class Answer(Wire):
    """Exactly one of these. candidates: what `settle` found.

    What a sender says is stored, added to dates and told to other services: it is checked, and one that says anything
    else harms its own lane only.
    """

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

    @model_validator(mode="after")
    def _may_be_said(self) -> Self:
        if len(self.candidates or ()) > MOST_CANDIDATES:
            raise ValueError("too many candidates")
        for each in (self.concluded, *(self.candidates or ())):
            if each is not None and (each.state not in FROM_PROVIDERS or len(each.provider_id or "") > LONGEST_ID):
                raise ValueError("no state, or no id, that a provider may give")
            if each is not None:
                (each.provider_id or "").encode()  # raises ValueError for what no store takes
        after = self.waiting.after if self.waiting else None
        if after is not None and after != _in_bounds(after):
            raise ValueError("a wait is between nothing and a day")
        reasons = (each.reason for each in (self.outcome, *(self.candidates or ())) if each is not None)
        if not all(_REASON.fullmatch(reason) for reason in reasons if reason is not None):
            raise ValueError("a reason is a kebab-case code")
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


def _in_bounds(pause: timedelta) -> timedelta:
    return min(max(pause, timedelta(0)), LONGEST_PAUSE)


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
