"""S/MIME in one piece (RFC 8551 3.3 to 3.5, RFC 5652): what is signed is readable, what is encrypted is not. Pure.

No signature is checked: there is nobody whose certificates a town trusts.
"""

import re
from dataclasses import replace
from typing import Final

from guichet.channel.content_types import content_type_of
from guichet.channel.draft import DraftFile
from guichet.channel.text import clean_file_name
from guichet.contracts.inbound_content import Remark
from guichet.errors import PermanentError
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.ber import BerReader, Element
from guichet_mail.read.rare.opened import UNOPENED, Opened, Within

_PKCS7: Final = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_SIGNED: Final = _PKCS7 + b"\x02"
_ENCRYPTED: Final = frozenset({_PKCS7 + b"\x03", _PKCS7 + b"\x06", bytes.fromhex("2a864886f70d0109100117")})
_OCTETS: Final = (0x04, 0x24)
_HEAD: Final = re.compile(
    rb"(?i)(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*content-(?:type|transfer-encoding):"
)


def open_cms(leaf: Leaf, within: Within) -> Opened:
    """Return the words and files of what was signed."""
    try:
        kind, content = _read(leaf.content)
        if kind in _ENCRYPTED:
            return Opened(remarks=(Remark.ENCRYPTED,))
        if kind != _SIGNED:
            return UNOPENED
        if content is None:  # certificates alone
            return Opened()
        return _opened(content, leaf, within)
    except PermanentError:
        return UNOPENED


def _opened(content: bytes, leaf: Leaf, within: Within) -> Opened:
    if _HEAD.match(content[:4096]):
        mail = within.read(content)
        return replace(mail, remarks=(*mail.remarks, Remark.SIGNATURE_UNCHECKED))
    name = clean_file_name((leaf.name or "").removesuffix(".p7m"), "document-signe.bin")
    file = DraftFile(name, content_type_of(name), content)
    return Opened(files=(file,), remarks=(Remark.SIGNATURE_UNCHECKED,))


def _read(content: bytes) -> tuple[bytes, bytes | None]:
    """Return what kind of CMS it is, and what is signed, None where nothing is.

    ContentInfo is a kind and [0] SignedData; that begins with a version, algorithms, and EncapsulatedContentInfo,
    which is a kind and [0] OCTET STRING.
    """
    reader = BerReader(content)
    kind, *rest = _first(reader, reader.root(), 2)
    what = reader.contents(kind)
    if what != _SIGNED or not rest:
        return what, None
    [signed] = _first(reader, rest[0], 1)
    *_, encapsulated = _first(reader, signed, 3)
    _, *explicit = _first(reader, encapsulated, 2)
    if not explicit:
        return what, None
    [octets] = _first(reader, explicit[0], 1)
    return what, reader.contents(octets) if octets.tag in _OCTETS else None


def _first(reader: BerReader, parent: Element, most: int) -> list[Element]:
    """Return the first elements of one, at least one."""
    found = [each for each, _ in zip(reader.children(parent), range(most), strict=False)]
    if not found:
        raise PermanentError("an element without parts", reason="unreadable")
    return found
