"""A thousand mails of which we know who belongs with whom: the replay proof's corpus. Everybody in it is invented.

Every mail bears the name of its thread: mails of one thread are one case, in whatever order they arrive. What does
depend on the order is left out, because nobody could tell: someone who is introduced into a thread by a mail that
comes after theirs, or a stranger who addresses the very people of the thread that they quote.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

CONTACT, ROADS, CCAS = "contact@mairie.example", "voirie@mairie.example", "ccas@mairie.example"
WORDS = [
    "lampadaire",
    "trottoir",
    "bruit",
    "cantine",
    "passeport",
    "arbre",
    "poubelle",
    "crèche",
    "permis",
    "stationnement",
]
BEGUN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Letter:
    """One mail. thread: the case it belongs to. deliveries: recipients of each LMTP transaction that brings it."""

    number: int
    thread: str
    sender: str
    message_id: str | None
    to: tuple[str, ...] = (CONTACT,)
    cc: tuple[str, ...] = ()
    subject: str = "Question"
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    deliveries: tuple[tuple[str, ...], ...] = field(default=((CONTACT,),))

    def to_bytes(self) -> bytes:
        """Return the mail as it travels. By hand: Python's email package takes a millisecond, a hundred times as long."""
        said = f"Bonjour, lettre {self.number} : {WORDS[self.number % len(WORDS)]}. Merci."
        fields = {
            "From": self.sender,
            "To": ", ".join(self.to),
            "Cc": ",\r\n ".join(self.cc),
            "Subject": self.subject,
            "Date": format_datetime(BEGUN + timedelta(minutes=self.number)),
            "Message-ID": self.message_id and f"<{self.message_id}>",
            "In-Reply-To": self.in_reply_to and f"<{self.in_reply_to}>",
            "References": "\r\n ".join(f"<{reference}>" for reference in self.references),
            "Content-Type": 'text/plain; charset="utf-8"',
            "Content-Transfer-Encoding": "7bit" if said.isascii() else "8bit",
            "MIME-Version": "1.0",
        }
        head = (f"{name}: {value}" for name, value in fields.items() if value)
        return "\r\n".join([*head, "", said, ""]).encode()

    def answered(self, number: int, sender: str, **changed: object) -> "Letter":
        """Return an answer to this mail in its thread, to everybody."""
        assert self.message_id is not None
        people = dict.fromkeys(
            (self.sender, *self.cc, *(each for each in self.to if not each.endswith("@mairie.example")))
        )
        fields: dict[str, object] = {
            "number": number,
            "sender": sender,
            "message_id": f"{number}.{_domain(sender)}",
            "to": (CONTACT,),
            "cc": tuple(person for person in people if person != sender),
            "subject": f"Re: {self.subject}",
            "in_reply_to": self.message_id,
            "references": (*self.references, self.message_id),
            "deliveries": ((CONTACT,),),
        }
        return replace(self, **(fields | changed))  # type: ignore[arg-type]


