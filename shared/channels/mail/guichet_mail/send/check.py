"""Try the relay that takes the town's mail, without sending any."""

import aiosmtplib

from guichet.errors import GuichetError
from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options

TIMEOUT_S = 10.0


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
        raise GuichetError(f"GUICHET_SMTP_HOST: {address} does not let us in ({type(exc).__name__})") from exc
    return [address]
