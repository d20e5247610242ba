"""What somebody in the town hall may do with a case. A profile lists them; desk and router ask for each."""

from enum import StrEnum
from typing import Final


class CaseAct(StrEnum):
    """answer and sign: an answer leaves only from who has both. enter: a case taken down for somebody, by hand."""

    READ = "read"
    ANSWER = "answer"
    SIGN = "sign"
    CLOSE = "close"
    REROUTE = "reroute"
    EXPORT = "export"
    ENTER = "enter"


EVERY_ACT: Final = frozenset(CaseAct)
