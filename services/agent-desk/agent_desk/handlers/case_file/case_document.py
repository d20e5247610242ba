"""A case as one document, as it is typeset."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from agent_desk.domain.case_file.blocks import Block
from guichet.documents.typeset import MAIN, Typescript


@dataclass(frozen=True)
class CaseDocument:
    """footer: at the foot of each page. made_on: in Paris.

    pictures: JPEGs, which blocks name by their number, counted from 0.
    """

    title: str = field(repr=False)
    town: str
    language: str
    made_on: date
    footer: str
    blocks: Sequence[Block] = field(repr=False)
    pictures: Sequence[bytes] = field(repr=False)

    def typescript(self) -> Typescript:
        """Return what is typeset."""
        said = {
            "title": self.title,
            "town": self.town,
            "language": self.language,
            "footer": self.footer,
            "blocks": [asdict(each) for each in self.blocks],
        }
        template = Path(__file__).with_name("case_file.typ").read_text("utf-8")
        return Typescript({MAIN: template}, said, self.made_on, self.pictures)
