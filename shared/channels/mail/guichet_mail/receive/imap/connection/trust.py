"""Whose certificates are believed: the system's authorities, and the town's own."""

import ssl

from guichet.errors import SettingsError
from guichet_mail.settings import MailSettings


def trusting_as_set(settings: MailSettings) -> ssl.SSLContext:
    """Return what certificates are checked with. Raises SettingsError."""
    context = ssl.create_default_context()
    if settings.imap_ca_file is not None:
        try:
            context.load_verify_locations(settings.imap_ca_file)
        except OSError as exc:
            raise SettingsError(
                f"GUICHET_IMAP_CA_FILE: {settings.imap_ca_file} holds no certificates ({type(exc).__name__})."
            ) from exc
    return context
