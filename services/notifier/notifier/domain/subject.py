"""The subject of a mail: the citizen's own words, however often it went to and fro. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 150
_ANSWER_MARKS: Final = re.compile(r"^(\s*(re|aw|sv|tr|fwd?|ré[fp]?)\s*:\s*)+", re.IGNORECASE)
_SUBJECT: Final = "\ue000"  # private use: stands for the subject in a frame, and in nobody's words


@dataclass(frozen=True)
class Frame:
    """What a template of the town's puts around a subject. alone: what it makes of a mail that had none."""

    before: str
    after: str
    alone: str

    @classmethod
    def of(cls, render: Callable[[str], str]) -> "Frame":
        """Read it off what the template makes of a subject. render: a subject in, the framed one out."""
        before, _, after = _unmarked(render(_SUBJECT)).partition(_SUBJECT)
        return cls(before.strip(), after.strip(), _unmarked(render("")))

    def removed_from(self, subject: str) -> str:
        """Return a plain subject without it."""
        if subject == self.alone:
            return ""
        if not self.after:
            return subject.removeprefix(self.before).strip()
        if not subject.endswith(self.after):
            return subject
        return subject.removesuffix(self.after).removeprefix(self.before).strip()


def plain_subject(subject: str | None, frames: Iterable[Frame] = ()) -> str:
    """Return a citizen's subject on one line, without control characters, answer marks, frames or undue length."""
    words = _unmarked("".join(letter if letter.isprintable() else " " for letter in subject or ""))
    frames, longer = tuple(frames), None
    while words != longer:  # an older answer may bear several
        longer = words
        for frame in frames:
            words = _unmarked(frame.removed_from(words))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()}…"


def _unmarked(text: str) -> str:
    return " ".join(_ANSWER_MARKS.sub("", text).split())
