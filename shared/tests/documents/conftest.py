"""Typesets in the test's own process, hence without limits: some hundred documents."""

import re
from datetime import UTC, datetime

import pypdfium2
import pytest
import typst

from guichet.documents.typesetting_process import Press, Sheets


class Printer:
    """Makes documents, and reads them."""

    def __init__(self) -> None:
        self._press = Press(typst.Fonts(include_system_fonts=False))

    def typeset(self, typescript) -> bytes:
        made_on = datetime.combine(typescript.made_on, datetime.min.time(), UTC)
        sheets = Sheets(typescript.templates, typescript.pictures, made_on, typescript.standards)
        return self._press.typeset(sheets, typescript.said)

    def open(self, document) -> pypdfium2.PdfDocument:
        return pypdfium2.PdfDocument(self.typeset(document.typescript()))

    def words(self, document) -> list[str]:
        """Return each page's words, all spaces alike."""
        return [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in self.open(document)]


@pytest.fixture(scope="session")
def printer() -> Printer:
    return Printer()
