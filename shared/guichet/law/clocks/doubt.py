"""Why a person has to look at a case before anything is said of its clocks."""

from enum import StrEnum


class Doubt(StrEnum):
    """What the facts leave open, or contradict."""

    NO_RECEIPT = "no-receipt"
    NO_PROCEDURE = "no-procedure"
    TWO_PROCEDURES = "two-procedures"
    UNKNOWN_PROCEDURE = "unknown-procedure"
    TWO_NATURES = "two-natures"
    NOT_IN_FORCE = "not-in-force"  # no rule of the procedure, or of the law, is known of the day of receipt
    RULE_CHANGED = "rule-changed"  # between the receipt by another administration, and ours
    TO_BE_CONFIRMED = "to-be-confirmed"
    DECIDED_BEFORE = "decided-before"  # by the procedure, the nature or a fact of before
    DECIDED_MEANWHILE = "decided-meanwhile"  # while a fact that is withdrawn since seemed to stop it
    WITHDRAWS_NOTHING = "withdraws-nothing"
    NOT_NOTIFIED = "not-notified"  # a decision that was taken
    NOTIFIED_ALONE = "notified-alone"  # a decision that nobody says to be taken
    DATED_BEFORE_RECEIPT = "dated-before-receipt"
    LETTER_TOO_LATE = "letter-too-late"  # silence, a decision or a transfer came before it
    HELD_ALREADY = "held-already"  # a piece that a letter asks for
    PIECE_NOT_ASKED_FOR = "piece-not-asked-for"
    NOT_ANNOUNCED = "not-announced"  # a transfer
    REMEDY_TO_BE_CONFIRMED = "remedy-to-be-confirmed"
    TWO_PRIORITIES = "two-priorities"
    UNKNOWN_PRIORITY = "unknown-priority"
    RIGHTS_BEFORE_THE_LAW = "rights-before-the-law"
    WHICH_RIGHTS_REQUEST = "which-rights-request"  # does the extension extend
