"""A mail address as a person types one into a form. Pure.

A mail's own header may spell one in other ways (RFC 5322 3.4: quoting, comments, several at once). Who types such a
thing has made a mistake, or means a mail to go elsewhere than it is counted as going.
"""

import re
from typing import Final

from guichet.privacy.normal_form import normalised_email

# RFC 5321 4.1.2 (Dot-string), and beyond ASCII as RFC 6531 3.3.
_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+"
_LOCAL_PART: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")


def is_typed_email(typed: str) -> bool:
    """Say whether it is one address to which a mail could go, with a domain that has a dot."""
    address = normalised_email(typed)
    if address is None or not typed.strip().isprintable():
        return False
    local, _, domain = address.rpartition("@")
    return "." in domain and _LOCAL_PART.fullmatch(local) is not None
