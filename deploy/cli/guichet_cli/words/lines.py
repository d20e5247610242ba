"""What `guichet words` says of letters, line by line. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from guichet.channel.segments import SEPTETS, UCS2_UNITS
from guichet.channel.word_previews import KINDS, WordPreview
from guichet.contracts.channels import Words
from guichet.town.costs import MILLIONTHS
from guichet.town.texts import TEMPLATES
from guichet.town.town import Town
from guichet_cli.console.language import Language, words

_SUBJECT: Final = words("Objet : {}", "Subject: {}")
_LENGTH: Final = words("{} caractères", "{} characters")
_BILLED: Final = words("{} message(s) facturé(s) de {} caractères", "{} message(s) billed, of {} characters")
_COST: Final = words("{} {} vers la France", "{} {} to France")
_FROM: Final = words("modèles : {}", "templates: {}")


def listed(town: Town, lang: Language) -> Iterator[str]:
    """Yield each kind with the templates that every letter of it takes, then those of channels and procedures."""
    for kind, title in KINDS.items():
        names = [name for name in TEMPLATES if name.rpartition("_")[0] == kind]
        found = [getattr(texts, name) for texts in (town.texts.base, *town.texts.own.values()) for name in names]
        stamps = dict.fromkeys(f"{each.name} {each.version}" for each in found)
        yield f"{kind} – {lang.of(title)}"
        yield from (f"    {stamp}" for stamp in stamps)


def shown(kind: str, letters: Sequence[WordPreview], lang: Language) -> Iterator[str]:
    """Yield letters as they leave, each with what it is made of and what it costs."""
    for number, letter in enumerate(letters, start=1):
        yield f"── {lang.of(KINDS[kind])} ({number}/{len(letters)})"
        if letter.subject is not None:
            yield lang.of(_SUBJECT).format(letter.subject)
        yield from ("", *letter.text.splitlines(), "")
        yield f"   {', '.join(_counted(letter, lang))}"
        used = ", ".join(f"{name} {version}" for name, version in letter.written_from.items())
        yield f"   {_said(_FROM, lang, used)}"


def trial_text(letter: WordPreview) -> str:
    """Return the words of a trial's mail: the letter's; of a short one with what it is counted as."""
    if letter.subject is not None:
        return letter.text
    return f"{letter.text}\n\n({', '.join(_counted(letter, Language.FRENCH))})"


def _counted(letter: WordPreview, lang: Language) -> Iterator[str]:
    yield _said(_LENGTH, lang, letter.units)
    if letter.segments is not None:
        yield _said(_BILLED, lang, letter.segments, _in_one(letter))
    if letter.cost is not None:
        amount = f"{Decimal(letter.cost) / MILLIONTHS:.3f}"
        yield _said(_COST, lang, amount.replace(".", ",") if lang is Language.FRENCH else amount, letter.currency)


def _in_one(letter: WordPreview) -> int:
    alone, of_several = SEPTETS if letter.seven_bits else UCS2_UNITS
    return alone if letter.segments == 1 else of_several


def _said(sentence: Words, lang: Language, *places: object) -> str:
    return lang.of(sentence).format(*places)
