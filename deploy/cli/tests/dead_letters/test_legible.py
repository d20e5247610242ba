"""What a citizen, or a stolen adapter, wrote does nothing to the terminal of the operator who looks at it."""

import unicodedata
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.ids import EventId
from guichet.kafka.dead_letters.index import IndexedLetter
from guichet_cli.console.terminal_text import legible, on_one_line
from guichet_cli.dead_letters.command import _line, _shown

WIPES_THE_SCREEN = "\x1b[2J\x1b]52;c;cm0gLXJmIH4=\x07\x9b1m\u202e\r"
LETTER = DeadLetter(
    event_id=EventId("d1"),
    occurred_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    topic="inbound-email",
    partition=0,
    offset=4,
    group="case-router\n0123456789ab an open letter",
    reason=WIPES_THE_SCREEN,
    error="KeyError",
    record=Sealed.model_validate({"key_id": "k", "box": "AAAA"}),
)


def test_a_dead_letter_that_is_shown_does_nothing_to_the_terminal() -> None:
    said = f"Bonjour,\r\nété\t{WIPES_THE_SCREEN}".encode()
    record = DeadLetterContent.model_construct(
        key=said, value=said, headers=(("h", said),), error_text=f"not {WIPES_THE_SCREEN}"
    )
    told = _shown(LETTER, record)
    assert [letter for letter in told if not letter.isprintable() and letter not in "\n\t"] == []
    assert "Bonjour,\nété\t\\x1b[2J" in told, "it is still read as it was written"


def test_a_listed_dead_letter_is_one_line() -> None:
    assert _line(IndexedLetter(LETTER, 0)).isprintable()


@given(st.text())
def test_whatever_was_written_is_legible(text: str) -> None:
    assert {unicodedata.category(letter) for letter in on_one_line(text)}.isdisjoint({"Cf", "Co", "Cs", "Zl", "Zp"})
    assert "\x1b" not in on_one_line(text)
    legible(text).encode()
