"""The short form of `make mailboxes`: a few hundred mails, each fault once, every verdict."""

import sys
from pathlib import Path

import pytest

from tests.faults.verdicts.report import verdicts_table
from tests.mailboxes.form import short_form
from tests.mailboxes.run import play

pytestmark = [pytest.mark.real, pytest.mark.timeout(420), pytest.mark.usefixtures("dovecot_is_there")]
SEED = 20261127
VERDICTS = 10


def test_whatever_dies_each_mail_of_a_mailbox_is_one_message_and_touched_only_once_it_is_safe(tmp_path: Path) -> None:
    judged = play(tmp_path, short_form(), SEED, lambda line: sys.stdout.write(f"{line}\n"))
    assert len(judged) == VERDICTS
    assert all(verdict.holds for verdict in judged), verdicts_table(judged)
