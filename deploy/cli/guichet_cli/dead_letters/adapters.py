"""The adapters' doors, through which a payload that an adapter put aside goes in once more after the fix.

Each payload comes with the proof of origin that its provider would give: for the adapter it is a delivery like any
other. What it still cannot read, it puts aside again, as another dead letter.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from guichet.contracts.dead_letters import DeadLetter
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL
from guichet.errors import PermanentError
from guichet_cli.dead_letters.redeliver_mail import mail_door
from guichet_cli.dead_letters.redeliver_webhook import telegram_door, twilio_door

HandIn = Callable[[], Awaitable[None]]
"""Returns once the adapter has said "accepted". Raises DoorClosedError."""

DOORS: Final[Mapping[tuple[str, str], Callable[[bytes], HandIn]]] = {
    ("ingest-email", INBOUND_EMAIL.name): mail_door,
    ("ingest-sms", INBOUND_SMS.name): twilio_door,
    ("ingest-social", INBOUND_SOCIAL.name): telegram_door,
}


def door_of(letter: DeadLetter, payload: bytes) -> HandIn:
    """Return what hands a payload in where it came from.

    Raises PermanentError where there is no way back, SettingsError for a variable that the door needs.
    """
    door = DOORS.get((letter.group, letter.topic))
    if door is None:
        raise PermanentError(
            f"dead letter {letter.event_id} is a payload that {letter.group} could not read; it never was a record of"
            f" {letter.topic}, and {letter.group} has no door for it. Look at it with `show`, then `drop` it.",
            reason="not-a-record",
        )
    return door(payload)
