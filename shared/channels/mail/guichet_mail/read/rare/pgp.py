"""Letters that PGP signed or encrypted in their own text (RFC 9580 7, 6.2). Pure, in one pass."""

import re
from typing import Final

from guichet.channel.draft import DraftFile
from guichet.contracts.inbound_content import Remark
from guichet_mail.read.rare.opened import Opened

ARMOUR: Final = b"-----BEGIN PGP "
_SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----\n"
_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----\n", "-----END PGP SIGNATURE-----"
_MESSAGE: Final = "-----BEGIN PGP MESSAGE-----\n", "-----END PGP MESSAGE-----"
_ESCAPED: Final = re.compile(r"^- ", re.MULTILINE)


def open_text(text: str) -> Opened:
    """Return the words of a letter, without what only a program reads, which becomes a file."""
    before, begun, after = text.partition(_SIGNED)
    if begun:
        return _signed(before, after)
    before, encrypted, after = _cut(text, *_MESSAGE)
    if encrypted:
        file = DraftFile("message.asc", "application/octet-stream", encrypted.encode())
        return Opened(text=_joined(before, after), files=(file,), remarks=(Remark.ENCRYPTED,))
    return Opened(text=text)


def _signed(before: str, begun: str) -> Opened:
    signed, signature, after = _cut(begun, *_SIGNATURE)
    if not signature:
        return Opened(text=f"{before}{_SIGNED}{begun}")
    words = signed.partition("\n\n")[2]  # after the names of hashes
    file = DraftFile("signature.asc", "application/pgp-signature", signature.encode())
    return Opened(
        text=_joined(before, _ESCAPED.sub("", words), after),
        files=(file,),
        remarks=(Remark.SIGNATURE_UNCHECKED,),
    )


def _cut(text: str, first: str, last: str) -> tuple[str, str, str]:
    """Return what stands before, within and after; within is empty where one of the two lines is missing."""
    before, begun, rest = text.partition(first)
    within, ended, after = rest.partition(last)
    return (before, f"{begun}{within}{ended}\n", after) if ended else (text, "", "")


def _joined(*texts: str) -> str:
    return "\n\n".join(filter(None, (each.strip() for each in texts)))
