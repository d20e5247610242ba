"""Who of this machine may hand mail in."""

import asyncio
import os
import sys
from typing import Final

import pytest

from guichet.contracts.topics import MIB
from guichet_local.machine.ports import HOST
from guichet_mail.receive.lmtp import listen
from guichet_mail.receive.neighbours import REFUSAL, Neighbours, user_of
from guichet_mail.settings import MailSettings

LISTED: Final = """\
 0: 0100007F:1F58 00000000:0000 0A 00000000:00000000 00:00000000 00000000   991        0 7473296 1 0000000000000000
 1: 0100007F:C350 0100007F:1F58 01 00000000:00000000 00:00000000 00000000  1001        0 7473297 1 0000000000000000
 2: 0100007F:1F58 0100007F:C350 01 00000000:00000000 00:00000000 00000000   991        0 7473298 1 0000000000000000
 3: 0100007F:C351 0100007F:1F58 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000
 4: 00000000000000000000000001000000:C352 00000000000000000000000001000000:1F58 01 0:0 00:0 0  1002        0 7 1 0
""".splitlines()


@pytest.mark.parametrize(
    ("peer", "own", "user"),
    [
        (("127.0.0.1", 50000), ("127.0.0.1", 8024), 1001),
        (("::1", 50002, 0, 0), ("::1", 8024, 0, 0), 1002),
        (("127.0.0.1", 50001), ("127.0.0.1", 8024), None),  # closed already: it would pass for root's
        (("192.0.2.7", 50000), ("127.0.0.1", 8024), None),
    ],
)
def test_the_kernel_says_who_it_is(peer: tuple[str, int], own: tuple[str, int], user: int | None) -> None:
    assert user_of(peer, own, LISTED) == user


async def first_line(users: set[int]) -> str:
    async with await listen(object(), HOST, 0, MIB, neighbours=Neighbours(users)) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        line = (await reader.readline()).decode()
        writer.close()
        return line


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
async def test_who_is_not_named_hands_in_nothing_and_a_mail_server_keeps_its_mail() -> None:
    assert (await first_line({os.getuid()})).startswith("220 ")
    assert await first_line({os.getuid() + 1}) == f"{REFUSAL}\r\n"
    assert REFUSAL.startswith("4")


def test_the_setting_names_users_and_unset_keeps_nobody_out() -> None:
    assert MailSettings().may_hand_in is None
    assert MailSettings(lmtp_local_users="0,105").may_hand_in == {0, 105}
    with pytest.raises(ValueError, match="lmtp_local_users"):
        MailSettings(lmtp_local_users="postfix")
