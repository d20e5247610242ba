"""The form of a question: what a citizen answered, what is wrong with it, and what the agent reads of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from citizen_portal.domain.contact_form import FILE_BYTES, TRAP, SentFile
from guichet.channel.content_types import content_type_of
from guichet.channel.text import clean_file_name, clean_text
from guichet.contracts.questions import AskedField, FieldKind
from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.town.long_dates import long_date

MOST_ANSWER_FILES: Final = 10
WORD: Final = "word"  # what nobody asked, and somebody says all the same
_LONGEST: Final = {FieldKind.LINE: 500, FieldKind.WORDS: 20_000}  # characters
_LONGEST_WORD: Final = 5_000
_TAKEN: Final = ("image/", "application/pdf")
_PROGRAM: Final = "image/svg+xml"  # no camera takes one, and it may run what it brings
_OURS: Final = frozenset({"mark", TRAP})  # fields that nobody fills in
_NOTHING: Final = "Sans réponse."
_WORD_TO_THE_SERVICE: Final = with_no_break_spaces("Un mot au service :")


@dataclass(frozen=True)
class QuestionForm:
    """What was typed. values: of each field, blank where it asks for files. files: all, each with its field's name."""

    fields: tuple[AskedField, ...]
    values: tuple[str, ...] = field(default=(), repr=False)
    word: str = field(default="", repr=False)
    trap: str = field(default="", repr=False)
    files: tuple[SentFile, ...] = ()

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, field → a code that the template words, in their order; empty where it can be taken."""
        found = {name: wrong for name, each in self._named() if (wrong := self._wrong(each))}
        if len(self.word) > _LONGEST_WORD:
            found[WORD] = "too-long"
        if not found and not self.says_something:
            found[name_of(0)] = "empty"
        if len(self.files) > MOST_ANSWER_FILES:
            found.setdefault(self.files[MOST_ANSWER_FILES].of, "too-many")
        return found | ({TRAP: "trap"} if self.trap else {})

    @property
    def says_something(self) -> bool:
        """Whether anything was answered."""
        return bool(self.files) or any(each.strip() for each in (*self.values, self.word))

    @property
    def text(self) -> str:
        """Each question with its answer, as the agent reads it."""
        said = [f"{place}. {each.label}\n{self._answer(place - 1)}" for place, each in enumerate(self.fields, start=1)]
        if self.word.strip():
            said.append(f"{_WORD_TO_THE_SERVICE}\n{self.word.strip()}")
        return clean_text("\n\n".join(said))

    def value(self, place: int) -> str:
        """Return what was typed into a field."""
        return self.values[place] if place < len(self.values) else ""

    def files_of(self, place: int) -> tuple[SentFile, ...]:
        """Return the files of a field."""
        return tuple(each for each in self.files if each.of == name_of(place))

    def _answer(self, place: int) -> str:
        asked, said = self.fields[place], self.value(place).strip()
        if asked.kind is FieldKind.FILES:
            return ", ".join(clean_file_name(each.name, "fichier") for each in self.files_of(place)) or _NOTHING
        if asked.kind is FieldKind.DAY and _is_day(said):  # what is none comes back as it was typed
            return long_date(date.fromisoformat(said), "fr")
        return said or _NOTHING

    def _named(self) -> Iterator[tuple[str, int]]:
        return ((name_of(place), place) for place in range(len(self.fields)))

    def _wrong(self, place: int) -> str | None:
        asked, said = self.fields[place], self.value(place).strip()
        if asked.kind is FieldKind.FILES:
            return self._wrong_with_files(self.files_of(place), required=asked.required)
        if not said:
            return "missing" if asked.required else None
        if asked.kind is FieldKind.CHOICE:
            return None if said in asked.choices else "invalid"
        if asked.kind is FieldKind.DAY:
            return None if _is_day(said) else "invalid-day"
        return "too-long" if len(said) > _LONGEST[asked.kind] else None

    @staticmethod
    def _wrong_with_files(files: Sequence[SentFile], *, required: bool) -> str | None:
        if required and not files:
            return "missing-file"
        if any(len(each.content) > FILE_BYTES for each in files):
            return "too-large"
        types = (content_type_of(clean_file_name(each.name, "fichier")) for each in files)
        is_taken = all(each.startswith(_TAKEN) and each != _PROGRAM for each in types)
        return None if is_taken else "other-type"


def name_of(place: int) -> str:
    """Return the name of a field in the form. place: from 0."""
    return f"q{place + 1}"


def read_question_form(
    asked: tuple[AskedField, ...], fields: Mapping[str, str], files: tuple[SentFile, ...]
) -> QuestionForm:
    """Return the form that a browser sent; a field that it left out is blank, a file of no field of ours is none."""
    typed = {name: value.replace("\r\n", "\n") for name, value in fields.items()}
    wanted = {name_of(place) for place, each in enumerate(asked) if each.kind is FieldKind.FILES}
    return QuestionForm(
        fields=asked,
        values=tuple(typed.get(name_of(place), "") for place in range(len(asked))),
        word=typed.get(WORD, ""),
        trap=typed.get(TRAP, ""),
        files=tuple(each for each in files if each.of in wanted),
    )


def typed_words(fields: Mapping[str, str]) -> str:
    """Return what somebody typed into a form whose questions nobody can read any more."""
    return "\n\n".join(said.strip() for name, said in fields.items() if name not in _OURS and said.strip())


def _is_day(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False
