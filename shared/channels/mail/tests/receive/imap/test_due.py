"""What `guichet mailbox check` says of a mailbox that is well: what would come in, for whom, and what becomes of it."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.mailbox import OpenMailbox
from guichet_mail.receive.imap.trial.due import COUNTED_ONE_BY_ONE, count_since, told_of_plan

CONTACT, VOIRIE = "contact@mairie.example", "voirie@mairie.example"
NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)


def told(now: datetime = NOW, **more: Any) -> str:
    said = {"host": "imap.mairie.example", "user": CONTACT, "since": "2026-12-01", **more}
    return told_of_plan(ImapAccount.model_validate(said), "3", now)


def test_what_is_due_and_for_whom_is_said() -> None:
    assert told(mailboxes=[CONTACT, VOIRIE]).startswith(f"since 2026-12-01: 3 mails, for {CONTACT}, {VOIRIE};")


@pytest.mark.parametrize(
    ("afterwards", "said"),
    [("leave", "left as they are"), ({"flag": "\\Seen"}, "marked \\Seen"), ({"move": "Traités"}, "moved to Traités")],
)
def test_what_becomes_of_them_is_said(afterwards: Any, said: str) -> None:
    assert told(afterwards=afterwards).endswith(f"afterwards they are {said}")


def test_a_day_to_come_is_said() -> None:
    assert "a day to come" not in told()
    assert "2026-12-01, a day to come: nothing is taken in before:" in told(datetime(2026, 11, 27, tzinfo=UTC))


class VastMailbox:
    """A folder with more mails than are looked at one by one."""

    async def search(self, after: int, since: datetime) -> list[int]:
        assert (after, since) == (0, NOW)
        return [*range(1, COUNTED_ONE_BY_ONE + 2)]


async def test_very_many_mails_are_counted_and_not_listed() -> None:
    assert await count_since(cast("OpenMailbox", VastMailbox()), NOW) == f"about {COUNTED_ONE_BY_ONE + 1}"
