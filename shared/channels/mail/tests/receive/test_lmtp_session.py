"""A conversation by LMTP: what is heard of a mail, and in how many pieces the answers come."""

import asyncio
import time
from itertools import pairwise
from typing import Any

import pytest
from aiosmtpd.lmtp import LMTP
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.contracts.topics import MIB
from guichet_mail.receive.lmtp import PerRecipientLmtp
from guichet_mail.receive.mailbox import MailboxHandler

LINES = st.sampled_from(["", ".", "..", ".x", "x.", "x", "\n", "\r", "\n.", ".\r", "\n.\n", "a\r"])
BEGIN = b"LHLO mx\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n"


class Peer(asyncio.Transport):
    """The mail server's end: keeps each piece that it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[bytes] = []
        self.is_open = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.heard.append(bytes(data))

    def is_closing(self) -> bool:
        return not self.is_open

    def close(self) -> None:
        self.is_open = False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Town:
    """aiosmtpd's handler: keeps the mails."""

    def __init__(self, answer: str = "250 2.0.0 accepted") -> None:
        self.mails: list[bytes] = []
        self.answer = answer

    handle_EHLO = MailboxHandler.handle_EHLO  # noqa: N815

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        if not self.answer:
            raise RuntimeError
        return self.answer

    async def handle_exception(self, _error: Exception) -> str:
        return "451 4.3.0 later"


async def talk(protocol: type[LMTP], pieces: list[bytes], town: Town, max_bytes: int = MIB) -> list[bytes]:
    """Return what the mail server hears, after the greeting."""
    peer, loop = Peer(), asyncio.get_running_loop()
    server = protocol(town, data_size_limit=max_bytes, hostname="guichet", loop=loop)
    server.connection_made(peer)
    await _let_tasks_run()
    greeting = len(peer.heard)
    for piece in pieces:
        server.data_received(piece)
        await _let_tasks_run()
    server.connection_lost(None)
    await _let_tasks_run()
    return peer.heard[greeting:]


async def _let_tasks_run() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def answers(heard: list[bytes]) -> list[bytes]:
    return [line[:4] for line in b"".join(heard).splitlines() if line[3:4] == b" "]


@given(st.lists(LINES, max_size=6), st.lists(st.integers(0, 40), max_size=3))
@settings(max_examples=400, deadline=None)
async def test_a_mail_is_heard_as_aiosmtpd_hears_it(lines: list[str], cuts: list[int]) -> None:
    mail = "".join(f"{line}\r\n" for line in lines).encode() + b".\r\n"
    edges = [0, *sorted(cuts), len(mail)]
    pieces = [BEGIN, *(mail[start:end] for start, end in pairwise(edges))]
    ours, theirs = Town(), Town()
    await talk(PerRecipientLmtp, pieces, ours)
    await talk(LMTP, pieces, theirs)
    assert ours.mails[:1] == theirs.mails[:1]
    assert ours.mails


async def test_answers_to_what_came_at_once_leave_at_once() -> None:
    heard = await talk(PerRecipientLmtp, [BEGIN, b"Bonjour\r\n.\r\nNOOP\r\n"], town := Town())
    assert len(heard) == 2
    assert answers(heard) == [b"250 "] * 4 + [b"354 "] + [b"250 "] * 3
    assert town.mails == [b"Bonjour\r\n"]


async def test_mail_servers_are_told_that_they_may_say_all_at_once() -> None:
    lines = b"".join(await talk(PerRecipientLmtp, [BEGIN[:9]], Town())).splitlines()
    assert lines[0] == b"250-guichet"
    assert b"250-PIPELINING" in lines
    assert [line[3:4] for line in lines] == [b"-"] * (len(lines) - 1) + [b" "]


async def test_a_command_that_is_not_whole_keeps_no_answer_back() -> None:
    heard = await talk(PerRecipientLmtp, [BEGIN, b"Bonjour\r\n.\r\nNOO"], Town())
    assert answers(heard)[-2:] == [b"250 ", b"250 "]


@pytest.mark.parametrize("extra", [0, 1, 3_000_000])
async def test_a_mail_may_be_as_large_as_announced(extra: int) -> None:
    town, limit = Town(), 2 * MIB
    heard = await talk(PerRecipientLmtp, [BEGIN, b"x" * (limit - 2 + extra), b"\r\n.\r\nNOOP\r\n"], town, limit)
    assert answers(heard)[-3:] == ([b"552 "] * 2 if extra else [b"250 "] * 2) + [b"250 "]
    assert len(town.mails) == (not extra)


async def test_a_line_of_any_length_is_heard() -> None:
    await talk(PerRecipientLmtp, [BEGIN, b"x" * 3_000_000, b"..\r\n.\r\n"], town := Town(), 4 * MIB)
    assert town.mails == [b"x" * 3_000_000 + b"..\r\n"]


async def test_a_bug_is_answered_once_per_recipient_and_the_next_mail_is_heard() -> None:
    mail = [BEGIN[9:], b"Bonjour\r\n.\r\n"]
    heard = await talk(PerRecipientLmtp, [BEGIN[:9], *mail, *mail], Town(answer=""))
    assert answers(heard) == [b"250 "] + ([b"250 "] * 3 + [b"354 "] + [b"451 "] * 2) * 2


@pytest.mark.parametrize(
    ("commands", "refused"),
    [
        (b"DATA\r\n", b"503 "),
        (BEGIN[:9] + b"DATA\r\n", b"503 "),
        (BEGIN[:-2] + b" now\r\n", b"501 "),
    ],
)
async def test_data_out_of_turn_is_refused(commands: bytes, refused: bytes) -> None:
    assert answers(await talk(PerRecipientLmtp, [commands], Town()))[-1] == refused


async def test_lines_that_end_in_a_dot_cost_no_more_than_others() -> None:
    async def seconds(line: bytes) -> float:
        pieces = [line * (64 * 1024 // len(line))] * 32
        begun = time.process_time()
        await talk(PerRecipientLmtp, [BEGIN, *pieces, b"\r\n.\r\n"], town := Town(), 4 * MIB)
        assert len(town.mails) == 1
        return time.process_time() - begun

    dots, others = [min([await seconds(line) for _ in range(5)]) for line in (b"a.\r\n", b"aa\r\n")]
    assert dots <= 3 * others, f"{dots:.3f} s instead of {others:.3f} s"
