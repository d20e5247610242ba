"""What a page says of a day that a clock of the law came to, in its reader's language. Pure."""

from guichet.contracts.channels import Words
from guichet.law.clocks.reached_in_words import reached_in_words
from guichet.store.agents.news import ReachedDay
from guichet.town.long_dates import long_date


def reached_day(reached: ReachedDay, language: str) -> str:
    """Return what is due, how it stands, and the day: no word of anybody's. language: "fr" or "en"."""
    day = Words(fr=long_date(reached.on, "fr"), en=long_date(reached.on, "en"))
    words = reached_in_words(reached.clock, reached.stage, reached.means, day)
    return words.en if language == "en" else words.fr
