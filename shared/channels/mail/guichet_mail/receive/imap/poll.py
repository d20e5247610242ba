"""Read a mailbox to its end: take in what is new, then note how far it was read.

In this order: what dies in between is read again, and is the same mail by its id.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from guichet.channel.mailbox_places import MailboxPlaces, Place
from guichet.clock import Clock
from guichet.errors import TransientError
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.batch import MAILS, Batch, batches_of
from guichet_mail.receive.imap.connection.errors import MailboxError
from guichet_mail.receive.imap.connection.folder import Folder, Listed
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox
from guichet_mail.receive.imap.place import Progress, dates_that_count, place_to_read_from
from guichet_mail.receive.imap.report import Report
from guichet_mail.receive.imap.room import Room
from guichet_mail.receive.imap.take_in import TakeIn

log = structlog.get_logger()

LISTED_AT_ONCE: Final = 200
COUNTS_AN_HOUR: Final = 5  # each is a month of mails that are read, and published, again
HOUR: Final = timedelta(hours=1)


def place_name(name: str, account: ImapAccount) -> str:
    """Return what a mailbox's place is called: another user or folder is another mailbox."""
    return f"{name}: {account.user} {account.folder}"


class MailboxPoller:
    """What is under way in one mailbox, for as long as this process leads. name: the account's."""

    def __init__(
        self,
        name: str,
        account: ImapAccount,
        *,
        take_in: TakeIn,
        places: MailboxPlaces,
        room: Room,
        report: Report,
        clock: Clock,
    ) -> None:
        self._name = name
        self._begins = account.begins
        self._place = place_name(name, account)
        self._take_in = take_in
        self._places = places
        self._room = room
        self._report = report
        self._clock = clock
        self._progress: Progress | None = None
        self._mails = 0
        self._says_old_numbers = False
        self._counted_anew: list[datetime] = []

    async def poll(self, mailbox: OpenMailbox) -> None:
        """Take in all that is there. Raises TransientError; what was done until then stays done."""
        folder = await mailbox.select(to_change=self._take_in.changes)
        progress = await self._progress_in(folder)
        place = progress.place
        if folder.next_uid is None or folder.next_uid > place.uid + 1 or folder.mails != self._mails:
            progress.listed(await mailbox.search(place.uid, None if place.uid else place.floor))
            await self._take_all_in(mailbox, progress)
        self._mails = folder.mails
        # The mails that are there have such numbers: nothing was set back.
        self._says_old_numbers = self._says_old_numbers or _is_set_back(folder, progress.place)
        self._report.polled(len(progress.due), self._clock.now())

    async def _progress_in(self, folder: Folder) -> Progress:
        """Return what is under way; where the mailbox counts anew, from where that is to be read."""
        if self._progress is not None and not self._is_another(folder, self._progress.place):
            return self._progress
        known, now = await self._places.find(self._place), self._clock.now()
        is_another = known is not None and self._is_another(folder, known)
        if is_another:
            self._note_new_count(now)
        place = place_to_read_from(known, folder.validity, self._begins, now, is_set_back=is_another)
        if place is not known:
            await self._places.begin(self._place, place, known)
            log.warning("mailbox read from", account=self._name, since=str(place.floor), counts_anew=is_another)
        self._progress, self._mails = Progress(place), 0
        return self._progress

    def _is_another(self, folder: Folder, place: Place) -> bool:
        """Return whether numbers mean other mails than when the place was noted: by a new count, or since the mailbox
        was set back to an older state of itself, as some backups do."""
        return folder.validity != place.validity or (_is_set_back(folder, place) and not self._says_old_numbers)

    def _note_new_count(self, now: datetime) -> None:
        self._counted_anew = [each for each in self._counted_anew if now - each < HOUR]
        if len(self._counted_anew) >= COUNTS_AN_HOUR:
            raise MailboxError("the server counts its mails anew again and again (UIDVALIDITY): it must be mended.")
        self._counted_anew.append(now)

    async def _take_all_in(self, mailbox: OpenMailbox, progress: Progress) -> None:
        """Go through what is due, once: a mail that the broker does not take now holds up no other."""
        refused, due = list[TransientError](), progress.due
        for begin in range(0, len(due), LISTED_AT_ONCE):
            uids = due[begin : begin + LISTED_AT_ONCE]
            listed = await mailbox.listed(uids)
            there = {each.uid for each in listed}
            self._pass_over(progress, [uid for uid in uids if uid not in there])
            progress.done({each.uid: None for each in listed if _is_older(each, progress)})
            wanted = [each for each in listed if not _is_older(each, progress)]
            for batch in batches_of(wanted, self._take_in.most_bytes):
                refused += await self._one(mailbox, batch, progress)
                if len(refused) >= MAILS:  # it is not this mail or that: the broker is away
                    raise refused[0]
        await self._places.advance(self._place, progress.place)
        if refused:
            raise refused[0]

    async def _one(self, mailbox: OpenMailbox, batch: Batch, progress: Progress) -> list[TransientError]:
        async with self._room.for_bytes(batch.size):
            taken = await self._take_in.batch(mailbox, batch)
        if taken.tidied is not None:
            self._report.tidied(done=taken.tidied)
        progress.done(dates_that_count(taken.safe, self._clock.now()))
        self._pass_over(progress, taken.not_given)
        await self._places.advance(self._place, progress.place)
        self._report.waiting(len(progress.due))
        return taken.refused

    def _pass_over(self, progress: Progress, uids: list[int]) -> None:
        if given_up := progress.not_given(uids):
            self._report.withheld(given_up)


def _is_set_back(folder: Folder, place: Place) -> bool:
    return folder.next_uid is not None and folder.next_uid <= place.uid


def _is_older(mail: Listed, progress: Progress) -> bool:
    return mail.date is not None and mail.date < progress.place.floor
