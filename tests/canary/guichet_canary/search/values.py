"""What is planted, and the shapes in which it may be written down again. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

SHORTEST = 8  # characters of a needle: a shorter one turns up by chance in what is sealed
_FRENCH = "+33"


class Kind(StrEnum):
    """How a value is cut into needles."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"


@dataclass(frozen=True)
class Canary:
    """An invented value that stands nowhere else in the world. label: names it in a report, as in "mail: subject"."""

    label: str
    value: str
    kind: Kind = Kind.TEXT

    @property
    def needles(self) -> tuple[str, ...]:
        """Return what to look for: any one of them gives the person away, and one is in whatever holds the value.

        A text's longer words (a given name, a search word); an address's two halves; a number as the French dial it,
        as others do, with what people put between the digits.
        """
        parts = dict.fromkeys(each for each in self._parts() if len(each) >= SHORTEST)
        return tuple(parts) or (self.value,)

    def _parts(self) -> tuple[str, ...]:
        match self.kind:
            case Kind.TEXT:
                return tuple(re.findall(r"\w+", self.value))
            case Kind.EMAIL:
                return tuple(self.value.split("@"))
            case Kind.PHONE:
                return (self.value, *_ways_to_write(self.value))
            case Kind.NUMBER:
                return ()


def _ways_to_write(phone: str) -> list[str]:
    """Return the ways to write an E.164 number of France. The last one ends all of them."""
    digits = phone.removeprefix(_FRENCH)
    if digits == phone or len(digits) != 9:
        raise ValueError(f"{phone} is no French number in E.164")
    pairs = [digits[0], *(digits[place : place + 2] for place in range(1, 9, 2))]
    spaced = [mark.join(pairs) for mark in (" ", ".", "-", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")]
    return [f"33{digits}", f"0{digits}", *spaced]