class CorpusMaker:
    """Makes letters. One seed, one corpus. begin: where people, numbers and threads begin to be counted."""

    def __init__(self, seed: int, begin: int = 0) -> None:
        self._chance = random.Random(seed)
        self._count = begin
        self._people = begin
        self._threads = begin

    def make_single(self, count: int) -> list[Letter]:
        """Return so many mails and answers that are each of a thread of one person, each with a Message-ID."""
        letters: list[Letter] = []
        while len(letters) < count:
            letters.extend(self._dialogue())
        return letters[:count]

    def make_triples(self, count: int) -> list[Letter]:
        """Return so many threads of one root, its answer and a stranger who quotes the answer; any may be first."""
        return [letter for _ in range(count) for letter in self._stranger_quotes_the_answer_to_a_late_root()]

    def make(self, size: int) -> list[Letter]:
        """Return exactly `size` mails; each kind of thread is there when there is room for it."""
        letters: list[Letter] = []
        kinds = self._kinds()
        while len(letters) < size:
            letters.extend(next(kinds)())
        return letters[:size]

    def _kinds(self) -> Iterator[Callable[[], list[Letter]]]:
        """Yield kinds of thread, the usual ones more often."""
        rare = [
            self._several_people,
            self._forwards,
            self._same_subject,
            self._one_message_id,
            self._two_mailboxes,
            self._two_deliveries,
            self._without_message_id,
            self._late_root,
            self._stranger_quotes,
            self._stranger_quotes_and_goes_on,
            self._stranger_quotes_the_answer_to_a_late_root,
            self._answers_by_in_reply_to_alone,
        ]
        while True:
            for kind in rare:
                yield kind
                yield self._chance.choice([self._single, self._dialogue])

    def _single(self) -> list[Letter]:
        return [self._root()]

    def _dialogue(self) -> list[Letter]:
        """One person writes again and again, each time answering the mail before."""
        letters = [self._root()]
        for _ in range(self._chance.randint(1, 5)):
            letters.append(letters[-1].answered(self._number(), letters[0].sender))
        return letters

    def _several_people(self) -> list[Letter]:
        """A root with people in copy; all of them answer all, whichever mail they have before them."""
        people = [self._person() for _ in range(self._chance.randint(2, 4))]
        letters = [replace(self._root(), cc=tuple(people))]
        for _ in range(self._chance.randint(2, 6)):
            answered = self._chance.choice(letters)
            author = self._chance.choice([letters[0].sender, *people])
            letters.append(answered.answered(self._number(), author))
        return letters

    def _forwards(self) -> list[Letter]:
        """Two people forward the same mail of somebody else, which the town never saw: two requests."""
        outside = f"{self._number()}.annonce@lettre.example"
        return [
            replace(self._root(), subject="Fwd: Fermeture de la rue", references=(outside,), in_reply_to=in_reply_to)
            for in_reply_to in (outside, None)
        ]

    def _same_subject(self) -> list[Letter]:
        """Different people, one subject, even with Re: in front: nothing binds them."""
        subject = f"Travaux rue {self._chance.choice(WORDS)}"
        return [replace(self._root(), subject=f"{prefix}{subject}") for prefix in ("", "Re: ", "RE: ")]

    def _one_message_id(self) -> list[Letter]:
        """Two senders whose broken programs make the same Message-ID; one of them goes on writing."""
        same = f"{self._number()}.fixe@programme.example"
        first, second = (replace(self._root(), message_id=same) for _ in range(2))
        return [first, second, second.answered(self._number(), second.sender)]

    def _two_mailboxes(self) -> list[Letter]:
        """One mail to two of the town's mailboxes, handed over in one transaction."""
        return [replace(self._root(), to=(CONTACT, ROADS), deliveries=((CONTACT, ROADS),))]

    def _two_deliveries(self) -> list[Letter]:
        """The same, handed over twice; then an answer."""
        root = replace(self._root(), to=(ROADS, CCAS), deliveries=((ROADS,), (CCAS,)))
        return [root, root.answered(self._number(), root.sender)]

    def _without_message_id(self) -> list[Letter]:
        """A mail without Message-ID is a case of its own, unless it says what it answers."""
        nameless, root = replace(self._root(), message_id=None), self._root()
        return [nameless, root, root.answered(self._number(), root.sender, message_id=None)]

    def _late_root(self) -> list[Letter]:
        """Someone in copy answers a mail that may well arrive after their answer."""
        reader = self._person()
        root = replace(self._root(), cc=(reader,))
        return [root.answered(self._number(), reader), root]

    def _stranger_quotes(self) -> list[Letter]:
        """A stranger quotes a dialogue's first mail, by either header, and is kept out."""
        dialogue = self._dialogue()
        by_reference = replace(self._root(), references=(dialogue[0].message_id or "",))
        by_answer = replace(self._root(), in_reply_to=dialogue[-1].message_id)
        return [by_reference, *dialogue, by_answer]

    def _stranger_quotes_and_goes_on(self) -> list[Letter]:
        """The stranger's own further mails are the stranger's case."""
        root = self._root()
        quoting = replace(self._root(), references=(root.message_id or "",), in_reply_to=root.message_id)
        more = quoting.answered(self._number(), quoting.sender)
        return [root, root.answered(self._number(), root.sender), quoting, more]

    def _stranger_quotes_the_answer_to_a_late_root(self) -> list[Letter]:
        """Three, of which each quotes the one after it."""
        reader = self._person()
        root = replace(self._root(), cc=(reader,))
        answer = root.answered(self._number(), reader)
        return [replace(self._root(), references=(answer.message_id or "",)), answer, root]

    def _answers_by_in_reply_to_alone(self) -> list[Letter]:
        """Some programs write no References: the first mail is all they name."""
        root = self._root()
        return [root, *(root.answered(self._number(), root.sender, references=()) for _ in range(2))]

    def _root(self) -> Letter:
        self._threads += 1
        number, sender = self._number(), self._person()
        return Letter(
            number=number, thread=f"thread-{self._threads}", sender=sender, message_id=f"{number}.{_domain(sender)}"
        )

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _person(self) -> str:
        self._people += 1
        return f"citoyen{self._people}@{self._chance.choice(('courriel', 'boite', 'messagerie'))}.example"


def _domain(address: str) -> str:
    return f"lettre@{address.rpartition('@')[2]}"
