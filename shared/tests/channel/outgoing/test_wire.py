"""The socket between the notifier and a sender: what it carries, who may connect, and what a broken one means."""

import asyncio
import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from guichet.channel.outgoing.letter import Letter, Mail
from guichet.channel.outgoing.outcomes import Concluded, Deferred, Doubtful, Waiting, failed, sent
from guichet.channel.outgoing.wire import remote_sender, sender_server
from guichet.channel.outgoing.wire.exchange import (
    FROM_PROVIDERS,
    LONGEST_PATIENCE,
    LONGEST_PAUSE,
    Answer,
    Greeting,
    Request,
    SenderBugError,
    Trouble,
    decoded,
    encoded,
)
from guichet.channel.outgoing.wire.frames import LONGEST, LONGEST_ANSWER, FrameError, frame, read_frame
from guichet.channel.outgoing.wire.lane_socket import LaneSocket
from guichet.contracts.delivery import DeliveryState
from guichet.errors import PermanentError, SettingsError, ThrottledError, TransientError
from guichet.ids import MessageId
from guichet_testing.until import PATIENCE_S, until
from shared.tests.channel.outgoing.faces import LANE, LETTER, Scripted, remote, served

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SPANS = st.timedeltas(timedelta(0), LONGEST_PAUSE)
REASONS = st.from_regex(r"[a-z]{1,9}(-[a-z]{1,9})?", fullmatch=True)
MAILS = st.none() | st.builds(Mail, TEXT, st.binary(max_size=200))
LETTERS = st.builds(Letter, TEXT.map(MessageId), st.just("email"), TEXT, TEXT, TEXT, MAILS, st.booleans())
CONCLUDED = st.builds(Concluded, st.sampled_from(sorted(FROM_PROVIDERS)), st.none() | REASONS, st.none() | TEXT)
OUTCOMES = st.one_of(
    CONCLUDED,
    st.builds(Deferred, REASONS),
    st.builds(Waiting, REASONS, st.none() | SPANS, st.booleans()),
    st.builds(Doubtful, REASONS, st.booleans()),
)


@given(LETTERS, st.sampled_from(["send", "settle"]), st.none() | st.just("00-ab-cd-01"))
def test_a_request_comes_as_it_left(letter, ask, trace):
    request = Request(ask=ask, letter=letter, trace=trace)
    assert decoded(Request, encoded(request)) == request


@given(OUTCOMES)
def test_an_outcome_comes_as_it_left(outcome):
    assert decoded(Answer, encoded(Answer.of(outcome))).outcome == outcome


@given(st.lists(CONCLUDED, max_size=5))
def test_candidates_come_as_they_left(candidates):
    assert [*decoded(Answer, encoded(Answer(candidates=tuple(candidates)))).candidates] == candidates


@given(TEXT, SPANS, REASONS)
def test_a_trouble_comes_as_it_left(text, pause, reason):
    def crossed(error):
        return decoded(Answer, encoded(Answer(trouble=Trouble.of(error)))).trouble.as_error()

    assert type(crossed(TransientError(text))) is TransientError
    assert crossed(ThrottledError(text, retry_after=pause)).retry_after == pause
    assert crossed(PermanentError(text, reason=reason)).reason == reason


@given(st.timedeltas())
def test_no_pause_is_longer_than_a_day(pause):
    said = Trouble.of(ThrottledError("later", retry_after=pause)).retry_after
    assert said == min(max(pause, timedelta(0)), LONGEST_PAUSE)


@pytest.mark.parametrize("reason", ["Number Gone", "", "x" * 100])
def test_a_trouble_whose_reason_is_no_code_is_permanent_all_the_same(reason):
    assert Trouble.of(PermanentError("gone", reason=reason)).as_error().reason == "permanent"


def test_a_text_that_no_frame_holds_is_told_as_far_as_it_can_be():
    told = decoded(Answer, encoded(Answer(trouble=Trouble.of(TransientError("half \ud83d an emoji")))))
    assert told.trouble.text == "half ? an emoji"


