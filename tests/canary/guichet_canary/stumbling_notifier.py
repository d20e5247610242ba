"""notifier with two bugs: over one word every attempt fails, over another the whole process, once; both quote.

Started in notifier's place: python -m guichet_canary.stumbling_notifier
"""

from guichet.store.delivery_document import DeliveryDocument
from notifier.__main__ import main
from notifier.letter import Letter
from notifier.letter_writer import LetterWriter

STUMBLE, CRASH = "traquenard", "cataclysme"
write = LetterWriter.write


async def stumble(writer: LetterWriter, delivery: DeliveryDocument) -> Letter:
    """Write as ever, except where a bug bites."""
    letter = await write(writer, delivery)
    if STUMBLE in letter.text:
        raise ValueError(f"cannot write to {letter.recipient}: {letter.text}")
    if CRASH in letter.text and delivery.attempts <= 1:
        raise _Crash(f"cannot write to {letter.recipient}: {letter.text}")
    return letter


class _Crash(BaseException):
    """No handler expects it: it ends the process."""


LetterWriter.write = stumble  # type: ignore[method-assign, assignment]

if __name__ == "__main__":
    main()
