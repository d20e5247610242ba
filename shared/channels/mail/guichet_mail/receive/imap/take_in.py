"""Take some mails of a mailbox in: fetch them, have them accepted, then flag or move them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from guichet.channel.envelope import Envelope
from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.error_locations import class_and_place
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.imap.batch import Batch
from guichet_mail.receive.imap.connection.folder import Listed
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox
from guichet_mail.receive.imap.envelope import envelope_of

log = structlog.get_logger()


@dataclass
class Taken:
    """What became of a batch. safe: mails that the broker holds, with the mailbox's dates. refused: why it does not
    hold others for now. not_given: those that the server did not give. tidied: whether those that are safe could be
    flagged or moved; None where nothing of the kind was tried."""

    safe: dict[int, datetime | None] = field(default_factory=dict)
    refused: list[TransientError] = field(default_factory=list)
    not_given: list[int] = field(default_factory=list)
    tidied: bool | None = None


class TakeIn:
    """Of one account. name: its own. most_bytes: of a mail; of a larger one its headers are taken in, and it stays."""

    def __init__(self, name: str, account: ImapAccount, accept: AcceptMail, most_bytes: int) -> None:
        self._name = name
        self._account = account
        self._accept = accept
        self._most_bytes = most_bytes

    @property
    def most_bytes(self) -> int:
        """The largest mail that is taken whole."""
        return self._most_bytes

    @property
    def changes(self) -> bool:
        """Whether mails are flagged or moved."""
        return bool(self._account.flag or self._account.moved_to)

    async def batch(self, mailbox: OpenMailbox, batch: Batch) -> Taken:
        """Take mails in, several at a time. Raises MailboxError."""
        given = await mailbox.mails([each.uid for each in batch.mails], batch.size) if batch.mails else {}
        large = [*batch.too_large, *(each for each in batch.mails if len(given.get(each.uid, b"")) > self._most_bytes)]
        sizes = {each.uid: max(each.size, len(given.pop(each.uid, b""))) for each in large}
        heads = {each.uid: head for each in large if (head := await mailbox.head(each.uid))}
        taken = await self._accepted([*batch.mails, *batch.too_large], given, heads, sizes)
        whole = [uid for uid in taken.safe if uid in given]
        if whole and self.changes:
            taken.tidied = await self._tidy(mailbox, whole)
        return taken

    async def _accepted(
        self, mails: list[Listed], given: Mapping[int, bytes], heads: Mapping[int, bytes], sizes: Mapping[int, int]
    ) -> Taken:
        taken = Taken(not_given=[each.uid for each in mails if each.uid not in given and each.uid not in heads])
        here = [each for each in mails if each.uid in given or each.uid in heads]
        outcomes = await asyncio.gather(
            *(
                self._accept_mail(given[each.uid], each)
                if each.uid in given
                else self._accept_head(heads[each.uid], each, sizes[each.uid])
                for each in here
            ),
            return_exceptions=True,
        )
        for each, outcome in zip(here, outcomes, strict=True):
            if outcome is None:
                taken.safe[each.uid] = each.date
            elif isinstance(outcome, Exception):
                taken.refused.append(self._why(outcome))
            else:
                raise outcome
        return taken

    def _why(self, error: Exception) -> TransientError:
        """Return why a mail waits. A bug of ours keeps that mail and no other, until it is mended."""
        if isinstance(error, TransientError):
            return error
        where = class_and_place(error)
        log.error("a mail of a mailbox fails", account=self._name, error=where)
        raise_alarm(Alarm.BUG, f"imap:{where}")
        return TransientError(f"a bug: {where}")

    async def _accept_mail(self, content: bytes, mail: Listed) -> None:
        await self._accept.mail(self._envelope(content, mail))

    async def _accept_head(self, head: bytes, mail: Listed, size: int) -> None:
        where = f"la boîte {self._account.user}, dossier {self._account.folder}"
        await self._accept.head_of(self._envelope(head, mail), size, self._most_bytes, where)

    def _envelope(self, content: bytes, mail: Listed) -> Envelope:
        return envelope_of(self._name, self._account.addresses, content, mail.date)

    async def _tidy(self, mailbox: OpenMailbox, uids: list[int]) -> bool:
        if self._account.flag is not None:
            return await mailbox.flag(uids, self._account.flag)
        assert self._account.moved_to is not None
        return await mailbox.move(uids, self._account.moved_to)
