"""What a case is called on the agent's list. Pure."""

from collections.abc import Iterable

from guichet.town.new_case_words import without_new_case_word

LONGEST_SUBJECT = 200
LONGEST_BEGINNING = 80  # characters


def choose_subject(subject: str | None, text: str, new_case_words: Iterable[str] = ()) -> str:
    """Return the citizen's subject, else the first words of the text; blank when there is neither (a photo).

    new_case_words: what opens a case in the channel's conversations (/nouvelle …): said to us, not about the matter.
    """
    if subject and subject.strip():
        return _first_words(subject, LONGEST_SUBJECT)
    return _first_words(without_new_case_word(text, new_case_words), LONGEST_BEGINNING)


def _first_words(text: str, at_most: int) -> str:
    """Return the beginning in one line, cut between words where it is too long."""
    line = " ".join(text[: 10 * at_most].replace("\0", " ").split())
    if len(line) <= at_most:
        return line
    whole_words, blank, _ = line[:at_most].rpartition(" ")
    return f"{whole_words if blank and len(whole_words) > at_most // 2 else line[: at_most - 1]}…"
