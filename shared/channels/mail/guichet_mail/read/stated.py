"""What two headers state of a part. Pure. Sources: RFC 2045, 2183, 2231, 3676."""

import re
from email.message import Message
from functools import cached_property, lru_cache
from typing import Final

from guichet_mail.read.file_names import read_file_name
from guichet_mail.read.headers import as_text, decode_words
from guichet_mail.read.tree import PARAMETERS_CHARS


class Stated:
    """What two headers state of a part, read by Python when it is asked for, in a message with nothing else."""

    def __init__(self, content_type: str, disposition: str) -> None:
        self._values = content_type[:PARAMETERS_CHARS], disposition[:PARAMETERS_CHARS]
        self._parameters = Message()
        for name, value in zip(_NAMES, self._values, strict=True):
            if value:
                self._parameters[name] = value

    @cached_property
    def content_type(self) -> str:
        """What kind of content it is, in lower case; text/plain where nothing usable is said."""
        return self._parameters.get_content_type()

    @cached_property
    def charset(self) -> str | None:
        """What its text is said to be written in."""
        try:
            return self._parameters.get_content_charset()
        except (ValueError, LookupError, TypeError):
            return None

    @cached_property
    def name(self) -> str | None:
        """The name of a file as Python reads it. Ids are made of it, so it stays as it is."""
        try:
            name = self._parameters.get_filename()
        except (ValueError, LookupError, TypeError):  # crooked RFC 2231
            return None
        return decode_words(name) if name is not None else None

    @cached_property
    def file_name(self) -> str | None:
        """The name of a file, read as well as it can be."""
        if not any(sign in value for sign in "*%" for value in self._values):
            return self.name
        content_type, disposition = self._values
        return read_file_name(disposition, "filename") or read_file_name(content_type, "name") or self.name

    @cached_property
    def is_attached(self) -> bool:
        """Whether it comes beside the letter."""
        return self._parameters.get_content_disposition() == "attachment"

    @cached_property
    def is_flowed(self) -> bool:
        """Whether lines that end in a blank go on in the next one (RFC 3676)."""
        return self.content_type == "text/plain" and self.parameter("format").lower() == "flowed"

    @cached_property
    def deletes_space(self) -> bool:
        """Whether that blank is no part of the words."""
        return self.parameter("delsp").lower() == "yes"

    def parameter(self, name: str) -> str:
        """Return a plain parameter of the Content-Type, empty where there is none."""
        try:
            value = self._parameters.get_param(name, "")
        except (ValueError, LookupError, TypeError):
            return ""
        return value if isinstance(value, str) else ""


_NAMES: Final = ("content-type", "content-disposition")
# Most letters say one of a few things; read anew for each it costs 20 µs. No name of a file is remembered.
_COMMON = re.compile(r"text/(plain|html); ?charset=[\"\w-]+(; ?format=flowed)?(; ?delsp=yes)?")
_stated_again = lru_cache(maxsize=64)(Stated)


def stated_of(part: Message) -> Stated:
    """Return what the headers of a part state of it."""
    stated: dict[str, str] = {}
    for name, value in part.raw_items():  # of some dozens two are asked for
        if (lower := name.lower()) in _NAMES:
            stated.setdefault(lower, value)
    content_type, disposition = (as_text(stated.get(each, "")) for each in _NAMES)
    is_common = not disposition and len(content_type) < 100 and _COMMON.fullmatch(content_type)
    return _stated_again(content_type, disposition) if is_common else Stated(content_type, disposition)
