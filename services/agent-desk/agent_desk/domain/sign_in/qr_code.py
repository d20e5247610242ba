"""A QR code as SVG within the page: nothing goes to another host, nothing needs a style of its own. Pure."""

from typing import Final

import segno
from markupsafe import Markup

_QUIET_ZONE: Final = 4  # modules, ISO/IEC 18004


def qr_code(text: str) -> Markup:
    """Return an <svg> that scales with its box. The page says in words what it is."""
    code = segno.make(text, error="l", boost_error=False, micro=False)
    svg = code.svg_inline(border=_QUIET_ZONE, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return Markup(svg)  # noqa: S704  segno's own drawing: of the text there are but modules in it
