"""What the town's Postfix is told, where it hands the town's mailboxes over. Pure.

What makes it hand over at all is in docs/mailboxes.md; master.cf and main.cf stay the town's.
"""

from collections.abc import Collection, Mapping
from typing import Final

from guichet.errors import SettingsError

HANDED_OVER: Final = "GUICHET_SERVER_HANDED_OVER"  # which mailboxes; unset: all, blanks or commas between them
HANDED_OVER_BY: Final = "GUICHET_SERVER_HANDED_OVER_BY"  # as which users of this machine; unset: Postfix' own
TRANSPORT: Final = "guichet"  # the service of master.cf that speaks LMTP to Guichet


def handed_over_by(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the users of this machine that mail servers hand over as; nobody else of it may."""
    return tuple(values.get(HANDED_OVER_BY, "postfix").replace(",", " ").split())


def transport_table(mailboxes: Collection[str], values: Mapping[str, str]) -> str:
    """Render a transport(5) table: each mailbox that is handed over, and where to.

    That is every one unless the setting names some. What mail.yaml says of IMAP is not looked at: who reads some of
    the town's mailboxes by IMAP names the others, or Postfix would hand over what IMAP waits for.

    Raises SettingsError for one that the town does not have.
    """
    wanted = {each.lower() for each in values.get(HANDED_OVER, "").replace(",", " ").split()} or {*mailboxes}
    if unknown := sorted(wanted - {*mailboxes}):
        raise SettingsError(f"{HANDED_OVER}: {', '.join(unknown)} is not among the mailboxes of town.yaml.")
    where = f"{TRANSPORT}:inet:{values['GUICHET_LMTP_HOST']}:{values['GUICHET_LMTP_PORT']}"
    head = "# Written by `guichet-server apply`, for the mailboxes of GUICHET_SERVER_HANDED_OVER (unset: all).\n"
    return head + "".join(f"{mailbox} {where}\n" for mailbox in sorted(wanted))
