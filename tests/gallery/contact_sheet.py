"""All pictures of a width on one page, under their names, beside what was found. Pure."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from tests.gallery.camera import Picture
from tests.gallery.exhibit import Width

_SHEET: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
  body {{ font: 14px/1.4 system-ui, sans-serif; margin: 24px; background: #e9e6df; color: #1d2a26 }}
  main {{ display: grid; gap: 24px; grid-template-columns: repeat(auto-fill, minmax({column}px, 1fr)); align-items: start }}
  figure {{ margin: 0 }}
  img {{ width: 100%; max-height: 900px; object-fit: cover; object-position: top; border: 1px solid #b9b4a8 }}
  .found {{ color: #8c2f1b }}
</style>
<h1>{title}</h1>
<p>{others}</p>
<main>
{figures}
</main>
"""


def contact_sheet(width: Width, pictures: Iterable[Picture], others: Sequence[Width]) -> str:
    """Return the page as HTML; it links to the pictures beside it, and to the sheets of the other widths."""
    links = (f'<a href="{sheet_name(each)}">{each.name} px</a>' for each in others)
    return _SHEET.format(
        title=f"The desk at {width.name} px",
        column=360 if width.width < 1000 else 480,
        others=" · ".join(links),
        figures="\n".join(map(_figure, pictures)),
    )


def sheet_name(width: Width) -> str:
    """Return the name of a width's sheet in the folder."""
    return f"{width.name}.html"


def _figure(picture: Picture) -> str:
    found = "".join(f'<br><span class="found">{escape(each)}</span>' for each in picture.faults)
    about = f"{picture.file}<br>{picture.exhibit.route}: {picture.exhibit.state}"
    return (
        f'<figure><a href="{picture.file}"><img src="{picture.file}" alt="" loading="lazy"></a>'
        f"<figcaption>{about}{found}</figcaption></figure>"
    )
