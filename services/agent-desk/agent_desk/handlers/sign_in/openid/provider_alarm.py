"""The alarm that the town's identity provider is away, so that nobody new signs in by it.

A question that goes unanswered once is a moment's trouble. Twice in a row is an alarm, until it answers; or, of what
nobody asks any more, until nothing is known about it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from agent_desk.domain.sign_in.openid.errors import ProviderAwayError, RefusedAnswerError
from guichet.runtime.telemetry.alarms import Alarm, alarm_while
from guichet.runtime.telemetry.metrics import IDENTITY_PROVIDER_ANSWERS

IN_A_ROW: Final = 2
KNOWN_FOR: Final = timedelta(minutes=15)


class About(StrEnum):
    """What a question is about. The alarm's cause: each asks a place of its own, of which one may be away alone."""

    ITSELF = "metadata"
    KEYS = "keys"
    SIGN_IN = "sign-in"
    SOMEBODY = "user-info"


class ProviderAlarm:
    """Counts what a provider left unanswered since it last answered."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._unanswered: dict[About, deque[datetime]] = {about: deque(maxlen=IN_A_ROW) for about in About}
        self._answered: set[About] = set()
        for about in About:
            alarm_while(Alarm.IDENTITY_PROVIDER_AWAY, about.value, partial(self.holds, about))

    @contextmanager
    def hearing(self, about: About) -> Iterator[None]:
        """Note what becomes of a question that is asked within. A refusal is an answer."""
        try:
            yield
        except ProviderAwayError:
            self._unanswered[about].append(self._clock())
            IDENTITY_PROVIDER_ANSWERS.labels(about.value, "none").inc()
            raise
        except RefusedAnswerError:
            self._note_answer(about, "refusal")
            raise
        self._note_answer(about, "answer")

    def holds(self, about: About) -> bool:
        """Say whether it is an alarm."""
        times = self._unanswered[about]
        return len(times) == IN_A_ROW and self._clock() - times[-1] < KNOWN_FOR

    @property
    def is_in_doubt(self) -> bool:
        """Whether what it tells everybody went unanswered last, or was never asked for."""
        return any(self._unanswered[about] or about not in self._answered for about in (About.ITSELF, About.KEYS))

    def _note_answer(self, about: About, what: str) -> None:
        self._unanswered[about].clear()
        self._answered.add(about)
        IDENTITY_PROVIDER_ANSWERS.labels(about.value, what).inc()
