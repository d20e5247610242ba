"""What is sealed in a dead letter, under a key of its own."""

from typing import Final

from guichet.contracts.dead_letters import DeadLetterContent
from guichet.vault.fields import SealedField, json_of

RECORD: Final = SealedField(
    "dead-letter",
    "record",
    json_of(DeadLetterContent),
    holds="key, headers and bytes as they came (their beginning), and the error's text",
)
