"""Which mails came before already. A mail program shows one of them; the sandbox shows each, and says so."""

from collections.abc import Iterable

from citizen_sandbox.play.entry import Direction, Entry


def copies(mails: Iterable[Entry]) -> frozenset[int]:
    """Return the ids of received mails whose Message-ID an earlier one to the same address bore. Pure."""
    seen, again = set[tuple[str, str]](), set[int]()
    for mail in sorted(mails, key=lambda each: each.id):
        if mail.direction is Direction.RECEIVED and mail.provider_id:
            name = (mail.address, mail.provider_id)
            if name in seen:
                again.add(mail.id)
            seen.add(name)
    return frozenset(again)
