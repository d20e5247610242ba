"""Why the law owes a sender no receipt: the grounds of CRPA L112-11 (docs/law.md 13), and no other."""

from enum import StrEnum


class AbuseGround(StrEnum):
    """What is abusive in a sender's messages. The sender is told it; an agent's own words are not sent."""

    NUMBER = "number"  # their number
    REPEATED = "repeated"  # repeated or systematic
    SECURITY = "security"  # they may harm the security of the information system
