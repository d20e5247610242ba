"""What became of a letter of ours, as a mail system's report says it. Pure: what crosses from a reader process."""

import re
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from guichet.contracts.base import Contract
from guichet.contracts.inbound import Automatic
from guichet.ids import MessageId

MAY_REPORT: Final = frozenset({Automatic.DELIVERY_REPORT, Automatic.NULL_RETURN_PATH})
"""As what mails are judged that a mail system may have written about one of ours."""
_CODE: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")  # not of an IP address
# The subjects and details (RFC 3463) for which email.yaml has words of their own.
DETAILS: Final = frozenset(
    "1.1 1.2 1.3 1.6 1.10 2.1 2.2 2.3 3.4 4.1 4.4 4.6 4.7 7.1 7.25 7.26".split()  # noqa: SIM905
)
_TRUE_OF_GIVEN_UP: Final = frozenset({"2.2", "4.1", "4.6"})  # full, unreachable, in a circle: to the last as at first
_GIVEN_UP: Final = "5.4.7"
_SUBJECTS: Final = range(8)


class Outcome(Contract):
    """What is said of a letter. action: RFC 3464's. code: an enhanced status code (RFC 3463) that email.yaml knows,
    None where nothing of the kind is said."""

    outbound_id: Annotated[MessageId, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    action: Literal["failed", "delivered"]
    code: Annotated[str, StringConstraints(pattern=r"^[25]\.\d{1,3}\.\d{1,3}$")] | None = None


def codes_in(text: str) -> list[str]:
    """Return the enhanced status codes that a text holds, in its order."""
    return [".".join(found) for found in _CODE.findall(text)]


def known_code(code: str) -> str:
    """Return the code of a permanent failure for which there are words: the subject's own where there are no closer
    ones. code: of a failure; of one that was given up (4.x.x) few words of the permanent one are true."""
    of_class, subject, detail = code.split(".")
    reason = f"{subject}.{detail}"
    if of_class == "4":
        return f"5.{reason}" if reason in _TRUE_OF_GIVEN_UP else _GIVEN_UP
    if reason in DETAILS:
        return code
    return f"5.{subject}.0" if int(subject) in _SUBJECTS else "5.0.0"
