"""Pictures that an HTML letter holds in its own text (RFC 2397): the text that is kept would lose them. Pure."""

import binascii
import re
from collections.abc import Iterator
from typing import Final

from guichet.channel.draft import DraftFile

MARK: Final = b"data:image/"
MOST: Final = 50
_LEAST_BYTES: Final = 1000  # less is a bullet, a line, or counts who reads
_PICTURE: Final = re.compile(rb"data:image/(png|jpe?g|gif|webp|heic);base64,([A-Za-z0-9+/=\s]++)")


def pictures_in(html: bytes) -> Iterator[DraftFile]:
    """Yield the pictures of a letter, in its order."""
    seen = set[bytes]()
    for found in _PICTURE.finditer(html):
        if len(found[2]) < _LEAST_BYTES or found[2] in seen or len(seen) == MOST:
            continue
        seen.add(found[2])
        kind = "jpeg" if found[1] == b"jpg" else found[1].decode()
        try:
            content = binascii.a2b_base64(found[2])
        except binascii.Error:
            continue
        yield DraftFile(f"image-{len(seen)}.{kind.replace('jpeg', 'jpg')}", f"image/{kind}", content)
