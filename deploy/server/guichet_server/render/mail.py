"""What the town's Postfix is told, where it hands the town's mailboxes over. Pure.

What makes it hand over at all is in docs/mailboxes.md; master.cf and main.cf stay the town's.
"""

from collections.abc import Collection, Mapping
from typing import Final

from guichet.errors import SettingsError

HANDED_OVER: Final = "GUICHET_SERVER_HANDED_OVER"  # which mailboxes; unset: all that IMAP does not read
HANDED_OVER_BY: Final = "GUICHET_SERVER_HANDED_OVER_BY"  # as which users of this machine; unset: Postfix' own
TRANSPORT: Final = "guichet"  # the service of master.cf that speaks LMTP to Guichet


def handed_over_by(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the users of this machine that mail servers hand over as; nobody else of it may."""
    return tuple(values.get(HANDED_OVER_BY, "postfix").replace(",", " ").split())


def transport_table(mailboxes: Collection[str], read: Collection[str], values: Mapping[str, str]) -> str:
    """Render a transport(5) table: each mailbox that is handed over, and where to.

    Unless the setting names some, that is every one that is not read by IMAP: Postfix would hand over what IMAP waits
    for. Raises SettingsError for one that the town does not have.
    """
    wanted = _named(values) or {*mailboxes} - {*read}
    if unknown := sorted(wanted - {*mailboxes}):
        raise SettingsError(f"{HANDED_OVER}: {', '.join(unknown)} is not among the mailboxes of town.yaml.")
    where = f"{TRANSPORT}:inet:{values['GUICHET_LMTP_HOST']}:{values['GUICHET_LMTP_PORT']}"
    head = f"# Written by `guichet-server apply`. {HANDED_OVER} names them; unset: all that IMAP does not read.\n"
    return head + "".join(f"{mailbox} {where}\n" for mailbox in sorted(wanted))


def not_coming_in(mailboxes: Collection[str], read: Collection[str], values: Mapping[str, str]) -> list[str]:
    """Return a sentence for each of the town's mailboxes whose mail comes in by neither way."""
    named = _named(values)
    alone = sorted({*mailboxes} - {*read} - named) if named else []
    return [
        f"{mailbox} is neither read by IMAP (mail.yaml) nor handed over ({HANDED_OVER}): its mail does not come in."
        for mailbox in alone
    ]


def read_by_imap(mail: object) -> tuple[str, ...]:
    """Return the addresses whose mail IMAP fetches. mail: the content of mail.yaml; ingest-email says what is wrong."""
    match mail:
        case {"imap": dict() as accounts}:
            return tuple(sorted({address.lower() for each in accounts.values() for address in _addresses(each)}))
    return ()


def _addresses(account: object) -> list[str]:
    match account:
        case {"mailboxes": list() as several}:
            return [each for each in several if isinstance(each, str)]
        case {"user": str() as one}:
            return [one]
    return []


def _named(values: Mapping[str, str]) -> set[str]:
    """Blanks or commas stand between them."""
    return {each.lower() for each in values.get(HANDED_OVER, "").replace(",", " ").split()}
