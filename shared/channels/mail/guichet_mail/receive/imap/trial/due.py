"""Which mails of a mailbox would be taken in, and what becomes of them: in words for an operator."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.folder import Listed
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox

LISTED_AT_ONCE: Final = 1000
COUNTED_ONE_BY_ONE: Final = 5 * LISTED_AT_ONCE  # some seconds, also at a provider's


async def count_since(mailbox: OpenMailbox, begins: datetime) -> str:
    """Return how many mails the open folder took from then on; of very many, by day and not by moment."""
    found = await mailbox.search(0, begins)
    if len(found) > COUNTED_ONE_BY_ONE:
        return f"about {len(found)}"
    return str(len([each async for each in mails_since(mailbox, begins)]))


async def mails_since(mailbox: OpenMailbox, begins: datetime) -> AsyncIterator[Listed]:
    """Yield the mails that the open folder took from then on, and those whose date it does not say."""
    uids = await mailbox.search(0, begins)
    for first in range(0, len(uids), LISTED_AT_ONCE):
        for each in await mailbox.listed(uids[first : first + LISTED_AT_ONCE]):
            if each.date is None or each.date >= begins:
                yield each


def told_of_plan(account: ImapAccount, due: str, now: datetime) -> str:
    """Return since when, how many, for whom, and what is done afterwards. due: how many mails, known or new."""
    to_come = ", a day to come: nothing is taken in before" if account.begins > now else ""
    return (
        f"since {account.since:%Y-%m-%d}{to_come}: {due} mails, for {', '.join(account.addresses)};"
        f" afterwards they are {_deed(account)}"
    )


def _deed(account: ImapAccount) -> str:
    if account.moved_to is not None:
        return f"moved to {account.moved_to}"
    return f"marked {account.flag}" if account.flag is not None else "left as they are"
