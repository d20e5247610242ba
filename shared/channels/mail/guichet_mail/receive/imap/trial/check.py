"""Say of each mailbox, in a sentence, what keeps it from being read. Nothing in it is changed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from guichet.errors import GuichetError
from guichet.runtime.clock import clock_to_look_at
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.folder import Folder
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox
from guichet_mail.receive.imap.trial.due import count_since, told_of_plan
from guichet_mail.receive.imap.trial.folders import WrongError, selected
from guichet_mail.receive.imap.trial.trial import PATIENCE_S, Trial, trials
from guichet_mail.settings import MailSettings

CLOCKS_DIFFER: Final = timedelta(minutes=5)


async def check_mailboxes(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    """Return a line for each mailbox. words: a mailbox's name; none: all. Raises GuichetError where one is not well."""
    async with trials(settings, words) as tried:
        found = await asyncio.gather(*(_checked(each) for each in tried))
    lines = [f"{each.name}: {sentence}" for each, (_, sentence) in zip(tried, found, strict=True)]
    if all(is_well for is_well, _ in found):
        return lines
    raise GuichetError("\n".join(lines))


async def _checked(trial: Trial) -> tuple[bool, str]:
    try:
        return True, f"ok: {await _well(trial)}."
    except TimeoutError:
        return False, f"nothing came of it within {PATIENCE_S:g} s.{trial.hint}"
    except GuichetError as error:
        return False, str(error)


async def _well(trial: Trial) -> str:
    """Return what there is to know of a mailbox that can be read. Raises GuichetError."""
    account = trial.account
    if not account.may_be_tried:
        await trial.answers()
        _compare_clocks(trial.clock, account.token_url)
        return "it answers, and so does who gives its tokens; the refresh token was not tried, which may be good once"
    async with trial.signed_in() as mailbox:
        _compare_clocks(trial.clock, account.token_url)
        folder = await selected(mailbox, account, to_change=bool(account.flag or account.moved_to))
        await _see_what_comes_afterwards(mailbox, account, folder)
        await _compare_dates(mailbox)
        due = await count_since(mailbox, account.begins)
        idles = await mailbox.can("IDLE")
    host, port = account.address
    news = "" if idles else "; its server does not tell of news (IDLE), so they are looked for"
    return f"{host}:{port}, {account.folder} has {folder.mails} mails, {told_of_plan(account, due, _now())}{news}"


async def _see_what_comes_afterwards(mailbox: OpenMailbox, account: ImapAccount, folder: Folder) -> None:
    if account.flag is not None and not folder.keeps(account.flag):
        raise WrongError(f"mails of {account.folder} cannot be marked {account.flag}: the account may not.")
    if account.moved_to is None:
        return
    if not folder.is_writable:
        raise WrongError(f"mails cannot be moved out of {account.folder}: the account may only read it.")
    if not (await mailbox.can("MOVE") or await mailbox.can("UIDPLUS")):
        raise WrongError("its server cannot move mails (neither MOVE nor UIDPLUS): let `afterwards` be leave or flag.")


async def _compare_dates(mailbox: OpenMailbox) -> None:
    """A mail that was taken in the future tells of a clock that is wrong; one of long ago tells nothing."""
    uids = (await mailbox.search(0, _now() - timedelta(days=2)))[-1:]
    for each in await mailbox.listed(uids) if uids else ():
        if each.date is not None and each.date > _now() + CLOCKS_DIFFER:
            raise WrongError(
                f"the newest mail was taken at {each.date.astimezone(UTC):%Y-%m-%d %H:%M} UTC, and here it is"
                f" {_now():%Y-%m-%d %H:%M}: one of the two clocks is wrong."
            )


def _compare_clocks(theirs: datetime | None, url: str) -> None:
    if theirs is not None and abs(theirs - _now()) > CLOCKS_DIFFER:
        raise WrongError(
            f"where tokens come from ({url}) it is {theirs.astimezone(UTC):%H:%M:%S} UTC, and here {_now():%H:%M:%S}:"
            " tokens count from a time, so set this machine's clock."
        )


def _now() -> datetime:
    return clock_to_look_at().now()
