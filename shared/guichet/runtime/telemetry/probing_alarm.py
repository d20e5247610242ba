"""The alarm that somebody tries doors: too many refusals of one kind in one process, within a while.

Every refusal is counted, also those that a throttle answers and that are no audit entry: whoever knocks most must not
fill the trail, and must not go unseen. What is counted is a kind; who, what and whence stay out.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from guichet.runtime.settings import ProbingSettings
from guichet.runtime.telemetry.alarms import Alarm, alarm_while


class Refusal(StrEnum):
    """What was refused. A part of the alarm's cause: `agent-desk:sign-in`."""

    SIGN_IN = "sign-in"  # a wrong name or password, or too many of them
    CODE = "code"  # a wrong one-time code, or too many of them: by somebody who knows the password
    NOT_FOUND = "not-found"  # a case, a file or a follow link that is not there, or not for them
    FORM = "form"  # not made for this browser, or too old
    SIGNATURE = "signature"  # a webhook that its provider did not sign


class Probing:
    """Counts refusals per kind, and raises the alarm while there are too many."""

    def __init__(self, service: str, settings: ProbingSettings, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock
        self._rates: dict[Refusal, RefusalRate] = {}

    def note(self, refusal: Refusal) -> None:
        """Count one."""
        rate = self._rates.get(refusal)
        if rate is None:
            rate = RefusalRate(self._settings.probing_refusals, self._settings.probing_window)
            self._rates[refusal] = rate
            alarm_while(Alarm.PROBING, f"{self._service}:{refusal.value}", lambda: rate.is_past(self._clock()))
        rate.count(self._clock())


class RefusalRate:
    """Remembers the latest `limit` refusals. More than people's own mistakes make of them is a search."""

    def __init__(self, limit: int, window: timedelta) -> None:
        self._window = window
        self._times: deque[datetime] = deque(maxlen=limit)

    def count(self, now: datetime) -> None:
        """Note one refusal. Memory does not grow with a flood."""
        self._times.append(now)

    def is_past(self, now: datetime) -> bool:
        """Return whether the latest `limit` of them lie within the window. It ends by itself, once it is calm."""
        return len(self._times) == self._times.maxlen and now - self._times[0] < self._window
