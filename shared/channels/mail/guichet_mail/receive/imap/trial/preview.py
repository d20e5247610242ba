"""Show what the first look at a mailbox would take in: numbers, sizes and dates, nothing of what is written there."""

from collections import Counter

from guichet.contracts.topics import MIB
from guichet.errors import GuichetError
from guichet.law.calendar import PARIS
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.folder import Listed
from guichet_mail.receive.imap.trial.due import mails_since
from guichet_mail.receive.imap.trial.folders import selected
from guichet_mail.receive.imap.trial.trial import PATIENCE_S, Trial, trials
from guichet_mail.settings import MailSettings


async def preview_mailbox(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    """Return what would be taken in, a line each. words: the mailbox's name. Raises GuichetError."""
    async with trials(settings, words) as (trial, *_):
        try:
            mails = await _mails(trial)
        except TimeoutError as exc:
            why = trial.hint or " It may have too many mails to be listed in time: set `since` later."
            raise GuichetError(f"{trial.name}: nothing came of it within {PATIENCE_S:g} s.{why}") from exc
        except GuichetError as error:
            raise GuichetError(f"{trial.name}: {error}") from error
    return [*told_of(mails, trial.name, trial.account, settings.lmtp_max_bytes), "Nothing was taken in, or changed."]


async def _mails(trial: Trial) -> list[Listed]:
    if not trial.account.may_be_tried:
        raise GuichetError("its refresh token may be good once, and ingest-email needs it: it cannot be looked into.")
    async with trial.signed_in() as mailbox:
        await selected(mailbox, trial.account, to_change=False)
        return [each async for each in mails_since(mailbox, trial.account.begins)]


def told_of(mails: list[Listed], name: str, account: ImapAccount, most_bytes: int) -> list[str]:
    """Return what there is to say of the mails that would be taken in. Pure. most_bytes: of a mail."""
    begins = f"{account.since:%Y-%m-%d}"
    if not mails:
        return [f"{name}: no mail since {begins} in {account.folder}."]
    dates = sorted(each.date.astimezone(PARIS) for each in mails if each.date is not None)
    span = f", the oldest of {dates[0]:%Y-%m-%d %H:%M}, the newest of {dates[-1]:%Y-%m-%d %H:%M}" if dates else ""
    lines = [f"{name}: {len(mails)} mails since {begins} in {account.folder}, {_megabytes(mails)}{span}."]
    months = Counter(f"{date:%Y-%m}" for date in dates)
    for month in sorted(months):
        of_it = [each for each in mails if each.date and f"{each.date.astimezone(PARIS):%Y-%m}" == month]
        lines.append(f"  {month}: {months[month]} mails, {_megabytes(of_it)}")
    if undated := len(mails) - len(dates):
        lines.append(f"  {undated} without a date of the mailbox's own: they are taken in, too")
    if large := sum(each.size > most_bytes for each in mails):
        lines.append(f"  {large} larger than {most_bytes // MIB} MiB: cases of their headers, the mails stay there")
    return lines


def _megabytes(mails: list[Listed]) -> str:
    return f"{sum(each.size for each in mails) / MIB:.1f} MiB"
