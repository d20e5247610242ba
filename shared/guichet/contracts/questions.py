"""What a letter of the town's asks by a form, and what an answer to it says of itself (docs/decisions/0108).

Both exist in memory only: on topics and at rest they are sealed with the letter, or with the message that answers it.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from guichet.contracts.base import Box, Contract
from guichet.contracts.legal_facts import PIECES_AT_MOST, Day
from guichet.ids import MessageId

FIELDS_AT_MOST: Final = PIECES_AT_MOST  # of one form: a letter about pieces has one for each
CHOICES_AT_MOST: Final = 12
LONGEST_LABEL: Final = 500  # characters


class FieldKind(StrEnum):
    """How something is asked."""

    LINE = "line"
    WORDS = "words"
    DAY = "day"
    CHOICE = "choice"
    FILES = "files"


class AskedField(Contract):
    """One thing that is asked. label: as the letter says it. hint: by which text. choices: of a CHOICE alone."""

    kind: FieldKind
    label: Annotated[str, Field(max_length=LONGEST_LABEL, repr=False)]
    hint: Annotated[str, Field(max_length=LONGEST_LABEL, repr=False)] = ""
    required: bool = False
    choices: Annotated[tuple[str, ...], Field(max_length=CHOICES_AT_MOST, repr=False)] = ()


class Asked(Contract):
    """What a letter asks, in its order. until: the last day on which the town waits for it, in Paris."""

    fields: Annotated[tuple[AskedField, ...], Field(min_length=1, max_length=FIELDS_AT_MOST)]
    until: Day


class Question(Asked):
    """What a letter asks by a form. secret: of its link (guichet.privacy.follow_link.QuestionLink), 24 bytes."""

    secret: Box = Field(repr=False)


class AnsweredQuestion(Contract):
    """Which question a message answers. outbound_id: the letter's. proof: by its link, of the message's own id."""

    outbound_id: MessageId
    proof: Box = Field(repr=False)
