"""Writes to agents that something is addressed to them: one notifier at a time, and never a second copy in doubt."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting, failed
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound import ChannelName
from guichet.errors import PermanentError, ThrottledError, TransientError
from guichet.ids import AgentId
from guichet.law.calendar import WorkingDays
from guichet.mongo.lease import Held, TakenError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm, raise_alarm
from guichet.runtime.telemetry.metrics import OUTBOUND
from guichet.store.agents.agent_mails import AgentMail, AgentMails, MailState, mail_of
from guichet.store.agents.news import AgentNews
from guichet.store.agents.preferences import MailWish, Preferences
from notifier.domain.agent_letter import MailContent, TrialContent
from notifier.domain.agent_mail_times import APART, GIVES_UP, SETTLES, told_until
from notifier.domain.backoff import wait_after
from notifier.domain.outcomes import Lost, Outcome, Undecided
from notifier.handlers.account import NO_ANSWER, Account
from notifier.handlers.attempt_letter import BUG, GAVE_UP, recorded, to_its_end
from notifier.handlers.judge_agent_mail import AgentMailJudge

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=30)
AT_ONCE: Final = 50  # mails of a round
PURPOSE: Final = "agent-news"
_KEEP_EVERY: Final = timedelta(seconds=15)  # a quarter of the lease
_RECORDING: Final = timedelta(seconds=60)
_REFUSES_PATH: Final = "null-path-refused"  # of every agent: theirs alone have no return path
_REFUSES_AGENT: Final = frozenset({"mailbox-refused", "address-not-supported", "invalid-address"})


@dataclass(frozen=True)
class AgentLane:
    """write: makes the letter of what a mail tells. channel: that it goes by. clock: aware UTC."""

    account: Account
    mails: AgentMails
    preferences: Preferences
    judge: AgentMailJudge
    write: Callable[[AgentMail, MailContent | TrialContent], Letter]
    channel: ChannelName
    working_days: WorkingDays
    clock: Callable[[], datetime]

    async def step(self) -> None:
        """Make the mails that are due, and send what waits, if no other notifier does. Raises TransientError.

        Cancelled, it ends an attempt first.
        """
        untold = await self._untold()
        if not untold and not await self.mails.waiting(self.clock(), 1):
            return
        try:
            async with self.mails.writing() as lease:
                await self._make(untold)
                await self._send_waiting(lease)
        except TakenError:
            return

    async def _untold(self) -> dict[AgentId, list[AgentNews]]:
        now, found = self.clock(), defaultdict[AgentId, list[AgentNews]](list)
        morning = told_until(MailWish.MORNING, now, self.working_days)
        wishes = await self.preferences.written_to()
        times = {
            each.agent: (each.mails_since, told_until(each.mails, now, self.working_days))
            for each in wishes
            if each.mails_since is not None
        }
        for news in await self.mails.to_tell(times, now - SETTLES, morning):
            found[news.agent].append(news)
        return found

    async def _make(self, untold: dict[AgentId, list[AgentNews]]) -> None:
        now = self.clock()
        morning = told_until(MailWish.MORNING, now, self.working_days)
        held_back = await self.mails.held_back(untold.keys(), now - APART)
        for agent, news in untold.items():
            if agent not in held_back:
                await self.mails.make(mail_of(news, now, morning))

    async def _send_waiting(self, lease: Held) -> None:
        for mail in await self.mails.waiting(self.clock(), AT_ONCE):
            await lease.keep()
            try:
                goes_on = await to_its_end(self._send(mail, lease))
            except TransientError:
                raise
            except Exception:  # it may have left
                await self._note_bug(mail, MailState.UNKNOWN)
                continue
            if not goes_on:
                return

    async def _send(self, mail: AgentMail, lease: Held) -> bool:
        """Send one, or say why it does not leave; return whether the next one may be tried now."""
        if mail.begun_at is not None:  # whoever sent it was killed
            await self._conclude(mail, MailState.UNKNOWN, NO_ANSWER)
            return True
        letter = await self._written(mail)
        if letter is None:
            return True
        if self.account.wait():
            return False
        sending = asyncio.create_task(self._outcome(mail, letter))
        while not (await asyncio.wait({sending}, timeout=_KEEP_EVERY.total_seconds()))[0]:
            with suppress(TransientError):  # then it is noticed before the next
                await lease.keep()
        outcome = await sending
        log.info("tried to write to an agent", mail=mail.mail_id, outcome=type(outcome).__name__)
        await recorded(partial(self._record, mail, outcome), self.clock, _RECORDING)
        return not isinstance(outcome, Waiting)

    async def _written(self, mail: AgentMail) -> Letter | None:
        """Return the letter; None: it does not leave, and why is noted. Before the account is asked whether it may: a
        bug here is of nothing that may have left, and of no provider.
        """
        try:
            await self.mails.mark_told(mail)  # whoever made it may have been killed before
            content = await self.judge.content(mail)
            if not isinstance(content, str):
                return self.write(mail, content)
            await self._conclude(mail, MailState.WITHHELD, content)
        except TransientError:
            raise
        except Exception:
            await self._note_bug(mail, MailState.FAILED)
        return None

    async def _note_bug(self, mail: AgentMail, state: MailState) -> None:
        """Conclude the mail of which a bug is being handled; the others are not to stop for it."""
        log.exception("a bug while writing to an agent", mail=mail.mail_id)
        raise_alarm(Alarm.SEND_BUG, self.account.name)
        await self._conclude(mail, state, BUG)

    async def _outcome(self, mail: AgentMail, letter: Letter) -> Outcome:
        """Attempt it; every trouble but a bug becomes an outcome."""
        try:
            return await self.account.send_once(letter, partial(self.mails.begin, mail, self.clock()))
        except PermanentError as exc:
            return failed(exc.reason)
        except TransientError as exc:
            log.warning("not sent now", mail=mail.mail_id, error=str(exc))
            return Waiting("trouble", exc.retry_after if isinstance(exc, ThrottledError) else None)
        except UnsentBugError:
            raise_alarm(Alarm.SEND_BUG, self.account.name)
            return Waiting(BUG, is_bug=True)

    async def _record(self, mail: AgentMail, outcome: Outcome) -> None:
        self._tell_operations(outcome)
        match outcome:
            case Concluded(DeliveryState.FAILED, reason):
                await self._conclude(mail, MailState.FAILED, reason)
                if reason in _REFUSES_AGENT:
                    await self.preferences.note_refused(mail.agent, self.clock())
            case Concluded():
                await self._conclude(mail, MailState.SENT)
            case Waiting(reason, after):
                await self._put_off(mail, reason, after)
            case Deferred(reason):
                await self._put_off(mail, reason)
            case Doubtful(reason) | Undecided(reason):
                await self._conclude(mail, MailState.UNKNOWN, reason)
            case Lost():  # another notifier has begun it
                pass
            case _:
                raise AssertionError(f"of a mail to an agent: {type(outcome).__name__}")

    def _tell_operations(self, outcome: Outcome) -> None:
        """Say that the relay takes no mail to any agent, which marks nobody's address and keeps no citizen's mail."""
        match outcome:
            case Concluded(DeliveryState.FAILED, reason) | Deferred(reason) if reason == _REFUSES_PATH:
                raise_alarm(Alarm.NULL_PATH_REFUSED, self.account.name)
            case Concluded(DeliveryState.SENT):
                clear_alarm(Alarm.NULL_PATH_REFUSED, self.account.name)

    async def _put_off(self, mail: AgentMail, reason: str, after: timedelta | None = None) -> None:
        now = self.clock()
        if now - mail.made_at >= GIVES_UP:
            await self._conclude(mail, MailState.FAILED, GAVE_UP)
        else:
            await self.mails.put_off(mail, now + (wait_after(mail.attempts + 1) if after is None else after), reason)

    async def _conclude(self, mail: AgentMail, state: MailState, reason: str | None = None) -> None:
        await self.mails.conclude(mail, state, reason)
        OUTBOUND.labels(self.channel, PURPOSE, state.value).inc()