@pytest.mark.parametrize("patience", [timedelta(seconds=-1), LONGEST_PATIENCE * 2, timedelta.max])
def test_a_sender_takes_as_long_as_an_attempt_may_take(patience):
    greeting = Greeting.model_construct(lane=LANE, patience=patience)
    with pytest.raises(FrameError):
        decoded(Greeting, encoded(greeting))


@given(st.binary(max_size=300))
def test_no_bytes_are_taken_for_a_message_that_they_are_not(content):
    for kind in (Request, Answer, Greeting):
        with pytest.raises(FrameError):
            decoded(kind, content)


@pytest.mark.parametrize("said", [{}, {"doubtful": {"reason": "x"}, "deferred": {"reason": "x"}}, {"sent": True}])
def test_an_answer_is_one_thing(said):
    with pytest.raises(FrameError):
        decoded(Answer, json.dumps(said).encode())


SAID_WRONGLY = {
    "a reason that is a text": failed("No such number: +33 6"),
    "a reason without end": Deferred("a" * 100_000),
    "a state of the notifier's": Concluded(DeliveryState.WITHHELD, "erased"),
    "an id without end": sent("SM" * 1000),
    "a wait without end": Waiting("busy", timedelta(days=999_999_999)),
    "a wait that was over long ago": Waiting("busy", timedelta(days=-999_999_999)),
}


@pytest.mark.parametrize("outcome", SAID_WRONGLY.values(), ids=SAID_WRONGLY)
async def test_what_no_sender_may_say_is_stored_by_nobody(tmp_path, outcome):
    """Made by a channel's code it is a bug of that code; said by a process past our code, an answer that is lost."""
    async with served(tmp_path, Scripted(outcome)), remote(tmp_path) as sender:
        with pytest.raises(SenderBugError):
            await sender.send(LETTER)
    unchecked = Answer.model_construct(**{type(outcome).__name__.lower(): outcome})
    async with imposter(tmp_path, frame(encoded(unchecked))), remote(tmp_path) as sender:
        assert await sender.send(LETTER) == Doubtful("connection-lost")


def test_what_is_no_request_is_told_without_its_words():
    content = json.dumps({"ask": "send", "letter": {"recipient": LETTER.recipient, "text": ["Bonjour"]}}).encode()
    with pytest.raises(FrameError) as caught:
        decoded(Request, content)
    assert "courriel" not in repr(caught.value)
    assert "Bonjour" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_neither_words_nor_addresses_are_in_an_exceptions_text():
    for error in (KeyError(LETTER.text), ValueError(LETTER.recipient)):
        assert Trouble.of(error).text == type(error).__name__
    assert "courriel" not in Trouble.of(TransientError(f"refused: {LETTER.recipient}")).text
    assert len(Trouble.of(TransientError("é" * 100_000)).text) <= 300
    assert "courriel" not in repr(Request(ask="send", letter=LETTER))


async def test_a_frame_that_is_too_long_is_not_read_and_not_made():
    reader = asyncio.StreamReader()
    reader.feed_data((LONGEST + 1).to_bytes(4, "big"))
    with pytest.raises(FrameError):
        await read_frame(reader)
    with pytest.raises(FrameError):
        frame(bytes(LONGEST + 1))


# Handing over


async def test_a_socket_that_nobody_listens_on_took_nothing(tmp_path):
    async with remote(tmp_path) as sender:
        for verb in (sender.send, sender.settle):
            with pytest.raises(TransientError):
                await verb(LETTER)


async def test_a_letter_that_is_too_long_fails_and_is_not_handed_over(tmp_path):
    provider = Scripted()
    async with served(tmp_path, provider), remote(tmp_path) as sender:
        endless = Letter(LETTER.outbound_id, "sms", "", "+33639980101", "a" * (LONGEST + 1))
        assert await sender.send(endless) == failed("too-long")
        assert ([*await sender.settle(endless)], provider.letters) == ([], [])
        assert await sender.send(LETTER) == sent("P1")


