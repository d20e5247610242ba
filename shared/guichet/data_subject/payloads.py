"""Whether an unreadable payload came from one of these addresses. Pure.

No provider's form is known here: a mail's envelope and From, a web form and JSON are read as such, and an address must
be the whole value of a field that does not hold somebody's words. A mention makes nothing theirs.
"""

import re
from collections.abc import Collection, Iterator
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from urllib.parse import parse_qsl

from guichet.channel.envelope import Envelope
from guichet.contracts.inbound_content import Identifier, IdentifierKind
from guichet.errors import PermanentError
from guichet.privacy.normal_form import normalised

_PREFIX = re.compile(r"^(whatsapp|sms|mailto|tel):")
_WORDS = frozenset({"body", "text", "subject", "caption", "message"})
_NUMBER = re.compile(r"[+\d][\d ().-]*")  # phonenumbers would find one in the middle of a sentence
_JSON_FIELD = re.compile(r'"(\w+)"\s*:\s*(?:"([^"\\]{1,320})"|(\d{1,20})(?=\s*[,}\]]))')


def is_from(payload: bytes, addresses: Collection[Identifier]) -> bool:
    """Return whether the payload names one of the addresses as its sender, as far as can be told."""
    wanted = {(each.kind, form) for each in addresses if (form := normalised(each.kind, each.value))}
    return any((kind, normalised(kind, value)) in wanted for kind, value in _senders(payload))


def _senders(payload: bytes) -> Iterator[tuple[IdentifierKind, str]]:
    try:
        mail = Envelope.from_bytes(payload)
    except PermanentError:
        for value in (*_form_values(payload), *_json_values(payload)):
            bare = _PREFIX.sub("", value.strip())
            yield IdentifierKind.EMAIL, bare
            if _NUMBER.fullmatch(bare):
                yield from ((kind, bare) for kind in (IdentifierKind.PHONE, IdentifierKind.TELEGRAM))
        return
    headers = BytesHeaderParser(policy=compat32).parsebytes(mail.content)
    named = [str(value) for name in ("From", "Sender") for value in headers.get_all(name, [])]
    for _, address in [("", mail.return_path), *getaddresses(named)]:
        yield IdentifierKind.EMAIL, address


def _form_values(payload: bytes) -> list[str]:
    try:
        fields = parse_qsl(payload.decode("utf-8", "replace"), max_num_fields=10_000)
    except ValueError:
        return []
    return [value for name, value in fields if name.lower() not in _WORDS]


def _json_values(payload: bytes) -> list[str]:
    """Values of JSON's fields, also where it is cut short."""
    text = payload.decode("utf-8", "replace")
    fields = (found.groups() for found in _JSON_FIELD.finditer(text))
    return [word if word is not None else number for name, word, number in fields if name.lower() not in _WORDS]
