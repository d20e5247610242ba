"""Why the town's relay does not let it in is a sentence with what to do, and not a class of Python's."""

import socket
import ssl
from collections.abc import Awaitable, Callable

import aiosmtplib
import pytest

from guichet.errors import GuichetError
from guichet.runtime.settings import SmtpSettings
from guichet_mail.send.check import check_relay

UNKNOWN_NAME = socket.gaierror(-2, "Name or service not known")
STRANGER = ssl.SSLCertVerificationError(1, "certificate verify failed")
STRANGER.verify_message = "self-signed certificate"
REFUSED = OSError(111, "Connection refused")


def failing(cause: BaseException) -> Callable[..., Awaitable[None]]:
    """What aiosmtplib does: its own error, raised from the machine's."""

    async def connect(*_: object, **__: object) -> None:
        raise aiosmtplib.SMTPConnectError("no") from cause

    return connect


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (UNKNOWN_NAME, "the name relais.mairie.example cannot be resolved"),
        (STRANGER, "its certificate does not hold: self-signed certificate. "),
        (STRANGER, "GUICHET_SMTP_SECURITY=none"),
        (ssl.SSLError(1, "wrong version number"), "it speaks no TLS of ours: see GUICHET_SMTP_SECURITY"),
        (TimeoutError(), "it does not answer"),
        (REFUSED, "it takes no connection (Connection refused)"),
    ],
)
async def test_what_is_wrong_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, cause: BaseException, said: str
) -> None:
    monkeypatch.setattr(aiosmtplib.SMTP, "connect", failing(cause))
    settings = SmtpSettings(smtp_host="relais.mairie.example", smtp_port=25, smtp_security="starttls")
    with pytest.raises(GuichetError, match=r"^GUICHET_SMTP_HOST: relais\.mairie\.example:25 \(starttls\)") as refused:
        await check_relay(settings)
    assert said in str(refused.value)
    assert "Error" not in str(refused.value)


async def test_what_nobody_foresaw_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiosmtplib.SMTP, "connect", failing(ValueError()))
    with pytest.raises(GuichetError, match="SMTPConnectError"):
        await check_relay(SmtpSettings(smtp_host="relais.mairie.example"))