@asynccontextmanager
async def imposter(tmp_path, *said: bytes, reads: bool = True, lane: str = LANE):
    """Listen in the sender's place: say this after a request, and hang up."""

    async def serve(reader, writer):
        writer.write(frame(encoded(Greeting(lane=lane, patience=timedelta(seconds=0.1)))))
        if reads:
            await read_frame(reader)
        for each in said:
            writer.write(each)
        writer.close()

    async with await asyncio.start_unix_server(serve, tmp_path / f"{LANE}.sock"):
        yield


LOST = {
    "nothing": b"",
    "half a frame": (100).to_bytes(4, "big") + b"{",
    "garbage": frame(b"garbage"),
    "too much": (LONGEST_ANSWER + 1).to_bytes(4, "big"),
    "an answer, and no end of it": frame(encoded(Answer.of(sent())) + b" " * LONGEST_ANSWER),
    "no outcome": frame(encoded(Answer(candidates=()))),
}


@pytest.mark.parametrize("said", LOST.values(), ids=LOST)
async def test_a_lost_answer_leaves_the_outcome_open(tmp_path, said):
    async with imposter(tmp_path, said), remote(tmp_path) as sender:
        assert await sender.send(LETTER) in {Doubtful("connection-lost"), Doubtful("unreadable-answer")}


@pytest.mark.parametrize("said", [b"", frame(encoded(Answer.of(sent())))], ids=["nothing", "an outcome"])
async def test_a_lost_list_is_asked_for_again(tmp_path, said):
    async with imposter(tmp_path, said), remote(tmp_path) as sender:
        with pytest.raises(TransientError):
            await sender.settle(LETTER)


async def test_an_answer_that_does_not_come_leaves_the_outcome_open(tmp_path):
    async def serve(reader, writer):
        writer.write(frame(encoded(Greeting(lane=LANE, patience=timedelta(0)))))
        await reader.read()
        writer.close()

    async with (
        await asyncio.start_unix_server(serve, tmp_path / f"{LANE}.sock"),
        remote(tmp_path, timedelta(seconds=0.1)) as sender,
    ):
        assert await sender.send(LETTER) == Doubtful("timed-out")
        with pytest.raises(TransientError):
            await sender.settle(LETTER)


