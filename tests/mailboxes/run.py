"""One run: mailboxes fill up while everything that reads them dies, two of them are broken all the while, and then mended."""

import asyncio
import random
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import yaml

from guichet.contracts.topics import INBOUND_EMAIL
from guichet.errors import TransientError
from guichet.town import load_town
from guichet_local.machine.paths import TOWN
from guichet_local.servers import ServerOptions
from guichet_local.stack import LocalStack
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.real.dovecot import Dovecot, running_dovecot
from guichet_testing.real.oauth import serving_tokens
from guichet_testing.town.services import only
from guichet_testing.town.store import database_of
from guichet_testing.town.town import all_is_handled, town_of
from guichet_testing.until import until
from tests.faults.verdicts.reading import filed
from tests.faults.verdicts.verdicts import Verdict
from tests.mailboxes.boxes import Box, endpoints_of, mail_file, make_boxes, mend, variables
from tests.mailboxes.form import ADAPTER, Form
from tests.mailboxes.looking import Tail, accepted, alarms_of, lying_in
from tests.mailboxes.mails import Mail, make_mails
from tests.mailboxes.trouble import Trouble, adapters, order_of
from tests.mailboxes.verdicts import (
    all_were_accepted,
    each_is_one_message,
    faults_met_mails,
    none_was_touched_before,
    rebuilt_under_another_count,
    these_alarms,
    what_the_town_wants_was_done,
)

KEY: Final = b"of this run's message ids alone."
Say = Callable[[str], None]


@dataclass(frozen=True)
class Scene:
    """What a run plays on."""

    stack: LocalStack
    dovecot: Dovecot
    boxes: Sequence[Box]
    mails: Sequence[Mail]
    form: Form
    seed: int
    say: Say


def play(folder: Path, form: Form, seed: int, say: Say) -> list[Verdict]:
    """Return what held and what did not. Everything is stopped at the end. Call it from the main thread."""
    with _scene(folder, form, seed, say) as scene:
        run = _Run(scene)
        run.begin()
        return asyncio.run(run.play())


@contextmanager
def _scene(folder: Path, form: Form, seed: int, say: Say) -> Iterator[Scene]:
    with ExitStack() as opened:
        dovecot = opened.enter_context(running_dovecot(folder / "dovecot"))
        boxes = make_boxes(dovecot, form.boxes)
        endpoints = endpoints_of(boxes, dovecot)
        for each in endpoints.values():
            opened.enter_context(serving_tokens(each))
        files = folder / "town"
        shutil.copytree(TOWN, files, ignore=shutil.ignore_patterns("tests"))
        (files / "mail.yaml").write_text(yaml.safe_dump(mail_file(boxes, dovecot, endpoints), allow_unicode=True))
        settings = {
            "GUICHET_TOWN": str(files),
            "GUICHET_MESSAGE_ID_KEY": b64encode(KEY).decode(),
            "GUICHET_IMAP_CA_FILE": str(dovecot.authority),
            "GUICHET_IMAP_POLL_EVERY": "PT1S",
            "GUICHET_IMAP_UNREADABLE_AFTER": "PT2S",
            **dict(variables(boxes, endpoints)),
        }
        stack = LocalStack(
            folder / "guichet",
            settings=settings,
            services=only(ADAPTER, "case-router"),
            server_options=ServerOptions(kafka={"log.message.timestamp.type": "LogAppendTime"}),
        )
        town = load_town(files)
        reader = MailReader(TownMailboxes(town.mailboxes, town.main_mailbox), KEY)
        mails = make_mails(seed, form.mails, boxes, reader, datetime.now(UTC))
        opened.callback(stack.down)
        yield Scene(stack, dovecot, boxes, mails, form, seed, say)


