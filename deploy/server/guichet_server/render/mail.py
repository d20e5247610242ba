"""What the town's Postfix is told, where it hands the town's mailboxes over. Pure.

What makes it hand over at all is in docs/mailboxes.md; master.cf and main.cf stay the town's.
"""

from collections.abc import Iterable, Mapping
from typing import Final

TRANSPORT: Final = "guichet"  # the service of master.cf that speaks LMTP to Guichet


def transport_table(mailboxes: Iterable[str], values: Mapping[str, str]) -> str:
    """Render a transport(5) table: each mailbox of the town's, and where it is handed over."""
    where = f"{TRANSPORT}:inet:{values['GUICHET_LMTP_HOST']}:{values['GUICHET_LMTP_PORT']}"
    head = "# Written by `guichet-server apply`. Take a line away, and that mailbox stays where it is.\n"
    return head + "".join(f"{mailbox} {where}\n" for mailbox in sorted(mailboxes))
