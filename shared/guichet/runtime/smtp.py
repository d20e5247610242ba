"""How a client reaches the town's mail relay: where it is, over what, as whom."""

from typing import Any

from guichet.runtime.settings import SmtpSettings


def relay_options(smtp: SmtpSettings) -> dict[str, Any]:
    """Return what aiosmtplib's client, or its `send`, is told. A blank user or password is none."""
    password = smtp.smtp_password.get_secret_value() if smtp.smtp_password else None
    return {
        "hostname": smtp.smtp_host,
        "port": smtp.smtp_port,
        "username": smtp.smtp_username or None,
        "password": password or None,
        "use_tls": smtp.smtp_security == "tls",
        "start_tls": smtp.smtp_security == "starttls",
    }
