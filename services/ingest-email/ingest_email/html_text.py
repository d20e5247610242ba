"""What a reader sees of an HTML mail, as plain text. Pure: nothing is fetched, nothing runs."""

import re
from html import unescape

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

from guichet.channel.text import clean_text

_SHOW_LINKS = ParserConfig(display_links=True)  # the agent sees where a link leads
_HIDDEN = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")  # stops at the next `<`: a row of them costs linear time


def html_to_text(html: str) -> str:
    """Return the visible text of an HTML document, scripts and styles left out; broken markup gives what it can."""
    clean = clean_text(html)
    try:
        visible = str(get_text(clean, _SHOW_LINKS)).strip()
    except (LxmlError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        visible = ""
    return visible or _without_tags(clean)  # lxml drops what is nested hundreds deep


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub(" ", _HIDDEN.sub(" ", html))).strip()
