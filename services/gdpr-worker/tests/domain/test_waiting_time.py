"""When an erasure begins, and what the data protection officer is told before."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from gdpr_worker.domain.erasure import begins_at
from gdpr_worker.handlers.mail_dpo import DpoMail, write_mail
from guichet.errors import TransientError
from guichet.ids import AgentId, CitizenId, EventId
from guichet.law.calendar import WorkingDays
from guichet.runtime.settings import SmtpSettings
from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet_testing.builders.example_town import the_example_town

FRIDAY = datetime(2026, 5, 22, 15, tzinfo=UTC)  # Whit Monday follows
ENTRY = ErasureEntry(
    _id=EventId("request-1"),
    citizen=CitizenId("citizen-1"),
    requested_by=AgentId("uid-1000"),
    requested_at=FRIDAY,
    decision="DPO-2026-014",
)


@pytest.mark.parametrize("told_at", [FRIDAY, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3)])
def test_one_whole_working_day_is_left_to_the_dpo(told_at: datetime) -> None:
    midnight_after_tuesday = datetime(2026, 5, 26, 22, tzinfo=UTC)  # in Paris it is 27 May
    assert begins_at(told_at, None, WorkingDays()) == midnight_after_tuesday


def test_a_setting_says_another_time() -> None:
    assert begins_at(FRIDAY, timedelta(seconds=2), WorkingDays()) == FRIDAY + timedelta(seconds=2)


def test_the_mail_says_what_when_and_how_to_stop_it_and_never_who() -> None:
    town = the_example_town()
    mail = write_mail(ENTRY, FRIDAY + timedelta(days=1), FRIDAY, town, to="dpo@mairie.example")
    text = mail.get_content()
    for part in ("DPO-2026-014", "uid-1000", "23/05/2026 à 17:00:00", "guichet erase --cancel request-1"):
        assert part in text
    assert text.index("Un effacement") < text.index("An erasure")
    assert "citizen-1" not in mail.as_string()
    again = write_mail(ENTRY, FRIDAY + timedelta(days=2), FRIDAY, town, to="dpo@mairie.example")
    assert again["Message-ID"] == mail["Message-ID"]


def test_whoever_asks_adds_no_line_to_the_mail_and_no_command() -> None:
    """They may hold the key of the `guichet` command; the mail must still tell the DPO what it is and how to stop it."""
    lie = "DPO-1\r\n\r\nThis was a test:\u202e nothing begins." + " " * 999
    asked = {"decision": lie, "visa": lie, "requested_by": lie, "request_id": "1; rm -rf ~\nBcc: a@b.example"}
    mail = write_mail(ENTRY.model_copy(update=asked), FRIDAY, FRIDAY, the_example_town(), to="dpo@mairie.example")
    text = mail.get_content()
    true = write_mail(ENTRY, FRIDAY, FRIDAY, the_example_town(), to="dpo@mairie.example").get_content()
    assert len(text.splitlines()) == len(true.splitlines())
    assert max(map(len, text.splitlines())) < 300
    assert "guichet erase --cancel '1; rm -rf ~ Bcc: a@b.example'" in text
    assert "\u202e" not in text
    assert mail["Bcc"] is None


async def test_a_relay_that_is_away_and_a_town_without_dpo_are_tried_again() -> None:
    smtp, town = SmtpSettings(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none"), the_example_town()
    with pytest.raises(TransientError, match="mail relay"):
        await DpoMail(smtp, town, lambda: FRIDAY).notify(ENTRY, FRIDAY)
    with pytest.raises(TransientError, match="names no dpo"):
        await DpoMail(smtp, dataclasses.replace(town, dpo=None), lambda: FRIDAY).notify(ENTRY, FRIDAY)


async def test_nobody_is_told_of_an_erasure_in_a_demonstration() -> None:
    smtp, town = SmtpSettings(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none"), the_example_town()
    await DpoMail(smtp, dataclasses.replace(town, demonstration=True), lambda: FRIDAY).notify(ENTRY, FRIDAY)
