"""What the clients send: a seeded plan of mails, SMS and chats of which we know who belongs with whom, and the poison.

Everybody in it is invented; numbers are those that ARCEP keeps for fiction (06 39 98 xx xx).
"""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from urllib.parse import urlencode

from guichet.channel.envelope import Envelope
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import message_id
from guichet_mail.read.parse import MailReader
from guichet_telegram.read.update import IncomingTelegram, parse_update
from guichet_twilio.read.parse_sms import parse_sms
from tests.replay.corpus import CONTACT, CorpusMaker, Letter

WRITTEN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
TWICE_IN = 50  # one message in so many is handed over again although it was accepted, as sources sometimes do
POISON_IN = 100  # the 1 %
TRIPLE_IN = 50  # mails: a late root, its answer, and a stranger who quotes that answer, all three at one time
PART, PEOPLE = 1_000_000, 3_500  # numbers and people of one part of a run; three parts, and 06 39 98 ends
MOST_MESSAGES = 25_000  # past it there are not enough telephones
FIRST_PHONE, FIRST_CHAT = 33_639_980_010, 700_000_000


class Way(StrEnum):
    """By which adapter a message comes in."""

    MAIL = "ingest-email"
    SMS = "ingest-sms"
    CHAT = "ingest-social"


TOPIC_OF = {Way.MAIL: INBOUND_EMAIL.name, Way.SMS: INBOUND_SMS.name, Way.CHAT: INBOUND_SOCIAL.name}


@dataclass(frozen=True)
class Sending:
    """One transaction of a client. body: the mail, Twilio's form, Telegram's JSON.

    message_id: what the store must know it by, None for poison. thread: the case it belongs to. poison: the word by
    which its dead letter is known. twice: hand it over again once it is accepted.
    """

    number: int
    way: Way
    body: bytes
    message_id: MessageId | None
    thread: str
    sender: str = ""
    recipients: tuple[str, ...] = ()
    twice: bool = False
    poison: str = ""


@dataclass(frozen=True)
class Names:
    """What ids are made with: the mail reader of the town, the key of message ids, the town's number, the bot's id."""

    reader: MailReader
    key: bytes
    number: str
    account_sid: str
    bot: str


@dataclass(frozen=True)
class Plan:
    """What will be sent, in a random order. messages: how many different ones, poison among them."""

    sendings: tuple[Sending, ...]
    messages: int

    @property
    def threads(self) -> frozenset[frozenset[MessageId]]:
        """Return the messages of each case that must come of it."""
        threads: defaultdict[str, set[MessageId]] = defaultdict(set)
        for each in self.sendings:
            if each.message_id is not None:
                threads[each.thread].add(each.message_id)
        return frozenset(map(frozenset, threads.values()))

    @property
    def poison(self) -> dict[str, tuple[str, str]]:
        """Return where the dead letter of each unreadable payload must lie: (topic, adapter)."""
        return {each.poison: (TOPIC_OF[each.way], each.way.value) for each in self.sendings if each.poison}

    @property
    def chats(self) -> list[int]:
        """Return every Telegram chat that is written from."""
        return [int(each.sender) for each in self.sendings if each.way is Way.CHAT and each.sender]