class _Run:
    """The steps of a run, in order."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._verdicts: list[Verdict] = []
        self._faults = order_of(scene.form, scene.seed)
        portions = len(self._faults) + 1
        size = -(-len(scene.mails) // portions)
        self._portions = [scene.mails[nth * size : (nth + 1) * size] for nth in range(portions)]
        self._delivered: list[Mail] = []

    def begin(self) -> None:
        """Start the town, in whose mailboxes some mails lie already. It ends with the thread that calls this."""
        self._deliver(self._portions[0])
        self._scene.stack.up()
        self._scene.stack.scale(ADAPTER, self._scene.form.processes)

    async def play(self) -> list[Verdict]:
        """Play the rest."""
        scene = self._scene
        async with AsyncExitStack() as opened:
            town = await opened.enter_async_context(town_of(scene.stack))
            self._tail = await opened.enter_async_context(Tail(scene.stack.kafka_admin))
            self._town = town
            self._trouble = Trouble(town, scene.dovecot, scene.boxes, scene.form, random.Random(scene.seed))
            for fault, portion in zip(self._faults, self._portions[1:], strict=True):
                await self._break(fault, portion)
            await self._read_what_is_sound()
            await self._mend()
            await self._judge()
        return self._verdicts

    async def _break(self, fault: str, portion: Sequence[Mail]) -> None:
        """Let some mails come; once they are being read, let more come and strike."""
        await self._trouble.ready()
        begun, rest = portion[: len(portion) // 2], portion[len(portion) // 2 :]
        self._deliver(begun)
        sound = [each.message_id for each in begun if _is_sound(each)]
        await until(lambda: any(id in self._tail.ids for id in sound), f"reading goes on before: {fault}", seconds=150)
        self._deliver(rest)
        strike = await self._trouble.strike(fault, lambda: len(self._under_way()))
        self._scene.say(f"{strike.what} ({strike.where}): {strike.under_way} mails were under way")

    async def _read_what_is_sound(self) -> None:
        boxes = self._scene.boxes
        read = await self._within(lambda: not self._under_way(), "the sound mailboxes are read")
        expected = {(each.wrong.value, each.name) for each in boxes if each.wrong is not None}

        async def alarms_are_right() -> bool:
            return await self._alarms() == expected

        await self._within(alarms_are_right, "the alarms are as they should be")
        wrong = () if read else (f"{len(self._under_way())} mails of sound mailboxes were not read",)
        sound = sum(each.wrong is None for each in boxes)
        self._hold(Verdict("the others are read", f"{sound} of {len(boxes)} mailboxes", wrong))
        self._hold(these_alarms(boxes, await self._alarms(), "while two are broken"))

    async def _mend(self) -> None:
        """Mend what is broken, and start what reads anew, as operators do after they changed what opens a mailbox."""
        for each in self._scene.boxes:
            if each.wrong is not None:
                mend(self._scene.dovecot, each)
        await self._town.stop(*adapters(self._scene.form))
        await self._town.start(*adapters(self._scene.form))

        async def all_is_well() -> bool:
            return not self._under_way(everywhere=True) and not await self._alarms()

        await self._within(all_is_well, "all is read once they are mended")
        self._hold(these_alarms([], await self._alarms(), "once they are mended"))

    async def _judge(self) -> None:
        mails, boxes = self._scene.mails, self._scene.boxes

        async def done() -> bool:
            try:
                handled = await all_is_handled(self._town.offsets, [INBOUND_EMAIL])
            except TransientError:
                return False
            return handled and what_the_town_wants_was_done(mails, lying_in(boxes)).holds

        is_done = await self._within(done, "all is filed, flagged and moved")
        self._hold(Verdict("everything is done in time", "", () if is_done else ("something is left",)))
        taken, lying = await accepted(self._scene.stack.kafka_admin), lying_in(boxes)
        self._hold(each_is_one_message(mails, list(await filed(database_of(self._scene.stack)))))
        self._hold(all_were_accepted(mails, taken))
        self._hold(none_was_touched_before(mails, taken, lying))
        self._hold(what_the_town_wants_was_done(mails, lying))
        self._hold(rebuilt_under_another_count(self._trouble.validities))
        self._hold(faults_met_mails(self._trouble.strikes, self._scene.form.times))

    def _deliver(self, mails: Sequence[Mail]) -> None:
        for each in mails:
            for box in each.boxes:
                box.inbox.deliver([each.content], each.received_at)
        self._delivered += mails

    def _under_way(self, *, everywhere: bool = False) -> list[Mail]:
        """Return what was delivered and is not on the topic: of sound mailboxes, unless told."""
        wanted = (each for each in self._delivered if everywhere or _is_sound(each))
        return [each for each in wanted if each.message_id not in self._tail.ids]

    async def _alarms(self) -> set[tuple[str, str]]:
        addresses = self._scene.stack.addresses
        return await alarms_of([addresses[f"{each}-health"] for each in adapters(self._scene.form)])

    async def _within(self, is_true: Callable[[], object], what: str) -> bool:
        """Wait for it as long as the form allows; what did not come about is said, and judged later."""
        limit: timedelta = self._scene.form.quiet_within
        try:
            await until(is_true, what, seconds=limit.total_seconds())
        except TimeoutError as error:
            self._scene.say(str(error))
            return False
        return True

    def _hold(self, verdict: Verdict) -> None:
        self._verdicts.append(verdict)
        self._scene.say(f"{'holds' if verdict.holds else 'FAILS'}: {verdict.name} ({verdict.figures})")
        for line in verdict.wrong:
            self._scene.say(f"       {line}")


def _is_sound(mail: Mail) -> bool:
    return any(each.wrong is None for each in mail.boxes)
