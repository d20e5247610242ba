"""What the town tells citizens about their data (GDPR art. 13, docs/law.md 31), as the portal shows it."""

from pydantic import Field

from guichet.town.values import TownModel


class NoticeSection(TownModel):
    """A heading and its paragraphs, plain text."""

    title: str
    paragraphs: tuple[str, ...] = Field(min_length=1)


class PrivacyNotice(TownModel):
    """privacy.yaml"""

    title: str
    sections: tuple[NoticeSection, ...] = Field(min_length=1)
