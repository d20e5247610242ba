"""Plain text whose lines are to be put together again (RFC 3676, format=flowed). Pure, in one pass."""

from typing import Final

SIGNATURE: Final = "-- "  # stands on a line of its own, though it ends in a blank


def unflowed(text: str, *, deletes_space: bool) -> str:
    """Return the paragraphs of a text. deletes_space: the blank at a line's end is no part of the words (DelSp)."""
    paragraphs: list[list[str]] = []
    depth_before, goes_on = 0, False
    for line in text.split("\n"):
        depth, words = _read_line(line)
        is_signature = words == SIGNATURE
        flows = words.endswith(" ") and not is_signature
        if not goes_on or depth != depth_before or is_signature:
            paragraphs.append([">" * depth + " "] if depth else [])
        paragraphs[-1].append(words[:-1] if flows and deletes_space else words)
        depth_before, goes_on = depth, flows
    return "\n".join("".join(each) for each in paragraphs)


def _read_line(line: str) -> tuple[int, str]:
    """Return how deep a line is quoted, and its words without the blank that protects its beginning."""
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")
