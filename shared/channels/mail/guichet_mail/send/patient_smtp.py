"""aiosmtplib's client, each phase with the time that RFC 5321 4.5.3.2 gives it, and a doubt where there is one.

A client that hangs up early while the server still files the mail makes it send the mail twice: 4.5.3.2.6 asks for ten
minutes after the final dot for this very reason. Before that dot nothing has been handed over, whatever happens.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPResponse, SMTPServerDisconnected, SMTPTimeoutError
from aiosmtplib.protocol import normalize_message_line_endings

_START_INPUT: Final = 354
_COMPLETED: Final = 250
_LEADING_PERIOD: Final = re.compile(rb"(?m)^\.")


class AnswerLostError(SMTPException):
    """The mail was handed over, and no answer came: it may have been taken."""


@dataclass(frozen=True)
class Waits:
    """How long an answer is waited for. command: greeting, MAIL, RCPT (4.5.3.2.1 to .3) and what is not in the list.

    data: of DATA itself (.4). done: after the final dot (.5 and .6: a block of the content, then the answer; a letter
    of the town is one block).
    """

    command: timedelta = timedelta(minutes=5)
    data: timedelta = timedelta(minutes=2)
    done: timedelta = timedelta(minutes=3 + 10)

    @property
    def altogether(self) -> timedelta:
        """The longest that a mail can take: eight commands of a connection with STARTTLS and a sign-in, then DATA."""
        return 8 * self.command + self.data + self.done


class PatientSMTP(SMTP):
    """One connection. Whatever is raised but AnswerLostError, the mail was not taken."""

    def __init__(self, waits: Waits, **options: Any) -> None:
        super().__init__(timeout=waits.command.total_seconds(), **options)
        self._waits = waits

    async def send_finished(self, sender: str, recipient: str, message: bytes) -> None:
        """Send a mail that is bytes already, with the options that aiosmtplib's `send_message` would take for it.

        Raises as `sendmail` does, SMTPNotSupported for an address that the server cannot take (RFC 6531).
        """
        await self._ehlo_or_helo_if_needed()
        options = [] if (sender + recipient).isascii() else ["SMTPUTF8"]
        if self.supports_extension("8BITMIME"):
            options.append("BODY=8BITMIME")
        await self.sendmail(sender, [recipient], message, mail_options=options)

    async def data(self, message: str | bytes, /, *, timeout: Any = None) -> SMTPResponse:  # noqa: ARG002  our own
        """Hand the content over. Raises SMTPDataError when it is refused, AnswerLostError when nobody says."""
        content = message.encode("ascii") if isinstance(message, str) else message
        begun = await self.execute_command(b"DATA", timeout=self._waits.data.total_seconds())
        if begun.code != _START_INPUT:
            raise SMTPDataError(begun.code, begun.message)
        try:
            done = await self._hand_over(content)
        except (SMTPServerDisconnected, SMTPTimeoutError) as exc:
            self.close()
            raise AnswerLostError(type(exc).__name__) from exc
        if done.code != _COMPLETED:
            raise SMTPDataError(done.code, done.message)
        return done

    async def _hand_over(self, content: bytes) -> SMTPResponse:
        if self.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        self.protocol.write(_LEADING_PERIOD.sub(b"..", normalize_message_line_endings(content)) + b".\r\n")
        return await self.protocol.read_response(timeout=self._waits.done.total_seconds())
