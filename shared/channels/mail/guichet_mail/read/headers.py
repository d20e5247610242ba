"""The headers of a mail as text, however broken. Pure.

Python's own header parser (policy default) is not asked: on crooked input it raises a dozen kinds of exceptions, some
of them while the body is parsed, and takes quadratic time. Sources: RFC 5322, RFC 2047, RFC 6532.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import groupby, islice
from typing import Final, Self

from guichet.channel.text import clean_text
from guichet_mail.read.charsets import decode_text

LONGEST_RESULTS: Final = 8 * 1024  # characters of an Authentication-Results; what real servers write has some hundreds
HEADER_CHARS = 64 * 1024  # longer ones are attacks
# Each address costs 50 µs. Of those who are written to 200 are kept; of who writes the first one counts.
AUTHOR_CHARS = 4 * 1024
ADDRESSEES_CHARS = 12 * 1024
LINE_CHARS = 998  # of one line (RFC 5322 2.1.1), so of a Message-ID or an address that is meant seriously

# A question mark stands for itself in many a mail, though none may; the beginning of another word never does.
_ENCODED = r"(?:[^?=]|=(?!\?[^=])|\?(?!=)){0,998}+"
_ENCODED_WORD = re.compile(rf"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?({_ENCODED})\?=")
_RUNS = re.compile(
    rf"((?:=\?[^?\s]+\?[bBqQ]\?{_ENCODED}\?=\s*)*=\?[^?\s]+\?[bBqQ]\?{_ENCODED}\?=)",
)
_FOLD = re.compile(r"\r?\n")
_BRACKETED = re.compile(r"<([^<>\s]+)>")
_LETTER = r"[^\s<>,;:\"()\[\]\\@]"
# Looked for at the beginning of a run of letters alone: tried at each of its letters, a run without @ costs its square.
_ADDRESS = re.compile(rf"(?<!{_LETTER}){_LETTER}++@{_LETTER}++")
_WORD = r"[\w!#$%&'*+/=?^`{|}~.-]++"  # RFC 5322 3.2.3, RFC 6532
# What nearly every From and To holds: a@b.example, or Zoé M. <a@b.example>, or "Zoé (M.)" <a@b.example>.
_BARE_ADDRESS = re.compile(rf"{_WORD}@{_WORD}")
_NAMED_ADDRESS = re.compile(rf'(?:"([^"\\\r\n]*+)"|({_WORD}(?: {_WORD})*+)) <({_WORD}@{_WORD})>')
# What stands before the brackets is a name. Python takes an address in it, as Outlook writes, for a second author.
_LOOSELY_NAMED = re.compile(rf'\s*+([^<>"(),;:\\]*+)<({_WORD}@{_WORD})>\s*+')


@dataclass(frozen=True)
class Mailbox:
    """One address of a From, To … header. name: what the sender calls it, possibly empty."""

    name: str
    address: str


class Headers:
    """The headers of one mail or part, by name in lower case, unfolded, as Unicode with encoded words still in it."""

    def __init__(self, fields: Iterable[tuple[str, str]], *, last: Iterable[tuple[str, str]] | None = None) -> None:
        """last: the lowest headers of the mail, where there are more of them than `fields`."""
        self._last = None if last is None else [(name.lower(), value) for name, value in last]
        self._in_order = [(name.lower(), value) for name, value in fields]
        self._fields: dict[str, list[str]] = {}
        for name, value in self._in_order:
            self._fields.setdefault(name, []).append(value)
        self._mailboxes: dict[str, list[Mailbox]] = {}
        self._texts: dict[str, str] = {}

    @classmethod
    def of(cls, part: Message) -> Self:
        """Return the headers of a mail or part as Python's parser keeps them."""
        return cls(part.raw_items())

    def fields(self) -> list[tuple[str, str]]:
        """Return name and raw value of each header, top first: `as_text` reads it."""
        return self._in_order

    def names(self) -> list[str]:
        """Return the name of each header that is there."""
        return list(self._fields)

    def has_any(self, names: Collection[str]) -> bool:
        """Return whether there is a header of one of these names."""
        return not self._fields.keys().isdisjoint(names)

    def those_of(self, names: Iterable[str]) -> list[str]:
        """Return which of these names there is a header of."""
        return [each for each in names if each in self._fields]

    def has_one_of(self, beginning: str) -> bool:
        """Return whether there is a header whose name begins so, in small letters."""
        return f"\n{beginning}" in "\n".join(("", *self._fields))  # a third of what asking each name costs

    def count(self, name: str) -> int:
        """Return how many headers of a name there are."""
        return len(self._fields.get(name, ()))

    def all(self, name: str) -> list[str]:
        """Return every value of a header, top first."""
        return [as_text(value) for value in self._fields.get(name, ())]  # only here: most headers are never asked for

    def first(self, name: str) -> str:
        """Return the topmost value of a header, or an empty string."""
        values = self._fields.get(name)
        return as_text(values[0]) if values else ""

    def lowest_first(self, names: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield name and value of each header of these names, from the end of all headers."""
        fields = self._in_order if self._last is None else self._last
        return ((name, as_text(value)) for name, value in reversed(fields) if name in names)

    def text(self, name: str) -> str:
        """Return the topmost value with its encoded words decoded (Subject)."""
        if name not in self._texts:
            self._texts[name] = decode_words(self.first(name)).strip()
        return self._texts[name]

    def mailboxes(self, name: str) -> list[Mailbox]:
        """Return the addresses of every header of that name, as far as they are meant seriously."""
        if name not in self._mailboxes:
            most = ADDRESSEES_CHARS if name in ("to", "cc") else AUTHOR_CHARS
            found = [mailbox for value in _beginning(self.all(name), most) for mailbox in _read_mailboxes(value)]
            self._mailboxes[name] = [mailbox for mailbox in found if len(mailbox.address) <= LINE_CHARS]
        return self._mailboxes[name]

    def message_ids(self, name: str) -> tuple[str, ...]:
        """Return the Message-IDs of a header, brackets removed; without brackets, its words."""
        value = " ".join(self.all(name))
        found = _BRACKETED.findall(value) or value.split()
        return tuple(each for each in found if len(each) <= LINE_CHARS)

    def date(self) -> datetime | None:
        """Return the sender's own Date in UTC, or None where it is missing or nonsense."""
        try:
            written = parsedate_to_datetime(self.first("date"))
            return written.replace(tzinfo=UTC) if written.tzinfo is None else written.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def decode_words(text: str) -> str:
    """Return a header's text with RFC 2047 encoded words decoded; what does not decode stays as it is."""
    if "=?" not in text:
        return clean_text(text)
    return clean_text("".join(_decode_run(run) for run in _RUNS.split(text)))


def _decode_run(run: str) -> str:
    """Decode adjacent words of one charset together: senders cut characters of several bytes between two words."""
    words = _ENCODED_WORD.findall(run)
    if not words:
        return run
    try:
        by_charset = groupby(words, key=lambda word: word[0].lower())
        return "".join(decode_text(b"".join(map(_word_bytes, group)), charset) for charset, group in by_charset)
    except (ValueError, binascii.Error):
        return run


def _word_bytes(word: tuple[str, str, str]) -> bytes:
    _, encoding, text = word
    if encoding in "bB":
        return base64.b64decode(text + "=" * (-len(text) % 4))
    return quopri.decodestring(text.encode("utf-8"), header=True)


def as_text(raw: str) -> str:
    """Return a header's value as text: undo the escapes that stand for bytes above 127, and the folding."""
    text = raw[:HEADER_CHARS]
    if not text.isascii():
        text = decode_text(text.encode("utf-8", "surrogateescape"), None)
    return clean_text(_FOLD.sub("", text) if "\n" in text else text)


def _beginning(values: list[str], most: int) -> Iterator[str]:
    """Yield the values up to so many characters together; the last one ends before an address that is not whole."""
    for value in values:
        if len(value) > most:
            yield value[:most].rpartition(",")[0] or value[:most]
            return
        yield value
        most -= len(value)


def _read_mailboxes(value: str) -> list[Mailbox]:
    """Read a list of addresses. Python's reading costs 50 µs an address, and is for what is not plain."""
    if _BARE_ADDRESS.fullmatch(value):
        return [Mailbox("", value)]
    if named := _NAMED_ADDRESS.fullmatch(value):
        return [Mailbox(decode_words(named[1] or named[2] or "").strip(), named[3])]
    return _read_crooked_mailboxes(value)


def _read_crooked_mailboxes(value: str) -> list[Mailbox]:
    if named := _LOOSELY_NAMED.fullmatch(value):
        return [Mailbox(decode_words(named[1]).strip(), named[2])]
    try:
        pairs = getaddresses([value])
    except (ValueError, IndexError, TypeError, RecursionError):
        pairs = []
    found = [Mailbox(decode_words(name).strip(), address.strip()) for name, address in pairs if address.strip()]
    return found or [Mailbox("", address) for address in _ADDRESS.findall(value)]


HEAD_BYTES: Final = 128 * 1024  # of what a mail server adds on the way, 60 KB have been seen
MOST_HEADERS: Final = 20_000
TAIL_BYTES: Final = 16 * 1024  # of a head that is longer: what a filter adds at its end
_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_ROOM: Final = {"authentication-results": LONGEST_RESULTS + 1}  # cut shorter, a refusal would be lost
_FIELD: Final = re.compile(
    r"^([!-9;-~]{1,76}+):[ \t]*+([^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*+)", re.MULTILINE
)  # RFC 5322 2.2


def read_head(content: bytes) -> Headers:
    """Return the first headers of a mail, each cut to what a line holds."""
    head, end, _ = content[:HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = _fields(head, MOST_HEADERS)
    return Headers(fields, last=None if end and len(fields) < MOST_HEADERS else _last_fields(content))


def _last_fields(content: bytes) -> list[tuple[str, str]]:
    """Return the lowest headers of a mail that has too many: servers add theirs there, too."""
    end = _END_OF_HEAD.search(content)
    head = content[: end.start()] if end else content
    return _fields(head[-TAIL_BYTES:].replace(b"\r\n", b"\n").partition(b"\n")[2], MOST_HEADERS)


def _fields(head: bytes, most: int) -> list[tuple[str, str]]:
    found = islice(_FIELD.finditer(head.decode("utf-8", "surrogateescape")), most)
    return [(name, value[: _ROOM.get(name.lower(), LINE_CHARS)]) for name, value in (each.groups() for each in found)]
