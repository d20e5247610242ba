"""Telephone calls about a case, as an internal note says them."""

from enum import StrEnum


class CallStep(StrEnum):
    """What a note says of a call. ASKED: somebody is to be called back; every other one but NO_ANSWER ends that."""

    ASKED = "asked"
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    DROPPED = "dropped"  # there is no need any more
