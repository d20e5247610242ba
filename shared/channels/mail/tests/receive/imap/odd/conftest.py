"""A town that reads one mailbox, of a server that is odd."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.channels.mail.tests.receive.imap.odd_server import OddServer, serving
from shared.channels.mail.tests.receive.imap.town_mailbox import Town, a_mail


class Nowhere:
    """What a town without a Dovecot has."""

    authority = None


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    nowhere: Any = Nowhere()
    town = Town(nowhere, monkeypatch)
    town.password("contact")
    return town


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with serving(OddServer({uid: a_mail(uid) for uid in (1, 2, 3)})) as server:
        yield server
