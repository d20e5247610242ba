"""In which language a command speaks. French is what counts where nobody asks for the other."""

from enum import StrEnum

from guichet.contracts.channels import Words


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
