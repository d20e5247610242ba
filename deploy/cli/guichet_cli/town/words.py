"""What `guichet town` says, in French and in English. French is what counts where nobody asks for the other."""

from enum import StrEnum
from typing import Final

from guichet.contracts.channels import Words

HEAD_OF_ANSWERS: Final = (
    "# Les réponses données à « guichet town init », qui reprend où elles s’arrêtent. Aucun secret n’est ici.\n"
)


class Language(StrEnum):
    """Of what is asked and said."""

    FRENCH = "fr"
    ENGLISH = "en"

    def of(self, words: Words) -> str:
        """Return what is said in it."""
        return words.fr if self is Language.FRENCH else words.en


def words(fr: str, en: str) -> Words:
    """Return one sentence in both."""
    return Words(fr=fr, en=en)
