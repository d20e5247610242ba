"""Try the relay that takes the town's mail, without sending any."""

import socket
import ssl
from typing import Final

import aiosmtplib

from guichet.errors import GuichetError
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options

TIMEOUT_S = 10.0
_OF_A_CERTIFICATE: Final = (
    "Name the relay as its certificate does; an authority of the town's own is put among the machine's "
    "(update-ca-certificates); a relay on this very machine needs none (GUICHET_SMTP_SECURITY=none)"
)


async def check_relay(settings: SmtpSettings) -> list[str]:
    """Return where mail goes. Raises GuichetError when the relay does not answer or refuses to let us in."""
    address = f"{settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})"
    client = aiosmtplib.SMTP(**relay_options(settings), timeout=TIMEOUT_S)
    try:
        async with client:
            await client.noop()
    except aiosmtplib.SMTPAuthenticationError as exc:
        raise GuichetError(f"GUICHET_SMTP_USERNAME, GUICHET_SMTP_PASSWORD: {address} answered {exc.code}") from exc
    except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
        raise GuichetError(f"GUICHET_SMTP_HOST: {address} does not let us in: {_why(exc, settings)}.") from exc
    return [address]


def _why(error: BaseException, settings: SmtpSettings) -> str:
    """Say it by what the machine said, from which the client's own error was raised."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    match cause:
        case socket.gaierror():
            return f"the name {settings.smtp_host} cannot be resolved: is it right, and does this machine's DNS work?"
        case ssl.SSLCertVerificationError():
            return f"its certificate does not hold: {cause.verify_message}. {_OF_A_CERTIFICATE}"
        case ssl.SSLError():
            return "it speaks no TLS of ours: see GUICHET_SMTP_SECURITY and GUICHET_SMTP_PORT"
        case TimeoutError():
            return "it does not answer: see GUICHET_SMTP_PORT and GUICHET_SMTP_SECURITY, or the firewall on the way"
        case OSError():
            return f"it takes no connection ({cause.strerror or type(cause).__name__})"
        case _:
            return type(error).__name__
