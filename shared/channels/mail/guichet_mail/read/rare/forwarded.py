"""Mails that came within a mail: their words stand in the letter, under who wrote them and when. Pure."""

from guichet.channel.text import clean_text
from guichet.errors import PermanentError
from guichet.town.long_dates import long_date
from guichet.web.local_time import clock_time
from guichet_mail.read.headers import Headers
from guichet_mail.read.parts import Leaf
from guichet_mail.read.rare.opened import UNOPENED, Opened, Within

_LINE_CHARS = 500  # of who wrote, to whom, of what


def open_mail(leaf: Leaf, within: Within) -> Opened:
    """Return the words and files of a mail that a mail has with it."""
    try:
        mail = within.read(leaf.content)
    except PermanentError:
        return UNOPENED
    return Opened(text=f"{mail.heading}\n\n{mail.text}".rstrip(), files=mail.files, remarks=mail.remarks)


def heading_of(headers: Headers) -> str:
    """Return who wrote a mail to whom, when and of what, as mail programs put it above what they forward."""
    written_at = headers.date()
    lines = {
        "De": headers.text("from"),
        "Date": f"{long_date(written_at, 'fr')}, {clock_time(written_at)}" if written_at else "",
        "À": headers.text("to"),
        "Objet": headers.text("subject"),
    }
    told = (f"{name} : {clean_text(value)[:_LINE_CHARS]}" for name, value in lines.items() if value)
    return "\n".join(("-------- Courriel joint --------", *told))
