"""How each rare form is opened. Imported by reader processes alone, before they may open no file: see contents.py."""

from collections.abc import Callable, Mapping
from typing import Final

from guichet.contracts.inbound_content import Remark
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.cms import open_cms
from guichet_mail.read.rare.forms import Form
from guichet_mail.read.rare.forwarded import open_mail
from guichet_mail.read.rare.opened import Opened, ReadMail

Opener = Callable[[Leaf, ReadMail], Opened]


def _remark(remark: Remark) -> Opener:
    return lambda _leaf, _read: Opened(remarks=(remark,))


OPENERS: Final[Mapping[Form, Opener]] = {
    Form.MAIL: open_mail,
    Form.CMS: open_cms,
    Form.PGP_ENCRYPTED: _remark(Remark.ENCRYPTED),
    Form.SIGNATURE: _remark(Remark.SIGNATURE_UNCHECKED),
}
