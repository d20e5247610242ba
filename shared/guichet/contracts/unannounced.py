"""Why a citizen is not written to about a change of their case. What nobody gave a reason for, they hear of."""

from enum import StrEnum


class Unannounced(StrEnum):
    """An agent's reason, kept in the case's history."""

    SAID_BEFORE = "said-before"  # an answer says so, or somebody told them by word of mouth
    ANOTHER_CASE = "another-case"  # it is about the same matter as another one, whose letters say it
    AT_RISK = "at-risk"  # somebody else may read it who must not
