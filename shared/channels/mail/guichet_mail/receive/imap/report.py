"""What operators hear of a mailbox: alarms, metrics, a line in the log. Causes are accounts' names in mail.yaml."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import MAILBOX_POLLED, MAILBOX_WAITING
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import SignInRefusedError

log = structlog.get_logger()

ENDS_SOON: Final = timedelta(days=30)


class Report:
    """Of one account, as long as this process leads; another's is another process's to tell.

    patience: how long it may be unreadable until that is an alarm; a server that restarts is none.
    """

    def __init__(self, name: str, account: ImapAccount, patience: timedelta) -> None:
        self._name = name
        self._patience = patience
        self._unreadable_since: datetime | None = None
        self._ends = None if account.oauth is None else account.oauth.secret_expires
        self.failures = 0
        self._is_refused = False

    def polled(self, waiting: int, now: datetime) -> None:
        """Hear that the mailbox was read to its end, but for mails that wait for the broker."""
        self._begin_anew()
        clear_alarm(Alarm.MAILBOX_UNREADABLE, self._name)
        clear_alarm(Alarm.MAILBOX_REFUSED, self._name)
        MAILBOX_POLLED.labels(self._name).set(now.timestamp())
        self.waiting(waiting)
        self.secret(now)

    def waiting(self, mails: int) -> None:
        """Hear how many mails are not taken in yet."""
        MAILBOX_WAITING.labels(self._name).set(mails)

    def secret(self, now: datetime) -> None:
        """Look whether what signs in ends soon."""
        if self._ends is not None and self._ends - now.date() <= ENDS_SOON:
            raise_alarm(Alarm.MAILBOX_SIGN_IN_ENDS, self._name)
        else:
            clear_alarm(Alarm.MAILBOX_SIGN_IN_ENDS, self._name)

    def failed(self, error: TransientError, now: datetime) -> None:
        """Hear that it could not be read."""
        self.failures += 1
        self._unreadable_since = self._unreadable_since or now
        log.warning("mailbox waits", account=self._name, error=str(error), failures=self.failures)
        if isinstance(error, SignInRefusedError):
            self._is_refused = True
            clear_alarm(Alarm.MAILBOX_UNREADABLE, self._name)
            raise_alarm(Alarm.MAILBOX_REFUSED, self._name)
        elif not self._is_refused and now - self._unreadable_since >= self._patience:  # a refusal stands
            raise_alarm(Alarm.MAILBOX_UNREADABLE, self._name)

    def withheld(self, uids: list[int]) -> None:
        """Hear that mails were passed over that the server does not give."""
        log.error("mails passed over that the mailbox does not give", account=self._name, uids=uids)
        raise_alarm(Alarm.MAILBOX_WITHHOLDS, self._name)

    def tidied(self, *, done: bool) -> None:
        """Hear whether what was taken in could be flagged or moved."""
        if done:
            clear_alarm(Alarm.MAILBOX_NOT_TIDIED, self._name)
        else:
            log.warning("mails cannot be flagged or moved", account=self._name)
            raise_alarm(Alarm.MAILBOX_NOT_TIDIED, self._name)

    def another_reads(self) -> None:
        """Hear that another process leads: it tells all this."""
        self._begin_anew()
        for alarm in (
            Alarm.MAILBOX_UNREADABLE,
            Alarm.MAILBOX_REFUSED,
            Alarm.MAILBOX_SIGN_IN_ENDS,
            Alarm.MAILBOX_WITHHOLDS,
            Alarm.MAILBOX_NOT_TIDIED,
        ):
            clear_alarm(alarm, self._name)
        for gauge in (MAILBOX_POLLED, MAILBOX_WAITING):
            with suppress(KeyError):
                gauge.remove(self._name)

    def _begin_anew(self) -> None:
        self.failures = 0
        self._unreadable_since = None
        self._is_refused = False
