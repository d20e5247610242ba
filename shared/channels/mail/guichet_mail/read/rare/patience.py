"""How long a library may work on what a stranger sent."""

import gc
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final, TypeVar

from guichet.errors import PermanentError

T = TypeVar("T")

_LEAST_S: Final = 0.06  # what real ones take is a tenth of it
_S_PER_BYTE: Final = 0.1 / (1024 * 1024)
_AGAIN_S: Final = 0.01  # should something swallow it


class _SpentError(BaseException):
    """No `except Exception` of a library holds it."""


class Patience:
    """So much of the processor's time for all that libraries read of one mail; a reader's own limit ends the mail.

    The clock is `ITIMER_VIRTUAL`, which nothing else uses, in the one thread that a reader process has. In another
    thread there is none.
    """

    def __init__(self, mail_bytes: int) -> None:
        self._left_s = _LEAST_S + _S_PER_BYTE * mail_bytes
        self._is_running = False

    def let(self, work: Callable[[], T]) -> T:
        """Return what a library makes of something.

        Raises PermanentError once it has taken too long, and for whatever it raises itself.
        """
        try:
            return self._by_the_clock(work)
        except _SpentError as exc:
            raise PermanentError("a library took too long", reason="limits") from exc
        except PermanentError:
            raise
        except Exception as exc:  # they give up in many ways, most of which a stranger can bring about
            raise PermanentError("a library gave up", reason="unreadable") from exc

    def _by_the_clock(self, work: Callable[[], T]) -> T:
        if threading.current_thread() is not threading.main_thread():
            return work()
        before, collects = signal.signal(signal.SIGVTALRM, self._stop), gc.isenabled()
        try:
            try:
                gc.disable()  # what is called then would be stopped, and not the library
                self._is_running = True
                signal.setitimer(signal.ITIMER_VIRTUAL, max(self._left_s, 1e-6), _AGAIN_S)
                return work()
            finally:  # it may ring once more right here: to give back what a library held takes its time
                self._is_running = False
        finally:
            self._is_running = False
            left_s, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
            self._left_s = min(left_s, self._left_s)
            if collects:
                gc.enable()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._is_running:
            self._left_s = 0.0
            raise _SpentError
