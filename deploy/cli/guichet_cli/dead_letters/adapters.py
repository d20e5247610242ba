"""The adapters at which a payload that they put aside is handed in once more after the fix.

Each payload comes with the proof of origin that its provider would give: for the adapter it is a delivery like any
other. What it still cannot read, it puts aside again, as another dead letter.
"""

from collections.abc import Callable, Mapping
from typing import Final

from guichet.contracts.dead_letters import DeadLetter
from guichet.contracts.topics import INBOUND_EMAIL, INBOUND_SMS, INBOUND_SOCIAL
from guichet.errors import PermanentError
from guichet_cli.dead_letters.redeliver_mail import mail_redelivery
from guichet_cli.dead_letters.redeliver_webhook import telegram_redelivery, twilio_redelivery
from guichet_cli.dead_letters.redelivery import Redeliver

REDELIVERIES: Final[Mapping[tuple[str, str], Callable[[bytes], Redeliver]]] = {
    ("ingest-email", INBOUND_EMAIL.name): mail_redelivery,
    ("ingest-sms", INBOUND_SMS.name): twilio_redelivery,
    ("ingest-social", INBOUND_SOCIAL.name): telegram_redelivery,
}


def redelivery_of(letter: DeadLetter, payload: bytes) -> Redeliver:
    """Return what hands a payload in where it came from.

    Raises PermanentError where there is no way back, SettingsError for a variable that this needs.
    """
    redelivery = REDELIVERIES.get((letter.group, letter.topic))
    if redelivery is None:
        raise PermanentError(
            f"dead letter {letter.event_id} is a payload that {letter.group} could not read; it never was a record of"
            f" {letter.topic}, and {letter.group} takes none again. Look at it with `show`, then `drop` it.",
            reason="not-a-record",
        )
    return redelivery(payload)