async def test_who_does_not_greet_took_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(remote_sender, "GREETED_WITHIN", timedelta(seconds=0.1))

    async def serve(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(serve, tmp_path / f"{LANE}.sock"), remote(tmp_path) as sender:
        with pytest.raises(TransientError):
            await sender.send(LETTER)


async def test_the_socket_of_another_lane_is_given_no_letter(tmp_path):
    async with imposter(tmp_path, lane="carrier"), remote(tmp_path) as sender:
        with pytest.raises(TransientError, match="carrier"):
            await sender.send(LETTER)


async def test_a_connection_is_kept_and_one_whose_sender_is_gone_is_given_no_letter(tmp_path):
    async with remote(tmp_path) as sender:
        async with served(tmp_path, Scripted()) as server:
            for _ in range(3):
                await sender.send(LETTER)
            assert (len(sender._idle), len(server._connections)) == (1, 1)
        with pytest.raises(TransientError):
            await sender.send(LETTER)
        async with served(tmp_path, Scripted()):
            assert await sender.send(LETTER) == sent("P1")


async def test_the_notifiers_patience_is_longer_than_the_senders(tmp_path):
    provider = Scripted()
    provider.patience = timedelta(minutes=55)
    async with served(tmp_path, provider), remote(tmp_path) as sender:
        await sender.send(LETTER)
        assert sender._idle[0].patience > provider.patience


# The sender's end


class Slow(Scripted):
    """Answers once told; knows what was cut off."""

    def __init__(self):
        super().__init__()
        self.answer, self.cut_off = asyncio.Event(), 0

    async def try_send(self, letter):
        self.letters.append(letter)
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        return sent()


async def test_an_attempt_ends_when_the_notifier_is_killed(tmp_path):
    """Else it might go on for minutes while another notifier, whose turn it is then, sends the letter again."""
    provider = Slow()
    async with served(tmp_path, provider), remote(tmp_path) as sender:
        sending = asyncio.create_task(sender.send(LETTER))
        await until(lambda: provider.letters)
        sending.cancel()
        await until(lambda: provider.cut_off)


async def test_a_sender_tells_what_it_was_handed_and_has_no_outcome_of(tmp_path):
    def in_work():
        return REGISTRY.get_sample_value("guichet_sends_in_work", {"provider": LANE})

    provider = Slow()
    async with served(tmp_path, provider), remote(tmp_path) as sender:
        sending = asyncio.create_task(sender.send(LETTER))
        await until(lambda: provider.letters)
        assert in_work() == 1
        provider.answer.set()
        await sending
        assert in_work() == 0


async def test_a_stop_ends_what_is_under_way_first_and_hangs_up_on_who_waits(tmp_path):
    provider = Slow()
    async with served(tmp_path, provider) as server, remote(tmp_path) as sender, remote(tmp_path) as idle:
        provider.answer.set()
        await idle.send(LETTER)
        provider.answer.clear()
        sending = asyncio.create_task(sender.send(LETTER))
        await until(lambda: len(provider.letters) == 2)
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0.05)
        with pytest.raises(TransientError):
            await idle.send(LETTER)
        assert not stopping.done()
        provider.answer.set()
        assert await sending == sent()
        await asyncio.wait_for(stopping, PATIENCE_S)
        assert (provider.cut_off, len(provider.letters)) == (0, 2)


async def test_a_stop_waits_for_no_attempt_longer_than_it_may(tmp_path):
    provider = Slow()
    async with served(tmp_path, provider) as server, remote(tmp_path) as sender:
        sending = asyncio.create_task(sender.send(LETTER))
        await until(lambda: provider.letters)
        await server.stop(timedelta(seconds=0.05))
        assert await sending == Doubtful("connection-lost")


async def test_a_strangers_letter_is_not_taken(tmp_path):
    provider = Scripted()
    with capture_logs() as logs:
        async with served(tmp_path, provider, notifier=os.getuid() + 1), remote(tmp_path) as sender:
            with pytest.raises(TransientError):
                await sender.send(LETTER)
    assert provider.letters == []
    assert [each["log_level"] for each in logs if each["event"] == "a stranger was turned away"] == ["error"]


async def test_a_flood_of_garbage_stops_no_letter(tmp_path):
    provider = Scripted()
    async with served(tmp_path, provider), remote(tmp_path) as sender:
        for garbage in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x00" * 40,
            os.urandom(4000),
            (LONGEST + 1).to_bytes(4, "big"),
            b"{",
        ):
            for _ in range(40):
                _, writer = await asyncio.open_unix_connection(tmp_path / f"{LANE}.sock")
                writer.write(garbage)
                writer.close()
        assert await sender.send(LETTER) == sent("P1")
        assert provider.letters == [LETTER]


async def test_a_letter_that_is_handed_over_by_halves_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sender_server, "HANDED_OVER_WITHIN", timedelta(seconds=0.1))
    provider = Scripted()
    async with served(tmp_path, provider):
        reader, writer = await asyncio.open_unix_connection(tmp_path / f"{LANE}.sock")
        await read_frame(reader)
        writer.write(frame(encoded(Request(ask="send", letter=LETTER)))[:-1])
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()
    assert provider.letters == []


async def test_one_connection_too_many_took_nothing(tmp_path):
    provider = Slow()
    async with served(tmp_path, provider, at_most=1), remote(tmp_path) as sender:
        first = asyncio.create_task(sender.send(LETTER))
        await until(lambda: provider.letters)
        with pytest.raises(TransientError):
            await sender.send(LETTER)
        provider.answer.set()
        assert await first == sent()