class PlanMaker:
    """Makes plans. One seed and part, one plan; the parts of a run know different people and numbers."""

    def __init__(self, seed: int, names: Names, part: int = 0, *, now: Callable[[], float] = time.time) -> None:
        self._seed = seed
        self._now = now
        self._names = names
        self._chance = random.Random(f"{seed} {part}")
        self._numbers = iter(range(part * PART, (part + 1) * PART))
        self._begin = part * PART
        self._people = dict.fromkeys(Way, part * PEOPLE)

    def make(self, size: int) -> Plan:
        """Return a plan of `size` messages: two fifths mails, the rest by telephone and chat, one in 200 unreadable.

        The other half of the poison lies on topics, where no adapter could have put it (poison.py).
        """
        unreadable = max(3, size // (2 * POISON_IN))
        mails = size * 2 // 5
        texts = (size - mails - unreadable) // 2
        letters, triples = CorpusMaker(self._seed, self._begin), mails // TRIPLE_IN
        sendings = [
            *self._mails(letters.make(mails - 3 * triples)),
            *self._talks(Way.SMS, texts),
            *self._talks(Way.CHAT, size - mails - unreadable - texts),
            *(self._unreadable(nth) for nth in range(unreadable)),
        ]
        self._chance.shuffle(sendings)
        for triple in range(triples):
            self._put_at_one_time(sendings, list(self._mails(letters.make_triples(1))), triple / triples)
        return Plan(tuple(sendings), messages=size)

    def _put_at_one_time(self, sendings: list[Sending], few: list[Sending], share: float) -> None:
        """Put these beside each other, in any order: one batch of the router may then hold all of them."""
        self._chance.shuffle(few)
        at = int(share * len(sendings))
        sendings[at:at] = few

    def _mails(self, letters: Iterable[Letter]) -> Iterator[Sending]:
        for letter in letters:
            body = letter.to_bytes()
            for recipients in letter.deliveries:
                read = self._names.reader.read(Envelope(letter.sender, recipients, body), WRITTEN)
                yield Sending(
                    next(self._numbers), Way.MAIL, body, read.message_id, f"mail {letter.thread}", letter.sender,
                    recipients, twice=self._is_twice(),
                )  # fmt: skip

    def _talks(self, way: Way, size: int) -> Iterator[Sending]:
        """People who write one to four messages each: a conversation is one case."""
        left = size
        while left > 0:
            self._people[way] += 1
            said = min(left, self._chance.choice((1, 1, 2, 3, 4)))
            left -= said
            for _ in range(said):
                yield self._sms(self._people[way]) if way is Way.SMS else self._chat(self._people[way])

    def _sms(self, person: int) -> Sending:
        number, phone = next(self._numbers), f"+{FIRST_PHONE + person}"
        form = self._form(number, From=phone, Body=f"Bonjour, message {number}. Merci.")
        read = parse_sms(form, name=partial(message_id, self._names.key), arrived_at=WRITTEN)
        body = urlencode(form).encode()
        return Sending(
            number, Way.SMS, body, read.draft.message_id, f"sms {person}", phone, twice=self._is_twice()
        )  # fmt: skip

    def _form(self, number: int, **fields: str) -> dict[str, str]:
        names = self._names
        sid = f"SM{self._seed % 10**8:08d}{number:024d}"
        return {"MessageSid": sid, "AccountSid": names.account_sid, "To": names.number, "NumMedia": "0", **fields}

    def _chat(self, person: int) -> Sending:
        number, chat = next(self._numbers), FIRST_CHAT + person
        user = {"id": chat, "is_bot": False, "first_name": "Camille", "language_code": "fr"}
        message = {
            "message_id": number + 1,
            "from": user,
            "chat": {"id": chat, "first_name": "Camille", "type": "private"},
            "date": int(self._now()),  # by which the town received it: of weeks ago, its receipt would be overdue
            "text": f"Bonjour, message {number}. Merci.",
        }
        body = json.dumps({"update_id": number + 1, "message": message}).encode()
        name = partial(message_id, self._names.key)
        read = parse_update(body, bot=self._names.bot, name=name, arrived_at=WRITTEN)
        assert isinstance(read, IncomingTelegram)
        return Sending(
            number, Way.CHAT, body, read.draft.message_id, f"chat {person}", str(chat), twice=self._is_twice()
        )  # fmt: skip

    def _unreadable(self, nth: int) -> Sending:
        """What an adapter takes in, cannot read and so puts aside: nobody sent it, or it is no JSON."""
        number = next(self._numbers)
        word = f"poison-{self._seed}-{number}"
        way = (Way.MAIL, Way.SMS, Way.CHAT)[nth % 3]
        body = {
            Way.MAIL: f"To: {CONTACT}\r\nSubject: {word}\r\n\r\n{word}\r\n".encode(),
            Way.SMS: urlencode(self._form(number, Body=word)).encode(),
            Way.CHAT: f'{{"update_id": "{word}'.encode(),
        }[way]
        return Sending(number, way, body, None, word, recipients=(CONTACT,) if way is Way.MAIL else (), poison=word)

    def _is_twice(self) -> bool:
        return self._chance.randrange(TWICE_IN) == 0


def singles(plan: Plan) -> list[Plan]:
    """Return plans of one message each: those of a plan that are alone in their thread and come by telephone. Pure."""
    talks = [each for each in plan.sendings if each.way is Way.SMS and each.message_id]
    threads = Counter(each.thread for each in talks)
    return [Plan((replace(each, twice=False),), 1) for each in talks if threads[each.thread] == 1]


def shares(sendings: Sequence[Sending]) -> dict[Way, list[Sending]]:
    """Return what each adapter gets, in order. Pure."""
    return {way: [each for each in sendings if each.way is way] for way in Way}
