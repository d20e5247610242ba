"""Find a mail that the town sent to itself, and say what its mail system found of it. Nothing is changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from guichet.errors import GuichetError
from guichet.runtime.clock import clock_to_look_at
from guichet_mail.read.headers import Headers, read_head
from guichet_mail.read.own.each_method import each_method
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox
from guichet_mail.receive.imap.trial.folders import selected
from guichet_mail.receive.imap.trial.trial import Trial, trials
from guichet_mail.settings import MailSettings

NEWEST: Final = 50  # of the mails of two days: it has just come
_BLANK: Final = "-"


async def find_trial(settings: MailSettings, words: tuple[str, ...]) -> list[str]:
    """Return a line for each method: its name, the result, who signed, `own` where it is believed; a hyphen is none.

    No line: the mail is not there yet. words: the mailbox's name and the Message-ID. Raises GuichetError.
    """
    name, message_id = words
    async with trials(settings, [name]) as (trial, *_):
        try:
            headers = await _found(trial, message_id)
        except TimeoutError as exc:
            raise GuichetError(f"{name}: the mailbox does not answer in time.{trial.hint}") from exc
    if headers is None:
        return []
    found = each_method(headers, trial.account.system())
    return [f"{e.method} {e.result or _BLANK} {e.by or _BLANK} {'own' if e.is_own else _BLANK}" for e in found]


async def _found(trial: Trial, message_id: str) -> Headers | None:
    """Look into the folder, and into the one to which a Guichet that runs has moved the mail by now."""
    for folder in filter(None, (trial.account.folder, trial.account.moved_to)):
        account = trial.account.model_copy(update={"folder": folder, "afterwards": "leave"})
        async with replace(trial, account=account).signed_in() as mailbox:
            await selected(mailbox, account, to_change=False)
            if (headers := await _newest_of_id(mailbox, message_id)) is not None:
                return headers
    return None


async def _newest_of_id(mailbox: OpenMailbox, message_id: str) -> Headers | None:
    since = clock_to_look_at().now() - timedelta(days=1)
    for uid in sorted(await mailbox.search(0, since), reverse=True)[:NEWEST]:
        headers = read_head(await mailbox.head(uid))
        if headers.first("message-id").strip() == message_id:
            return headers
    return None
