"""See whether the folders that mail.yaml names are there; where one is not, say which are."""

from typing import Final

from guichet.errors import GuichetError
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.folder import Folder
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox

MOST_FOLDERS: Final = 30


class WrongError(GuichetError):
    """What is wrong, in a sentence."""


async def selected(mailbox: OpenMailbox, account: ImapAccount, *, to_change: bool) -> Folder:
    """Open the account's folder. Raises WrongError where it, or the one to move to, is not there."""
    folders = sorted(await mailbox.folders())
    if account.folder not in folders and account.folder.upper() != "INBOX":
        raise WrongError(f"there is no folder {account.folder}: {_listed(folders)}.")
    folder = await mailbox.select(to_change=to_change)
    if account.moved_to is not None and account.moved_to not in folders:
        raise WrongError(f"there is no folder {account.moved_to} to move mails to: {_listed(folders)}.")
    return folder


def _listed(folders: list[str]) -> str:
    more = len(folders) - MOST_FOLDERS
    return f"there are {', '.join(folders[:MOST_FOLDERS])}" + (f" and {more} more" if more > 0 else "")
