"""Whether what a caller says of themselves is what a case knows of who opened it. Pure."""

from typing import Final

from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, InboundContent
from guichet.privacy.blind_tokens import folded_words
from guichet.privacy.normal_form import normalised_email, normalised_phone

LONGEST_FACT: Final = 254  # characters
_FEWEST_WORDS: Final = 2  # of a name: a first name alone is half the town's


def is_known(fact: str, content: InboundContent, registered: str | None = None) -> bool:
    """Say whether a fact is the whole name, an address or a number of who wrote. Case, accents and order do not matter.

    registered: the name of whom the registry surely knows as the author.

    The reference, which the agent has typed, is the other of the two facts.
    """
    words, names = sorted(folded_words(fact)), (content.display_name, registered)
    if len(words) >= _FEWEST_WORDS and any(words == sorted(folded_words(name)) for name in names if name):
        return True
    said = {normalised_email(fact.strip()) if "@" in fact else normalised_phone(fact)} - {None}
    return not said.isdisjoint(
        normalised_email(each.value) if each.kind == MAIL_ADDRESS else normalised_phone(each.value)
        for each in content.sender
        if each.kind in (MAIL_ADDRESS, PHONE_NUMBER)
    )
