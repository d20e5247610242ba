"""What a report of a mail system says became of a letter of ours. Pure; by reader processes alone.

A standard report says it in fields (RFC 3464). What the others write, the library flufl.bounce reads.
"""

from email import message_from_bytes
from email.policy import compat32
from email.utils import getaddresses
from typing import Final

from flufl.bounce import all_failures

from guichet_mail.read.headers import Headers
from guichet_mail.read.parts import Leaf
from guichet_mail.read.returned.delivery_status import STATUS_TYPES, RecipientStatus, statuses_in
from guichet_mail.read.returned.letter import OwnLetter, own_letter
from guichet_mail.read.returned.outcome import Outcome, codes_in, known_code

_ABOUT_SOMETHING_ELSE: Final = frozenset({"message/disposition-notification", "message/feedback-report"})


DETECTED_BYTES: Final = 256 * 1024  # what is said of a letter stands above it; each detector reads every line
_NOTHING: Final = b"From: postmaster@invalid\r\n\r\n"


def load_detectors() -> None:
    """Have the library load what it looks for in files: a confined reader has none."""
    _permanently_failing(_NOTHING)


def outcome_in(content: bytes, headers: Headers, leaves: list[Leaf], domain: str) -> Outcome | None:
    """Return what is said for good of the one letter that a report is about, None where nothing is.

    content: the whole mail. domain: the town's. The recipient of whom it is said must be the letter's, as far as what
    came back of the letter names one: where somebody forwards their mail, the failure of a further hop is not its own.
    """
    if _ABOUT_SOMETHING_ELSE.intersection(leaf.content_type for leaf in leaves):
        return None
    letter = own_letter(headers, leaves, domain)
    if letter is None:
        return None
    said = [status for leaf in leaves if leaf.content_type in STATUS_TYPES for status in statuses_in(leaf.content)]
    is_said_by_fields = any(each.code for each in said)
    return _by_fields(letter, said) if is_said_by_fields else _by_detectors(letter, content, leaves)


def _by_fields(letter: OwnLetter, said: list[RecipientStatus]) -> Outcome | None:
    theirs = [each for each in said if _is_theirs(letter, each.addresses)]
    if any(each.action == "delivered" for each in theirs):
        return Outcome(outbound_id=letter.outbound_id, action="delivered")
    failed = next((each for each in theirs if each.has_failed_for_good), None)
    if failed is None:
        return None
    code = known_code(failed.code) if failed.code else None
    return Outcome(outbound_id=letter.outbound_id, action="failed", code=code)


def _by_detectors(letter: OwnLetter, content: bytes, leaves: list[Leaf]) -> Outcome | None:
    failing = frozenset(_permanently_failing(content))
    if not failing or not _is_theirs(letter, failing):
        return None
    codes = {each for leaf in leaves if leaf.is_text for each in codes_in(leaf.text) if each.startswith("5.")}
    code = known_code(codes.pop()) if len(codes) == 1 else None
    return Outcome(outbound_id=letter.outbound_id, action="failed", code=code)


def _permanently_failing(content: bytes) -> list[str]:
    mail = message_from_bytes(content[:DETECTED_BYTES], policy=compat32)
    if not any(address for _, address in getaddresses([str(mail.get("from", ""))])):
        del mail["from"]  # without an author one of its detectors fails, and no other is asked
        mail["From"] = "postmaster@invalid"
    try:
        _, permanent = all_failures(mail)
    except Exception:  # a stranger's mail is what it reads, by a dozen ways
        return []
    return [(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)).lower() for each in permanent]


def _is_theirs(letter: OwnLetter, addresses: frozenset[str]) -> bool:
    if not letter.recipients:
        return len(addresses) > 0
    return not letter.recipients.isdisjoint(addresses)
