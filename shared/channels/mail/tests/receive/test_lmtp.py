"""Reading the addresses of MAIL and RCPT: the short way must say what aiosmtpd's long one says."""

import asyncio

import pytest
from aiosmtpd.lmtp import LMTP
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.receive.lmtp import PLAIN_ADDRESS, PerRecipientLmtp

PIECES = st.sampled_from(
    ["<", ">", "@", ".", "..", "a", "b-c", "+tag", '"', " ", "é", "SIZE=10", ":", ",", "\\", "(x)"]
)


@pytest.mark.parametrize(
    "argument",
    [
        "<contact+2026-7f3k-29q.x@mairie.example>",
        "<contact@mairie.example> SIZE=100 BODY=8BITMIME",
        "<>",
        "contact@mairie.example",
        '<"with space"@mairie.example>',
        "<a..b@c.example>",
        "<a.@c.example>",
        "<pérrine@mairie.example>",
        "<@relay.example:contact@mairie.example>",
    ],
)
async def test_addresses_are_read_as_aiosmtpd_reads_them(argument: str) -> None:
    assert _read(PerRecipientLmtp, argument) == _read(LMTP, argument)


@given(st.lists(PIECES, max_size=8).map(lambda pieces: "<" + "".join(pieces)))
async def test_and_so_is_what_nobody_would_write(argument: str) -> None:
    if PLAIN_ADDRESS.fullmatch(argument):
        assert _read(PerRecipientLmtp, argument) == _read(LMTP, argument)


def _read(protocol: type[LMTP], argument: str) -> object:
    address, rest = protocol(object(), loop=asyncio.get_running_loop())._getaddr(argument)
    return address, rest and rest.strip()
