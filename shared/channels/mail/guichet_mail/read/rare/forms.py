"""Which parts are more than a letter or a file: they are opened, in a process with limits. Pure, and quick."""

from collections.abc import Iterable
from enum import Enum
from typing import Final

from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.pgp import ARMOUR
from guichet_mail.read.rare.pictures import MARK as PICTURE


class Form(Enum):
    """A form in which words and files come wrapped."""

    MAIL = "mail"
    CMS = "cms"  # S/MIME: signed and readable, or encrypted
    PGP_ENCRYPTED = "pgp-encrypted"
    SIGNATURE = "signature"
    WINMAIL = "winmail"
    INVITATION = "invitation"


CONTAINERS: Final = frozenset({Form.MAIL, Form.CMS, Form.WINMAIL})
"""What has files within it."""

_OF_TYPES: Final = {
    "message/rfc822": Form.MAIL,
    "message/global": Form.MAIL,
    "application/pkcs7-mime": Form.CMS,
    "application/x-pkcs7-mime": Form.CMS,
    "application/ms-tnef": Form.WINMAIL,
    "application/vnd.ms-tnef": Form.WINMAIL,
    "text/calendar": Form.INVITATION,
    "application/ics": Form.INVITATION,
    "application/pgp-encrypted": Form.PGP_ENCRYPTED,
    "application/pgp-signature": Form.SIGNATURE,
    "application/pkcs7-signature": Form.SIGNATURE,
    "application/x-pkcs7-signature": Form.SIGNATURE,
}
_OF_ENDINGS: Final = {"eml": Form.MAIL, "p7m": Form.CMS, "ics": Form.INVITATION}
_OF_NAMES: Final = {"winmail.dat": Form.WINMAIL, "win.dat": Form.WINMAIL}


def form_of(leaf: Leaf) -> Form | None:
    """Return in which form a part comes, None for what is a letter, or a file and no more."""
    form = _OF_TYPES.get(leaf.content_type)
    if form is not None or not leaf.name:
        return form
    name = leaf.name.lower()
    return _OF_NAMES.get(name) or _OF_ENDINGS.get(name.rpartition(".")[2])


def is_ordinary(leaves: Iterable[Leaf]) -> bool:
    """Return whether there is nothing to open in a mail."""
    return not any(form_of(each) or ARMOUR in each.content or PICTURE in each.content for each in leaves)
