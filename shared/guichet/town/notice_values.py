"""What the words may name that Guichet brings along and a town may write otherwise (`own_texts`)."""

from dataclasses import dataclass

from guichet.town.organisation import Department


@dataclass(frozen=True)
class ChangeValues:
    """What a letter says of a change of a case, or an answer at its end, behind which the case is closed.

    reopens_until, reopens_until_in_english: the day, in words, until when an answer opens a closed case again.
    """

    town_name: str
    reference: str
    department: Department
    reopens_until: str
    reopens_until_in_english: str


@dataclass(frozen=True)
class NewLinkValues:
    """What a letter says that brings a new link to a case's page."""

    town_name: str
    reference: str
    follow_url: str


@dataclass(frozen=True)
class QuestionValues:
    """What leads to the form of a question, below an answer's words. until_on, until_in_english: its last day."""

    question_url: str
    until_on: str
    until_in_english: str


@dataclass(frozen=True)
class OtherWayValues:
    """What a mail says that brings what could not go back as it came. written_by: the channel of the message."""

    written_by: str
