"""Arrivals as adapters publish them: sealed, with words by which the town's rules find a department. All is invented."""

from hashlib import sha256
from typing import Any, Final

from guichet.contracts.inbound import Automatic, MessageReceived
from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier, InboundContent
from guichet.vault.ports import KeySource
from guichet_testing.builders.inbound import CONTACT, TOWN_NUMBER, mail_content, sealed_message, sms_content
from tests.year.arrivals import Arrival

AGENT: Final = "lea"
WORDS: Final = {
    "pothole": "Un nid-de-poule dans la rue.",
    "street_light": "Le lampadaire de la place est éteint.",
    "illegal_dumping": "Un dépôt sauvage au bord du chemin.",
    "graffiti": "Un graffiti sur le mur de la salle.",
    "tree": "Un arbre est tombé sur la pelouse.",
    "drain": "Un caniveau déborde.",
    "civil_status": "Je demande un acte de naissance.",
    "identity_card": "Je voudrais renouveler mon passeport.",
    "school_meals": "Une question sur la cantine.",
    "social_aid": "Je demande une aide sociale.",
    "bulky_waste": "Des encombrants à enlever.",
    "noise": "Un tapage chaque nuit.",
    "elections": "Je voudrais donner une procuration.",
}
BY_HAND: Final = frozenset({"phone", "counter", "letter"})
ACCOUNTS: Final = {"sms": TOWN_NUMBER, "whatsapp": TOWN_NUMBER, "telegram": "mairie_bot", "portal": "portal"}


async def message_of(arrival: Arrival, keys: KeySource) -> MessageReceived:
    """Return the event of an arrival."""
    more: dict[str, Any] = {"channel": arrival.channel, "accounts": (ACCOUNTS.get(arrival.channel, CONTACT),)}
    if arrival.channel in BY_HAND:
        more["entered_by"] = AGENT
    if arrival.is_automatic:
        more["automatic"] = Automatic.AUTO_SUBMITTED
    return await sealed_message(keys, arrival.name, _content(arrival), arrival.at, **more)


def _content(arrival: Arrival) -> InboundContent:
    text, address = WORDS[arrival.category], f"{arrival.sender}@courriel.example"
    if arrival.channel == "email":
        root = f"{arrival.thread}@courriel.example"
        own = root if arrival.is_first else f"{arrival.name}@courriel.example"
        answers = () if arrival.is_first else (root,)
        return mail_content(address, message_id=own, in_reply_to=answers, references=answers, text=text)
    if arrival.channel == "portal":
        sender = (Identifier(kind=MAIL_ADDRESS, value=address),)
        return InboundContent(sender=sender, subject="Une demande", text=text)
    if arrival.channel == "telegram":
        chat = str(700_000_000 + _number(arrival.sender, 90_000_000))
        return InboundContent(sender=(Identifier(kind="telegram", value=chat),), text=text, conversation=chat)
    return sms_content(f"+3363998{_number(arrival.sender, 10_000):04d}", text)  # kept for fiction


def _number(name: str, below: int) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:6]) % below