async def test_nothing_of_a_letter_is_in_the_log(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        provider = Scripted(sent("P1"), TransientError(f"no: {LETTER.recipient}"), KeyError(LETTER.text))
        async with served(tmp_path, provider), remote(tmp_path) as sender:
            await sender.send(LETTER)
            for _ in range(2):
                with pytest.raises(Exception, match=r".") as caught:
                    await sender.send(LETTER)
                assert "courriel" not in str(caught.value)
                assert "Amina" not in str(caught.value)
    told = json.dumps([{name: each[name] for name in each if name != "exc_info"} for each in logs], default=repr)
    assert "tried to send" in told
    for each in (told, caplog.text):
        assert "amina" not in each.lower()


# The socket's file


async def test_folder_and_socket_are_private(tmp_path):
    folder = tmp_path / "sockets"
    async with served(folder, Scripted()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / f"{LANE}.sock").stat().st_mode) == 0o600
    assert not (folder / f"{LANE}.sock").exists()


async def test_a_link_leads_to_the_socket_of_a_sender_with_a_folder_and_a_user_of_its_own(tmp_path):
    own, folder = tmp_path / "own", tmp_path / "notifier"
    own.mkdir(mode=0o750)
    folder.mkdir()
    (folder / f"{LANE}.sock").symlink_to(own / f"{LANE}.sock")
    lane = LaneSocket(own, LANE, os.getuid() + 1)
    listening = lane.listen()
    assert stat.S_IMODE((own / f"{LANE}.sock").stat().st_mode) == 0o660
    listening.close()
    lane.leave()
    own.chmod(0o700)
    async with served(own, Scripted()), remote(folder) as sender:
        assert await sender.send(LETTER) == sent("P1")


def test_a_folder_that_others_may_enter_is_refused(tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(SettingsError, match="chmod 700"):
        LaneSocket(folder, LANE, os.getuid()).listen()


def test_a_path_that_no_socket_can_have_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="GUICHET_SENDER_SOCKETS"):
        LaneSocket(tmp_path / ("x" * 120), LANE, os.getuid()).listen()


async def test_a_sender_with_too_much_patience_says_so(tmp_path):
    sender = Scripted(sent())
    sender.patience = LONGEST_PATIENCE * 2
    with pytest.raises(SettingsError, match="at most 1:00:00"):
        async with served(tmp_path, sender):
            pass


async def test_a_second_process_of_a_lane_says_so(tmp_path):
    async with served(tmp_path, Scripted()), remote(tmp_path) as sender:
        with pytest.raises(SettingsError, match=f"another process sends for {LANE}"):
            LaneSocket(tmp_path, LANE, os.getuid()).listen()
        assert await sender.send(LETTER) == sent("P1"), "the second one took the first one's socket away"


async def test_a_socket_that_a_killed_process_left_is_replaced(tmp_path):
    left = socket.socket(socket.AF_UNIX)
    left.bind(os.fspath(tmp_path / f"{LANE}.sock"))
    left.close()
    async with served(tmp_path, Scripted()), remote(tmp_path) as sender:
        assert await sender.send(LETTER) == sent("P1")


async def test_a_sender_that_is_killed_in_mid_attempt_leaves_a_doubt_and_its_lane(tmp_path):
    command = [sys.executable, "-m", "shared.tests.channel.outgoing.stuck_sender", os.fspath(tmp_path)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[4], stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"listening\n"
        async with remote(tmp_path) as sender:
            sending = asyncio.create_task(sender.send(LETTER))
            assert await asyncio.to_thread(process.stdout.readline) == b"sending\n"
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert await asyncio.wait_for(sending, PATIENCE_S) == Doubtful("connection-lost")
            async with served(tmp_path, Scripted()):
                assert await sender.send(LETTER) == sent("P1")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
