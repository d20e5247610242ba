"""The alarm that somebody tries doors: too many refusals of one kind in one process, within a while.

Every refusal is counted, also those that a throttle answers and that are no audit entry: whoever knocks most must not
fill the trail, and must not go unseen. What is counted is a kind; who, what and whence stay out.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from guichet.runtime.settings import ProbingSettings
from guichet.runtime.telemetry.alarms import Alarm, alarm_while
from guichet.runtime.telemetry.refusal_rate import RefusalRate


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
