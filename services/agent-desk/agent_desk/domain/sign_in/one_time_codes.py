"""Time-based one-time codes (RFC 6238), as every telephone's application makes them: SHA-1, 6 digits, 30 s. Pure."""

import base64
import hmac
from datetime import datetime
from typing import Final

from pyotp import TOTP
from pyotp.utils import strings_equal

_SECRET_BYTES: Final = 20  # RFC 4226, 4: 160 bits recommended
_DIGITS: Final = 6
_TOLERATED: Final = (1, 0, -1)  # steps: a telephone's clock may be 30 s off, and typing takes time (RFC 6238, 5.2)


def new_secret(key: bytes, session_token: str) -> str:
    """Return the secret that a session may enrol, base32: the same each time its page is opened, kept nowhere.

    As unguessable as the session's token, of which nobody else can make it without the desk's key.
    """
    mac = hmac.digest(key, f"guichet-desk-second-factor\0{session_token}".encode(), "sha256")
    return base64.b32encode(mac[:_SECRET_BYTES]).decode()


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """Return the otpauth:// address that an application reads. account, issuer: what it shows beside the code."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def code_in(typed: str) -> str | None:
    """Return six digits, however they were spaced; None where it can be no code."""
    code = "".join(typed.split())
    return code if len(code) == _DIGITS and code.isascii() and code.isdigit() else None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the latest time step around now whose code this is. Takes as long whichever it is."""
    codes = TOTP(secret)
    steps = [codes.timecode(now) + offset for offset in _TOLERATED]
    matching = [step for step in steps if strings_equal(codes.generate_otp(step), code)]
    return matching[0] if matching else None
