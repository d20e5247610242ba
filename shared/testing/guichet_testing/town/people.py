"""Citizens whom the sandbox plays, and what names each of them and nobody else. Everybody is invented."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Person:
    """sandbox: their name there. addresses: all that lead to them alone; words: others that only they are called by.

    second: another mail address of theirs, where they have one.
    """

    sandbox: str
    name: str
    mail: str
    addresses: tuple[str, ...]
    words: tuple[str, ...] = ()
    second: str = ""

    @property
    def markers(self) -> tuple[str, ...]:
        """Return what a text that is about them may say, and no other text does."""
        return (*self.words, *self.addresses)

    @property
    def known_as(self) -> tuple[str, ...]:
        """Return what a list of names has of them."""
        return (self.name, self.mail, self.second, *self.addresses, *(f"+{each}" for each in self.addresses))


AMINA: Final = Person(
    sandbox="amina-benali",
    name="Amina Benali",
    mail="amina.benali@courriel.example",
    addresses=("amina.benali@courriel.example", "a.benali@travail.example", "33639980101", "710000101"),
    words=("Benali",),
    second="a.benali@travail.example",
)
LOUIS: Final = Person(  # shares a phone with Jeanne
    sandbox="louis-marchand",
    name="Louis Marchand",
    mail="louis.marchand@courriel.example",
    addresses=("louis.marchand@courriel.example", "710000102"),
    words=('"Louis"', "Louis Marchand"),
)
JEANNE: Final = Person(
    sandbox="jeanne-marchand",
    name="Jeanne Marchand",
    mail="jeanne.marchand@courriel.example",
    addresses=("jeanne.marchand@courriel.example", "710000103"),
    words=('"Jeanne"',),
)
THOMAS: Final = Person(  # a student has the same name
    sandbox="thomas-lefevre",
    name="Thomas Lefèvre",
    mail="thomas.lefevre@courriel.example",
    addresses=("boulangerie@lefevre.example", "thomas.lefevre@courriel.example", "33639980104", "710000104"),
    second="boulangerie@lefevre.example",
)
NGOC: Final = Person(  # the registry does not know her
    sandbox="ngoc-anh-tran",
    name="Ngọc Ánh Trần",
    mail="ngoc.anh.tran@courriel.example",
    addresses=("ngoc.anh.tran@courriel.example", "ngocanh@ailleurs.example", "33639980106", "710000106"),
    words=("Trần",),
    second="ngocanh@ailleurs.example",
)
