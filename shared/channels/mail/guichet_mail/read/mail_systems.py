"""Mails that a mail system wrote about another mail: their heads say so. Pure.

A sign that no person gives stands alone. One that a person may give needs a second one from another header: postmaster
is a person, too (RFC 5321 4.5.1), and everybody may copy the subject of a report that they got.
"""

import re
from typing import Final

from guichet_mail.read.headers import Headers, Mailbox
from guichet_mail.read.machine_words import plain_words, subjects, words

REPORT_TYPES: Final = frozenset(
    {
        "multipart/report",  # RFC 3462: non-delivery, read receipt, abuse report
        "message/delivery-status",  # RFC 3464
        "message/global-delivery-status",  # RFC 6533
        "message/disposition-notification",  # RFC 3798
        "message/feedback-report",  # RFC 5965
    }
)
REPORT_HEADERS: Final = frozenset(
    {
        "x-failed-recipients",  # Exim, Gmail
        "x-dsncontext",  # Exchange 2000 and 2003
        "x-ms-exchange-message-is-ndr",  # Exchange since 2007
        "reporting-mta",  # RFC 3464: of a part, slipped into the head
        "final-recipient",
    }
)
_REPORT_TYPE: Final = re.compile(r";\s*report-type\s*=", re.IGNORECASE)  # RFC 3462 2, on another multipart

_TAIL: Final = r"(?:[-_+=][\w.+=-]*+)?"  # mailer-daemon-12@, postmaster+x@
_DAEMON: Final = re.compile(
    r"(?:mail(?:er)?[-_. ]?d(?:ae|ea|e)mon|mdaemon|smtp[-_.]?daemon|mail-?delivery(?:-?(?:sub)?system)?"
    rf"|microsoftexchange[0-9a-f]{{32}}){_TAIL}"
)
_OFFICE: Final = re.compile(
    r"(?:(?:electronic|e?mail|smtp|internet)?[-_.]?post-?master"
    r"|administrator|(?:mail|system)[-_.]?admin|mailer|mail-?(?:system|server|gateway|router)|mta|smtp|pmdf|mmdf|daemon|bounces?|ndr|dsn"
    rf"|auto(?:-?reply|-?responder|-?response)|(?:no|do-?not)-?reply|amavis|mailscanner|anti-?(?:virus|spam)){_TAIL}"
)
_SERVERS: Final = re.compile(  # an X-Mailer of theirs
    r"[ \"<]*(?:imail|internet mail service|mercury|mdaemon|mailenable|communigate|novell groupwise internet agent|smtp"
    r"|esmtp|post\.office|interscan|mime-tools|mailer|mail server|hmailserver|surgemail)",
    re.IGNORECASE,
)
_DAEMONS_NAMES: Final = words("names_of_daemons")
_OFFICES_NAMES: Final = words("names_of_offices")
_NOBODYS: Final = re.compile(f"(?:{_DAEMON.pattern})|(?:{_OFFICE.pattern})")
_NOBODYS_NAMES: Final = (*_DAEMONS_NAMES, *_OFFICES_NAMES)
_REPORTS: Final = subjects("reports")
_REPORTS_THAT_GO_ON: Final = subjects("reports_that_go_on")
_NAMES_END: Final = re.compile(
    r"$|\s?[@(<,:;-]|\s(?:at|for|of|on)\b"
)  # Postmaster at mx.exemple.test, but not Postmaster Jean
_END: Final = re.compile(r"$|[:!.]|\s?[(\[<\"*-]")


def is_of_a_mail_system(headers: Headers, content_type: str) -> bool:
    """Return whether a mail system says of itself that it wrote this. content_type: in small letters, no parameters."""
    if content_type in REPORT_TYPES or headers.has_any(REPORT_HEADERS):
        return True
    if content_type != "text/plain" and _REPORT_TYPE.search(headers.first("content-type")):
        return True
    if headers.count("return-path") and _comes_back_to_a_daemon(headers):
        return True
    author = next(iter(headers.mailboxes("from") or headers.mailboxes("sender")), None)
    return _is_nobodys(headers.text("from")) if author is None else _is_by_a_mail_system(author, headers)


def names_a_report(subject: str) -> bool:
    """Return whether a subject is one that mail systems give their reports, from its first word on."""
    plain = plain_words(subject)
    return plain.startswith(_REPORTS_THAT_GO_ON) or is_followed_by(_END, plain, _REPORTS)


def is_followed_by(end: re.Pattern[str], plain: str, beginnings: tuple[str, ...]) -> bool:
    """Return whether a text begins with one of these words, and what `end` says follows them."""
    if not plain.startswith(beginnings):
        return False
    return any(end.match(plain, len(each)) for each in beginnings if plain.startswith(each))


def _is_nobodys(written: str) -> bool:
    """Return whether a From without an address is a mail system's: the null path of RFC 5321 4.5.5, or its name."""
    name = written.strip('" ').lower()
    return "<>" in name or "daemon" in name or name.startswith(_DAEMONS_NAMES)


def _comes_back_to_a_daemon(headers: Headers) -> bool:
    path = headers.first("return-path").strip("<> ").lower()
    return bool(_DAEMON.fullmatch(_local_part(path)))


def _is_by_a_mail_system(author: Mailbox, headers: Headers) -> bool:
    local, name = _local_part(author.address.lower()), author.name.lower()
    if _NOBODYS.fullmatch(local) or name.startswith(_NOBODYS_NAMES):  # asked first: nearly each mail is a person's
        if name.startswith(_DAEMONS_NAMES) or _DAEMON.fullmatch(local):
            return True
        is_office = is_followed_by(_NAMES_END, name, _OFFICES_NAMES) or bool(_OFFICE.fullmatch(local))
    else:
        is_office = False
    if not is_office and not _is_written_by_a_server(headers):
        return False
    return not _answers_go_elsewhere(author, headers) and names_a_report(headers.text("subject"))


def _local_part(address: str) -> str:
    """Return what stands before the last @, and after the last ! of UUCP's way."""
    return (address.rpartition("@")[0] or address).rpartition("!")[2]


def _is_written_by_a_server(headers: Headers) -> bool:
    """Return whether no program for people wrote a mail: each of those gives it a Message-ID (RFC 5322 3.6.4)."""
    if not headers.count("message-id"):
        return True
    return headers.count("x-mailer") > 0 and bool(_SERVERS.match(headers.first("x-mailer")))


def _answers_go_elsewhere(author: Mailbox, headers: Headers) -> bool:
    """Return whether somebody asks for answers: the person who filled in a form that an office's machine sends."""
    return any(each.address.lower() != author.address.lower() for each in headers.mailboxes("reply-to"))
