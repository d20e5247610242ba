"""What a citizen typed, made safe to carry. Pure; every adapter cleans with these two and with nothing else."""

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
NAME_BYTES = 200  # what every file system and S3 console shows whole

_UNCARRIABLE = re.compile("[\x00\ud800-\udfff]")  # NUL stops C libraries, a lone surrogate has no UTF-8
_IN_NO_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return `text` with NUL and lone surrogates replaced by U+FFFD: seen by the agent, harmless to the store."""
    if "\x00" not in text and (text.isascii() or _has_utf_8(text)):  # a tenth of what looking at each letter costs
        return text
    return _UNCARRIABLE.sub(REPLACEMENT, text)


def _has_utf_8(text: str) -> bool:
    """Return whether no surrogate in it stands alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_file_name(name: str | None, default: str) -> str:
    """Return a file name fit for a screen and a disk: no folder, no control, at most 200 bytes of UTF-8.

    Marks that turn the writing direction go too: they make `tnemeucod.exe` look like a document.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    visible = _IN_NO_NAME.sub("", unicodedata.normalize("NFC", last)).strip(" .")
    return _shorten(visible) if visible else default


def _shorten(name: str) -> str:
    """Cut in the middle, so that the extension stays."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 16:
        stem, dot, extension = name, "", ""
    room = NAME_BYTES - len(dot.encode()) - len(extension.encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension
