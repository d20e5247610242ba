"""Which mail comes from a machine, and so gets no automatic answer (docs/law.md 46). It is filed all the same. Pure."""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Final

from guichet.contracts.delivery import OWN_MAIL_HEADER, is_own_mail_id
from guichet.contracts.inbound import Automatic
from guichet_mail.read.headers import Headers
from guichet_mail.read.mail_systems import is_of_a_mail_system
from guichet_mail.read.responders import is_of_a_responder

_OWN: Final = OWN_MAIL_HEADER.lower()
_END_OF_WORD: Final = re.compile(r"[\s;,(]")
_NOTHING: Final = frozenset[str]()


@dataclass(frozen=True)
class Arrival:
    """What the signs of a machine are read from. return_path: the envelope's sender, empty when null."""

    headers: Headers
    return_path: str
    content_type: str
    town_domain: str


def _is_delivery_report(mail: Arrival) -> bool:
    return is_of_a_mail_system(mail.headers, mail.content_type)


def _is_ours(mail: Arrival) -> bool:
    has_our_id = is_own_mail_id(mail.headers.first("message-id"), mail.town_domain)
    return has_our_id or mail.headers.count(_OWN) > 0


def _is_auto_submitted(mail: Arrival) -> bool:
    return not _said(mail, "auto-submitted") <= {"", "no"} or is_of_a_responder(mail.headers)


def _has_null_return_path(mail: Arrival) -> bool:
    return mail.return_path in ("", "<>") or mail.headers.first("return-path").strip() == "<>"


def _is_from_a_list(mail: Arrival) -> bool:
    return mail.headers.has_one_of("list-")


def _is_bulk(mail: Arrival) -> bool:
    return not _said(mail, "precedence").isdisjoint({"bulk", "junk", "list"})


def _asks_for_no_response(mail: Arrival) -> bool:
    return not _said(mail, "x-auto-response-suppress") <= {"", "none"}


SIGNS: tuple[tuple[Automatic, Callable[[Arrival], bool]], ...] = (
    (Automatic.DELIVERY_REPORT, _is_delivery_report),
    (Automatic.OWN_MESSAGE, _is_ours),
    (Automatic.AUTO_SUBMITTED, _is_auto_submitted),
    (Automatic.NULL_RETURN_PATH, _has_null_return_path),
    (Automatic.MAILING_LIST, _is_from_a_list),
    (Automatic.BULK_PRECEDENCE, _is_bulk),
    (Automatic.RESPONSE_SUPPRESSED, _asks_for_no_response),
)
"""In this order: the most telling sign is the one that agents see."""


def judge_automatic(mail: Arrival) -> Automatic | None:
    """Return why a mail is judged automatic, or None for one that a person wrote."""
    return next((reason for reason, shows in SIGNS if shows(mail)), None)


def _said(mail: Arrival, name: str) -> Set[str]:
    """Return the first word of each header of a name, in small letters."""
    if not mail.headers.count(name):
        return _NOTHING
    return {_END_OF_WORD.split(value.strip(), maxsplit=1)[0].lower() for value in mail.headers.all(name)}
