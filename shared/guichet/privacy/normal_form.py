"""One written form for each address of a citizen, so that the same person is recognised. Pure.

Only what is the same mailbox or line everywhere is folded together: no provider's private rule (Gmail's dots, +tags),
because two people must never become one.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import idna
import phonenumbers

from guichet.contracts.channels import AddressKind
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, IdentifierKind
from guichet.privacy.subaddress import untagged

HOME_REGION = "FR"  # how a number without country code is read
_QUOTING = re.compile(r'\\(.)|"')  # RFC 5321 4.1.2: a quoted pair is its second character
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_FRENCH = re.compile(r"\+33[1-9][0-9]{8}")  # E.164 as providers send it: parsing costs 18 µs, twice a message


def normalised_email(raw: str) -> str | None:
    """Return the address in lower case with its domain in ASCII (IDNA 2008, UTS 46), or None when it is none.

    Lower case in the local part too: RFC 5321 2.4 allows a difference, no mailbox provider makes one.
    """
    local, at, domain = unicodedata.normalize("NFC", raw).strip().rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not (local and at and ascii_domain) or local.split() != [local]:
        return None
    return f"{_folded(local)}@{ascii_domain}"


def normalised_phone(raw: str, region: str = HOME_REGION) -> str | None:
    """Return the number in E.164 (+33…), or None when no country could have such a number.

    Possible rather than assigned numbers: the numbering plan changes, and who someone is must not change with it.
    """
    if _FRENCH.fullmatch(raw):
        return raw
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


_BY_KIND: dict[IdentifierKind, Callable[[str], str | None]] = {
    MAIL_ADDRESS: normalised_email,
    PHONE_NUMBER: normalised_phone,
}


def normalised(kind: IdentifierKind, raw: str) -> str | None:
    """Return the one written form of an address, or None when it is not valid for its kind.

    Of a kind that a channel brings, an address is written as the channel gives it (AddressKind.pattern).
    """
    known = _BY_KIND.get(kind)
    return known(raw) if known is not None else raw.strip() or None


def written_form(kind: AddressKind, raw: str) -> str | None:
    """Return the one written form of what somebody typed, or None where it is no address of that kind."""
    value = normalised(kind.name, raw)
    return value if value and kind.matches(value) else None


def comparable(identifier: Identifier) -> str:
    """Return the normalised form, or, for what is not valid (an SMS from "LaPoste"), the folded raw value."""
    return normalised(identifier.kind, identifier.value) or _folded(identifier.value.strip())


def one_mailbox(address: Identifier) -> str:
    """Return what an address has in common with others that arrive in the same mailbox. Nobody is recognised by it.

    A tag after a plus, quoting, and at Gmail dots and the older name make no other mailbox (RFC 5233, RFC 5321 4.1.2).
    Where two people are taken for one, what they get by themselves is counted, or left out, together: no more.
    """
    value = comparable(address)
    if address.kind != MAIL_ADDRESS:
        return value
    local, _, domain = value.rpartition("@")
    local = untagged(_QUOTING.sub(lambda found: found[1] or "", local))
    return f"{local.replace('.', '')}@gmail.com" if domain in _GMAIL else f"{local}@{domain}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())


@lru_cache(maxsize=4096)  # IDNA costs 80 µs; the router reads some ten addresses a mail, of few domains
def _ascii_domain(domain: str) -> str | None:
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode().lower() or None
    except (idna.IDNAError, UnicodeError):
        return None
