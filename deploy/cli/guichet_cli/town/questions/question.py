"""One question that describes a town: what is asked, what is taken for an answer, and what it is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from guichet.contracts.channels import Words

Given = Mapping[str, str]
"""What was answered, by the question's name; each as it was kept."""


class RefusedError(ValueError):
    """What was typed is no answer; `words` say what to do."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(fr=fr, en=en)


def as_typed(text: str) -> str:
    """Take any text."""
    return text


@dataclass(frozen=True)
class Question:
    """name: of the answer in the file of answers. read: returns what is kept of what was typed; raises RefusedError.

    default: what counts where nothing is typed; None: something must be. variable: of a secret, by which it is kept
    with the secrets, and nowhere else; one that is not given can be given later.
    """

    name: str
    asks: Words
    default: str | None = None
    read: Callable[[str], str] = as_typed
    variable: str | None = None

    @property
    def is_optional(self) -> bool:
        """Whether nothing is an answer: of a secret, that it is given later."""
        return self.default is not None or self.variable is not None
