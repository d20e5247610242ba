"""Citizens' messages as the adapters publish them: mail, SMS and Telegram, new cases and answers. Everybody invented."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from guichet.contracts.delivery import Purpose, mail_message_id
from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.ids import MessageId, case_id, derive_id, receipt_id
from guichet.privacy.tokens import make_reference, reply_address
from guichet_testing.builders.inbound import TOWN_NUMBER

DOMAIN: Final = "mairie.example"
BOT: Final = "mairie_bot"

_CHANNELS: Final = {"email": 0.6, "sms": 0.25, "telegram": 0.15}
_ANSWERS: Final = 0.3  # of all messages; the others open cases
_KNOWN: Final = 0.4  # of those who open a case by mail
_MAILBOXES: Final = ("contact", "contact", "contact", "voirie", "etat-civil", "ccas")
_WORDS: Final = [
    "bonjour",
    "je",
    "vous",
    "écris",
    "au",
    "sujet",
    "de",
    "la",
    "rue",
    "des",
    "Lilas",
    "où",
    "le",
    "trottoir",
    "est",
    "abîmé",
    "depuis",
    "plusieurs",
    "semaines",
    "l'éclairage",
    "ne",
    "fonctionne",
    "plus",
    "le",
    "soir",
    "et",
    "les",
    "enfants",
    "passent",
    "par",
    "là",
    "pour",
    "aller",
    "à",
    "l'école",
    "pourriez-vous",
    "me",
    "dire",
    "quand",
    "les",
    "services",
    "de",
    "la",
    "mairie",
    "pourront",
    "intervenir",
    "merci",
    "d'avance",
    "cordialement",
    "poubelle",
    "carte",
    "d'identité",
    "acte",
    "de",
    "naissance",
    "inscription",
    "cantine",
    "permis",
    "de",
    "construire",
    "arbre",
    "parc",
    "stationnement",
    "bruit",
    "voisin",
    "association",
    "subvention",
]


@dataclass(frozen=True)
class Letter:
    """One message before it is sealed. account: the town's; sender: orders it on its topic."""

    message_id: MessageId
    channel: ChannelName
    account: str
    sender: str
    content: InboundContent
    at: datetime


class Traffic:
    """A stream of messages by people who wrote before (`earlier`) and by new ones. name: its seed.

    What is answered was filed long ago: nobody answers a receipt that is not sent yet.
    """

    def __init__(self, name: str, reference_key: bytes, earlier: Sequence[Letter] = ()) -> None:
        self._name = name
        self._reference_key = reference_key
        self._chance = random.Random(name)
        self._earlier = {channel: [each for each in earlier if each.channel == channel] for channel in _CHANNELS}
        self._at = datetime.now(UTC)

    def letters(self, count: int) -> list[Letter]:
        """Return messages in the order of their arrival."""
        channels = self._chance.choices([*_CHANNELS], [*_CHANNELS.values()], k=count)
        return [self._next(number, channel) for number, channel in enumerate(channels)]

    def _next(self, number: int, channel: ChannelName) -> Letter:
        earlier = self._earlier[channel]
        answered = self._chance.choice(earlier) if earlier and self._chance.random() < _ANSWERS else None
        return self._letter(number, channel, answered, earlier)

    def _letter(self, number: int, channel: ChannelName, answered: Letter | None, earlier: list[Letter]) -> Letter:
        message = MessageId(derive_id("bench", self._name, str(number)))
        at = self._at + timedelta(milliseconds=number)
        if channel == "email":
            known = self._chance.choice(earlier) if earlier and self._chance.random() < _KNOWN else None
            author = answered or known
            sender = author.sender if author else f"prenom.nom{number}.{self._name}@courriel.example"
            account = f"{self._chance.choice(_MAILBOXES)}@{DOMAIN}"
            content = self._mail(message, sender, account, answered)
        else:
            sender = answered.sender if answered else f"{6_00_00_00_00 + self._chance.getrandbits(26)}"
            account = TOWN_NUMBER if channel == "sms" else BOT
            content = self._chat(channel, sender)
        return Letter(message, channel, account, sender, content, at)

    def _mail(self, message: MessageId, sender: str, account: str, answered: Letter | None) -> InboundContent:
        thread = MailThread(message_id=f"{message}@courriel.example", to_addresses=(account,), authenticated=True)
        if answered is not None:
            case = case_id(answered.message_id)
            receipt = mail_message_id(receipt_id(case, Purpose.AEE), DOMAIN)
            signed = reply_address(self._reference_key, make_reference(case, answered.at.year), account)
            thread = thread.model_copy(
                update={
                    "in_reply_to": (receipt,),
                    "references": (f"{answered.message_id}@courriel.example", receipt),
                    "to_addresses": (signed,),
                }
            )
        return InboundContent(
            sender=(Identifier(kind="email", value=sender),),
            display_name=f"Prénom Nom {sender.partition('@')[0]}",
            subject=self._words(3, 9),
            text=self._words(40, 250),
            thread=thread,
        )

    def _chat(self, channel: ChannelName, sender: str) -> InboundContent:
        is_sms = channel == "sms"
        kind, value = ("phone", f"+33{sender}") if is_sms else ("telegram", sender)
        return InboundContent(
            sender=(Identifier(kind=kind, value=value),),
            display_name=None if is_sms else "Prénom",
            text=self._words(5, 30),
            conversation=sender,
        )

    def _words(self, fewest: int, most: int) -> str:
        return " ".join(self._chance.choices(_WORDS, k=self._chance.randint(fewest, most)))
