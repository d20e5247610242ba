"""Whose a dead letter is: by the ids of what lies in it, else by its sender.

Who sent a payload that nobody could read was noted, sealed, by the host that put it aside: no provider's form is known
here. Where nobody noted it, as before channels did, a mail's envelope and From, a web form and JSON are read as such,
and an address must be the whole value of a field that does not hold somebody's words. A mention makes nothing theirs.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from urllib.parse import parse_qsl

from guichet.channel.envelope import Envelope
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent, dead_letter_topic
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import PHONE_NUMBER, Identifier, IdentifierKind
from guichet.data_subject.dead_letters import OpenedLetter, opened
from guichet.data_subject.ownership import ids_held, owned
from guichet.data_subject.personal_data import PersonalData
from guichet.data_subject.senders import author_of
from guichet.errors import PermanentError
from guichet.ids import IdentifierId
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.privacy.normal_form import normalised
from guichet.store.documents import DocumentFinder
from guichet.vault.fields import Keys, living_keys
from guichet.vault.ports import KeyOpener


class LetterJudge:
    """Judges letters for one person. addresses: those of theirs alone, in clear, as far as they still open.

    entries: the data map's, of every `-dlq`, by its name.
    """

    def __init__(
        self,
        personal_data: PersonalData,
        addresses: Sequence[Identifier],
        *,
        documents: DocumentFinder,
        vault: KeyOpener,
        registry_key: bytes,
        entries: Mapping[str, DataMapEntry],
    ) -> None:
        self._belongings = personal_data
        self._addresses = addresses
        self._documents = documents
        self._vault = vault
        self._registry_key = registry_key
        self._entries = entries

    async def theirs(self, letters: Iterable[DeadLetter]) -> list[OpenedLetter]:
        """Return the letters that are the person's, or about what is erased already. Raises TransientError."""
        judged: list[OpenedLetter] = []
        rest: list[OpenedLetter] = []
        outer = await self._opened(letters)
        inner = await self._opened(within for each in outer if (within := each.given_up))
        for letter in (*outer, *inner):
            (judged if await self._is_about(letter) else rest).append(letter)
        return judged + await self._sent_by_them(rest)

    async def _opened(self, letters: Iterable[DeadLetter]) -> list[OpenedLetter]:
        wanted = list(letters)
        keys = await living_keys(self._vault, (letter.record for letter in wanted))
        return [opened(each, keys) for each in wanted]

    async def _is_about(self, letter: OpenedLetter) -> bool:
        held = ids_held(self._entries[dead_letter_topic(letter.letter.topic)], [letter.event])
        return bool(await owned(held, self._belongings, self._documents))

    async def _sent_by_them(self, letters: Sequence[OpenedLetter]) -> list[OpenedLetter]:
        messages = [(each, message) for each in letters if (message := each.message)]
        keys = await living_keys(self._vault, (message.content for _, message in messages))
        before = self._belongings.may_have_sent
        old = [(each, message) for each, message in messages if before(message.at_our_edge)]
        sent = [each for each, message in old if self._author(message, keys) in self._belongings.addresses]
        payloads = (each for each in letters if each.letter.partition is None and before(each.letter.occurred_at))
        return sent + [each for each in payloads if each.content and is_from(each.content, self._addresses)]

    def _author(self, message: MessageReceived, keys: Keys) -> IdentifierId | None:
        key = keys.get(message.content.key_id)
        if key is None:
            return None
        return author_of(
            message.message_id,
            message.content,
            key,
            self._registry_key,
            automatic=message.automatic,
        )


_SCHEME = re.compile(r"^[a-z]+:")  # mailto:, tel: and the like
_WORDS = frozenset({"body", "text", "subject", "caption", "message"})
_NUMBER = re.compile(r"[+\d][\d ().-]*")  # phonenumbers would find one in the middle of a sentence
_JSON_FIELD = re.compile(r'"(\w+)"\s*:\s*(?:"([^"\\]{1,320})"|(\d{1,20})(?=\s*[,}\]]))')


def is_from(content: DeadLetterContent, addresses: Collection[Identifier]) -> bool:
    """Return whether one of the addresses sent what lies in the letter, as far as can be told."""
    wanted = {(each.kind, form) for each in addresses if (form := normalised(each.kind, each.value))}
    if content.senders:  # else nobody tried, or the channel could not tell: cut short, it still names its sender
        return any((each.kind, normalised(each.kind, each.value)) in wanted for each in content.senders)
    kinds = {kind for kind, _ in wanted}
    return any((kind, _as(kind, value)) in wanted for value in _candidates(content.value) for kind in kinds)


def _as(kind: IdentifierKind, value: str) -> str | None:
    return normalised(kind, value) if kind != PHONE_NUMBER or _NUMBER.fullmatch(value) else None


def _candidates(payload: bytes) -> Iterator[str]:
    """What may be the sender's address."""
    try:
        mail = Envelope.from_bytes(payload)
    except PermanentError:
        for value in (*_form_values(payload), *_json_values(payload)):
            yield _SCHEME.sub("", value.strip())
        return
    headers = BytesHeaderParser(policy=compat32).parsebytes(mail.content)
    named = [str(value) for name in ("From", "Sender") for value in headers.get_all(name, [])]
    yield mail.return_path
    with suppress(RecursionError):  # comments in comments in comments: such a line names nobody
        yield from [address for _, address in getaddresses(named)]


def _form_values(payload: bytes) -> list[str]:
    try:
        fields = parse_qsl(payload.decode("utf-8", "replace"), max_num_fields=10_000)
    except ValueError:
        return []
    return [value for name, value in fields if name.lower() not in _WORDS]


def _json_values(payload: bytes) -> list[str]:
    """Values of JSON's fields, also where it is cut short."""
    text = payload.decode("utf-8", "replace")
    fields = (found.groups() for found in _JSON_FIELD.finditer(text))
    return [word if word is not None else number for name, word, number in fields if name.lower() not in _WORDS]
