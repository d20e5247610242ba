"""How each rare form is opened. Imported by reader processes alone, before they may open no file: see contents.py."""

from collections.abc import Callable, Mapping
from typing import Final

from guichet.contracts.inbound_content import Remark
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.cms import open_cms
from guichet_mail.read.rare.forms import Form
from guichet_mail.read.rare.forwarded import open_mail
from guichet_mail.read.rare.invitation import open_invitation
from guichet_mail.read.rare.opened import Opened, Within
from guichet_mail.read.rare.winmail import open_winmail

Opener = Callable[[Leaf, Within], Opened]


def _remark(remark: Remark) -> Opener:
    return lambda _leaf, _within: Opened(remarks=(remark,))


OPENERS: Final[Mapping[Form, Opener]] = {
    Form.MAIL: open_mail,
    Form.CMS: open_cms,
    Form.PGP_ENCRYPTED: _remark(Remark.ENCRYPTED),
    Form.SIGNATURE: _remark(Remark.SIGNATURE_UNCHECKED),
    Form.WINMAIL: open_winmail,
    Form.INVITATION: open_invitation,
}
