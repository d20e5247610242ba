"""A stack of letters as a scanner hands it over: a page a letter, the desk's own separator sheets between."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

A4: Final = (1240, 1754)  # at 150 dots an inch
PAPER: Final = 245
NAMES: Final = ("Irene Kowalczyk", "Marek Nowak", "Salima Ferhat", "Jean Ollivier", "Rose Delmas")
MATTERS: Final = ("branche sur le trottoir", "trottoir trop haut", "lampadaire cassé", "trou devant le portail")


@dataclass(frozen=True)
class Letter:
    """What stands on one: who writes, about what, in a sentence."""

    name: str
    subject: str
    text: str


LETTERS: Final = tuple(
    Letter(name, f"{matter}, {number} rue Basse", f"Le {matter.split()[0]} du {number}, rue Basse, est dangereux.")
    for number, (name, matter) in enumerate(((name, matter) for matter in MATTERS for name in NAMES), 1)
)
"""Twenty."""


def stack_of(letters: Sequence[Letter], separator: bytes) -> bytes:
    """Return a PDF of all their pages. separator: a picture of the code on the desk's separator sheet."""
    sheet = Image.new("L", A4, PAPER)
    sheet.paste(Image.open(io.BytesIO(separator)).convert("L"), (300, 300))
    pages = [page for letter in letters for page in (sheet, _page(letter))]
    pdf = io.BytesIO()
    pages[0].save(pdf, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return pdf.getvalue()


def _page(letter: Letter) -> Image.Image:
    page, font = Image.new("L", A4, PAPER), ImageFont.load_default(30)
    lines = (letter.name, "22, rue Basse", "", "Monsieur le Maire", "", f"Objet : {letter.subject}", "", letter.text)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((140, 160 + 60 * number), line, fill=15, font=font)
    return page
