"""What a delivery status notification says, recipient by recipient (RFC 3464; in UTF-8: RFC 6533). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from guichet_mail.read.headers import Headers, read_head
from guichet_mail.read.returned.outcome import codes_in

STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
MOST_RECIPIENTS: Final = 100  # a letter of ours has one
_BETWEEN: Final = re.compile(rb"\n[ \t]*\n")


@dataclass(frozen=True)
class RecipientStatus:
    """addresses: the original and the final one of a recipient, in small letters. code: empty where none is said."""

    addresses: frozenset[str] = field(repr=False)
    action: str
    code: str

    @property
    def has_failed_for_good(self) -> bool:
        """Whether the letter is given up, of whatever class its status is: 4.x.x is the last of what was tried.

        `delayed` gives nothing up (docs/law.md 51). What failed with 2.x.x says two things, and proves none.
        """
        return self.action == "failed" and not self.code.startswith("2.")


def statuses_in(content: bytes) -> list[RecipientStatus]:
    """Return what such a part says of each recipient. content: its bytes."""
    return list(_statuses(content))


def _statuses(content: bytes) -> Iterator[RecipientStatus]:
    for group in _BETWEEN.split(content.replace(b"\r\n", b"\n").strip(), MOST_RECIPIENTS + 1)[: MOST_RECIPIENTS + 1]:
        fields = read_head(group)
        if fields.count("action"):
            addresses = frozenset(filter(None, map(_address, _recipients(fields))))
            yield RecipientStatus(addresses, fields.first("action").partition(" ")[0].strip(";").lower(), _code(fields))


def _recipients(fields: Headers) -> list[str]:
    return [*fields.all("original-recipient"), *fields.all("final-recipient")]


def _address(recipient: str) -> str:
    """Return the address of « rfc822; zoe@exemple.test »."""
    return recipient.rpartition(";")[2].strip(" <>").lower()


def _code(fields: Headers) -> str:
    """Return the status code; where it says no more than its class, the closer one of the server that refused."""
    said = next(iter(codes_in(fields.first("status"))), "")
    if said not in ("", "4.0.0", "5.0.0"):
        return said
    closer = [each for each in codes_in(fields.first("diagnostic-code")) if each.startswith(said[:1])]
    return closer[0] if closer else said
