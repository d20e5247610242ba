"""notifier with two bugs: over one word every attempt fails, over another the whole process, once; both quote.

It writes to agents at once, too, of what they have not seen: a run waits for no minutes.

Started in notifier's place: python -m guichet_testing.town.misbehaving.stumbling_notifier
"""

import runpy
from collections.abc import Sequence
from datetime import timedelta

from guichet.channel.outgoing.letter import Letter
from guichet.store.deliveries.document import DeliveryDocument
from notifier.domain import agent_mail_times
from notifier.handlers.write_letters import LetterWriter, Written

STUMBLE, CRASH = "traquenard", "cataclysme"
write = LetterWriter.write


async def stumble(writer: LetterWriter, deliveries: Sequence[DeliveryDocument]) -> list[Written]:
    """Write as ever, except where a bug bites."""
    letters = await write(writer, deliveries)
    for delivery, letter in zip(deliveries, letters, strict=True):
        if isinstance(letter, Letter):
            bite(delivery, letter)
    return letters


def bite(delivery: DeliveryDocument, letter: Letter) -> None:
    """Stumble over one word, crash over another."""
    if STUMBLE in letter.text:
        raise ValueError(f"cannot write to {letter.recipient}: {letter.text}")
    if CRASH in letter.text and delivery.attempts <= 1:
        raise _Crash(f"cannot write to {letter.recipient}: {letter.text}")


class _Crash(BaseException):
    """No handler expects it: it ends the process."""


if __name__ == "__main__":
    agent_mail_times.SETTLES = timedelta(0)  # type: ignore[misc]
    LetterWriter.write = stumble  # type: ignore[method-assign, assignment]
    runpy.run_module("notifier", run_name="__main__")
